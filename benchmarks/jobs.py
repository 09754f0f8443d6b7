"""How many jobs pass through ledger, dispatcher and workers, and how long one waits behind somebody else's hundred thousand.

Everything runs in processes of its own against servers with their default durability. `python benchmarks/jobs.py`
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic, sleep

import psutil
from pydantic import SecretStr
from sqlalchemy import text

from app.cli.parts import adloom
from benchmarks.installation import Installation, installation, make_workspace
from benchmarks.job_process import NoOp
from benchmarks.machine import describe, percentile, summary
from kit.jobs import enqueue
from tenants.isolation.planes import Tenant

WORKSPACES = 10
JOBS = 6_000
CROWD = 100_000
SAMPLES = 20
_PROCESSES, _THREADS = 2, 8


def main() -> None:
    """Print the three figures."""
    print(f"jobs — {describe()}")
    with installation() as place:
        tenants = [make_workspace(place) for _ in range(WORKSPACES)]
        with _processes(place):
            _warm_up(place, tenants)
            _throughput(place, tenants)
            _idle_latency(place, tenants[0])
            _latency_behind_a_crowd(place, crowd=tenants[0], single=tenants[1])


def _throughput(place: Installation, tenants: Sequence[Tenant]) -> None:
    """One transaction for all, so that writing them down and working them off do not share the machine."""
    began = monotonic()
    with place.planes.begin_control() as control:
        for number in range(JOBS):
            enqueue(control, NoOp(), workspace_id=tenants[number % len(tenants)].workspace_id)
    print(f"  enqueue                  {JOBS / (monotonic() - began):8,.0f} jobs/s")
    before_s = _cpu_s()
    _wait_until_drained(place)
    spent_ms = (_cpu_s() - before_s) * 1000 / JOBS
    with place.planes.control() as control:
        number, seconds = control.execute(
            text(
                "SELECT count(*), extract(epoch FROM max(finished_at) - min(started_at))"
                " FROM control.jobs WHERE state = 'done' AND attempts = 0 AND deaths = 0"
            )
        ).one()
    _forget(place)
    per_second = number / float(seconds)
    mark = "met   " if per_second >= 500 else "MISSED"
    print(
        f"  {mark} no-op jobs end to end: {per_second:,.0f}/s of {number} ({_PROCESSES} × {_THREADS} threads; bar 500/s;"
        f" load {os.getloadavg()[0]:.1f})"
    )
    print(f"  CPU of one job           {spent_ms:8.2f} ms (servers, dispatcher and workers together)")


def _idle_latency(place: Installation, tenant: Tenant) -> None:
    print(f"  first start, idle        {summary([_start_delay_ms(place, tenant) for _ in range(SAMPLES)])}")


def _latency_behind_a_crowd(place: Installation, *, crowd: Tenant, single: Tenant) -> None:
    with place.planes.begin_control() as control:
        control.execute(
            text(
                "INSERT INTO control.jobs (id, workspace_id, name, arguments, queue, max_attempts, lease_s, title)"
                " SELECT gen_random_uuid(), :id, 'benchmark.no_op', '{}', 'io', 3, 30, 'Crowd' FROM generate_series(1, :number)"
            ),
            {"id": crowd.workspace_id, "number": CROWD},
        )
    delays = [_start_delay_ms(place, single) for _ in range(SAMPLES)]
    with place.planes.control() as control:
        left = control.execute(text("SELECT count(*) FROM control.jobs WHERE state = 'ready'")).scalar_one()
    print(f"  behind {left:,} of another  {summary(delays)}")
    worst = percentile(delays, 1)
    print(f"  {'met   ' if worst <= 2000 else 'MISSED'} another's first job: {worst:,.0f} ms at worst (bar 2,000 ms)")


def _start_delay_ms(place: Installation, tenant: Tenant) -> float:
    with place.planes.begin_tenant(tenant) as session:
        job_id = enqueue(session, NoOp())
    while True:
        with place.planes.control() as control:
            delay_s = control.execute(
                text("SELECT extract(epoch FROM started_at - created_at) FROM control.jobs WHERE id = :id"),
                {"id": job_id},
            ).scalar()
        if delay_s is not None:
            return float(delay_s) * 1000
        sleep(0.01)


def _warm_up(place: Installation, tenants: Sequence[Tenant]) -> None:
    for tenant in tenants:
        _start_delay_ms(place, tenant)
    _forget(place)


def _cpu_s() -> float:
    """What all our processes have used so far; ones that end meanwhile (PostgreSQL's short helpers) are left out."""
    used_s = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used_s += times.user + times.system
    return used_s


def _wait_until_drained(place: Installation) -> None:
    while True:
        with place.planes.control() as control:
            statement = text(
                "SELECT EXISTS (SELECT FROM control.jobs WHERE state IN ('ready', 'sent', 'running', 'waiting'))"
            )
            if not control.execute(statement).scalar_one():
                return
        sleep(0.2)


def _forget(place: Installation) -> None:
    with place.planes.begin_control() as control:
        control.execute(text("DELETE FROM control.jobs WHERE state = 'done'"))


@contextmanager
def _processes(place: Installation) -> Iterator[None]:
    settings = place.settings
    secrets = {
        "ADLOOM_SECRET_KEY": settings.adloom_secret_key,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
    }
    env = {**os.environ, "ADLOOM_LOG_LEVEL": "WARNING", **{name: _plain(secret) for name, secret in secrets.items()}}
    worker = [sys.executable, "-m", "benchmarks.job_process", str(_THREADS)]
    commands = [adloom("dispatcher"), *[worker] * _PROCESSES]
    running = [subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) for command in commands]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(40)


def _plain(secret: SecretStr) -> str:
    return secret.get_secret_value()


if __name__ == "__main__":
    main()
