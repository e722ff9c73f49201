"""Eight processes write into one store at once: nothing is lost, the chain has one end, and nobody wins twice."""

from tests.history.samples import a_run
from tests.history.writers import STARTED, Writer, answer, events_of, take_accounts, write_runs
from validator.history.acts import AccountsUsed
from validator.history.store import History

PROCESSES = 8


def test_whole_runs_of_eight_processes_are_one_chain_without_gap_or_fork(history: History, address: str):
    runs = 6
    writers = [Writer(write_runs, address, f"writer{number}", runs) for number in range(PROCESSES)]
    begun = [writers[0].next()]
    watched = [history.verify() for _ in range(3)]
    stored = begun + [run for writer in writers for run in writer.rest()]
    assert sorted(stored) == sorted(f"writer{one}-{other}" for one in range(PROCESSES) for other in range(runs))
    expected = 0
    for one in range(PROCESSES):
        for other in range(runs):
            records = events_of(f"writer{one}", other)
            assert history.log.records(f"writer{one}-{other}") == records
            expected += len(records)
    found = history.verify()
    assert (found.ok, found.gaps, found.events, found.head.position) == (True, (), expected, expected)
    assert [(watch.broken, watch.problems) for watch in watched] == [(None, ())] * 3


def test_a_rebuild_among_writers_loses_nothing(history: History, address: str):
    writers = [Writer(write_runs, address, f"writer{number}", 4) for number in range(4)]
    begun = [writers[0].next()]
    for _ in range(6):
        history.rebuild()
    stored = begun + [run for writer in writers for run in writer.rest()]
    assert len(stored) == 16
    found = history.verify()
    assert (found.ok, found.gaps) == (True, ())
    assert len(history.runs.page().runs) == 16


def test_accounts_are_never_overspent_in_a_race(history: History, address: str):
    together = STARTED.Barrier(PROCESSES)
    writers = [Writer(take_accounts, address, 100, together) for _ in range(PROCESSES)]
    left = [int(said) for writer in writers for said in writer.rest()]
    assert sorted(left, reverse=True) == list(range(97, 0, -3))
    acts = [entry.event for entry in history.log.acts("run")]
    assert sum(act.accounts for act in acts if isinstance(act, AccountsUsed)) == 99
    assert history.verify().ok


def test_of_racing_overrides_exactly_one_wins_each_round(history: History, address: str):
    history.log.append(a_run("run"))
    last = ""
    for _ in range(3):
        together = STARTED.Barrier(4)
        writers = [Writer(answer, address, f"person{number}", last, together) for number in range(4)]
        said = [line for writer in writers for line in writer.rest()]
        assert len(said) == 4
        won = [line for line in said if line != "too late"]
        assert len(won) == 1
        last = won[0]
    acts = history.decisions.acts("run")
    assert [act.replaces for act in acts] == ["", *(act.id for act in acts[:-1])]
    assert acts[-1].id == last
    assert history.verify().ok
