"""`traffic.accounts:`: how many new anonymous accounts the backend allows."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from validator.config.fields import Duration, EarlyText, Section


class Pace(StrEnum):
    """What becomes of flows for which no account is free."""

    AUTO = "auto"
    NONE = "none"


class Provider(StrEnum):
    """Who makes the accounts, and so what the usual limit is."""

    NONE = "none"
    SUPABASE = "supabase"
    FIREBASE = "firebase"


class Burst(Section):
    """A limit over a short span."""

    most: Annotated[int, Field(ge=1)] = Field(description="How many new accounts, from one address.")
    within: Duration = Field(description="In any span of this length.")


class AccountsConfig(Section):
    """How many new anonymous accounts the backend allows from the address of the devices."""

    provider: Annotated[Provider, Field(strict=False)] = Field(
        Provider.NONE,
        description="Whose usual limit holds where `per_hour` is not given: `supabase` (30 in an hour), `firebase` "
        "(100), or `none`.",
    )
    per_hour: Annotated[int, Field(ge=1)] | None = Field(None, description="How many in any hour.")
    burst: Burst | None = Field(None, description="A second limit, over a shorter span; both hold.")
    address: EarlyText | None = Field(
        None,
        description="The address that the backend sees. Runs of one environment with the same address share a budget.",
    )
    per_attempt: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="How many accounts one attempt of a flow makes."
    )
    settling: Duration = Field(
        timedelta(seconds=30),
        description="How long after its start an attempt makes its account; added to the spans of the limits.",
    )
