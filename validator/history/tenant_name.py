"""Which texts can be the name of a tenant."""

from __future__ import annotations

import re

from validator.history.errors import TenantError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def require_tenant_name(name: str) -> None:
    """See that a tenant can have this name.

    Raises:
        TenantError: It cannot.
    """
    if not _NAME.fullmatch(name):
        remedy = "use 1 to 63 letters, digits, dots, hyphens and underscores, the first a letter or digit"
        raise TenantError(f"{name!r} cannot be the name of a tenant", remedy=remedy)
