"""Checks that the models cannot make on their own: every name that is used is also defined, everywhere."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from validator.virtual.app import actions
from validator.virtual.app.description import AppDescription, ScreenDescription
from validator.virtual.app.elements import Group, Input, ListElement, Row, Toggle
from validator.virtual.app.expression import Expression
from validator.virtual.app.fields import BUILT_IN_NAMES, Model
from validator.virtual.app.values import Json

Place = tuple[str | int, ...]
DEEPEST = 20
"""How deep rows and groups may be nested."""

EVERYWHERE = frozenset({"config", "extra", "system", "app", "random", "now"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, and where."""

    place: Place
    message: str


def check(app: AppDescription, config: Mapping[str, Json]) -> list[Finding]:
    """All names that are used without being defined."""
    return list(_Check(app, config).findings())


class _Check:
    def __init__(self, app: AppDescription, config: Mapping[str, Json]) -> None:
        self._app = app
        self._config = config
        self._variables = frozenset(app.variables)

    def findings(self) -> Iterator[Finding]:
        app = self._app
        common = self._variables | EVERYWHERE
        for name, value in app.variables.items():
            yield from self._walk(value, ("variables", name), EVERYWHERE)
        for name in app.persistent:
            yield from self._one_of("variable", name, self._variables, ("persistent",))
        yield from self._one_of("screen", app.first_screen, app.screens, ("first_screen",))
        yield from self._walk(app.http, ("http",), common)
        yield from self._walk(app.start, ("start",), common)
        for name, routine in app.routines.items():
            # A routine runs in its caller's surroundings, which are not known here.
            yield from self._walk(routine, ("routines", name), common | BUILT_IN_NAMES | self._row_names())
        for name, screen in app.screens.items():
            yield from self._walk(screen, ("screens", name), common | {"params"})

    def _row_names(self) -> frozenset[str]:
        return frozenset(
            element.item_name
            for screen in self._app.screens.values()
            for element in (*screen.elements, *screen.footer)
            if isinstance(element, ListElement)
        )

    def _walk(self, value: object, place: Place, names: frozenset[str]) -> Iterator[Finding]:
        match value:
            case Model():
                yield from self._references(value, place)
                for key, child, known in _children(value, names):
                    yield from self._walk(child, (*place, key), known)
            case Mapping():
                for name, child in value.items():
                    yield from self._walk(child, (*place, str(name)), names)
            case tuple():
                for index, child in enumerate(value):
                    yield from self._walk(child, (*place, index), names)
            case Expression():
                yield from self._paths(value, place, names)
            case _:
                return

    def _paths(self, value: Expression, place: Place, names: frozenset[str]) -> Iterator[Finding]:
        for path in value.paths():
            if path[0] == "config" and len(path) > 1 and "config" in names:
                yield from self._one_of("value in assets/app-config.json", path[1], self._config, place)
            else:
                yield from self._one_of("name", path[0], names, place)

    def _references(self, value: Model, place: Place) -> Iterator[Finding]:
        for name in _assigned(value):
            yield from self._one_of("variable", name, self._variables, place)
        if isinstance(value, actions.Go):
            yield from self._one_of("screen", value.screen, self._app.screens, place)
        if isinstance(value, actions.Call):
            yield from self._one_of("routine", value.routine, self._app.routines, place)
        if isinstance(value, ScreenDescription):
            yield from _nested_lists(value, place)

    def _one_of(self, kind: str, name: str, known: Iterable[str], place: Place) -> Iterator[Finding]:
        known = sorted(known)
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield Finding(place, f"there is no {kind} {name!r}{hint}")


def _children(value: Model, names: frozenset[str]) -> Iterator[tuple[str, object, frozenset[str]]]:
    for field, info in type(value).model_fields.items():
        known = names
        if isinstance(value, ListElement) and field == "row":
            known = names | {value.item_name, "index"}
        elif isinstance(value, actions.Http) and field == "on":
            known = names | {"response"}
        elif isinstance(value, actions.Remove) and field == "where":
            known = names | {"item"}
        yield info.alias or field, getattr(value, field), known


def _assigned(value: Model) -> Iterator[str]:
    match value:
        case actions.Set():
            yield from value.values
        case actions.Append() | actions.Remove() | actions.Increment():
            yield value.variable
        case actions.Http():
            yield from value.save
            if value.loading is not None:
                yield value.loading
        case Input() | Toggle():
            yield value.bind
        case _:
            return


def _nested_lists(screen: ScreenDescription, place: Place) -> Iterator[Finding]:
    for where, elements in (("elements", screen.elements), ("footer", screen.footer)):
        for index, element in enumerate(elements):
            top = (*place, where, index)
            if isinstance(element, ListElement):
                if where == "footer":
                    yield Finding(top, "a list cannot be in the footer")
                yield from _lists_below(element.row, (*top, "row"))
            else:
                yield from _lists_below(element, top, at_top=True)


def _lists_below(element: Model, place: Place, *, at_top: bool = False, depth: int = 0) -> Iterator[Finding]:
    if depth > DEEPEST:
        yield Finding(place, f"elements are nested more than {DEEPEST} deep")
        return
    if isinstance(element, ListElement) and not at_top:
        yield Finding(place, "a list cannot be inside a group, a row or another list")
    if isinstance(element, Row | Group):
        for index, child in enumerate(element.elements):
            yield from _lists_below(child, (*place, "elements", index), depth=depth + 1)
