"""One budget for all workers: never more than the platform allows, a hold that all obey, workspaces in turn, and life without Redis."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from adloom_sdk.errors import RateLimited
from adloom_sdk.manifest import Manifest, OAuth2, RatePolicy
from app.connections.limiting import SharedLimiter, shared_limiter
from kit.clock import utc_now
from kit.ids import new_id
from kit.settings import Settings


@pytest.fixture
def server(settings: Settings) -> redis.Redis:
    """The run's own Redis."""
    return redis.Redis.from_url(settings.redis_url.get_secret_value())


def manifest(**rate: object) -> Manifest:
    """A platform of its own for each test."""
    policy = RatePolicy(**{"per_second": 20.0, "burst": 2, "concurrency": 4, "share": "app", **rate})  # type: ignore[arg-type]  # as given
    auth = OAuth2(authorize_url="https://x.example/a", token_url="https://x.example/t")
    return Manifest(
        key=f"test_{new_id().hex}",
        title="Test",
        channel="test",
        summary="For tests.",
        version="1.0.0",
        auth=auth,
        hosts={"api": "https://x.example"},
        capabilities=(),
        rate=policy,
    )


def test_two_processes_share_one_budget(server: redis.Redis) -> None:
    plan = manifest(per_second=5.0)
    waited: list[float] = []
    first = SharedLimiter(server, plan, workspace="a", sleep=waited.append)
    second = SharedLimiter(server, plan, workspace="a", sleep=waited.append)
    with first.slot("x"), second.slot("x"):
        assert waited == []
    impatient = SharedLimiter(server, plan, workspace="a", patience_s=0.0)
    with pytest.raises(RateLimited) as refused, impatient.slot("x"):
        pass
    assert refused.value.retry_at is not None
    assert refused.value.retry_at > utc_now() - timedelta(seconds=1)


def test_accounts_with_budgets_of_their_own_do_not_wait_for_each_other(server: redis.Redis) -> None:
    plan = manifest(share="account", burst=1, per_second=0.1)
    limiter = SharedLimiter(server, plan, workspace="a", patience_s=0.0)
    with limiter.slot("one"), limiter.slot("two"):
        pass
    with pytest.raises(RateLimited), limiter.slot("one"):
        pass


def test_a_hold_is_obeyed_by_everybody_and_a_shorter_one_does_not_end_it(server: redis.Redis) -> None:
    plan = manifest()
    teller = SharedLimiter(server, plan, workspace="a")
    other = SharedLimiter(server, plan, workspace="b", patience_s=1.0)
    teller.hold("x", utc_now() + timedelta(seconds=60))
    teller.hold("x", utc_now() + timedelta(seconds=5))
    with pytest.raises(RateLimited) as refused, other.slot("x"):
        pass
    assert refused.value.retry_at is not None
    assert refused.value.retry_at > utc_now() + timedelta(seconds=30)


def test_no_more_calls_run_at_once_than_the_platform_allows(server: redis.Redis) -> None:
    plan = manifest(concurrency=2, burst=100, per_second=1000.0)
    limiter = SharedLimiter(server, plan, workspace="a", patience_s=0.0)
    with limiter.slot("x"), limiter.slot("x"), pytest.raises(RateLimited), limiter.slot("x"):
        pass
    with limiter.slot("x"):
        pass


def test_a_call_that_fails_gives_its_place_back(server: redis.Redis) -> None:
    plan = manifest(concurrency=1, burst=100, per_second=1000.0)
    limiter = SharedLimiter(server, plan, workspace="a", patience_s=0.0)
    with pytest.raises(ValueError, match="broken"), limiter.slot("x"):
        raise ValueError("broken")
    with limiter.slot("x"):
        pass


def test_a_busy_workspace_does_not_starve_a_quiet_one(server: redis.Redis) -> None:
    plan = manifest(per_second=50.0, burst=1, concurrency=20)
    order: list[str] = []
    enough = threading.Event()

    def call(workspace: str, times: int) -> None:
        limiter = SharedLimiter(server, plan, workspace=workspace)
        for _ in range(times):
            if enough.is_set():
                return
            with limiter.slot("x"):
                order.append(workspace)
                if len(order) >= 60:
                    enough.set()

    threads = [threading.Thread(target=call, args=("busy", 60)) for _ in range(8)]
    threads.append(threading.Thread(target=call, args=("quiet", 60)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = Counter(order[:60])
    assert counted["quiet"] >= 15, counted


def test_without_redis_each_process_keeps_to_the_limits_alone() -> None:
    away = redis.Redis(port=9, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))
    limiter = SharedLimiter(away, manifest(burst=1, per_second=0.1), workspace="a", patience_s=0.0)
    with limiter.slot("x"):
        pass
    with pytest.raises(RateLimited), limiter.slot("x"):
        pass


def test_an_installation_without_redis_has_no_shared_limiter(settings: Settings) -> None:
    bare = Settings(_env_file=None).model_copy(update={"redis_url": type(settings.redis_url)("")})
    assert shared_limiter(bare, "a")(manifest()) is None
    assert shared_limiter(settings, "a")(manifest()) is not None
