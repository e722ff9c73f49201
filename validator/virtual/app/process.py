"""A running app as the system sees it: a window, and what fingers and keys do to it."""

from __future__ import annotations

from collections.abc import Mapping

from validator.virtual.app.actions import DialogButton
from validator.virtual.app.boxes import Target, UpButton
from validator.virtual.app.elements import Element, Input, Toggle
from validator.virtual.app.interpreter import Interpreter
from validator.virtual.app.keys import BACK, CHARACTERS, DELETE, ENTER, ESCAPE, TAB
from validator.virtual.app.layout import Frame, lay_out
from validator.virtual.app.reading import App, read_app
from validator.virtual.app.state import Focus, Scope, State
from validator.virtual.app.values import text_of
from validator.virtual.ports import AppHost, AppProcess, Node, Rect

DISPLAY = Rect(left=0, top=63, right=1080, bottom=1920)
"""Where the window is until the system says otherwise: a 1080x1920 display below its status bar."""


async def start_app(
    files: Mapping[str, bytes], host: AppHost, extras: Mapping[str, str | int | float | bool]
) -> AppProcess:
    """Launch the app that an APK describes.

    Args:
        files: the APK's entries under `assets/`, by their full names.
        host: the system that the app runs on.
        extras: the launch intent's extras.

    Raises:
        AppSpecError: the APK does not describe an app that could run; nothing is running then.
    """
    app = RunningApp(read_app(files), host, extras)
    await app.launch()
    return app


