"""Corner Shop: a small sample production, so that a newcomer sees the whole loop without an Android SDK.

An HTTP backend with anonymous users and rate limits (`backend`), its Android app as a real signed APK (`apk`, `build`),
its terraform configuration and app sources (`project`, `infra`), its team's Maestro flows (in `flows/`),
and the ways it can break (`scenario`).
"""
