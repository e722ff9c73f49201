"""The state of a run at GitHub: a commit status, and if wanted a check run and a deployment status.

Each is looked up before it is made, so that one that arrived unseen is not made twice.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from validator.alerts.answers import Endpoint, compact, json_object, not_the_service, require_header, require_safe
from validator.alerts.github_forms import (
    ANNOTATIONS,
    Form,
    check_run,
    deployment_status,
    flow_annotations,
    output,
    protection_answer,
    status,
)
from validator.alerts.message import AlertMessage
from validator.model.errors import PermanentError, RetryableError
from validator.support.http import HttpAnswer
from validator.support.stop import Stop
from validator.support.throttling import asked_to_wait

API_URL = "https://api.github.com"

_FRESH = 600.0
"""Seconds for which an approval may open a workflow run that waits: more than a run tries to deliver it."""
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubTargets:
    """What is made for each run."""

    context: str = "production-validation"
    """The name of the commit status and of the check run."""
    check_run: bool = False
    deployment: str = ""
    """The id of the GitHub deployment that gets a status; empty for none."""
    protected: str = ""
    """The environment whose custom protection rule is answered; empty for none."""
    sha: str = ""
    """The commit; empty for the revision of the deployment under test."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Flow -> its file in the repository, for annotations."""


class GitHubChannel:
    """One repository."""

    def __init__(
        self,
        *,
        repository: str,
        token: str,
        targets: GitHubTargets,
        api_url: str = API_URL,
        deadline: float = 10.0,
    ) -> None:
        """Prepare to ask.

        Args:
            repository: `OWNER/NAME`.
            token: With `statuses: write`, and what else `targets` need; never shown anywhere.
            targets: What is made.
            api_url: Another address than GitHub's, for GitHub Enterprise Server.
            deadline: Seconds for one request.

        Raises:
            UsageError: The token or the address cannot be used.
        """
        self._name = f"github {repository}"
        self._endpoint = _GitHub(name=self._name, deadline=deadline)
        self._targets = targets
        self._base = f"{require_safe(api_url, self._name).rstrip('/')}/repos/{quote(repository)}"
        self._headers = {
            "accept": "application/vnd.github+json",
            "authorization": f"Bearer {require_header(token, 'the GitHub token', self._name)}",
            "content-type": "application/json",
            "x-github-api-version": "2022-11-28",
        }

    @property
    def name(self) -> str:
        """`github OWNER/NAME`."""
        return self._name

    def send(self, message: AlertMessage, stop: Stop) -> str:
        """Show the state of the run.

        Returns:
            The commit.

        Raises:
            RetryableError: GitHub cannot be reached, or limits the rate.
            PermanentError: GitHub refuses, or it is not known which commit is meant.
        """
        sha = self._commit(message)
        context = f"{self._targets.context} (test)" if message.test else self._targets.context
        wanted = status(message, context)
        page = f"/commits/{sha}/statuses?per_page=100"
        if not _has(self._list(page, "", stop), wanted, "context", "description"):
            self._ask("POST", f"/statuses/{sha}", stop, wanted)
        if self._targets.check_run:
            self._show_check_run(message, context, sha, stop)
        if self._targets.deployment:
            self._show_deployment(message, stop)
        if self._targets.protected:
            self._answer_protection(message, stop)
        return sha

    def _commit(self, message: AlertMessage) -> str:
        sha = self._targets.sha or message.revision
        if _SHA.fullmatch(sha):
            return sha
        raise PermanentError(
            f"{sha!r} is no full commit id" if sha else "it is not known which commit was deployed",
            where=self._name,
            remedy="set `sha` of this target, or `deployment.revision`, such as to ${env:GITHUB_SHA}",
        )

    def _show_check_run(self, message: AlertMessage, name: str, sha: str, stop: Stop) -> None:
        """The annotations come in requests of 50; one that was cut off is asked for again from its first."""
        query = urlencode({"check_name": name, "filter": "all", "per_page": 100})
        known = self._list(f"/commits/{sha}/check-runs?{query}", "check_runs", stop)
        made = next((run for run in known if run.get("external_id") == message.id), None)
        if made is None:
            answer = self._ask("POST", "/check-runs", stop, check_run(message, name, sha))
            made = json_object(answer, self._name)
        shown = _annotated(made)
        forms = flow_annotations(message, self._targets.paths)
        for start in range(shown, len(forms), ANNOTATIONS):
            more = {"output": output(message, forms[start : start + ANNOTATIONS])}
            self._ask("PATCH", f"/check-runs/{made.get('id')}", stop, more)

    def _show_deployment(self, message: AlertMessage, stop: Stop) -> None:
        path = f"/deployments/{quote(self._targets.deployment, safe='')}"
        if message.test:  # a status would change what people see of the deployment
            self._ask("GET", path, stop)
            return
        wanted = deployment_status(message)
        if not _has(self._list(f"{path}/statuses?per_page=100", "", stop), wanted, "state", "description"):
            self._ask("POST", f"{path}/statuses", stop, wanted)

    def _answer_protection(self, message: AlertMessage, stop: Stop) -> None:
        """To answer twice with the same does no harm; a test must not answer at all.

        An approval that was kept for long may have been overtaken by another deployment: it is told, and opens nothing.
        """
        if message.test or not message.workflow_run:
            return
        run = quote(message.workflow_run, safe="")
        fresh = _age(message.at) <= _FRESH
        form = protection_answer(message, self._targets.protected, fresh=fresh)
        self._ask("POST", f"/actions/runs/{run}/deployment_protection_rule", stop, form)

    def _list(self, path: str, key: str, stop: Stop) -> Sequence[Mapping[str, object]]:
        """The newest hundred things at a path; in an object under `key`, if there is one."""
        answer = self._ask("GET", path, stop)
        found = json_object(answer, self._name).get(key) if key else _array(answer, self._name)
        if not isinstance(found, list):
            raise not_the_service(self._name)
        return [item for item in found if isinstance(item, dict)]

    def _ask(self, method: str, path: str, stop: Stop, form: Form | None = None) -> HttpAnswer:
        body = compact(form) if form is not None else b""
        return self._endpoint.ask(method, self._base + path, stop, body=body, headers=self._headers)


