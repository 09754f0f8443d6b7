"""The people of the stories, on the running installation, each with a program that calls the API."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from kit.settings import Settings
from tests.installation import Installation, installation_of_this_process
from tests.people import Person, make_person
from tests.stories.program import Program


@pytest.fixture(scope="package")
def installation(
    settings: Settings, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Everything running for real: web, dispatcher, workers, mail; on a database of its own."""
    with installation_of_this_process(settings, worker_id, tmp_path_factory.mktemp("stories")) as running:
        yield running


@pytest.fixture(scope="package")
def http(installation: Installation) -> Iterator[httpx.Client]:
    """A client without cookies."""
    with installation.browserless() as client:
        yield client


@pytest.fixture(scope="package")
def make(installation: Installation) -> Callable[..., Person]:
    """Signs somebody up, on a plan."""

    def sign_up(name: str, plan: str = "free") -> Person:
        return make_person(installation.settings, installation.planes, name=name, plan=plan)

    return sign_up


@pytest.fixture(scope="package")
def program(installation: Installation, http: httpx.Client) -> Callable[..., Program]:
    """Gives somebody a program."""

    def give(person: Person, *, at: Person | None = None) -> Program:
        return Program.of(installation, http, person, at=at)

    return give
