"""A stand-in for a mail server on a real port (RFC 5321, as much as is needed); misbehaves by script."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socket
import threading
from collections import deque
from collections.abc import Iterator
from email.message import EmailMessage


class MailServer:
    """Takes mail; knows a repeated one by its Message-ID."""

    def __init__(self, *, login: bool = False) -> None:
        self.taken: list[EmailMessage] = []
        self.said: list[bytes] = []
        self.script: deque[str] = deque()
        """For each connection: `hang`, `cut`, `cut after`, `no login`, or an answer to DATA: `450 later`."""
        self.refused: dict[bytes, bytes] = {}
        """Recipient -> the answer that refuses it."""
        self.over = threading.Event()
        self._login = login
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def told(self) -> list[EmailMessage]:
        return list({str(mail["Message-ID"]): mail for mail in self.taken}.values())

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(20)
            self._threads.append(threading.Thread(target=self._talk, args=(connection,)))
            self._threads[-1].start()

    def _talk(self, connection: socket.socket) -> None:
        fault = self.script.popleft() if self.script else ""
        with connection, connection.makefile("rb") as lines, contextlib.suppress(OSError):
            if fault == "hang":
                self.over.wait(20)
            elif fault != "cut":
                connection.sendall(b"220 stand-in ready\r\n")
                for line in lines:
                    self.said.append(line)
                    answer = self._answer(line.strip(), fault)
                    if answer is None:
                        return
                    connection.sendall(answer + b"\r\n")
                    if answer.startswith(b"354"):
                        self.taken.append(read_mail(lines))
                        if fault == "cut after":
                            return
                        connection.sendall(b"250 taken\r\n")

    def _answer(self, line: bytes, fault: str) -> bytes | None:
        verb = line.split(b" ")[0].upper()
        if verb == b"EHLO":
            return b"250-stand-in\r\n250 AUTH PLAIN" if self._login else b"250 stand-in"
        if verb == b"AUTH":
            return b"235 welcome" if fault != "no login" else b"535 who are you"
        if verb == b"DATA":
            return b"354 go on" if fault[:1] not in ("4", "5") else fault.encode()
        if verb == b"RCPT":
            return self.refused.get(line.partition(b"<")[2].partition(b">")[0], b"250 ok")
        if verb == b"QUIT":
            return None
        return b"250 ok"

    def start(self) -> None:
        self._threads[0].start()

    def close(self) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


def read_mail(lines: Iterator[bytes]) -> EmailMessage:
    raw = b""
    for line in lines:
        if line == b".\r\n":
            break
        raw += line.removeprefix(b".")
    return email.message_from_bytes(raw, policy=email.policy.default)


@contextlib.contextmanager
def mail_server(*, login: bool = False) -> Iterator[MailServer]:
    server = MailServer(login=login)
    server.start()
    try:
        yield server
    finally:
        server.close()
