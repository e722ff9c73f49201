"""Signed documents: the Dead Simple Signing Envelope with Ed25519.

Sources: DSSE 1.0 (github.com/secure-systems-lab/dsse): the signature is over the pre-authentication encoding
`DSSEv1 <length of type> <type> <length of body> <body>`; RFC 8032 for Ed25519.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from validator.model.errors import PermanentError, UsageError
from validator.support.codec import UndecodableError, decode, encode

IN_TOTO = "application/vnd.in-toto+json"


class SignatureError(PermanentError):
    """The document is not signed by this key, or is no signed document; nothing in it counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signature:
    keyid: str
    sig: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Envelope:
    payloadType: str  # noqa: N815 - the name that DSSE gives the field
    payload: str
    signatures: tuple[_Signature, ...]


def new_key() -> tuple[bytes, bytes]:
    """A new pair: the private key (PKCS #8, PEM) and the public one (SubjectPublicKeyInfo, PEM)."""
    private = Ed25519PrivateKey.generate()
    return (
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
    )


def read_private_key(pem: bytes) -> Ed25519PrivateKey:
    """The private key in a PEM text.

    Raises:
        UsageError: It is none, is encrypted, or is of another kind than Ed25519.
    """
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None  # the text of the error may hold a part of the key
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError("this is no Ed25519 private key in PEM", remedy="make one: validator gate keygen FILE")
    return key


def read_public_key(pem: bytes, where: str) -> Ed25519PublicKey:
    """The public key in a PEM text.

    Raises:
        UsageError: It is none, or of another kind than Ed25519.
    """
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        remedy = "name the .pub file that `validator gate keygen` has written"
        raise UsageError("this is no Ed25519 public key in PEM", where=where, remedy=remedy)
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """The SHA-256 of the raw public key, 64 hexadecimal digits. A hint for finding the key; nothing trusts it."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()


def sign(body: bytes, key: Ed25519PrivateKey, *, kind: str = IN_TOTO) -> bytes:
    """The envelope around the body, as one line of JSON."""
    signature = _Signature(keyid=key_id(key.public_key()), sig=_text(key.sign(_authenticated(kind, body))))
    envelope = _Envelope(payloadType=kind, payload=_text(body), signatures=(signature,))
    return encode(envelope) + b"\n"


def verify(data: bytes, key: Ed25519PublicKey, where: str, *, kind: str = IN_TOTO) -> bytes:
    """The body, when one of the envelope's signatures is this key's.

    Raises:
        SignatureError: There is none, or it is no envelope of this kind.
    """
    try:
        envelope = decode(_Envelope, data)
        body = base64.b64decode(envelope.payload, validate=True)
        signatures = [base64.b64decode(signature.sig, validate=True) for signature in envelope.signatures]
    except (UndecodableError, binascii.Error, ValueError) as error:
        raise _refused("it is no signed document", where) from error
    if envelope.payloadType != kind:
        raise _refused(f"its type is {envelope.payloadType[:80]!r}, not {kind}", where)
    if not any(_is_from(key, signature, _authenticated(kind, body)) for signature in signatures):
        raise _refused(_why_not(envelope, key), where)
    return body


def _why_not(envelope: _Envelope, key: Ed25519PublicKey) -> str:
    """Why none of the signatures counts, as far as the names of their keys tell; nothing is trusted because of them."""
    if not envelope.signatures:
        return "it has no signature"
    if any(signature.keyid == key_id(key) for signature in envelope.signatures):
        return "it was changed after this key signed it"
    return "it is not signed by this key"


def _is_from(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _authenticated(kind: str, body: bytes) -> bytes:
    name = kind.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(body), body)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _refused(what: str, where: str) -> SignatureError:
    remedy = "ask for the decision.dsse.json of the run, and for the public key of the pipeline that made it"
    return SignatureError(what, where=where, remedy=remedy)
