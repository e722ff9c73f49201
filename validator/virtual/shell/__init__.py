"""The mini shell that answers `adb shell`: a part of POSIX sh, and the commands of Android that adb's users call."""
