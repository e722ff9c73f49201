"""Bytes that no reader should stumble over, whatever it reads: made by hand, one for each way to break a parser."""

from __future__ import annotations

from typing import Final

MEBIBYTE: Final = 1024 * 1024

NASTY_BYTES: Final[dict[str, bytes]] = {
    "nothing": b"",
    "white space": b" \n\t\r\n" * 100,
    "zeros": bytes(4096),
    "every byte": bytes(range(256)) * 16,
    "not UTF-8": b'{"status": "pass\xff\xfe\xc0\xaf\xed\xa0\x80ed"}',
    "UTF-16": '{"status": "passed"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"status": "passed"}',
    "a line of 10 MB": b"x" * (10 * MEBIBYTE),
    "a text of 10 MB in JSON": b'{"status": "' + b"x" * (10 * MEBIBYTE) + b'"}',
    "lines of one byte": b"x\n" * 200_000,
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000,
    "closed deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep XML": b"<a>" * 200_000,
    "closed deep XML": b"<a>" * 50_000 + b"</a>" * 50_000,
    "no number": b'{"status": NaN, "summary": {"total": Infinity}}',
    "a huge number": b'{"summary": {"total": 1e999, "passed": ' + b"9" * 100_000 + b"}}",
    "an array": b"[]",
    "null": b"null",
    "true": b"true",
    "a text": b'"passed"',
    "a number": b"1",
    "two documents": b'{"status": "passed"}{"status": "passed"}',
    "the same key twice": b'{"status": "failed", "status": "passed"}',
    "many keys": b"{" + b",".join(b'"k%d": 1' % number for number in range(50_000)) + b"}",
    "lone surrogates": b'{"status": "\\ud800passed\\udfff"}',
    "a bomb of entities": (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9))
        + b"]><testsuites>&j;</testsuites>"
    ),
    "an entity from outside": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuites>&a;</testsuites>',
    "an attribute of 5 MB": b'<testsuites name="' + b"x" * (5 * MEBIBYTE) + b'"/>',
    "an unfinished tag": b"<testsuites><testsuite tests=",
    "escape sequences": b"\x1b[2J\x1b]0;passed\x07\x9b31m" * 1000,
}
