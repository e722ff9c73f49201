"""Elements as UiAutomator reports them."""

from __future__ import annotations

from validator.virtual.app.elements import Button, Element, Input, TextElement, Toggle
from validator.virtual.app.state import Scope
from validator.virtual.app.values import text_of
from validator.virtual.ports import Node, Rect

BULLET = "\u2022"
"""What stands for each character of a password (android.text.method.PasswordTransformationMethod)."""

UNPLACED = Rect(left=0, top=0, right=0, bottom=0)
"""The bounds of a node whose place is not known yet."""

CLASSES = {
    "text": "android.widget.TextView",
    "button": "android.widget.Button",
    "input": "android.widget.EditText",
    "image": "android.widget.ImageView",
    "checkbox": "android.widget.CheckBox",
    "switch": "android.widget.Switch",
    "progress": "android.widget.ProgressBar",
    "divider": "android.view.View",
    "spacer": "android.view.View",
    "row": "android.view.ViewGroup",
    "group": "android.view.ViewGroup",
    "list": "androidx.recyclerview.widget.RecyclerView",
}
"""The Android class of each type of element."""


def node_of(element: Element, scope: Scope, row: int) -> Node:
    """What UiAutomator would report of an element now, but for its bounds and children."""
    host = scope.state.host
    own_id = element.id.text(scope) if element.id else ""
    pressed = bool(element.on_tap) or isinstance(element, Button | Input | Toggle)
    node = Node(
        cls=CLASSES[element.type],
        bounds=UNPLACED,
        package=host.package,
        resource_id=f"{host.package}:id/{own_id}" if own_id else "",
        content_desc=element.description.text(scope) if element.description else "",
        clickable=pressed,
        focusable=pressed,
        long_clickable=bool(element.on_long_tap) or isinstance(element, Input),
        enabled=element.enabled_when is None or bool(element.enabled_when.evaluate(scope)),
        selected=element.selected_when is not None and bool(element.selected_when.evaluate(scope)),
    )
    _fill(node, element, scope, row)
    return node


def _fill(node: Node, element: Element, scope: Scope, row: int) -> None:
    if isinstance(element, TextElement | Button | Toggle):
        node.text = element.text.text(scope)
    if isinstance(element, Toggle):
        node.checkable, node.checked = True, bool(scope.state.get(element.bind))
    if isinstance(element, Input):
        typed = text_of(scope.state.get(element.bind))
        node.hint = element.hint.text(scope) if element.hint else ""
        node.password = element.password
        node.text = (BULLET * len(typed) if element.password else typed) or node.hint
        node.focused = scope.state.focus is not None and scope.state.focus.on(element, row)
