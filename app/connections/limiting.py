"""One limiter for all workers, in Redis: a token bucket and a number of calls at once per platform and account, and the time before
which a platform wants to hear nothing. Where a budget belongs to the whole app, workspaces that wait are served in turn.

Redis away means that nobody knows how much was sent: each process then keeps to the policy by itself.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID, uuid4

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from adloom_sdk.errors import RateLimited
from adloom_sdk.limiter import Limiter, LocalLimiter
from adloom_sdk.manifest import Manifest
from kit.clock import utc_now
from kit.settings import Settings

log = logging.getLogger(__name__)
# A run that gives up in the middle asks again for part of what it had, so a wait that is usual is sat out.
PATIENCE_S = 60.0
# A worker that dies gives its place back after this time; no call takes longer.
PLACE_LASTS_S = 180
_LONGEST_STEP_S = 2.0
_LEAVE_ALONE_S = 20.0

# KEYS: bucket, places, waiting workspaces. Redis' own clock counts, so that machines need not agree on the time.
# Whoever waits stands in the queue by when its workspace was last served; only the first in the queue gets a token.
_TAKE = """
local now = redis.call('TIME')
local at = tonumber(now[1]) + tonumber(now[2]) / 1000000
local rate, burst, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local workspace, place, lasts = ARGV[4], ARGV[5], tonumber(ARGV[6])
local state = redis.call('HMGET', KEYS[1], 'tokens', 'filled_at', 'held_until')
if state[3] and tonumber(state[3]) > at then return tostring(tonumber(state[3]) - at) end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', at)
local tokens = burst
if state[1] then tokens = math.min(burst, tonumber(state[1]) + (at - tonumber(state[2])) * rate) end
redis.call('HSET', KEYS[1], 'waiting:' .. workspace, at)
local served = tonumber(redis.call('HGET', KEYS[1], 'served:' .. workspace) or '0')
for _, other in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  local asked = tonumber(redis.call('HGET', KEYS[1], 'waiting:' .. other) or '0')
  if at - asked > 5 then
    redis.call('ZREM', KEYS[3], other)
    redis.call('HDEL', KEYS[1], 'waiting:' .. other)
  elseif other ~= workspace and tonumber(redis.call('ZSCORE', KEYS[3], other)) < served and tokens < 2 then
    redis.call('ZADD', KEYS[3], served, workspace)
    return tostring(math.max(0.02, 1 / rate))
  end
end
if redis.call('ZCARD', KEYS[2]) >= most then
  redis.call('ZADD', KEYS[3], served, workspace)
  return '0.05'
end
if tokens < 1 then
  redis.call('ZADD', KEYS[3], served, workspace)
  return tostring((1 - tokens) / rate)
end
redis.call('ZREM', KEYS[3], workspace)
redis.call('ZADD', KEYS[2], at + lasts, place)
redis.call('HDEL', KEYS[1], 'waiting:' .. workspace)
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - 1), 'filled_at', tostring(at), 'served:' .. workspace, tostring(at))
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, 3600) end
return '0'
"""
_HOLD = """
local held = tonumber(redis.call('HGET', KEYS[1], 'held_until') or '0')
if tonumber(ARGV[1]) > held then redis.call('HSET', KEYS[1], 'held_until', ARGV[1]) end
redis.call('EXPIRE', KEYS[1], math.max(3600, math.ceil(tonumber(ARGV[2])) + 60))
return 1
"""


class SharedLimiter:
    """One workspace's way to a platform; see `adloom_sdk.limiter.Limiter`."""

    def __init__(
        self,
        server: redis.Redis,
        manifest: Manifest,
        *,
        workspace: str,
        patience_s: float = PATIENCE_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._server, self._manifest, self._workspace = server, manifest, workspace
        self._patience_s, self._sleep = patience_s, sleep
        self._take, self._hold = server.register_script(_TAKE), server.register_script(_HOLD)
        self._away_until_s = 0.0
        self._alone = LocalLimiter(manifest.rate, clock=utc_now, sleep=sleep, patience_s=patience_s)

    @contextmanager
    def slot(self, scope: str) -> Iterator[None]:
        """Wait for a place, at most the patience; give it back at the end."""
        place = uuid4().hex
        if not self._got_shared_place(scope, place):
            with self._alone.slot(scope):
                yield
            return
        try:
            yield
        finally:
            self._give_back(scope, place)

    def hold(self, scope: str, until: datetime) -> None:
        """Let nothing through in `scope` before `until`, in no process."""
        self._alone.hold(scope, until)
        left_s = (until - utc_now()).total_seconds()
        try:
            self._hold(keys=self._keys(scope)[:1], args=[until.astimezone(UTC).timestamp(), left_s])
        except redis.RedisError as problem:
            log.warning("The shared limiter does not answer (%s); only this process waits.", problem)

    def _got_shared_place(self, scope: str, place: str) -> bool:
        """Wait for a place in Redis; False where it does not answer, and for a while after that, so that not every call waits for it."""
        if time.monotonic() < self._away_until_s:
            return False
        try:
            self._wait(scope, place)
        except redis.RedisError as problem:
            log.warning("The shared limiter does not answer (%s); this process keeps to the limits alone.", problem)
            self._away_until_s = time.monotonic() + _LEAVE_ALONE_S
            return False
        return True

    def _wait(self, scope: str, place: str) -> None:
        rate, waited_s = self._manifest.rate, 0.0
        asked: list[str | float] = [
            rate.per_second,
            rate.burst,
            rate.concurrency,
            self._workspace,
            place,
            PLACE_LASTS_S,
        ]
        while (wait_s := float(self._take(keys=self._keys(scope), args=asked))) > 0:
            if waited_s + wait_s > self._patience_s:
                retry_at = utc_now() + timedelta(seconds=wait_s)
                raise RateLimited("The platform's call budget is used up for now.", retry_at=retry_at)
            step_s = min(wait_s, _LONGEST_STEP_S)
            self._sleep(step_s)
            waited_s += step_s

    def _give_back(self, scope: str, place: str) -> None:
        try:
            self._server.zrem(self._keys(scope)[1], place)
        except redis.RedisError as problem:
            log.warning("A place at the shared limiter frees itself later (%s).", problem)

    def _keys(self, scope: str) -> list[str]:
        """The keys of one budget, in one slot of a Redis cluster."""
        shared = scope if self._manifest.rate.share == "account" else "app"
        base = f"adloom:limit:{{{self._manifest.key}:{shared}}}"
        return [base, f"{base}:places", f"{base}:waiting"]


def shared_limiter(
    settings: Settings, workspace: UUID | str | None, *, patience_s: float = PATIENCE_S
) -> Callable[[Manifest], Limiter | None]:
    """What `Watching.limiter` wants: a limiter per manifest, or none where there is no Redis."""
    url = settings.redis_url.get_secret_value()

    def make(manifest: Manifest) -> Limiter | None:
        return SharedLimiter(_server(url), manifest, workspace=str(workspace), patience_s=patience_s) if url else None

    return make


@lru_cache(maxsize=4)
def _server(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2, retry=Retry(NoBackoff(), 1))
