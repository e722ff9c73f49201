"""`flows:` and `traffic:`: which flows are run, how, and how their traffic is marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import literal_schema, no_info_before_validator_function, tagged_union_schema

from validator.config.fields import (
    Command,
    Duration,
    EarlyPath,
    EarlyText,
    Section,
    mistake,
)
from validator.config.mappings import Environment
from validator.config.sections.accounts import AccountsConfig, Pace
from validator.config.sections.needs import NeedsConfig
from validator.config.templates import Variables


class Runner(StrEnum):
    """The program that drives flows."""

    AUTO = "auto"
    MAESTRO_RUNNER = "maestro-runner"
    MAESTRO = "maestro"


class FreshUser(StrEnum):
    """Who makes sure that each flow begins as a new user."""

    CLEAR = "clear"
    FLOW = "flow"


class MarkChannel(StrEnum):
    """A way by which the run's id reaches the app, so that its traffic can be told from that of real users."""

    PROPERTY = "property"
    HEADER = "header"
    ARGUMENT = "argument"


class Between(Section):
    """The team's own cleanup, run between two flows."""

    command: Command = Field(
        description="The command, run by `sh -c` in the project's folder. It sees `SKIP_DATA_CLEANUP`."
    )
    timeout: Duration = Field(timedelta(minutes=2), description="How long it may run.")


@dataclass(frozen=True, slots=True)
class _AllOrNamed:
    """The word `all`, or a list of names."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        names = handler.generate_schema(tuple[EarlyText, ...])
        choices = {"<all>": literal_schema(["all"]), "<names>": names}
        return no_info_before_validator_function(_check_required, tagged_union_schema(choices, _all_or_named))


def _all_or_named(value: object) -> str:
    return "<all>" if value == "all" else "<names>"


def _check_required(value: object) -> object:
    if isinstance(value, str) and value != "all":
        raise mistake(f"{value!r} is neither all nor a list", f"write all, or a list of names: [{value}]")
    return value


class FlowsConfig(Section):
    """Which flows are run, and how. The team's files are never modified."""

    workspace: EarlyPath = Field(description="The folder with the Maestro flows, such as `.maestro`.")
    include_tags: tuple[EarlyText, ...] = Field(
        (), description="Run flows with one of these tags only. Empty: all flows."
    )
    exclude_tags: tuple[EarlyText, ...] = Field((), description="Never run flows with one of these tags.")
    required: Annotated[Literal["all"] | tuple[EarlyText, ...], _AllOrNamed()] = Field(
        "all", description="The flows that the gate needs: `all`, or a list of names; the others are informational."
    )
    needs: tuple[NeedsConfig, ...] = Field((), description="Which devices flows may run on. Without it: on any.")
    runner: Annotated[Runner, Field(strict=False)] = Field(
        Runner.AUTO, description="What drives the flows. `auto` takes what is installed."
    )
    runner_path: EarlyPath | None = Field(None, description="The runner's program. Without it: looked for on the PATH.")
    environment: Environment = Field(
        Variables(), description='Variables for the flows and for `between`, such as `SKIP_DATA_CLEANUP: "true"`.'
    )
    between: Between | None = Field(None, description="The team's own cleanup, run between two flows.")
    fresh_user: Annotated[FreshUser, Field(strict=False)] = Field(
        FreshUser.CLEAR,
        description="`clear`: `pm clear` of the app before each flow. `flow`: the flows do it themselves.",
    )
    timeout: Duration = Field(timedelta(minutes=5), description="How long one attempt of one flow may take.")


class WhenUnmarked(StrEnum):
    """What the gate makes of requests of a run that do not carry its mark."""

    WARN = "warn"
    UNDECIDED = "undecided"


class AccessLogFormat(StrEnum):
    """How an access log writes its lines."""

    AUTO = "auto"
    JSON = "json"
    COMBINED = "combined"


class LogFieldNames(Section):
    """What the fields of an access log are called; a dot leads into an object."""

    time: EarlyText | None = Field(None, description="When the request came.")
    method: EarlyText | None = Field(None, description="Its method.")
    path: EarlyText | None = Field(None, description="Its path.")
    status: EarlyText | None = Field(None, description="How it was answered.")
    user: EarlyText | None = Field(None, description="The id of the user who was signed in.")
    address: EarlyText | None = Field(None, description="The address that it came from.")
    run: EarlyText | None = Field(None, description="The run that the backend took from its mark.")
    baggage: EarlyText | None = Field(None, description="Its header `baggage`; read where the run is not there.")
    agent: EarlyText | None = Field(None, description="Its header `User-Agent`; read where neither is there.")


class ProveConfig(Section):
    """The proof, from production's access log, that each request of the run carries its mark."""

    access_log: EarlyPath = Field(description="What production logs, plain or gzip; read once the flows have ended.")
    unmarked: Annotated[WhenUnmarked, Field(strict=False)] = Field(
        WhenUnmarked.WARN,
        description="What the gate makes of requests without the mark, and of a log that proves nothing: `warn` or "
        "`undecided`.",
    )
    format: Annotated[AccessLogFormat, Field(strict=False)] = Field(
        AccessLogFormat.AUTO, description="`json` (an object per line), `combined`, or `auto`: told by each line."
    )
    fields: LogFieldNames = Field(
        default_factory=LogFieldNames,
        description="What JSON lines call their fields, where the usual names do not fit.",
    )


class TrafficConfig(Section):
    """How the run is a good guest in production."""

    mark: tuple[Annotated[MarkChannel, Field(strict=False)], ...] = Field(
        tuple(MarkChannel),
        description="By which ways the run's id travels: `property` (of the device), `header` (of validator's own "
        "requests), `argument` (a variable of the flows). `[]` for none.",
    )
    addresses: tuple[EarlyText, ...] = Field(
        (), description="Addresses or networks that the run's requests come from, and no others: `203.0.113.7`."
    )
    accounts: AccountsConfig | None = Field(
        None, description="How many new anonymous accounts the backend allows. Without it: nobody counts them."
    )
    pace: Annotated[Pace, Field(strict=False)] = Field(
        Pace.NONE,
        description="What becomes of flows for which no account is free. `auto`: they start later, inside the run's "
        "`deadline`. `none`: nothing waits; a run that cannot fit is refused before it begins.",
    )
    prove: ProveConfig | None = Field(None, description="The proof that production can tell the run's requests.")
