"""What is signed is read back by us and by others; whatever was changed, or signed by somebody else, is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # re-exported without saying so

from tests.fakes.runs import approved, blocked, undecided
from validator.gates.document import MAX_BYTES, DecisionUnreadableError, read_decision
from validator.gates.envelope import (
    IN_TOTO,
    SignatureError,
    key_id,
    new_key,
    read_private_key,
    read_public_key,
    sign,
    verify,
)
from validator.gates.statement import decision_in, gate_statement, result_statement
from validator.model.decision import Verdict
from validator.model.errors import PermanentError, UsageError
from validator.model.events import Record
from validator.reports.decision_json import render_decision
from validator.reports.state import fold

PRIVATE, PUBLIC = new_key()
KEY, TRUSTED = read_private_key(PRIVATE), read_public_key(PUBLIC, "gate.pub")


def decision(records: list[Record]) -> bytes:
    content = render_decision(fold(records))
    assert content is not None
    return content


def signed(records: list[Record]) -> bytes:
    return sign(gate_statement(decision(records)), KEY)


def test_a_signed_decision_is_read_back_as_it_was():
    body = verify(signed(approved()), TRUSTED, "file")
    assert json.loads(decision_in(body, "file")) == json.loads(decision(approved()))
    assert read_decision(decision_in(body, "file"), "file").verdict is Verdict.APPROVED


def test_another_implementation_reads_the_envelope():
    envelope = Envelope.from_dict(json.loads(signed(approved())))
    theirs = SSlibKey.from_crypto(TRUSTED, keyid=key_id(TRUSTED))
    assert envelope.verify([theirs], threshold=1) == {theirs.keyid: theirs}
    assert envelope.payload == gate_statement(decision(approved()))
    assert envelope.payload_type == IN_TOTO


def test_the_subjects_are_the_apk_and_the_deployment():
    statement = json.loads(gate_statement(decision(approved())))
    told = json.loads(decision(approved()))
    apk, deployment = statement["subject"]
    assert apk["digest"]["sha256"] == told["apk"]["sha256"].removeprefix("sha256:")
    assert deployment["name"] == f"deployment/{told['deployment']['id']}"
    assert len(next(iter(deployment["digest"].values()))) in (40, 64)


@pytest.mark.parametrize(("make", "result"), [(approved, "PASSED"), (blocked, "FAILED")])
def test_the_result_of_the_tests_is_stated_as_the_standard_names_it(make: Any, result: str):
    statement = json.loads(result_statement(decision(make())) or b"")
    assert statement["predicate"]["result"] == result
    flows = {flow["name"] for flow in json.loads(decision(make()))["flows"]}
    named = [statement["predicate"][key] for key in ("passedTests", "warnedTests", "failedTests")]
    assert {name for names in named for name in names} == flows


def test_a_run_that_could_not_measure_states_no_result():
    assert result_statement(decision(undecided())) is None


def edited(change: Any) -> bytes:
    envelope = json.loads(signed(blocked()))
    change(envelope)
    return json.dumps(envelope).encode()


def payload(envelope: dict[str, Any], old: bytes, new: bytes) -> None:
    envelope["payload"] = base64.b64encode(base64.b64decode(envelope["payload"]).replace(old, new)).decode()


TAMPERED: dict[str, bytes] = {
    "the verdict": edited(lambda e: payload(e, b'"blocked"', b'"approved"')),
    "the exit code": edited(lambda e: payload(e, b'"exit_code":1', b'"exit_code":0')),
    "the signature": edited(lambda e: e["signatures"][0].update(sig=base64.b64encode(b"x" * 64).decode())),
    "a short signature": edited(lambda e: e["signatures"][0].update(sig="AAAA")),
    "no signature": edited(lambda e: e.update(signatures=[])),
    "another type": edited(lambda e: e.update(payloadType="text/plain")),
    "no base64": edited(lambda e: e.update(payload="***")),
    "another key": sign(gate_statement(decision(approved())), read_private_key(new_key()[0])),
    "the decision itself": decision(approved()),
    "nothing": b"",
    "nesting": b'{"payload":' + b"[" * 100_000,
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_changed_is_refused(name: str):
    with pytest.raises(SignatureError) as error:
        verify(TAMPERED[name], TRUSTED, "decision.dsse.json")
    assert "decision.dsse.json: " in error.value.diagnostics()


def test_one_good_signature_among_others_is_enough():
    envelope = json.loads(signed(approved()))
    envelope["signatures"].insert(0, {"keyid": "x", "sig": base64.b64encode(b"x" * 64).decode()})
    assert verify(json.dumps(envelope).encode(), TRUSTED, "file") == gate_statement(decision(approved()))


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"x", b'{"predicate":{}}', result_statement(decision(approved())) or b""]
)
def test_a_signed_statement_about_something_else_is_no_decision(body: bytes):
    with pytest.raises(PermanentError):
        decision_in(verify(sign(body, KEY), TRUSTED, "file"), "file")


def test_subjects_that_are_not_the_decisions_own_are_refused():
    statement = json.loads(gate_statement(decision(approved())))
    statement["subject"][0]["digest"]["sha256"] = "00" * 32
    with pytest.raises(SignatureError):
        decision_in(json.dumps(statement).encode(), "file")


def test_keys_of_another_kind_are_refused_with_a_remedy():
    other = generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for bad in (pem, b"", b"secret", PUBLIC, PRIVATE[:60]):
        with pytest.raises(UsageError) as error:
            read_private_key(bad)
        assert "keygen" in error.value.diagnostics()
        assert "secret" not in error.value.diagnostics()
    with pytest.raises(UsageError):
        read_public_key(PRIVATE, "gate.pub")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no decision"),
        (b"<html>", "no decision"),
        (b"[" * 100_000, "no decision"),
        (b"x" * (MAX_BYTES + 1), "longer than 4 MiB"),
        (decision(approved()).replace(b"decision/v1", b"decision/v2"), "its schema is 'validator.decision/v2'"),
        (decision(approved()).replace(b'"exit_code": 0', b'"exit_code": 7'), "exit_code"),
        (decision(approved()).replace(b'Z",\n  "expires', b'",\n  "expires'), "has no time zone"),
        (b"\xff\xfe", "no decision"),
    ],
)
def test_a_file_that_is_no_decision_says_why(data: bytes, why: str):
    with pytest.raises(DecisionUnreadableError) as error:
        read_decision(data, "decision.json")
    assert why in error.value.diagnostics()


@given(st.binary(max_size=300))
def test_no_bytes_at_all_are_taken_for_a_decision_or_an_envelope(data: bytes):
    with pytest.raises(DecisionUnreadableError):
        read_decision(data, "decision.json")
    with pytest.raises(SignatureError):
        verify(data, TRUSTED, "decision.dsse.json")
