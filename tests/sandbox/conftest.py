"""One sandbox for all tests of this folder, emptied before each."""

from collections.abc import Iterator

import pytest

from tests.sandbox.process import RunningSandbox, running_sandbox


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The process."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: RunningSandbox) -> RunningSandbox:
    """The process, empty."""
    shared_sandbox.reset()
    return shared_sandbox