class _GitHub(Endpoint):
    """GitHub says 403 to a token without rights and to one that asked too often."""

    __slots__ = ()

    def refusal(self, answer: HttpAnswer) -> PermanentError | RetryableError:
        """As `Endpoint.refusal`; rate limits are told apart by their headers ("Rate limits for the REST API")."""
        after = asked_to_wait(answer.status, answer.headers, answer.body, time.time())
        error = Endpoint.refusal(self, answer)
        if answer.status == 403 and after is not None:
            remedy = "the next run sends it; use a token with a limit of its own"
            return RetryableError(error.what, after=after, where=self.name, remedy=remedy)
        return error


def _age(moment: str) -> float:
    """Seconds since a moment in ISO 8601; a clock that was set back makes it no younger."""
    return abs((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds())


def _array(answer: HttpAnswer, where: str) -> object:
    """GitHub's lists are bare arrays; read as one member of an object they pass the same check."""
    wrapped = HttpAnswer(
        status=answer.status, headers=answer.headers, body=b'{"items":' + answer.body + b"}", seconds=answer.seconds
    )
    return json_object(wrapped, where).get("items")


def _has(items: Sequence[Mapping[str, object]], wanted: Form, *keys: str) -> bool:
    return any(all(item.get(key) == wanted[key] for key in keys) for item in items)


def _annotated(made: Mapping[str, object]) -> int:
    """How many annotations a check run has."""
    shown = made.get("output")
    count = shown.get("annotations_count") if isinstance(shown, dict) else 0
    return count if isinstance(count, int) else 0
