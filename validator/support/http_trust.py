"""The certificate authorities that this machine trusts, as other programs on it do."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx


def trust() -> ssl.SSLContext:
    """A new context that trusts the system's store, to which administrators add their own authorities.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the store's file and folder, as OpenSSL reads them:
    https://docs.openssl.org/3.0/man3/SSL_CTX_load_verify_locations/. Where there is no store, as in some containers,
    those authorities are trusted that come with the HTTP library.
    """
    known = ssl.get_default_verify_paths()
    if known.cafile or (known.capath and any(Path(known.capath).iterdir())):
        return ssl.create_default_context()
    return httpx.create_ssl_context(trust_env=False)
