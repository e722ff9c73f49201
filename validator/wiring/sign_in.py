"""`app.sign_in:` -> how the users are read back that the app creates."""

from __future__ import annotations

import re

from validator.config.resolvers import Resolvers
from validator.config.sections.app import SignInUser
from validator.pipeline.sign_in import SignInReading
from validator.support.clock import SystemClock
from validator.traffic.marks import Marks
from validator.traffic.users import UsersOverHttp
from validator.wiring.prepare import Prepared


def sign_in_reading(prepared: Prepared, marks: Marks, resolvers: Resolvers) -> SignInReading:
    """What reads them back.

    Raises:
        ConfigError: A reference has no value.
    """
    config = prepared.config.app.sign_in
    failed, user = config.failed, config.user
    return SignInReading(
        user_log=_compiled(user.log) if user is not None else None,
        failed_log=_compiled(failed.log) if failed is not None else None,
        failed_text=_compiled(failed.text) if failed is not None else None,
        flow_tag=failed.tag.resolve(resolvers) if failed is not None and failed.tag is not None else "",
        ask=_users(user, prepared, marks, resolvers) if user is not None else None,
    )


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern is not None else None


def _users(user: SignInUser, prepared: Prepared, marks: Marks, resolvers: Resolvers) -> UsersOverHttp | None:
    if user.url is None or user.ids is None:
        return None
    return UsersOverHttp(
        url=user.url.resolve(resolvers),
        ids=user.ids,
        headers={**dict(marks.headers), **user.headers.resolve(resolvers)},
        run=marks.run,
        clock=SystemClock(),
        redact=prepared.redactor.redact,
    )
