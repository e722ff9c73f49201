"""APK files: reading them, verifying them, and refusing what Android's package manager refuses."""
