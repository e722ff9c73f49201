"""Actions that change variables."""

from __future__ import annotations

from typing import assert_never

from validator.virtual.app.actions import Append, Increment, Remove, Set
from validator.virtual.app.state import Scope, State
from validator.virtual.app.values import add

Mutation = Set | Append | Remove | Increment


def mutate(action: Mutation, state: State, scope: Scope) -> None:
    """Change variables as the action says. Values are never changed in place: others may still hold them."""
    match action:
        case Set():
            values = {name: value.evaluate(scope) for name, value in action.values.items()}
            for name, value in values.items():
                state.set(name, value)
        case Append():
            items = state.get(action.variable)
            state.set(action.variable, [*(items if isinstance(items, list) else []), action.value.evaluate(scope)])
        case Remove():
            items = state.get(action.variable)
            each_item = items if isinstance(items, list) else []
            state.set(action.variable, [it for it in each_item if not action.where.evaluate(scope.having(item=it))])
        case Increment():
            state.set(action.variable, add(state.get(action.variable) or 0, action.by.evaluate(scope)))
        case _:
            assert_never(action)
