"""The APK under test: built, read, and held against the deployment."""
