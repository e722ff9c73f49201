"""Whatever bytes are brought (exports, journals, cursors, addresses, payloads): an error that teaches, or nothing."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fakes.runs import blocked
from tests.history.samples import a_run, acted, decided
from tests.history.writers import LONG, events_of
from validator.history.address import has_password, parse_address
from validator.history.chain import canonical, genesis
from validator.history.database import Database
from validator.history.errors import AddressError, CursorError, HistoryError
from validator.history.exporting import read_export
from validator.history.importing import read_spool
from validator.history.journal import JournalError, read_journal
from validator.history.store import History, Store, open_store
from validator.model.causes import Cause
from validator.model.errors import ValidatorError
from validator.model.events import Record
from validator.support.codec import encode

MANY = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
JsonObject = dict[str, object]
E = TypeVar("E", bound=Exception)
NASTY: Sequence[object] = [
    *(None, True, -1, 0, 2**31, 2**63, 2**64, -(2**63), 10**400, 1e308, 0.5),
    *("", "\0", "a\0b", "x" * 300, "\x1b[31m", "\u2028", "2026-11-21", "9999-99-99T99:99:99.999Z"),
    *("store", "act", "run", "Decided", "DecisionActed", "ChainStarted", "Nonsense"),
    *([], {}, [[]], {"type": "Warned"}, {"type": "Warned", "message": "\0"}, {"type": "ChainStarted"}),
]
DEEP = [b"[" * 2000 + b"]" * 2000, b'{"a":' * 500 + b"1" + b"}" * 500]
RAW = [b"NaN", b"Infinity", b"1e999", b'"\\ud800"', b"9" * 5000, *DEEP]
"""Values that Python's JSON writer does not write."""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """A store that everything is brought to."""
    with open_store("sqlite:///target.db", folder=tmp_path_factory.mktemp("target")) as store:
        yield store.tenant("default")


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The lines of an export with runs and acts in it."""
    file = tmp_path_factory.mktemp("export") / "export.jsonl"
    with open_store("memory:") as store:
        history = store.tenant("default")
        history.log.append([*a_run("one"), *a_run("two", blocked, days=1)])
        history.decisions.record("two", acted())
        history.export(file)
    return file.read_bytes().splitlines(keepends=True)


JOURNAL = [encode(record) + b"\n" for record in a_run("journaled", blocked)]


@st.composite
def mutations(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """A change of some bytes somewhere."""
    kind = draw(st.sampled_from(["flip", "cut", "drop", "insert", "double"]))
    place, length, new = draw(st.floats(0, 1)), draw(st.integers(1, 200)), draw(st.binary(min_size=1, max_size=8))

    def change(data: bytes) -> bytes:
        at = int(place * max(len(data) - 1, 0))
        match kind:
            case "flip":
                return data[:at] + new + data[at + len(new) :]
            case "cut":
                return data[:at]
            case "drop":
                return data[:at] + data[at + length :]
            case "insert":
                return data[:at] + new + data[at:]
            case _:
                return data[: at + length] + data[at:]

    return change


def brought(history: History, file: Path, content: bytes) -> bool:
    """Whether it was taken; when it was not, nothing has changed."""
    file.write_bytes(content)
    before = history.log.head()
    refused = raised(lambda: history.import_file(file), ValidatorError)
    if refused is not None:
        assert refused.remedy
        assert history.log.head() == before
    return refused is None


def raised(call: Callable[[], object], kind: type[E]) -> E | None:
    """The error of this kind that the call raises; None when it raises none."""
    try:
        call()
    except kind as error:
        return error
    return None


@MANY
@given(change=mutations(), again=mutations())
def test_an_export_with_other_bytes_is_refused_or_says_the_same(target, export, tmp_path, change, again):
    content = again(change(b"".join(export)))
    if brought(target, tmp_path / "file", content):
        originals = [json.loads(line) for line in export[1:-1]]
        assert [json.loads(line) for line in content.splitlines()[1:-1]] == originals
    with suppress(ValidatorError):
        list(read_export(tmp_path / "file"))


@MANY
@given(change=mutations(), again=mutations())
def test_a_journal_with_other_bytes_is_refused_or_understood(target, tmp_path, change, again):
    if brought(target, tmp_path / "file", again(change(b"".join(JOURNAL)))):
        assert target.verify().ok
    for read in (read_journal, lambda file: read_spool(file, "default")):
        with suppress(JournalError, HistoryError, ValidatorError):
            list(read(tmp_path / "file"))


@pytest.mark.parametrize("field", ["at", "id", "payload", "run", "seq", "stream", "type", "version", "position"])
def test_a_forged_export_with_a_right_chain_is_refused_or_harmless(store: Store, export, tmp_path, field):
    assert brought(store.tenant("tenant"), tmp_path / "file", relinked(b"".join(export), "tenant"))
    for number, value in zip(count(), [*NASTY, *RAW], strict=False):
        lines = [json.loads(line) for line in export]
        lines[3] |= {field: "VALUE" if isinstance(value, bytes) else value}
        content = forged(lines)
        if isinstance(value, bytes):
            content = content.replace(b'"VALUE"', value)
        history = store.tenant(f"tenant{number}")
        content = content.replace(b'"tenant":"default"', f'"tenant":"tenant{number}"'.encode())
        brought(history, tmp_path / "file", relinked(content, f"tenant{number}"))
        questions(history)
        assert history.verify().ok


@pytest.mark.parametrize("key", ["id", "run", "tenant", "seq", "at", "version", "event"])
def test_a_forged_journal_is_refused_or_harmless(store: Store, tmp_path, key):
    history = store.tenant("default")
    for number, value in enumerate([*NASTY, *RAW]):
        records = a_run(f"run-{number}")
        lines = [json.loads(encode(record)) for record in records]
        lines[2][key] = "VALUE" if isinstance(value, bytes) else value
        content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        if isinstance(value, bytes):
            content = content.replace(b'"VALUE"', value)
        brought(history, tmp_path / "file", content)
    questions(history)
    assert history.verify().ok


def test_nobody_opens_a_gate_by_a_line_in_a_journal(history: History, tmp_path: Path):
    records = a_run("run", blocked)
    line = json.loads(encode(records[-1])) | {"id": "forged", "seq": 0, "event": json.loads(encode(acted()))}
    content = b"".join(encode(record) + b"\n" for record in records) + json.dumps(line).encode() + b"\n"
    assert not brought(history, tmp_path / "file", content)
    assert decided(history) is None


@pytest.mark.parametrize("content", [b"", b"torn", b'{"after_h'])
def test_a_file_without_an_event_is_no_success(history: History, tmp_path: Path, content: bytes):
    assert not brought(history, tmp_path / "file", content)


def test_what_follows_the_last_line_of_an_export_is_not_overlooked(history: History, export, tmp_path: Path):
    assert not brought(history, tmp_path / "file", b"".join([*export, export[2]]))


def test_a_journal_that_is_broken_at_its_end_brings_nothing_in(history: History, tmp_path: Path):
    runs = [record for number in range(120) for record in a_run(f"run-{number}")]
    content = b"".join(encode(record) + b"\n" for record in runs) + b"broken\n"
    assert not brought(history, tmp_path / "file", content)
    assert history.log.head().position == 0


@MANY
@given(text=st.text() | st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode()))
@example("W10=")
def test_a_cursor_of_any_text_is_refused(target, text):
    if text:
        with pytest.raises(CursorError):
            target.runs.page(cursor=text)


@pytest.mark.parametrize("value", ["\0", "\ud800", "x" * 100_000, "\U0010ffff", 1, None, [], {}, 1e308])
def test_a_cursor_with_a_right_mark_and_anything_else_is_refused_or_answered(history: History, value: object):
    for number in range(3):
        history.log.append(a_run(f"run-{number}", days=number))
    mark = json.loads(base64.urlsafe_b64decode(history.runs.page(limit=1).cursor))[0]
    for content in ([mark, value, "run"], [mark, "2099", value], [mark, value, value, value], [mark]):
        cursor = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
        with suppress(ValidatorError):
            history.runs.page(cursor=cursor)


SCHEMES = ["sqlite:///", "sqlite://", "postgresql://", "postgres://", "memory:", "", "mysql://", "POSTGRESQL://"]
ADDRESSES = st.builds(str.__add__, st.sampled_from(SCHEMES), st.text() | st.text("[]@:/?#%&=. a\0é"))


@settings(MANY, max_examples=400)
@given(text=ADDRESSES)
@example("postgresql://[bad/db")
@example("postgresql://u@[::1/db")
@example("postgresql://u@h/db?a=%zz")
@example("postgresql://u:%99@h/db")
@example("postgresql://h:port/db")
@example("sqlite:///a\0b")
def test_an_address_of_any_text_is_understood_or_refused(tmp_path, text):
    has_password(text)
    refused = raised(lambda: Database(parse_address(text, tmp_path)).close(), AddressError)
    assert refused is None or refused.remedy


@MANY
@given(password=st.text("aZ9@:/?#%[]&= é", min_size=3).map(lambda text: f"s3cret{text}s3cret"))
@example(password="s3cret%99s3cret")
@pytest.mark.parametrize(
    "form", ["postgresql://user:{}@host/db", "postgresql://host/db?password={}", "mysql://u:{}@h/db"]
)
def test_a_password_is_never_shown(tmp_path, form, password):
    text = form.format(password)
    refused = raised(lambda: Database(parse_address(text, tmp_path)).close(), AddressError)
    assert "s3cret" not in (refused.diagnostics() if refused is not None else parse_address(text, tmp_path).shown)
    assert has_password(text) or not form.startswith("postgresql")


@settings(MANY, max_examples=60)
@given(change=mutations())
def test_a_changed_long_payload_is_found_or_the_same(tmp_path_factory, sqlite_template, change):
    folder = tmp_path_factory.mktemp("blobs")
    (folder / "history.db").write_bytes(sqlite_template.read_bytes())
    records = events_of("writer", 0)
    with open_store("sqlite:///history.db", folder=folder) as store:
        history = store.tenant("default")
        history.log.append(records)
        (blob,) = (folder / "history.db.blobs").rglob("*.z")
        blob.write_bytes(change(blob.read_bytes()))
        refused = raised(lambda: history.log.records(records[0].run), HistoryError)
        if refused is None:
            assert history.log.records(records[0].run) == records
            return
        assert refused.remedy
        broken = history.verify().broken
        assert broken is not None
        assert broken.seq == LONG


def questions(history: History) -> None:
    """Ask everything that is asked; whatever is in the store, there is an answer or an error that teaches."""
    with suppress(ValidatorError):
        for run in history.runs.page(limit=500).runs:
            records: list[Record] = history.log.records(run.id)
            assert [record.seq for record in records] == sorted(record.seq for record in records)
            history.log.acts(run.id)
    with suppress(ValidatorError):
        decided(history)
    with suppress(ValidatorError):
        history.failures.similar(Cause.APP_CRASH, "Element not found", flow="Checkout")
    history.flows.stats("production")
    history.counting.over("2000", "2100")


def forged(lines: list[JsonObject]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def relinked(content: bytes, tenant: str) -> bytes:
    """The same export with a chain that is right for what it says, as far as that can be computed."""
    try:
        header, *events, footer = (json.loads(line) for line in content.splitlines())
        head = header["after_hash"] = genesis(tenant).hash
        header["tenant"] = tenant
        for number, event in enumerate(events, 1):
            event["prev"] = head
            named = {
                name: event[name]
                for name in ("at", "id", "position", "prev", "run", "seq", "stream", "type", "version")
            }
            payload = hashlib.sha256(canonical(event["payload"]).encode()).hexdigest()
            linked = canonical({**named, "payload": payload, "tenant": tenant, "position": number})
            head = event["hash"] = hashlib.sha256(linked.encode()).hexdigest()
        footer["head"] = head
        return b"".join(canonical(line).encode() + b"\n" for line in (header, *events, footer))
    except (ValueError, RecursionError):
        return content
