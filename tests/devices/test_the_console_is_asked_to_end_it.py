"""The console is asked by its protocol, never for longer than its deadline, and told no secret but its own token."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validator.devices.avd.console import ConsoleError, console, kill

GREETING = (
    "Android Console: Authentication required\r\nAndroid Console: type 'auth <auth_token>' to authenticate\r\n"
    "Android Console: you can find your <auth_token> in \r\n'{file}'\r\nOK\r\n"
)


@contextmanager
def speaking(*answers: bytes, hang: bool = False) -> Iterator[tuple[int, list[bytes]]]:
    """Greets with the first answer, and answers each line with the next one; then hangs up, or says nothing more."""
    heard: list[bytes] = []
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as lines:
                connection.settimeout(5)
                for number, answer in enumerate(answers):
                    if number:
                        heard.append(lines.readline().strip())
                    connection.sendall(answer)
                if hang:
                    over.wait(10)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1], heard
        finally:
            over.set()
            thread.join()


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / ".emulator_console_auth_token").write_text("s3cret\n")
    return {"HOME": str(tmp_path)}


def test_the_emulator_of_this_avd_is_told_to_end(home):
    greeting = GREETING.format(file="/anywhere").encode()
    with speaking(greeting, b"OK\r\n", b"pixel\r\nOK\r\n", b"OK: killing emulator, bye bye\r\n") as (port, heard):
        kill(port, "pixel", home, 5)
    assert heard == [b"auth s3cret", b"avd name", b"kill"]


def test_one_that_ends_before_it_answers_has_ended(home):
    with speaking(b"OK\r\n", b"pixel\r\nOK\r\n", b"") as (port, heard):
        kill(port, "pixel", home, 5)
    assert heard == [b"avd name", b"kill"]


def test_another_emulator_on_the_port_is_left_alone(home):
    with speaking(b"OK\r\n", b"tablet\r\nOK\r\n") as (port, heard), pytest.raises(ConsoleError, match="'tablet'"):
        kill(port, "pixel", home, 5)
    assert heard == [b"avd name"]


def test_a_greeting_that_names_another_file_does_not_get_what_stands_in_it(home, tmp_path):
    private = tmp_path / "id_ed25519"
    private.write_text("PRIVATE")
    greeting = GREETING.format(file=private).encode()
    with speaking(greeting, b"KO: no\r\n") as (port, heard), pytest.raises(ConsoleError, match="KO: no"):
        kill(port, "pixel", home, 5)
    assert heard == [b"auth s3cret"]


def test_without_a_token_or_a_console_it_is_an_error_that_says_so(tmp_path, home):
    with speaking(GREETING.encode()) as (port, _), pytest.raises(ConsoleError, match="no token"):
        kill(port, "pixel", {"HOME": str(tmp_path / "nobody")}, 5)
    with pytest.raises(ConsoleError, match="no console answers"):
        kill(port, "pixel", home, 5)


@pytest.mark.parametrize("greeting", [b"", b"Android Console", b"x" * 200_000])
def test_a_console_that_never_comes_to_an_end_costs_no_more_than_its_deadline(home, greeting):
    began = time.monotonic()
    with speaking(greeting, hang=True) as (port, _), pytest.raises(ConsoleError):
        kill(port, "pixel", home, 0.5)
    assert time.monotonic() - began < 3


@settings(max_examples=30)
@given(st.binary(max_size=300))
def test_no_bytes_of_a_console_are_anything_but_an_answer_or_its_error(said):
    with speaking(said) as (port, _), suppress(ConsoleError), console(port, {"HOME": "/nowhere"}, 2) as found:
        found.ask("ping")
