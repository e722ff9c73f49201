"""`input`: fingers and keys."""

from __future__ import annotations

from validator.virtual.shell.command import Command, Commands, Invocation

_SOURCES = frozenset({"touchscreen", "keyboard", "mouse", "dpad", "trackball", "joystick", "stylus", "gamepad"})
_KEYS = {
    "HOME": 3,
    "BACK": 4,
    "DPAD_UP": 19,
    "DPAD_DOWN": 20,
    "DPAD_LEFT": 21,
    "DPAD_RIGHT": 22,
    "DPAD_CENTER": 23,
    "VOLUME_UP": 24,
    "VOLUME_DOWN": 25,
    "POWER": 26,
    "CAMERA": 27,
    "TAB": 61,
    "SPACE": 62,
    "ENTER": 66,
    "DEL": 67,
    "MENU": 82,
    "SEARCH": 84,
    "PAGE_UP": 92,
    "PAGE_DOWN": 93,
    "ESCAPE": 111,
    "FORWARD_DEL": 112,
    "MOVE_HOME": 122,
    "MOVE_END": 123,
    "APP_SWITCH": 187,
    "SLEEP": 223,
    "WAKEUP": 224,
    **{str(digit): 7 + digit for digit in range(10)},
    **{chr(65 + letter): 29 + letter for letter in range(26)},
}
"""`KeyEvent.KEYCODE_*` without their common beginning."""
_LONG_PRESS_MS = 500


async def _input(call: Invocation) -> int:
    words = list(call.args)
    if words and words[0] in _SOURCES:
        words.pop(0)
    if words[:1] == ["-d"]:
        del words[:2]
    try:
        return await _act(call, words)
    except ValueError as problem:
        return await call.fail(f"Error: Invalid arguments for command: {words[0]}\n{problem}", 255)


async def _act(call: Invocation, words: list[str]) -> int:
    screen = call.device.screen
    match words:
        case ["tap", x, y]:
            await screen.tap(round(float(x)), round(float(y)))
        case ["swipe" | "draganddrop", *numbers] if len(numbers) in (4, 5):
            await _swipe(call, [round(float(number)) for number in numbers])
        case ["text", text]:
            await screen.type_text(text.replace("%s", " "))
        case ["keyevent", *keys] if keys:
            for key in keys:
                await screen.key(_code(key))
        case ["press" | "roll", *_]:
            pass  # trackballs: nothing on a phone reacts to them
        case _:
            return await call.fail("Error: Unknown command: " + " ".join(words[:1]), 255)
    return 0


async def _swipe(call: Invocation, numbers: list[int]) -> None:
    x1, y1, x2, y2, *duration = numbers
    if (x1, y1) == (x2, y2):
        await call.device.screen.tap(x1, y1, long=bool(duration) and duration[0] >= _LONG_PRESS_MS)
    else:
        await call.device.screen.swipe(x1, y1, x2, y2)


def _code(key: str) -> int:
    name = key.upper().removeprefix("KEYCODE_")
    # A lone digit is a key code, not the key with that digit on it.
    if not key.isdecimal() and name in _KEYS:
        return _KEYS[name]
    return int(key)


COMMANDS: Commands = {"input": Command(run=_input, needs_framework=True)}
