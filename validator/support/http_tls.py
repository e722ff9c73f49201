"""What a server shows of itself when a TLS connection is made: certificate, issuer, protocol, application protocol."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import httpcore
from cryptography import x509
from cryptography.x509.oid import NameOID

from validator.support.http_connection import Deadline, DeadlineBackend
from validator.support.http_errors import explain
from validator.support.http_trust import trust
from validator.support.text import one_line

_PORT: Final = 443
_FAILURES: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    OSError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFacts:
    """One handshake."""

    protocol: str
    """`TLSv1.3`."""
    application: str
    """What ALPN agreed on: `h2` or `http/1.1`; empty when the server does not take part in it."""
    issuer: str
    """Organisation and common name of whoever signed the certificate."""
    expires: datetime
    """UTC."""
    problem: str = ""
    """Why this machine does not trust the certificate; empty when it does."""


def inspect_tls(url: str, *, deadline: float) -> TlsFacts:
    """Make a TLS connection to the host of an https address, and close it. Proxies are not used.

    A certificate that is not trusted is looked at all the same: nothing is sent over such a connection.

    Args:
        url: The address.
        deadline: Seconds for everything together.

    Raises:
        HttpFailedError: There was no handshake in time.
    """
    timer = Deadline(deadline)
    try:
        try:
            return _shake(url, timer, trust())
        except httpcore.ConnectError as error:
            if not isinstance(error.__context__, ssl.SSLCertVerificationError):
                raise
            return _shake(url, timer, _unverified(), problem=error.__context__.verify_message)
    except _FAILURES as error:
        raise explain(error, deadline=deadline, where=url) from error


def _shake(url: str, timer: Deadline, context: ssl.SSLContext, *, problem: str = "") -> TlsFacts:
    parts = urlsplit(url)
    host = parts.hostname or ""
    context.set_alpn_protocols(["h2", "http/1.1"])
    tcp = DeadlineBackend(timer).connect_tcp(host, parts.port or _PORT)
    with _closed(tcp) as plain, _closed(plain.start_tls(context, server_hostname=host)) as secured:
        connection = secured.get_extra_info("socket")
        if not isinstance(connection, ssl.SSLSocket):
            raise httpcore.ConnectError("no TLS connection")
        certificate = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")
        return TlsFacts(
            protocol=connection.version() or "",
            application=connection.selected_alpn_protocol() or "",
            issuer=_named(certificate.issuer),
            expires=certificate.not_valid_after_utc,
            problem=one_line(problem, 200),
        )


@contextlib.contextmanager
def _closed(stream: httpcore.NetworkStream) -> Iterator[httpcore.NetworkStream]:
    try:
        yield stream
    finally:
        stream.close()


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _named(name: x509.Name) -> str:
    found = (name.get_attributes_for_oid(oid) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME))
    return one_line(", ".join(str(attributes[0].value) for attributes in found if attributes), 200)
