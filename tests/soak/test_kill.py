"""Sixty kills at random, of everything that takes part in a job: what was promised is done, and nothing is done twice."""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from benchmarks.machine import describe
from kit.ids import new_id
from kit.jobs.models import ACTIVE
from kit.settings import Settings
from kit.stack.errors import PartDidNotStart
from kit.stack.files import DataDirectory
from kit.stack.parts import Part, RunningPart
from kit.stack.postgres import EmbeddedPostgres
from kit.stack.valkey import EmbeddedValkey
from tenants.isolation.planes import Planes, Tenant, open_planes
from tenants.isolation.provision import build_spare, claim_spare
from tenants.isolation.setup import owner_engine, upgrade_database
from tests.soak.parts import PROMISED, SEEN_OUTSIDE

KILLS = int(os.environ.get("ADLOOM_SOAK_KILLS", "60"))
DRAINED_WITHIN_S = 90
ROLES = {"producer": "producer", "dispatcher": "dispatcher", "worker-1": "worker", "worker-2": "worker"}


class Keeper:
    """Starts parts, kills them, and starts them again, as the supervisor would."""

    def __init__(self, directory: DataDirectory, held: ExitStack) -> None:
        self.directory = directory
        self.postgres, self.valkey = EmbeddedPostgres(directory), EmbeddedValkey(directory)
        self.servers: dict[str, EmbeddedPostgres | EmbeddedValkey] = {"postgres": self.postgres, "valkey": self.valkey}
        self.running: dict[str, RunningPart] = {}
        held.callback(self._stop)

    def start_server(self, name: str) -> None:
        """Start it on the port it had; its killed forerunner may need a moment to let go."""
        for attempt in range(20):
            self.running[name] = RunningPart(self.servers[name].part(), log=self.directory.log_of(name))
            try:
                self.running[name].wait_ready()
            except PartDidNotStart:
                self.running[name].stop()
                if attempt == 19:
                    raise
                sleep(0.3)
            else:
                return

    def start(self, part: Part) -> None:
        """Start one of our own programs."""
        self.running[part.name] = RunningPart(part, log=self.directory.log_of(part.name))

    def kill(self, name: str) -> None:
        """End it as a power cut would, and bring it back."""
        running = self.running[name]
        running.process.kill()
        running.process.wait()
        sleep(random.uniform(0, 0.5))
        if name in self.servers:
            self.start_server(name)
        else:
            self.start(running.part)

    def _stop(self) -> None:
        for name in sorted(self.running, key=lambda name: name in self.servers):
            self.running[name].stop()


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_sixty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    random.seed(seed)
    with ExitStack() as held:
        keeper, planes, tenant = _set_up(tmp_path, held)
        kills: Counter[str] = Counter()
        for _ in range(KILLS):
            sleep(random.uniform(0.2, 2.0))
            name = random.choice(sorted(keeper.running))
            keeper.kill(name)
            kills[name] += 1
        keeper.running.pop("producer").stop()
        drained_s = _wait_until_drained(planes)
        report = _report(planes, tenant, tmp_path)
    summary = f"kills {dict(kills)}; drained {drained_s:.0f} s after the last; {report}"
    print(f"\nsoak — {describe()} — seed {seed}\n  {summary}")  # noqa: T201 the figures are what it is run for
    assert report["promised"] > 100
    assert report["lost"] == report["applied twice"] == report["dead"] == 0
    assert report["outside without effect"] == 0


def _set_up(folder: Path, held: ExitStack) -> tuple[Keeper, Planes, Tenant]:
    directory = DataDirectory(folder / "services")
    held.enter_context(directory.locked())
    keeper = Keeper(directory, held)
    keeper.start_server("valkey")
    keeper.start_server("postgres")
    keeper.postgres.make_database()
    settings = Settings(
        adloom_env="test",
        adloom_secret_key=SecretStr("a-soak-test-secret-of-more-than-32-characters"),
        database_url=SecretStr(keeper.postgres.url),
        redis_url=SecretStr(keeper.valkey.url),
        adloom_spare_schemas=0,
        _env_file=None,
    )
    upgrade_database(settings)
    planes = open_planes(settings, application_name="adloom-soak")
    held.callback(planes.close)
    tenant = _make_workspace(settings, planes)
    secrets = {
        "ADLOOM_SECRET_KEY": settings.adloom_secret_key,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
    }
    env = {name: secret.get_secret_value() for name, secret in secrets.items()}
    for name, role in ROLES.items():
        argv = [
            sys.executable,
            "-m",
            "tests.soak.parts",
            role,
            str(folder),
            str(tenant.workspace_id),
            tenant.schema_name,
        ]
        keeper.start(Part(name, argv, env, stop_timeout_s=40))
    return keeper, planes, tenant


def _make_workspace(settings: Settings, planes: Planes) -> Tenant:
    build_spare(owner_engine(settings), planes.roles)
    with planes.begin_control() as control:
        tenant = Tenant(new_id(), claim_spare(control))
        values = {"id": new_id(), "workspace": tenant.workspace_id, "schema": tenant.schema_name}
        for statement in (
            "INSERT INTO control.organisations (id, name) VALUES (:id, 'Soak')",
            "INSERT INTO control.workspaces (id, organisation_id, name, schema_name) VALUES (:workspace, :id, 'Soak', :schema)",
            "INSERT INTO control.job_limits (workspace_id, max_running) VALUES (:workspace, 100)",
        ):
            control.execute(text(statement), values)
    with owner_engine(settings).begin() as owner:
        owner.exec_driver_sql(f'CREATE TABLE "{tenant.schema_name}".effects (job_id uuid NOT NULL)')
    return tenant


def _wait_until_drained(planes: Planes) -> float:
    began_s = monotonic()
    while True:
        with planes.control() as control:
            left = control.execute(
                text("SELECT count(*) FROM control.jobs WHERE state = ANY(:active)"), {"active": list(ACTIVE)}
            )
            number = left.scalar_one()
        if number == 0:
            return monotonic() - began_s
        assert monotonic() - began_s < DRAINED_WITHIN_S, f"{number} jobs are still at work"
        sleep(0.5)


def _report(planes: Planes, tenant: Tenant, folder: Path) -> dict[str, int]:
    with planes.tenant(tenant) as session:
        effects = Counter(str(row[0]) for row in session.execute(text("SELECT job_id FROM effects")))
    with planes.control() as control:
        states = {str(row[0]): row[1] for row in control.execute(text("SELECT id, state FROM control.jobs"))}
    promised = set(_lines(folder / PROMISED))
    outside = Counter(line.removeprefix("job:") for line in _lines(folder / SEEN_OUTSIDE))
    return {
        "promised": len(promised),
        "done": sum(state == "done" for state in states.values()),
        "lost": len(promised - set(effects)),
        "applied twice": sum(number > 1 for number in effects.values()),
        "dead": sum(state == "dead" for state in states.values()),
        "started twice outside, told by the key": sum(number > 1 for number in outside.values()),
        "outside without effect": len(set(outside) - set(effects)),
    }


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8") as content:
        for line in content:
            yield line.strip()
