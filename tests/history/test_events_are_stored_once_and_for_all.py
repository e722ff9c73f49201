"""The contract of the log on every database: idempotent, ordered, chained, whole or not at all."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.runs import blocked
from tests.history.samples import KINDS, a_run, acted, decided
from validator.history.acts import AccountsUsed, ActKind, AlertDeferred, AlertDelivered, AlertQueued
from validator.history.blobs import THRESHOLD
from validator.history.budget import BudgetSpentError
from validator.history.errors import ConflictError, HistoryError, TenantError
from validator.history.store import History, Store, open_store
from validator.history.testimony import Subject
from validator.model.budget import AccountLimit
from validator.model.events import Warned
from validator.support.codec import map_text
from validator.wiring.gate_record import recorded_ruling


def test_a_run_is_read_back_as_it_was_written(history: History):
    for number, kind in enumerate(KINDS):
        records = a_run(f"run-{number}", kind)
        assert history.log.append(records).stored == len(records)
        assert history.log.records(f"run-{number}") == records


@pytest.mark.parametrize("seed", range(4))
def test_a_run_replayed_in_random_order_with_duplicates_is_stored_once(history: History, seed: int):
    chance = random.Random(seed)  # noqa: S311 - a shuffle that can be repeated
    expected = {f"run-{number}": a_run(f"run-{number}", kind) for number, kind in enumerate(KINDS)}
    arriving = [record for run in expected.values() for record in run] * 3
    chance.shuffle(arriving)
    stored = 0
    while arriving:
        batch = [arriving.pop() for _ in range(min(len(arriving), chance.randint(1, 40)))]
        stored += history.log.append(batch).stored
    assert stored == sum(map(len, expected.values()))
    for name, records in expected.items():
        assert history.log.records(name) == records
    found = history.verify()
    assert (found.ok, found.events, found.gaps) == (True, stored, ())


def test_what_follows_a_missing_event_does_not_count_until_it_arrives(history: History):
    records = a_run("run")
    history.log.append(records[:3] + records[4:])
    assert decided(history) is None
    assert history.verify().gaps == ("run",)
    history.log.append([records[3]])
    latest = decided(history)
    assert latest is not None
    assert latest.run == "run"
    assert history.verify().gaps == ()


def test_an_id_with_another_content_is_refused_and_changes_nothing(history: History):
    records = a_run("run")
    history.log.append(records)
    forged = replace(records[2], event=Warned(message="nothing happened"))
    with pytest.raises(ConflictError, match="stored with another content"):
        history.log.append([*a_run("other"), forged])
    assert history.log.records("other") == []
    assert history.log.records("run") == records


def test_two_writers_of_one_run_are_found_out(history: History):
    records = a_run("run")
    history.log.append(records)
    second = [replace(record, id=f"second-{record.seq}") for record in records]
    with pytest.raises(ConflictError):
        history.log.append(second)
    assert history.log.records("run") == records


def test_a_record_of_another_tenant_is_refused(history: History):
    with pytest.raises(TenantError, match="belongs to tenant 'other'"):
        history.log.append(a_run("run", tenant="other"))
    assert history.log.head().position == 0


def test_a_long_payload_is_kept_apart_and_read_back(history: History):
    records = a_run("run")
    long = replace(records[3], event=Warned(message="ü\n" * THRESHOLD))
    records[3] = long
    history.log.append(records)
    history.log.append([long])
    assert history.log.records("run") == records
    assert history.counting.stats().long_payloads == 1
    assert history.verify().ok


def test_text_that_databases_dislike_is_read_back_as_it_was(history: History):
    nasty = "\0 ü \U0001f4a3 '; DROP TABLE event; -- \x1b[31m"
    records = a_run("run")
    records[3] = replace(records[3], event=Warned(message=nasty))
    history.log.append(records)
    assert history.log.records("run")[3].event == Warned(message=nasty)
    assert history.verify().ok


def test_a_flow_with_a_name_that_databases_dislike_is_one_flow_however_its_events_arrive(history: History):
    records = [
        replace(record, event=map_text(record.event, lambda text: text.replace("Checkout", "Check\0out")))
        for record in a_run("run", blocked)
    ]
    for record in records:
        history.log.append([record])
    alert = AlertQueued(key="k\0", channel="c", body="b")
    history.outbox.queue("run", alert)
    history.outbox.delivered("run", AlertDelivered(key="k\0", channel="c", receipt="r"))
    assert not history.outbox.queue("run", alert)
    assert history.outbox.due("2099") == ()
    assert history.verify().ok


def test_an_act_never_takes_the_number_of_an_event_that_still_waits_in_a_spool(history: History):
    records = a_run("run")
    history.log.append(records)
    history.decisions.record("run", acted())
    late = replace(records[-1], id="late", seq=len(records), event=Warned(message="from the spool"))
    assert history.log.append([late]).stored == 1
    assert [entry.seq for entry in history.log.acts("run")] == [0]
    assert history.verify().ok


def test_the_first_answer_stands_until_a_second_one_names_it(history: History):
    history.log.append(a_run("run"))
    first = history.decisions.record("run", acted())
    with pytest.raises(ConflictError, match="mara answered override"):
        history.decisions.record("run", acted(kind=ActKind.ROLLBACK, by="jo"))
    history.decisions.record("run", acted(kind=ActKind.FALSE_POSITIVE, by="jo"))
    history.decisions.record("run", acted(kind=ActKind.ROLLBACK, by="jo", after=first.id))
    assert [act.kind for act in history.decisions.acts("run")] == ["override", "false_positive", "rollback"]


def test_an_override_opens_nothing_but_the_deployment_that_the_run_was_about(history: History):
    history.log.append(a_run("run", blocked))
    for about in ("", "another"):
        with pytest.raises(HistoryError, match="the run is about dep-2026-11-21"):
            history.decisions.record("run", acted(deployment=about))
    with pytest.raises(HistoryError, match="is no moment"):
        history.decisions.record("run", acted(expires="never"))
    unknown = [replace(record, event=Warned(message="")) if record.seq == 1 else record for record in a_run("unknown")]
    history.log.append(unknown)
    with pytest.raises(HistoryError, match=r"the run is about \(none\)"):
        history.decisions.record("unknown", acted(deployment=""))


def test_an_answer_that_was_replaced_never_counts_again(history: History):
    history.log.append(a_run("run", blocked))
    override = history.decisions.record("run", acted())
    history.decisions.record("run", acted(ActKind.ROLLBACK, after=override.id, expires="2026-11-21T12:00:00.000Z"))
    ruling = recorded_ruling(history.testimony(Subject(tenant="default", environment="production")))
    assert ruling is not None
    assert (ruling.kind, ruling.opens) == ("rollback", False)


def test_nobody_can_decide_about_a_run_without_a_decision(history: History):
    history.log.append(a_run("run")[:5])
    with pytest.raises(HistoryError, match="no decision"):
        history.decisions.record("run", acted())


def test_accounts_are_never_spent_twice(history: History):
    hour, use = timedelta(hours=1), AccountsUsed(environment="production", address="", accounts=12)
    assert history.budget.spend("run", use, limits=(AccountLimit(most=30, within=3600),)) == 18
    assert history.budget.spend("run", use, limits=(AccountLimit(most=30, within=3600),)) == 6
    with pytest.raises(BudgetSpentError, match=r"used \(24\) \+ needed \(12\) > limit \(30\)") as error:
        history.budget.spend("run", use, limits=(AccountLimit(most=30, within=3600),))
    assert 3500 < error.value.after <= 3600
    assert history.budget.used("production", "", hour) == 24


def test_an_alert_goes_out_once_and_survives_being_deferred(history: History):
    alert = AlertQueued(key="production:app_crash", channel="slack", body="it broke")
    assert history.outbox.queue("run", alert)
    assert not history.outbox.queue("run", alert)
    later = "2099-01-01T00:00:00.000Z"
    history.outbox.deferred("run", AlertDeferred(key=alert.key, channel="slack", reason="429", not_before=later))
    assert history.outbox.due("2098-01-01T00:00:00.000Z") == ()
    (due,) = history.outbox.due(later)
    assert (due.tries, due.body) == (1, "it broke")
    history.outbox.delivered("run", AlertDelivered(key=alert.key, channel="slack", receipt="42"))
    assert history.outbox.due(later) == ()
    assert not history.outbox.queue("run", alert)
    assert history.verify().ok


def test_projections_are_what_a_rebuild_makes(history: History):
    for number in range(12):
        history.log.append(a_run(f"run-{number}", KINDS[number % len(KINDS)], days=number))
    history.decisions.record("run-0", acted())
    assert history.verify().problems == ()
    before = history.runs.page()
    assert history.rebuild() == 12
    assert history.runs.page() == before


def test_a_store_opened_again_has_everything(store: Store, address: str):
    store.tenant("default").log.append(a_run("run"))
    with open_store(address) as again:
        assert again.tenant("default").log.records("run") == a_run("run")
