"""`user@host:port` is read, and what is none is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.model.errors import UsageError
from validator.support.host_name import HostName, parse_host


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("emu1", HostName(host="emu1")),
        ("ci@emu1", HostName(host="emu1", user="ci")),
        ("ci@emu1.example.com:2222", HostName(host="emu1.example.com", user="ci", port=2222)),
        ("ci@[fe80::1]:22", HostName(host="fe80::1", user="ci", port=22)),
    ],
)
def test_a_host_is_read_and_written_alike(text: str, host: HostName) -> None:
    assert parse_host(text) == host
    assert str(host) == text


@pytest.mark.parametrize("text", ["", "ssh://emu1", "ci@", "emu1:70000", "a@b@c", "-oProxyCommand=x", "emu 1", "a:b:c"])
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a host"):
        parse_host(text)


@given(st.text(max_size=40))
def test_any_text_is_a_host_that_is_written_alike_or_is_refused(text: str) -> None:
    try:
        host = parse_host(text)
    except UsageError:
        return
    assert parse_host(str(host)) == host
    assert not host.host.startswith("-")
