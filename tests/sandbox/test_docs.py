"""The how-to page names everything that the sandbox answers to, and the sandbox keeps apart from the product."""

import ast
import socket
from datetime import UTC, datetime
from pathlib import Path

from litestar import Litestar

from sandbox.changes import Changes
from sandbox.faults import Faults
from sandbox.part import World
from sandbox.server import create_app

REPOSITORY = Path(__file__).resolve().parents[2]
HOW_TO = (REPOSITORY / "docs" / "how-to" / "use-the-sandbox.md").read_text()
# Buttons of the control page, the overview and files: nothing to call by hand.
NOT_DOCUMENTED = {"/", "/control/faults", "/control/faults/disarm", "/control/clear/{name}", "/static/{file_path}"}


def app(data_dir: Path) -> Litestar:
    changes = Changes()
    with socket.create_server(("127.0.0.1", 0)) as smtp_socket:
        world = World(data_dir, smtp_socket, changes, Faults(changes), now=lambda: datetime.now(UTC))
        return create_app(world)


def test_every_address_is_documented(tmp_path: Path) -> None:
    paths = {route.path_format for route in app(tmp_path).routes}
    assert "/api/inbox/latest" in paths
    assert not [path for path in paths - NOT_DOCUMENTED if path not in HOW_TO]


def test_every_fault_is_documented(tmp_path: Path) -> None:
    faults = app(tmp_path).state.world.faults.all()
    assert len(faults) == 5
    assert not [fault.kind.name for fault in faults if f"`{fault.kind.name}`" not in HOW_TO]


def test_the_sandbox_imports_nothing_of_the_product() -> None:
    ours = {"app", "billing", "tenants", "kit", "ml", "connectors"}
    for file in (REPOSITORY / "sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & ours, file
