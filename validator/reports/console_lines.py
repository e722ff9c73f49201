"""What the console says as a run goes on: one line per event that matters, each beginning with a word to grep for.

The words: run, resumed, deployment, live, parity, backend, build, finding, plan, device, start, attempt, cause, retry,
lost, flow, stage, warning, decision, alert, end. Lines carry no time of day.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from rich.text import Text

from validator.model.attempt import AttemptOutcome
from validator.model.build import Severity
from validator.model.decision import SettledFlow, Verdict
from validator.model.events import (
    AlertFailed,
    AlertSent,
    AttemptFinished,
    AttemptStarted,
    BuildReady,
    Decided,
    DeviceLeased,
    DeviceLost,
    FailureClassified,
    FlowSettled,
    PlanMade,
    Record,
    RetryScheduled,
    RunFinished,
    RunResumed,
    RunStarted,
    StageFailed,
    Warned,
)
from validator.model.flow import FlowOutcome
from validator.model.observed import DeploymentChanged, DeploymentObserved, ParityCompared, ReadinessChecked
from validator.model.traffic import TrafficAccounted
from validator.reports.notices import in_short, noticed, traffic_in_short
from validator.reports.plan import accounts_in_short
from validator.reports.state import RunState
from validator.reports.words import devices_words, duration
from validator.support.text import one_line

_PREFIX = 11
_LONGEST = 600

GOOD, WARNING, BAD, GREY, PLAIN = "green", "yellow", "bold red", "dim", ""

OUTCOME_STYLES = {
    FlowOutcome.PASSED: GOOD,
    FlowOutcome.FLAKY: WARNING,
    FlowOutcome.FAILED: BAD,
    FlowOutcome.INCONCLUSIVE: "bold magenta",
    FlowOutcome.MISSING: BAD,
}
VERDICT_STYLES = {
    Verdict.APPROVED: "bold white on green",
    Verdict.APPROVED_WITH_WARNINGS: "bold black on yellow",
    Verdict.BLOCKED: "bold white on red",
    Verdict.UNDECIDED: "bold white on magenta",
}


def lines(record: Record, state: RunState) -> Iterator[Text]:
    """The lines that tell of a record. App and server text in them cannot steer a terminal.

    Args:
        record: What happened.
        state: The run with the record applied.
    """
    match record.event:
        case RunStarted() as started:
            yield line("run", f"{record.run}: {started.environment}, {started.purpose}, policy {started.policy.name}")
        case RunResumed() as resumed:
            again = f", {', '.join(resumed.interrupted)} again" if resumed.interrupted else ""
            yield line("resumed", f"{record.run} goes on after its process had died{again}", WARNING)
        case DeploymentChanged(changes=changes):
            yield line("deployment", f"CHANGED while flows ran: {'; '.join(changes)}", BAD)
        case ParityCompared() | TrafficAccounted() as compared:
            yield from _compared_lines(compared)
        case DeploymentObserved() | ReadinessChecked() | BuildReady() | PlanMade() as fact:
            yield from _fact_lines(fact)
        case DeviceLeased() | DeviceLost() | AttemptStarted() | AttemptFinished() as progress:
            yield _progress_line(progress)
        case FailureClassified() | RetryScheduled() | FlowSettled() as judgement:
            yield _judgement_line(judgement, state)
        case StageFailed() | Warned() | Decided() | AlertSent() | AlertFailed() | RunFinished() as ending:
            yield _ending_line(ending)
        case event:
            assert_never(event)


def line(word: str, text: str, style: str = PLAIN) -> Text:
    """One line: the word in its column, then the text."""
    return Text.assemble((f"{word:<{_PREFIX}}", GREY), (one_line(text, _LONGEST), style))


def _compared_lines(compared: ParityCompared | TrafficAccounted) -> Iterator[Text]:
    if isinstance(compared, ParityCompared):
        yield line("parity", in_short(compared.parity))
    elif compared.proof is not None:
        yield line("traffic", traffic_in_short(compared.proof))
    for each in noticed(compared):
        yield line("warning", each, WARNING)


def _fact_lines(fact: DeploymentObserved | ReadinessChecked | BuildReady | PlanMade) -> Iterator[Text]:
    match fact:
        case DeploymentObserved(deployment=live):
            revision = f" at {live.revision}" if live.revision else ""
            yield line("deployment", f"{live.id}{revision}, from {live.source}")
            for answer in live.live:
                yield line("live", f"{answer.url} says {answer.said or 'nothing'}: {answer.detail}")
        case ReadinessChecked(probe=probe):
            state = "ready" if probe.ready else "not ready"
            yield line("backend", f"{state} {probe.url}: {probe.detail}", PLAIN if probe.ready else BAD)
        case BuildReady(apk=apk):
            yield line("build", f"{apk.package} {apk.version_name} ({apk.version_code}) from {fact.source}")
            for check in apk.checks:
                yield line("build", f"{check.tool}: {check.detail}", BAD if check.agrees is False else PLAIN)
            for finding in fact.findings:
                style = BAD if finding.severity is Severity.ERROR else WARNING
                yield line("finding", f"{finding.severity}: {finding.message}. {finding.remedy}", style)
        case PlanMade():
            absent = f", {len(fact.absent)} absent ({', '.join(fact.absent)})" if fact.absent else ""
            yield line("plan", f"{len(fact.flows)} flows from {fact.workspace}{absent}, run by {fact.runner}", PLAIN)
            if fact.accounts is not None:
                yield line("accounts", accounts_in_short(fact.accounts), PLAIN if fact.accounts.fits else BAD)
            if fact.left_out:
                yield line("left out", f"{', '.join(fact.left_out)}: such a run opens no gate", WARNING)


def _progress_line(progress: DeviceLeased | DeviceLost | AttemptStarted | AttemptFinished) -> Text:
    match progress:
        case DeviceLeased(device=device):
            more = (*([device.form_factor] if device.form_factor else []), *device.labels)
            facts = ", ".join((device.model, device.kind, f"API {device.sdk}", *more))
            instead = f", in place of {progress.replaces}" if progress.replaces else ""
            closed = f"; closed `{'`, `'.join(device.put_right)}`" if device.put_right else ""
            return line("device", f"{device.serial} ready after {duration(progress.seconds)}{instead}: {facts}{closed}")
        case DeviceLost():
            coming = "; another one is started in its place" if progress.replacing else ""
            return line("lost", f"{progress.serial}: {progress.reason}{coming}", BAD)
        case AttemptStarted():
            return line("start", f"{progress.flow} #{progress.number} on {progress.serial}", GREY)
        case AttemptFinished():
            style = GREY if progress.outcome is AttemptOutcome.PASSED else WARNING
            where = f"on {progress.serial}, {duration(progress.seconds)}"
            return line("attempt", f"{progress.flow} #{progress.number} {progress.outcome} {where}", style)


def _judgement_line(judgement: FailureClassified | RetryScheduled | FlowSettled, state: RunState) -> Text:
    match judgement:
        case FailureClassified(failure=failure):
            step = f" at {failure.step}" if failure.step else ""
            return line("cause", f"{judgement.flow} #{judgement.number} {failure.cause}{step}: {failure.why}", WARNING)
        case RetryScheduled():
            wait = f", not before {judgement.not_before}" if judgement.not_before else ""
            return line("retry", f"{judgement.flow} #{judgement.number} {judgement.purpose}: {judgement.reason}{wait}")
        case FlowSettled(flow=flow):
            return line("flow", _settled(flow, state), OUTCOME_STYLES[flow.outcome])


def _settled(flow: SettledFlow, state: RunState) -> str:
    cause = f" {flow.cause}" if flow.cause is not None and flow.outcome is not FlowOutcome.PASSED else ""
    tries = f", {flow.attempts} attempts" if flow.attempts > 1 else ""
    found = next((each for each in state.flows if each.name == flow.name and each.attempts), None)
    where = f" on {devices_words(found)}, {duration(found.seconds)}" if found is not None else ""
    return f"{flow.outcome} {flow.name}{cause}{where}{tries}"


def _ending_line(ending: StageFailed | Warned | Decided | AlertSent | AlertFailed | RunFinished) -> Text:
    match ending:
        case StageFailed(failure=failure):
            text = f"{failure.stage} failed, {failure.cause}: {failure.message}. {failure.remedy}"
            return line("stage", text, BAD)
        case Warned():
            return line("warning", ending.message, WARNING)
        case Decided(decision=decision):
            return line("decision", f"{decision.verdict}, exit code {decision.exit_code.value}", "bold")
        case AlertSent():
            return line("alert", f"sent to {ending.channel}")
        case AlertFailed():
            return line("alert", f"NOT DELIVERED to {ending.channel}: {ending.reason}. {ending.remedy}", BAD)
        case RunFinished():
            return line("end", f"{ending.stop} after {duration(ending.seconds)}")
