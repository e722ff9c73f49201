"""Two configurations -> how their environments compare."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit

from validator.config.environment import EnvironmentConfig
from validator.config.resolvers import Resolvers
from validator.deploys.endpoints import Endpoint, InspectTls, endpoint_facts
from validator.deploys.parity import Allowance, Fact, Facts, compare
from validator.deploys.readiness import Ask
from validator.model.parity import Parity
from validator.support.clock import Clock, SystemClock
from validator.support.http_tls import inspect_tls
from validator.support.stop import Stop
from validator.wiring.observe import ASK, label_of, live_probes, read_outputs
from validator.wiring.parity_facts import configured_facts, flow_facts, gate_facts, output_facts
from validator.wiring.prepare import load, policy_and_rules, select_flows
from validator.wiring.request import RunRequest


class Side:
    """One environment, its outputs read, ready to be compared."""

    def __init__(self, name_or_path: str, stop: Stop) -> None:
        """Load the configuration and read the outputs of its deployment.

        Args:
            name_or_path: The configuration.
            stop: Ends the reading.

        Raises:
            UsageError: The configuration or the source of its outputs is not as it should be.
            StageError: The source did not answer.
        """
        self._request = RunRequest(config=name_or_path)
        loaded, before, self.redactor = load(self._request)
        self.config: EnvironmentConfig = loaded.value
        self._outputs = read_outputs(self.config, before, self.redactor.register, stop)
        sensitive = [output.name for output in self._outputs.outputs if output.sensitive]
        self.resolvers: Resolvers = before.with_outputs(
            self._outputs.values, sensitive=sensitive, nulls=self._outputs.nulls
        )
        self._revision = label_of(self.config, self._request, self.resolvers).revision

    @property
    def allowances(self) -> Iterator[Allowance]:
        """The differences that this configuration declares."""
        for allowed in self.config.parity.allow:
            yield Allowance(
                pattern=allowed.difference.resolve(self.resolvers), reason=allowed.reason.resolve(self.resolvers)
            )

    def endpoints(self) -> dict[str, Endpoint]:
        """The addresses that the configuration asks, by name."""
        ready = {
            f"readiness.{number}": Endpoint(name=f"readiness.{number}", url=probe.url.resolve(self.resolvers))
            for number, probe in enumerate(self.config.asked)
        }
        live = {
            f"live.{number}": Endpoint(name=f"live.{number}", url=probe.url, live=probe)
            for number, probe in enumerate(live_probes(self.config, self.resolvers, ""))
        }
        return ready | live

    def facts(self) -> Iterator[Fact]:
        """Everything that is known without asking an address.

        Raises:
            UsageError: The gate's policy or the workspace is not as it should be.
        """
        policy, _ = policy_and_rules(self.config, self.resolvers)
        workspace = self.config.flows.workspace.resolve(self.resolvers)
        name = self.config.environment
        yield from output_facts(self._outputs, name, self._revision)
        yield from configured_facts(self.config)
        yield from flow_facts(select_flows(self.config, self._request, workspace, self.resolvers))
        yield from gate_facts(policy, name)


def compare_environments(
    left: Side,
    right: Side,
    *,
    ask: Ask = ASK,
    inspect: InspectTls = inspect_tls,
    clock: Clock | None = None,
) -> Parity:
    """Compare two environments; what either of them declares is allowed.

    Args:
        left: One of them.
        right: The other.
        ask: Asks an address over HTTP.
        inspect: Looks at its TLS connection.
        clock: For how long certificates are still good.

    Raises:
        UsageError: A policy or a workspace is not as it should be.
    """
    now = (clock or SystemClock()).now()
    asked = _asked(left.endpoints(), right.endpoints())
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="parity") as pool:
        found = [pool.submit(_answers, side, asked, ask, inspect, now) for side in (left, right)]
        answers = [future.result() for future in found]
    ours, theirs = (
        Facts(environment=side.config.environment, facts=(*side.facts(), *facts))
        for side, facts in zip((left, right), answers, strict=True)
    )
    return compare(ours, theirs, (*left.allowances, *right.allowances))


def _asked(left: dict[str, Endpoint], right: dict[str, Endpoint]) -> frozenset[str]:
    """The addresses whose servers are looked at whole: in either environment the first one on each server."""
    return frozenset(name for side in (left, right) for name in _first_on_each_server(side))


def _first_on_each_server(endpoints: dict[str, Endpoint]) -> Iterator[str]:
    seen: set[str] = set()
    for name, endpoint in endpoints.items():
        server = urlsplit(endpoint.url).netloc
        if server not in seen:
            seen.add(server)
            yield name


def _answers(side: Side, whole: frozenset[str], ask: Ask, inspect: InspectTls, now: datetime) -> tuple[Fact, ...]:
    facts = (
        endpoint_facts(endpoint, ask, inspect if name in whole else None, now)
        for name, endpoint in side.endpoints().items()
    )
    return tuple(fact for of_endpoint in facts for fact in of_endpoint)
