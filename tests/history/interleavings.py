"""What may happen to a record, in any order, beside a model of what must then be in it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from tests.history.samples import KINDS, a_run, acted
from tests.history.scripts import BEGAN, FixedClock, Script, SteppingClock
from validator.gates.check import Question
from validator.history.acts import ActKind, DecisionActed
from validator.history.errors import ConflictError, HistoryError
from validator.history.journal import FILE_NAME, Journal
from validator.history.payloads import sealed_record
from validator.history.store import History, Store, open_store
from validator.support.clock import iso
from validator.support.stop import Stop
from validator.wiring.gate import ask, from_record

DAYS = 4
MOMENTS = [iso(BEGAN + timedelta(hours=hours)) for hours in (0, 1, 20, 30, 60, 90, 400)]
EXPIRIES = ["", *MOMENTS[2:4]]
TENANTS = ("ours", "theirs")
DEPLOYMENTS = ("dep-1", "dep-2")
KINDS_OF_ACTS = [ActKind.OVERRIDE, ActKind.OVERRIDE, ActKind.ROLLBACK, ActKind.FALSE_POSITIVE]


class CrashError(Exception):
    """The process died here."""


class Interleavings(RuleBasedStateMachine):
    """Two tenants of one store, and everything that can happen to them."""

    scripts = Bundle("scripts")
    new_address: ClassVar[Callable[[], str]]
    """Names an empty store; set by a subclass for each database."""

    def __init__(self) -> None:
        super().__init__()
        self._address = type(self).new_address()
        self._clock = SteppingClock()
        self._folder = tempfile.TemporaryDirectory()
        self._all: list[Script] = []
        self._removed = 0
        self.store: Store = open_store(self._address, clock=self._clock)

    def teardown(self) -> None:
        self.store.close()
        self._folder.cleanup()

    @initialize(target=scripts)
    def a_first_run(self) -> Script:
        """One that has decided, so that there is something to say about it."""
        script = self._begun("ours", 1, "dep-1", 0)
        self._append(script, list(range(len(script.records))))
        return script

    @rule(
        target=scripts,
        tenant=st.sampled_from(TENANTS),
        kind=st.integers(0, len(KINDS) - 1),
        deployment=st.sampled_from(DEPLOYMENTS),
        day=st.integers(0, DAYS - 1),
    )
    def begin(self, tenant: str, kind: int, deployment: str, day: int) -> Script:
        return self._begun(tenant, kind, deployment, day)

    @rule(script=scripts, data=st.data())
    def append(self, script: Script, data: st.DataObject) -> None:
        """Some events, in any order, some of them twice or stored already."""
        last = len(script.records) - 1
        chosen = data.draw(st.lists(st.integers(0, last), min_size=1, max_size=12))
        self._append(script, chosen)

    @rule(script=scripts, count=st.integers(1, 40))
    def go_on(self, script: Script, count: int) -> None:
        """The next events in their order."""
        self._append(script, list(range(script.counted, min(script.counted + count, len(script.records)))))

    @rule(script=scripts)
    def resume(self, script: Script) -> None:
        """Replay the whole spool."""
        self._append(script, list(range(len(script.records))))

    @rule(script=scripts)
    def import_journal(self, script: Script) -> None:
        file = self._new_file(FILE_NAME)
        with Journal(file) as journal:
            for record in script.records:
                journal.handle(record)
        fresh = len(script.records) - len(script.stored)
        assert self._history(script.tenant).import_file(file).stored == fresh
        script.stored = set(range(len(script.records)))

    @rule(script=scripts, middle=st.booleans())
    def crash(self, script: Script, middle: bool) -> None:
        """Die in the middle of a transaction, or between two."""
        if middle:
            with pytest.raises(CrashError):
                self._die_while_storing(script)
        self.store.close()
        self.store = open_store(self._address, clock=self._clock)

    @rule(
        script=scripts,
        kind=st.sampled_from(KINDS_OF_ACTS),
        expires=st.sampled_from(EXPIRIES),
        deployment=st.sampled_from([None, None, None, "dep-9", ""]),
        names_last=st.sampled_from([True, True, False]),
        twice=st.booleans(),
    )
    def act(  # noqa: PLR0917 - Hypothesis passes them by name
        self,
        script: Script,
        kind: ActKind,
        expires: str,
        deployment: str | None,
        names_last: bool,
        twice: bool,
    ) -> None:
        """Somebody decides or judges: rightly, about something else, too late, or twice at once."""
        last = script.answer[0] if script.answer is not None else ""
        about = script.deployment if deployment is None else deployment
        act = acted(kind, after=last if names_last else "somebody else's", deployment=about, expires=expires)
        decisions = self._history(script.tenant).decisions
        if script.decided is None or (kind is ActKind.OVERRIDE and about != script.deployment):
            with pytest.raises(HistoryError):
                decisions.record(script.run, act)
            return
        if kind.decides and not names_last:
            with pytest.raises(ConflictError):
                decisions.record(script.run, act)
            return
        self._acted(script, act)
        if twice and kind.decides:
            with pytest.raises(ConflictError):
                decisions.record(script.run, act)

    @rule(script=scripts)
    def act_on_a_foreign_run(self, script: Script) -> None:
        with pytest.raises(HistoryError):
            self._other(script.tenant).decisions.record(script.run, acted(deployment=script.deployment))

    @rule(tenant=st.sampled_from(TENANTS), day=st.integers(0, DAYS))
    def prune(self, tenant: str, day: int) -> None:
        before = iso(BEGAN + timedelta(days=day, hours=-1))
        old = [one for one in self._scripts(tenant) if one.stored and one.last_at < before]
        assert self._history(tenant).prune(before, self._new_file("export")).runs == len(old)
        for script in old:
            script.stored, script.acts, script.acted_at = set(), [], ""

    @rule(tenant=st.sampled_from(TENANTS))
    def export_and_import(self, tenant: str) -> None:
        history, file = self._history(tenant), self._new_file("export")
        exported = history.export(file)
        assert history.import_file(file).stored == 0
        with open_store("memory:") as other:
            copy = other.tenant(tenant)
            assert copy.import_file(file).stored == exported.events
            assert copy.runs.page() == history.runs.page()
            assert copy.verify().ok

    @rule(tenant=st.sampled_from(TENANTS))
    def rebuild(self, tenant: str) -> None:
        assert self._history(tenant).rebuild() == sum(bool(script.stored) for script in self._scripts(tenant))

    @invariant()
    def the_chain_is_whole_and_the_projections_are_those_of_a_rebuild(self) -> None:
        for tenant in TENANTS:
            found = self._history(tenant).verify()
            assert (found.broken, found.problems) == (None, ())
            gaps = {script.run for script in self._scripts(tenant) if len(script.stored) > script.counted}
            assert set(found.gaps) == gaps

    @invariant()
    def everything_stored_is_there_and_the_other_tenant_sees_nothing(self) -> None:
        for script in self._all:
            stored = [script.records[number] for number in sorted(script.stored)]
            history, other = self._history(script.tenant), self._other(script.tenant)
            assert history.log.records(script.run) == stored
            assert [entry.id for entry in history.log.acts(script.run)] == [act[0] for act in script.acts]
            assert (other.log.records(script.run), other.log.acts(script.run)) == ([], [])
            assert other.runs.get(script.run) is None
        for tenant in TENANTS:
            begun = {script.run for script in self._scripts(tenant) if script.counted}
            assert {run.id for run in self._history(tenant).runs.page().runs} == begun

    @invariant()
    def the_gate_is_open_only_by_a_decision_or_an_override_in_the_log(self) -> None:
        for tenant in TENANTS:
            for deployment in DEPLOYMENTS:
                self._check_gate(tenant, deployment)

    def _check_gate(self, tenant: str, deployment: str) -> None:
        question = Question(environment="production", tenant=tenant, deployment=deployment)
        source = from_record(self._history(tenant))
        for now in MOMENTS:
            answer = ask(question, source, FixedClock(now), wait=0, stop=Stop())
            assert not answer.open or self._opens(tenant, answer.run, now), (answer, now)

    def _opens(self, tenant: str, run: str, now: str) -> bool:
        return any(script.opens(now) for script in self._scripts(tenant) if script.run == run)

    def _die_while_storing(self, script: Script) -> None:
        missing = [record for record in script.records if record.seq not in script.stored]
        with self.store._database.writing(script.tenant) as connection:
            log = self._history(script.tenant).log
            assert log._store(connection, [sealed_record(record) for record in missing]).stored == len(missing)
            raise CrashError

    def _begun(self, tenant: str, kind: int, deployment: str, day: int) -> Script:
        name = f"{tenant}-{len(self._all)}"
        script = Script(tenant, deployment, a_run(name, KINDS[kind], tenant=tenant, days=day, deployment=deployment))
        self._all.append(script)
        return script

    def _append(self, script: Script, chosen: list[int]) -> None:
        fresh = set(chosen) - script.stored
        appended = self._history(script.tenant).log.append([script.records[number] for number in chosen])
        assert (appended.stored, appended.known) == (len(fresh), len(chosen) - len(fresh))
        script.stored |= fresh

    def _acted(self, script: Script, act: DecisionActed) -> None:
        entry = self._history(script.tenant).decisions.record(script.run, act)
        script.acts.append((entry.id, act))
        script.acted_at = max(script.acted_at, entry.at)

    def _scripts(self, tenant: str) -> list[Script]:
        return [script for script in self._all if script.tenant == tenant]

    def _history(self, tenant: str) -> History:
        return self.store.tenant(tenant)

    def _other(self, tenant: str) -> History:
        return self.store.tenant(TENANTS[1 - TENANTS.index(tenant)])

    def _new_file(self, name: str) -> Path:
        self._removed += 1
        return Path(self._folder.name) / f"{self._removed}-{name}"
