"""Files that a browser saves: the template, and the rejected rows of an import."""

from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from litestar import Response
from litestar.response import Stream

from app.imports.models import Import
from kit.errors import NotFound
from kit.storage import CHUNK_BYTES, Storage


def rejects_stream(storage: Storage, item: Import) -> Stream:
    """The rejects file of an import; not found where no row was rejected."""
    if item.rejects_key is None:
        raise NotFound("No row of this import was rejected.", "There is nothing to correct.")
    stem = item.filename.rsplit(".", 1)[0]
    pieces = _pieces(storage.open(item.rejects_key))
    return Stream(pieces, media_type="text/csv; charset=utf-8", headers=attachment(f"{stem}-rejects.csv"))


def csv_response(content: bytes, filename: str) -> Response[bytes]:
    """A CSV file that is at hand."""
    return Response(content, media_type="text/csv; charset=utf-8", headers=attachment(filename))


def attachment(filename: str) -> dict[str, str]:
    """Headers that save the body under a name (RFC 6266), whatever letters it has."""
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else "_" for letter in filename
    )
    return {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}",
        "cache-control": "no-store",
    }


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(CHUNK_BYTES):
            yield piece
