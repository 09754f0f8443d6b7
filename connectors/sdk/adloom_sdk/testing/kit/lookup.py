"""Where a connector's fake lies: the entry point of group `adloom.fakes` with the connector's key."""

from importlib.metadata import entry_points

from adloom_sdk.testing.fakes import FakePlatform

FAKES_GROUP = "adloom.fakes"


class NoFake(LookupError):
    """There is no fake to test a connector at."""


def find_fake(key: str) -> type[FakePlatform]:
    """The class of the fake. Raises NoFake with what to do."""
    found = next(iter(entry_points(group=FAKES_GROUP, name=key)), None)
    if found is None:
        raise NoFake(
            f'There is no fake of {key}: declare [project.entry-points."{FAKES_GROUP}"] {key} = "package.fake:Class" '
            "in pyproject.toml, and install again."
        )
    fake = found.load()
    if not (isinstance(fake, type) and issubclass(fake, FakePlatform)):
        raise NoFake(f"{found.value} is no subclass of adloom_sdk.testing.fakes.FakePlatform.")
    return fake
