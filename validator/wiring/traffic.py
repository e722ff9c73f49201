"""`traffic:` -> the marks of a run, and the account of its requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version

from validator.config.resolvers import Resolvers
from validator.config.sections.flows import LogFieldNames, ProveConfig, TrafficConfig
from validator.model.traffic import WhenUnmarked
from validator.traffic.account import Account, LogToProve
from validator.traffic.fields import ROLES, check_names
from validator.traffic.log_entry import LogFormat
from validator.traffic.marks import Channel, Marks
from validator.traffic.networks import checked_networks


def run_marks(config: TrafficConfig, run: str) -> Marks:
    """The marks of a run."""
    channels = frozenset(Channel(channel) for channel in config.mark)
    return Marks(run=run, channels=channels, program=f"validator/{version('validator')}")


def run_account(config: TrafficConfig, run: str, resolvers: Resolvers, redact: Callable[[str], str]) -> Account:
    """What accounts for the requests of a run.

    Raises:
        UsageError: An address or the name of a field cannot be.
        ConfigError: A reference that is needed now has no value.
    """
    return Account(
        run=run,
        marks=tuple(dict.fromkeys(channel.value for channel in config.mark)),
        addresses=checked_networks(address.resolve(resolvers) for address in config.addresses),
        log=_log(config.prove, resolvers) if config.prove is not None else None,
        redact=redact,
    )


def _log(prove: ProveConfig, resolvers: Resolvers) -> LogToProve:
    names = tuple(_names(prove.fields, resolvers))
    check_names(dict(names))
    return LogToProve(
        files=(prove.access_log.resolve(resolvers),),
        form=LogFormat(prove.format),
        names=names,
        unmarked=WhenUnmarked(prove.unmarked),
    )


def _names(fields: LogFieldNames, resolvers: Resolvers) -> Iterator[tuple[str, str]]:
    given = {
        "time": fields.time,
        "method": fields.method,
        "path": fields.path,
        "status": fields.status,
        "user": fields.user,
        "address": fields.address,
        "run": fields.run,
        "baggage": fields.baggage,
        "agent": fields.agent,
    }
    for role in ROLES:
        name = given[role]
        if name is not None:
            yield role, name.resolve(resolvers)
