"""The APK under test: fetched, read, and held against the deployment and the flows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from validator.builds.inspect import inspect
from validator.builds.tools import disputed
from validator.model.build import Apk, Finding, Severity
from validator.model.causes import Cause
from validator.model.errors import StageError, UsageError
from validator.model.events import BuildReady
from validator.model.flow import Flow
from validator.pipeline.parts import Recipe
from validator.support.files import sha256_file
from validator.support.stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The APK under test."""

    path: Path
    source: str
    apk: Apk
    findings: tuple[Finding, ...]


def build(recipe: Recipe, flows: Sequence[Flow], folder: Path, stop: Stop) -> Built:
    """Fetch the APK into the folder and find out what it is.

    Raises:
        StageError: `apk_missing` or `apk_unreadable`.
    """
    path = recipe.source.fetch(folder, stop)
    inspection = inspect(path, recipe.expectation)
    apk = replace(inspection.apk, checks=recipe.verify(inspection.apk, path, stop))
    found = (*inspection.findings, *disputed(apk.checks), *foreign_flows(apk, flows))
    return Built(path=path, source=recipe.source.source, apk=apk, findings=found)


def rebuilt(ready: BuildReady, folder: Path) -> Built:
    """The APK that an earlier part of the run has fetched: the same bytes, or none.

    Raises:
        UsageError: It is gone, or is not what it was.
    """
    path = folder / ready.path
    if not path.is_file() or sha256_file(path) != ready.apk.sha256.removeprefix("sha256:"):
        remedy = "start a new run instead of resuming this one"
        raise UsageError("the APK under test is gone or was changed", where=str(path), remedy=remedy)
    return Built(path=path, source=ready.source, apk=ready.apk, findings=ready.findings)


def foreign_flows(apk: Apk, flows: Sequence[Flow]) -> tuple[Finding, ...]:
    """Flows that would launch another app than the one under test: they would prove nothing about it."""
    foreign = [flow for flow in flows if flow.app_id and "${" not in flow.app_id and flow.app_id != apk.package]
    if not foreign:
        return ()
    names = ", ".join(f"{flow.name} ({flow.app_id})" for flow in foreign)
    return (
        Finding(
            code="flow_app_id",
            severity=Severity.ERROR,
            message=f"flows launch another app than {apk.package}: {names}",
            remedy="correct their `appId`, or write `appId: ${APP_ID}`, which every flow is given",
        ),
    )


def refuse(built: Built) -> None:
    """End the run when the APK is not the production build of this deployment.

    Raises:
        StageError: `not_production`, naming every error among the findings.
    """
    errors = [finding for finding in built.findings if finding.severity is Severity.ERROR]
    if errors:
        message = "; ".join(finding.message for finding in errors)
        raise StageError(Cause.NOT_PRODUCTION, message, where=built.source, remedy=errors[0].remedy)
