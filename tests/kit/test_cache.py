"""The cache makes a value once per key and forgets the oldest."""

from kit.cache import VersionedCache


def test_a_value_is_made_once_per_version() -> None:
    cache: VersionedCache[str] = VersionedCache(size=2)
    made: list[int] = []

    def page(version: int) -> str:
        return cache.get_or_make(("workspace", version), lambda: made.append(version) or f"page of {version}")

    assert [page(1), page(1), page(2)] == ["page of 1", "page of 1", "page of 2"]
    assert made == [1, 2]


def test_the_least_used_value_falls_out() -> None:
    cache: VersionedCache[int] = VersionedCache(size=2)
    for key in ("a", "b", "a", "c"):
        cache.get_or_make(key, lambda: 1)
    assert cache.get_or_make("a", lambda: 2) == 1
    assert cache.get_or_make("b", lambda: 2) == 2
