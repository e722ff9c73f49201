"""A PostgreSQL server of our own: Debian's programs, a private data folder, a free port; as root too."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import create_engine

DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"


class PostgresServer:
    """Runs until `stop`. Its superuser is `postgres`; nobody else can log in but through `trust` on loopback."""

    def __init__(self, *, durable: bool = False) -> None:
        self._programs = programs()
        self._folder = Path(tempfile.mkdtemp(prefix="validator-pg-"))
        self._data = self._folder / "data"
        self.port = free_port()
        self._count = 0
        if os.getuid() == 0:
            shutil.chown(self._folder, USER)
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", USER, "--locale=C.UTF-8", "-E", "UTF8", "-N")
        settings = [f"port={self.port}", "listen_addresses='127.0.0.1'", f"unix_socket_directories='{self._folder}'"]
        settings += [f"fsync={'on' if durable else 'off'}", "max_connections=60", "shared_buffers=256MB"]
        settings += ["max_wal_size=2GB", "log_min_messages=fatal"]
        with (self._data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.write("\n".join(settings) + "\n")
        self.start()

    def start(self) -> None:
        """Start the server, or start it again."""
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-l", log, "-w", "-t", "60", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server; `immediate` is what a crash looks like."""
        self._run("pg_ctl", "-D", str(self._data), "-m", mode, "-w", "stop")

    def remove(self) -> None:
        """Stop it and remove its data."""
        self.stop()
        shutil.rmtree(self._folder)

    def url(self, database: str, user: str = USER) -> str:
        """The address of one of its databases."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template1") -> str:
        """Make a database and return its address."""
        self._count += 1
        name = f"test_{os.getpid()}_{self._count}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def execute(self, statement: str, database: str = USER) -> None:
        """Run a statement as the superuser, outside a transaction."""
        url = self.url(database).replace("postgresql://", "postgresql+psycopg://")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def _run(self, program: str, *arguments: str) -> None:
        user = USER if os.getuid() == 0 else None
        groups = [pwd.getpwnam(USER).pw_gid] if user is not None else None
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(
            command,
            user=user,
            group=USER if user is not None else None,
            extra_groups=groups,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would be inherited by the server and never end
            stderr=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{program} failed; see {self._folder}/log"


def programs() -> Path:
    """The folder of PostgreSQL's programs; Debian's package is installed when there is none."""
    found = _installed()
    if found is None:
        as_root: Sequence[str] = () if os.getuid() == 0 else ("sudo", "-n")
        subprocess.run([*as_root, "apt-get", "update", "-qq"], check=False, timeout=300)
        install = [*as_root, "apt-get", "install", "-qq", "-y", "--no-install-recommends", "postgresql"]
        subprocess.run(install, check=False, timeout=600, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        found = _installed()
    assert found is not None, "these tests need PostgreSQL: apt-get install postgresql"
    return found


def _installed() -> Path | None:
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parents[1].name))
    if versions:
        return versions[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb is not None else None


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
