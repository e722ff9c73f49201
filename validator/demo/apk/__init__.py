"""Writing real, signed Android packages without an Android SDK: binary manifest, resources, bytecode, zip, signature.

`package.write_apk` puts the parts together.
"""
