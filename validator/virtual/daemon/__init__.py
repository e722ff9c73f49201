"""The device's end of adb: framing, connections, streams and the services opened on them."""