class RunningApp:
    """Implements `AppProcess` for an app description. After its end it is an empty window that ignores everything."""

    def __init__(self, app: App, host: AppHost, extras: Mapping[str, str | int | float | bool]) -> None:
        self._app = app.description
        self._host = host
        self._state = State(app, host, extras)
        self._interpreter = Interpreter(self._state)
        self._viewport = DISPLAY

    async def launch(self) -> None:
        """Run the start actions, then open the first screen unless they have opened one."""
        self._host.log("I", "ReactNativeJS", f'Running "{self._app.name}" with {{"rootTag":11}}')
        await self._interpreter.start(self._app.start, self._state.scope())
        if not self._state.stack and not self._interpreter.closed:
            await self._interpreter.open(self._app.first_screen, None, self._state.scope())

    @property
    def activity(self) -> str:
        """The activity in front, such as `.MainActivity`."""
        return self._app.activity

    def tree(self, viewport: Rect) -> Node:
        """The app's window as a view tree inside the viewport."""
        self._viewport = viewport
        return self._frame().root

    def keyboard_shown(self) -> bool:
        """Whether an input is focused and the soft keyboard is up."""
        return self._state.keyboard and not self._interpreter.closed

    def hide_keyboard(self) -> None:
        """Put the keyboard away; the input keeps its text and the focus."""
        self._state.keyboard = False

    async def tap(self, x: int, y: int, *, long: bool = False) -> None:
        """A finger at the pixel: presses what is there; outside a dialog it dismisses the dialog."""
        if self._deaf():
            return
        frame = self._frame()
        target = frame.target_at(x, y)
        touched = target.node if target else _innermost(frame.root, x, y)
        if not await self._interpreter.tell("tap", _label(touched) or f"{x},{y}"):
            return
        if target is None:
            self._dismiss_dialog(frame, x, y)
        elif target.node.enabled:
            await self._press(target, long=long)

    async def swipe(self, x1: int, y1: int, x2: int, y2: int) -> None:
        """A finger that moves: scrolls what is under its starting point."""
        if self._deaf():
            return
        vertical = abs(y2 - y1) >= abs(x2 - x1)
        direction = ("up" if y2 < y1 else "down") if vertical else ("left" if x2 < x1 else "right")
        if not await self._interpreter.tell("swipe", direction):
            return
        area = self._frame().area_at(x1, y1)
        if area is not None and vertical and self._state.screen is not None:
            offset = self._state.screen.offsets.get(area.key, 0) + y1 - y2
            self._state.reveal_focus = False
            self._state.screen.offsets[area.key] = min(max(0, offset), area.furthest)

    async def type_text(self, text: str) -> None:
        """Append text to the focused input; a line break is its enter key."""
        if self._deaf() or self._state.focus is None:
            return
        target = self._focused()
        if not await self._interpreter.tell("input", _label(target.node) if target else ""):
            return
        for index, line in enumerate(text.split("\n")):
            if index:
                await self._enter()
            if line:
                await self._type(line)

    async def set_text(self, node: Node, text: str) -> None:
        """Replace the text of the input that a node of an earlier tree stands for."""
        if self._deaf():
            return
        target = _same(self._frame(), node)
        if target is None or not await self._interpreter.tell("input", _label(target.node)):
            return
        if isinstance(target.pressed, Input) and target.node.enabled:
            await self._change(target.pressed, text, target.scope)

    async def key(self, code: int) -> bool:
        """An Android key code. False when the app leaves it to the system, as back on the first screen."""
        if self._deaf():
            return not self._interpreter.closed
        if not await self._interpreter.tell("key", str(code)):
            return True
        if code in (BACK, ESCAPE):
            return await self._back(escape=code == ESCAPE)
        if self._state.focus is None:
            return False
        return await self._edit(code)

    async def close(self) -> None:
        """Stop without a word: cancel running actions and calls."""
        await self._interpreter.close()

    def _deaf(self) -> bool:
        return self._interpreter.closed or self._interpreter.blocked

    def _frame(self) -> Frame:
        if self._interpreter.closed:
            return Frame(Node(cls="android.widget.FrameLayout", bounds=self._viewport, package=self._host.package))
        return lay_out(self._state, self._viewport)

    async def _press(self, target: Target, *, long: bool) -> None:
        match target.pressed:
            case UpButton():
                await self._back()
            case DialogButton():
                self._state.dialog = None
                await self._interpreter.start(target.pressed.actions, target.scope)
            case Input():
                self._focus(target.pressed, target.row)
                await self._activate(target.pressed, target.scope, long=long)
            case Toggle():
                self._state.set(target.pressed.bind, not self._state.get(target.pressed.bind))
                await self._interpreter.start(target.pressed.on_change, target.scope)
                await self._activate(target.pressed, target.scope, long=long)
            case _:
                await self._activate(target.pressed, target.scope, long=long)

    async def _activate(self, element: Element, scope: Scope, *, long: bool) -> None:
        chosen = element.on_long_tap if long and element.on_long_tap else element.on_tap
        await self._interpreter.start(chosen, scope)

    def _dismiss_dialog(self, frame: Frame, x: int, y: int) -> None:
        dialog = self._state.dialog
        inside = any(card.bounds.contains(x, y) for card in frame.root.children)
        if dialog is not None and dialog.description.cancelable and not inside:
            self._state.dialog = None

    def _focus(self, element: Input, row: int) -> None:
        self._state.focus = Focus(element, row)
        self._state.keyboard = True
        self._state.reveal_focus = True

    def _focused(self) -> Target | None:
        focus = self._state.focus
        targets = self._frame().targets if focus else []
        return next((target for target in targets if focus and focus.on(target.pressed, target.row)), None)

    def _focused_scope(self) -> Scope:
        target = self._focused()
        return target.scope if target else self._state.scope()

    async def _type(self, text: str) -> None:
        focus = self._state.focus
        if focus is not None:
            typed = text_of(self._state.get(focus.element.bind))
            await self._change(focus.element, typed + text, self._focused_scope())

    async def _change(self, element: Input, text: str, scope: Scope) -> None:
        self._state.set(element.bind, text)
        await self._interpreter.start(element.on_change, scope)

    async def _enter(self) -> None:
        focus = self._state.focus
        if focus is not None:
            scope = self._focused_scope()
            self._state.blur()
            await self._interpreter.start(focus.element.on_enter, scope)

    async def _edit(self, code: int) -> bool:
        focus = self._state.focus
        if focus is None:
            return False
        if code in ENTER:
            await self._enter()
        elif code == DELETE:
            typed = text_of(self._state.get(focus.element.bind))
            await self._change(focus.element, typed[:-1], self._focused_scope())
        elif code == TAB:
            self._focus_next()
        elif code in CHARACTERS:
            await self._type(CHARACTERS[code])
        else:
            return False
        return True

    def _focus_next(self) -> None:
        inputs = [target for target in self._frame().targets if isinstance(target.pressed, Input)]
        at = next((i for i, target in enumerate(inputs) if target.node.focused), -1)
        following = inputs[(at + 1) % len(inputs)] if inputs else None
        if following is not None and isinstance(following.pressed, Input):
            self._focus(following.pressed, following.row)

    async def _back(self, *, escape: bool = False) -> bool:
        if self._state.keyboard:
            self._state.keyboard = False
            return True
        if self._state.dialog is not None:
            if self._state.dialog.description.cancelable:
                self._state.dialog = None
            return True
        screen = self._state.screen
        if escape or screen is None:
            return False
        if screen.description.on_back is not None:
            await self._interpreter.start(screen.description.on_back, self._state.scope())
            return True
        return await self._interpreter.back()


def _same(frame: Frame, node: Node) -> Target | None:
    inputs = [target for target in frame.targets if isinstance(target.pressed, Input)]
    for target in inputs:
        if target.node.bounds == node.bounds and target.node.resource_id == node.resource_id:
            return target
    return next((target for target in inputs if node.resource_id and target.node.resource_id == node.resource_id), None)


def _innermost(node: Node, x: int, y: int) -> Node:
    under = [child for child in node.children if child.bounds.contains(x, y)]
    return _innermost(under[-1], x, y) if under else node


def _label(node: Node) -> str:
    """What a person would say was touched: text or description, and the id in brackets. Never what was typed."""
    own = node.hint if node.cls == "android.widget.EditText" else node.text
    words = own or node.content_desc or (" ".join(_texts(node)) if node.clickable else "")
    own_id = node.resource_id.partition(":id/")[2]
    return f"{words} [{own_id}]".strip() if own_id else words


def _texts(node: Node) -> list[str]:
    texts = [text for child in node.children for text in (child.text or child.content_desc, *_texts(child))]
    return [text for text in texts if text]
