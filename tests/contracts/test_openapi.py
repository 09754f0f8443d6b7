"""The API's description is complete, and the stored copy is the one that the code gives."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.handlers import HTTPRouteHandler

from app.cli.documents import openapi_document
from app.routes import ROUTES

ROOT = Path(__file__).parents[2]
# Where a signed upload address points to: callers are told the whole address, and never build it.
_NOT_DESCRIBED = {"/api/v1/uploads/{token:str}"}
_METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document as the code gives it."""
    parsed: dict[str, Any] = json.loads(openapi_document())
    return parsed


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in _METHODS:
                yield f"{method.upper()} {path}", operation


def test_the_stored_document_is_up_to_date() -> None:
    assert (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8") == openapi_document(), "run `make docs`"


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    silent = [name for name, operation in _operations(document) if not operation.get("summary")]
    unexplained = [name for name, operation in _operations(document) if not operation.get("description")]
    assert silent == []
    assert unexplained == []


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    counted = Counter(operation["operationId"] for _, operation in _operations(document))
    assert [name for name, count in counted.items() if count > 1] == []


def test_every_api_route_is_described_and_no_page_is(document: dict[str, Any]) -> None:
    described = {name for name, _ in _operations(document)}
    for handler in ROUTES:
        if isinstance(handler, HTTPRouteHandler):
            for path in handler.paths:
                for method in handler.http_methods:
                    name = f"{method} {_plain(path)}"
                    is_api = path.startswith(("/api/", "/health")) and path not in _NOT_DESCRIBED
                    assert (name in described) == is_api, name


def _plain(path: str) -> str:
    """`{run_id:uuid}` as OpenAPI writes it, `{run_id}`."""
    return "/".join(
        part.split(":")[0] + "}" if part.startswith("{") and ":" in part else part for part in path.split("/")
    )
