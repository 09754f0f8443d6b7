"""PostgreSQL and Valkey alone: they keep what they are given, whatever happened before, and leave nothing behind."""

import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg
import pytest
import redis

from kit.stack.errors import AlreadyRunning, DataDirectoryUnusable
from kit.stack.services import Services, embedded_services, start_services

Fact = TypeVar("Fact")


def _remember(services: Services, word: str) -> None:
    with psycopg.connect(services.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [word])


def _remembered(services: Services) -> list[str]:
    with psycopg.connect(services.database_url) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM kept ORDER BY word")]


def _ping(services: Services) -> bool:
    with redis.Redis.from_url(services.redis_url) as client:
        return bool(client.ping())


def _tree(services: Services) -> list[psutil.Process]:
    tops = [psutil.Process(part.process.pid) for part in services.parts]
    return [process for top in tops for process in [top, *top.children(recursive=True)]]


def _of_each(services: Services, look: Callable[[psutil.Process], Fact]) -> list[Fact]:
    """What each process of the servers says of itself; PostgreSQL's short-lived ones may be gone meanwhile."""
    facts = []
    for process in _tree(services):
        with suppress(psutil.NoSuchProcess):
            facts.append(look(process))
    return facts


def test_starting_twice_keeps_the_data_and_stopping_leaves_no_process(spacious_folder: Path) -> None:
    with embedded_services(spacious_folder, durable=False) as services:
        _remember(services, "first")
        assert _ping(services)
        processes = _tree(services)
    assert psutil.wait_procs(processes, timeout=10)[1] == []
    assert not (spacious_folder / "postgres" / "postmaster.pid").exists()
    with embedded_services(spacious_folder, durable=False) as services:
        assert _remembered(services) == ["first"]


def test_pgvector_is_there(spacious_folder: Path) -> None:
    with (
        embedded_services(spacious_folder, durable=False) as services,
        psycopg.connect(services.database_url) as connection,
    ):
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        row = connection.execute("SELECT '[3,4]'::vector <-> '[0,0]'::vector").fetchone()
        assert row == (5.0,)


def test_a_killed_server_starts_again_with_its_data(spacious_folder: Path) -> None:
    services = start_services(spacious_folder, durable=False)
    try:
        _remember(services, "before the kill")
        for part in services.parts:
            os.kill(part.process.pid, signal.SIGKILL)
            part.process.wait(10)
    finally:
        services.stop()
    with embedded_services(spacious_folder, durable=False) as services:
        assert "before the kill" in _remembered(services)


def test_taken_ports_are_replaced(spacious_folder: Path) -> None:
    with embedded_services(spacious_folder, durable=False) as services:
        before = psycopg.conninfo.conninfo_to_dict(services.database_url)["port"]
    with (
        socket.create_server(("127.0.0.1", int(str(before)))),
        embedded_services(spacious_folder, durable=False) as services,
    ):
        after = psycopg.conninfo.conninfo_to_dict(services.database_url)["port"]
        assert after != before
        assert _ping(services)


def test_a_lock_whose_number_belongs_to_another_process_is_no_obstacle(spacious_folder: Path) -> None:
    with embedded_services(spacious_folder, durable=False):
        pass
    lock = spacious_folder / "postgres" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{spacious_folder / 'postgres'}\n", encoding="utf-8")
    with embedded_services(spacious_folder, durable=False) as services:
        assert _ping(services)


def test_a_second_start_on_the_same_folder_is_refused(spacious_folder: Path) -> None:
    with (
        embedded_services(spacious_folder, durable=False) as services,
        pytest.raises(AlreadyRunning, match="already running"),
        embedded_services(spacious_folder),
    ):
        raise AssertionError(services)


def test_passwords_show_in_no_process_and_no_other_user_may_read_them(spacious_folder: Path) -> None:
    with embedded_services(spacious_folder, durable=False) as services:
        password = str(psycopg.conninfo.conninfo_to_dict(services.database_url)["password"])
        assert [
            line for line in _of_each(services, lambda process: process.cmdline()) if password in " ".join(line)
        ] == []
    assert (spacious_folder / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert (spacious_folder / "valkey" / "valkey.conf").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
def test_root_hands_the_servers_to_a_user_without_rights(spacious_folder: Path) -> None:
    with embedded_services(spacious_folder, durable=False) as services:
        assert set(_of_each(services, lambda process: process.uids().effective)) == {65_534}


def test_data_of_another_major_version_are_not_touched(tmp_path: Path) -> None:
    cluster = tmp_path / "postgres"
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("14\n", encoding="ascii")
    with pytest.raises(DataDirectoryUnusable, match="written by PostgreSQL 14"):
        start_services(tmp_path)
    assert [path.name for path in cluster.iterdir()] == ["PG_VERSION"]
