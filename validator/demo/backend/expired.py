"""An address whose TLS certificate has expired: clients shake hands with it, and go away."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import tempfile
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_HOST = "127.0.0.1"
_HANDSHAKE_SECONDS = 5.0


class ExpiredAddress:
    """Listens on a free loopback port until the block ends."""

    def __init__(self) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(_expired_pem())
            file.flush()
            self._context.load_cert_chain(Path(file.name))
        self._socket = socket.create_server((_HOST, 0))
        self._thread = threading.Thread(target=self._serve, name="expired certificate", daemon=True)

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"https://{_HOST}:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # some systems refuse it for a socket that only listens
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(_HANDSHAKE_SECONDS)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # the block has ended
            connection.settimeout(_HANDSHAKE_SECONDS)
            with suppress(OSError), connection, self._context.wrap_socket(connection, server_side=True):
                pass


def _expired_pem() -> bytes:
    """A key and a certificate for the loopback address that was valid for a year, and ended yesterday."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _HOST)])
    ends = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=365))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(_HOST))]), critical=False)
        .sign(private, hashes.SHA256())
    )
    key = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return key + certificate.public_bytes(serialization.Encoding.PEM)
