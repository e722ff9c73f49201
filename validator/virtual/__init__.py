"""The built-in virtual Android device: real adb and a real flow runner drive it, only Android itself is simulated.

Stands alone: imports nothing else of this project. `fleet` starts devices, `control` makes them fail.
"""
