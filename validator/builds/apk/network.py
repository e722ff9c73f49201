"""The network security configuration: where the app may do without TLS, and whom it trusts. Pure.

Rules and defaults: https://developer.android.com/privacy-and-security/security-config. What stands in `debug-overrides`
does not count: it holds for debuggable builds only, and those are found by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from validator.builds.apk.axml import Element, Text, nodes
from validator.builds.apk.manifest import Manifest, truth
from validator.model.build import Network

_EVERY_HOST: Final = "*"
_CLEARTEXT_UNTIL: Final = 27
"""The last target SDK for which Android permits cleartext unless it is told otherwise."""
_USERS_UNTIL: Final = 23
"""The last target SDK for which Android trusts the user's authorities unless it is told otherwise."""
_MOST_HOSTS: Final = 10_000


@dataclass(slots=True, kw_only=True)
class _Rules:
    """A `base-config` or `domain-config`; None: as the one around it."""

    depth: int
    parent: _Rules | None = None
    hosts: list[str] = field(default_factory=list)
    cleartext: bool | None = None
    anchors: list[str] | None = None
    pinned: bool | None = None


def platform_network(manifest: Manifest) -> Network:
    """What holds without a network security configuration."""
    permitted = manifest.cleartext if manifest.cleartext is not None else manifest.target_sdk <= _CLEARTEXT_UNTIL
    return Network(
        cleartext=(_EVERY_HOST,) if permitted else (),
        user_authorities=(_EVERY_HOST,) if manifest.target_sdk <= _USERS_UNTIL else (),
    )


def read_network(data: bytes, configuration: str, target_sdk: int) -> Network:
    """Read a compiled network security configuration.

    Args:
        data: The file.
        configuration: Its name in the APK.
        target_sdk: Decides what holds where the file says nothing.

    Raises:
        ApkUnreadableError: It is no binary XML.
    """
    base, domains = _rules(data)
    base.hosts = [_EVERY_HOST]
    base.cleartext = base.cleartext if base.cleartext is not None else target_sdk <= _CLEARTEXT_UNTIL
    base.anchors = base.anchors or ["system", *(["user"] if target_sdk <= _USERS_UNTIL else [])]
    for rules in domains:
        _inherit(rules, base)
    every = [base, *domains]
    return Network(
        configuration=configuration,
        cleartext=_hosts(rules for rules in every if rules.cleartext),
        user_authorities=_hosts(rules for rules in every if "user" in (rules.anchors or ())),
        own_authorities=_hosts(rules for rules in every if set(rules.anchors or ()) - {"user", "system"}),
        pinned=_hosts(rules for rules in domains if rules.pinned),
    )


def merged(networks: Sequence[Network]) -> Network:
    """What several configurations allow together: an app may bring one for each kind of device."""
    return Network(
        configuration=", ".join(network.configuration for network in networks),
        cleartext=_each(host for network in networks for host in network.cleartext),
        user_authorities=_each(host for network in networks for host in network.user_authorities),
        own_authorities=_each(host for network in networks for host in network.own_authorities),
        pinned=_each(host for network in networks for host in network.pinned),
    )


def _rules(data: bytes) -> tuple[_Rules, list[_Rules]]:
    base, domains, around = _Rules(depth=0), list[_Rules](), list[_Rules]()
    subdomains = False
    for node in nodes(data):
        while around and around[-1].depth >= len(node.path) and isinstance(node, Element):
            around.pop()
        if "debug-overrides" in node.path:
            continue
        if isinstance(node, Text):
            if node.path[-1:] == ("domain",) and around and len(around[-1].hosts) < _MOST_HOSTS:
                around[-1].hosts.append(f"{'*.' if subdomains else ''}{node.text.strip().lower()}")
            continue
        if node.path[-1] in ("base-config", "domain-config"):
            around.append(_opened(node, base, domains, around))
        elif node.path[-1] == "domain":
            subdomains = truth(node.attributes.get("includeSubdomains"))
        elif around:
            _take(node, around[-1])
    return base, domains


def _opened(node: Element, base: _Rules, domains: list[_Rules], around: Sequence[_Rules]) -> _Rules:
    if node.path[-1] == "base-config":
        rules = base
        rules.depth = len(node.path)
    else:
        rules = _Rules(depth=len(node.path), parent=around[-1] if around else None)
        domains.append(rules)
    said = node.attributes.get("cleartextTrafficPermitted")
    rules.cleartext = None if said is None else truth(said)
    return rules


def _take(node: Element, rules: _Rules) -> None:
    match node.path[-1]:
        case "trust-anchors":
            rules.anchors = []
        case "certificates" if rules.anchors is not None and len(rules.anchors) < _MOST_HOSTS:
            rules.anchors.append(str(node.attributes.get("src")))
        case "pin":
            rules.pinned = True
        case _:
            pass


def _inherit(rules: _Rules, base: _Rules) -> None:
    """Take over what is not said from the rules around these, which stand before them in the list."""
    parent = rules.parent or base
    rules.cleartext = parent.cleartext if rules.cleartext is None else rules.cleartext
    rules.anchors = parent.anchors if rules.anchors is None else rules.anchors
    rules.pinned = parent.pinned if rules.pinned is None else rules.pinned


def _hosts(rules: Iterator[_Rules]) -> tuple[str, ...]:
    return _each(host for one in rules for host in one.hosts)


def _each(hosts: Iterator[str]) -> tuple[str, ...]:
    found = dict.fromkeys(hosts)
    return (_EVERY_HOST,) if _EVERY_HOST in found else tuple(found)
