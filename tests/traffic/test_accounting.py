"""A run accounts for its traffic once its flows have ended, and the gate hears of leaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.builders import attempt, evidence
from tests.pipeline.replaying import replayed
from tests.pipeline.stand_ins import PASS
from tests.pipeline.test_stages import Stage
from tests.traffic.logs import request
from validator.gates.policy import Policy, WhenUndecided
from validator.model.attempt import SignIn
from validator.model.decision import ExitCode, ReasonCode, Verdict
from validator.model.events import Decided, Event, FlowSettled
from validator.model.traffic import TrafficAccounted, WhenUnmarked
from validator.pipeline.accounting import Sent
from validator.pipeline.parts import Parts
from validator.pipeline.past import remember
from validator.pipeline.run import Validation
from validator.support.clock import SystemClock
from validator.support.stop import Stop
from validator.traffic.account import Account, LogToProve


@dataclass
class Shop:
    """A run whose backend logs these requests."""

    folder: Path
    lines: tuple[dict[str, object], ...] = ()
    unmarked: WhenUnmarked = WhenUnmarked.WARN
    policy: Policy = field(default_factory=Policy)

    def parts(self) -> Parts:
        log = self.folder / "access.log"
        now = datetime.now(UTC).isoformat()
        log.write_text("".join(request(time=now, **line) + "\n" for line in self.lines), encoding="utf-8")  # type: ignore[arg-type]  # `at` is none of them
        stage = Stage(self.folder, {"a": [PASS], "b": [PASS]})
        account = Account(run="r1", marks=("property",), log=LogToProve(files=(log,), unmarked=self.unmarked))
        return replace(stage.parts(), account=account, policy=self.policy)

    def run(self) -> tuple[list[Event], Decided, TrafficAccounted]:
        events = list(Validation(parts=self.parts(), stop=Stage(self.folder, {}).stop).events())
        (decided,) = [event for event in events if isinstance(event, Decided)]
        (account,) = [event for event in events if isinstance(event, TrafficAccounted)]
        return events, decided, account


OURS: dict[str, object] = {"run": "r1", "user": "anon-1"}
SIGNED_IN = SignIn(users=("anon-1",))
LEAK: dict[str, object] = {"user": "anon-1", "path": "/v1/search"}


def test_a_run_whose_requests_are_all_marked_is_approved(tmp_path):
    events, decided, account = Shop(tmp_path, (OURS, {"user": "somebody"})).run()
    assert decided.decision.verdict is Verdict.APPROVED
    assert account.proof is not None
    assert (account.proof.marked, account.proof.unmarked) == (1, 0)
    places = [type(event) for event in events]
    assert places.index(TrafficAccounted) > max(n for n, kind in enumerate(places) if kind is FlowSettled)


@pytest.mark.parametrize(
    ("unmarked", "verdict", "code"),
    [
        (WhenUnmarked.WARN, Verdict.APPROVED_WITH_WARNINGS, ExitCode.OPEN),
        (WhenUnmarked.UNDECIDED, Verdict.UNDECIDED, ExitCode.UNDECIDED),
    ],
)
@pytest.mark.parametrize("lines", [(OURS, LEAK), (), ({"user": "somebody"},)])
def test_a_leak_and_a_log_that_proves_nothing_do_what_the_configuration_says(tmp_path, unmarked, verdict, code, lines):
    _, decided, account = Shop(tmp_path, lines, unmarked).run()
    assert (decided.decision.verdict, decided.decision.exit_code) == (verdict, code)
    assert account.unmarked is unmarked
    (reason,) = [reason for reason in decided.decision.reasons if reason.code is ReasonCode.TRAFFIC]
    assert ("GET /v1/search 200" in reason.message) == (LEAK in lines)
    assert any("validator traffic" in step for step in decided.decision.next) == (code is ExitCode.UNDECIDED)


def test_a_policy_that_opens_when_undecided_opens_for_a_leak_too(tmp_path):
    policy = Policy(undecided=WhenUndecided.OPEN)
    _, decided, _ = Shop(tmp_path, (OURS, LEAK), WhenUnmarked.UNDECIDED, policy).run()
    assert decided.decision.verdict is Verdict.APPROVED_WITH_WARNINGS


@pytest.mark.parametrize("lines", [(OURS, LEAK), (OURS,)])
def test_the_decision_is_derived_again_from_the_record(tmp_path, lines):
    events, decided, _ = Shop(tmp_path, lines, WhenUnmarked.UNDECIDED).run()
    again = replayed(events, policy=Policy())
    assert again.now == decided.decision


def test_a_log_that_is_not_there_is_a_finding_and_ends_no_run(tmp_path):
    shop = Shop(tmp_path, (), WhenUnmarked.UNDECIDED)
    parts = shop.parts()
    (tmp_path / "access.log").unlink()
    events = list(Validation(parts=parts, stop=Stage(tmp_path, {}).stop).events())
    (account,) = [event for event in events if isinstance(event, TrafficAccounted)]
    assert account.proof is not None
    assert "No such file" in account.proof.problem
    (decided,) = [event for event in events if isinstance(event, Decided)]
    assert decided.decision.verdict is Verdict.UNDECIDED


def test_a_run_that_goes_on_does_not_read_the_log_again(tmp_path):
    events, _, account = Shop(tmp_path, (OURS, LEAK)).run()
    past = remember(events[: events.index(account) + 1])
    assert past.traffic == account
    again = Shop(tmp_path, (OURS,))
    with removed(again.parts(), tmp_path / "access.log") as parts:
        more = list(Validation(parts=parts, stop=Stage(tmp_path, {}).stop, past=past).events())
    assert not any(isinstance(event, TrafficAccounted) for event in more)
    (decided,) = [event for event in more if isinstance(event, Decided)]
    assert any(reason.code is ReasonCode.TRAFFIC for reason in decided.decision.reasons)


@contextmanager
def removed(parts: Parts, path: Path) -> Iterator[Parts]:
    path.unlink()
    yield parts


def test_a_user_of_whom_no_request_was_marked_is_known_from_the_attempt(tmp_path):
    log = tmp_path / "access.log"
    log.write_text(request(time=datetime.now(UTC).isoformat(), **LEAK) + "\n", encoding="utf-8")  # type: ignore[arg-type]  # `at` is none of them
    sent = Sent(clock=SystemClock())
    for _, event in attempt("Search", 1, "emulator-5554", 0.0, 1.0, found=replace(evidence(), sign_in=SIGNED_IN)):
        sent.take(event)
    names = (("path", "path"),)
    account = Account(run="r1", marks=(), log=LogToProve(files=(log,), names=names, unmarked=WhenUnmarked.WARN))
    accounted = account(sent.spans, sent.users, Stop())
    assert (accounted.fields, accounted.form) == (names, "auto")
    proof = accounted.proof
    assert proof is not None
    assert (proof.marked, proof.unmarked, proof.users) == (0, 1, 1)
