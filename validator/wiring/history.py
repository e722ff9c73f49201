"""`history:` -> the record of all runs."""

from __future__ import annotations

import os

from validator.config.environment import EnvironmentConfig
from validator.config.resolvers import Resolvers
from validator.history.address import DEFAULT, VARIABLE, passwords_in
from validator.history.store import Store, open_store
from validator.wiring.prepare import Prepared


def open_history(prepared: Prepared) -> Store:
    """The store that a configuration names, made or migrated if need be.

    Raises:
        ConfigError: A reference in the address has no value.
        AddressError: It is no address of a store.
        StoreUnreachableError: The store is away.
        HistoryError: It cannot be used; the text says why.
    """
    address = history_address(prepared.config, prepared.resolvers)
    return open_store(address, folder=prepared.resolvers.root)


def history_address(config: EnvironmentConfig, resolvers: Resolvers) -> str:
    """The address of the store; its password, if it has one, is registered as a secret.

    Raises:
        ConfigError: A reference in the address has no value.
    """
    configured = config.history.resolve(resolvers) if config.history is not None else ""
    address = configured or os.environ.get(VARIABLE, "") or DEFAULT
    for password in passwords_in(address):
        resolvers.secrets.register(password, "history")
    return address
