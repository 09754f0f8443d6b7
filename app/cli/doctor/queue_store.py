"""Redis or Valkey: reachable, new enough, and set up not to forget."""

import redis

from app.cli.doctor.findings import Finding
from kit.settings import Settings

_OLDEST = (6, 2)
_SUBJECT = "Redis"


def look_at_queue_store(settings: Settings) -> list[Finding]:
    """Version and policy."""
    url = settings.redis_url.get_secret_value()
    if not url:
        return [Finding(_SUBJECT, "ok", "Not set; the embedded Valkey is used when Adloom runs.")]
    client = redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5, decode_responses=True)
    try:
        return _server(client.info())
    except redis.RedisError as problem:
        advice = "Check REDIS_URL, and that the server runs. Until then jobs wait; nothing is lost."
        return [Finding(_SUBJECT, "problem", f"Cannot be reached: {problem}", advice)]
    finally:
        client.close()


def _server(info: dict[str, object]) -> list[Finding]:
    name = "Valkey" if info.get("valkey_version") else "Redis"
    version = str(info.get("valkey_version") or info.get("redis_version") or "0")
    compatible = tuple(int(number) for number in str(info.get("redis_version", "0.0")).split(".")[:2])
    if compatible < _OLDEST:
        return [Finding(_SUBJECT, "problem", f"{name} {version} is too old.", "Upgrade it to 6.2 or newer.")]
    findings = [Finding(_SUBJECT, "ok", f"Reachable, {name} {version}.")]
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        advice = "Set maxmemory-policy to noeviction. Jobs are safe in the database either way."
        findings.append(Finding(_SUBJECT, "warning", f"It may drop keys when memory is short ({policy}).", advice))
    return findings
