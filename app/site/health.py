"""Is it alive, is it ready, and what exactly is the matter: for load balancers, for `adloom doctor`, and for Prometheus."""

from typing import Any, Literal

import msgspec
import redis
from litestar import MediaType, Response, get
from litestar.handlers import BaseRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.deps import AnyRequest
from kit.web.access import for_everyone
from tenants.isolation.migrate import head_revision
from tenants.isolation.planes import Planes

State = Literal["ok", "degraded", "down"]


class Part(msgspec.Struct, frozen=True):
    """One part's state in a sentence."""

    name: str
    state: State
    message: str


class Health(msgspec.Struct, frozen=True):
    """The whole: as bad as its worst part that matters."""

    status: State
    parts: list[Part]


def _database(planes: Planes) -> Part:
    try:
        with planes.control() as session:
            revision = session.execute(text("SELECT version_num FROM control.alembic_version")).scalar()
    except SQLAlchemyError as problem:
        return Part("database", "down", f"The database cannot be reached or read: {type(problem).__name__}.")
    if revision != head_revision("control"):
        return Part("database", "down", f"The database is at revision {revision}; run `adloom db upgrade`.")
    return Part("database", "ok", f"Reachable, at revision {revision}.")


def _redis(url: str) -> Part:
    try:
        client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        client.ping()
        client.close()
    except (redis.RedisError, ValueError) as problem:
        return Part(
            "redis", "degraded", f"Redis cannot be reached ({type(problem).__name__}): jobs wait, nothing is lost."
        )
    return Part("redis", "ok", "Reachable.")


def _jobs(planes: Planes) -> Part:
    """Waiting work that nobody takes shows that dispatcher or workers are gone."""
    try:
        with planes.control() as session:
            age = session.execute(
                text(
                    "SELECT extract(epoch FROM now() - min(run_at)) FROM control.jobs WHERE state = 'ready' AND run_at <= now()"
                )
            ).scalar()
    except SQLAlchemyError as problem:
        return Part("jobs", "down", f"The job ledger cannot be read: {type(problem).__name__}.")
    waiting_s = float(age or 0)
    if waiting_s > 60:
        return Part("jobs", "degraded", f"The oldest waiting job has waited {waiting_s:.0f} s; is a worker running?")
    return Part("jobs", "ok", "No job waits long.")


def check(request: AnyRequest) -> Health:
    """Look at every part now."""
    planes: Planes = request.app.state.planes
    database = _database(planes)
    parts = [database, _redis(request.app.state.settings.redis_url.get_secret_value())]
    if database.state == "ok":
        parts.append(_jobs(planes))
    worst: State = "ok"
    for part in parts:
        worst = part.state if part.state == "down" or worst == "ok" else worst
    return Health(worst, parts)


def _reply(health: Health) -> Response[Health]:
    return Response(health, status_code=503 if health.status == "down" else 200, headers={"cache-control": "no-store"})


@get("/health", sync_to_thread=True, summary="Overall health", **for_everyone())
def overall(request: AnyRequest) -> Response[dict[str, str]]:
    """`ok`, `degraded` (still serving) or `down` (503)."""
    health = check(request)
    return Response({"status": health.status}, status_code=503 if health.status == "down" else 200)


@get("/health/live", sync_to_thread=False, summary="Liveness", **for_everyone())
def live() -> dict[str, str]:
    """Answers as long as the process does."""
    return {"status": "ok"}


@get("/health/ready", sync_to_thread=True, summary="Readiness", **for_everyone())
def ready(request: AnyRequest) -> Response[Health]:
    """200 when requests can be served: database reachable and migrated. Redis may be away meanwhile."""
    return _reply(check(request))


@get("/health/detailed", sync_to_thread=True, summary="State of each part", **for_everyone())
def detailed(request: AnyRequest) -> Response[Health]:
    """Each part with a sentence; nothing secret."""
    return _reply(check(request))


@get("/health/metrics", sync_to_thread=True, media_type=MediaType.TEXT, summary="Prometheus metrics", **for_everyone())
def metrics(request: AnyRequest) -> Response[bytes]:
    """Part states and the job ledger's depth for Prometheus."""
    registry = CollectorRegistry()
    up = Gauge("adloom_part_up", "1 where a part is ok", ["part"], registry=registry)
    for part in check(request).parts:
        up.labels(part.name).set(part.state == "ok")
    jobs = Gauge("adloom_jobs", "Jobs in the ledger by state", ["state"], registry=registry)
    for state, count in _job_counts(request.app.state.planes):
        jobs.labels(state).set(count)
    return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})


def _job_counts(planes: Planes) -> list[tuple[Any, ...]]:
    try:
        with planes.control() as session:
            rows = session.execute(text("SELECT state, count(*) FROM control.jobs GROUP BY state")).all()
    except SQLAlchemyError:
        return []  # the gauge `adloom_part_up` already says so
    return [tuple(row) for row in rows]


HANDLERS: list[BaseRouteHandler] = [overall, live, ready, detailed, metrics]
