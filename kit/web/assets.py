"""The built front end: Vite's manifest → script, style, font and icon tags with the response's nonce.

Without a build (tests, a fresh checkout) pages still answer: unstyled, with one clear line in the log.
"""

import logging
from functools import cache
from pathlib import Path

import msgspec
from markupsafe import Markup, escape

log = logging.getLogger(__name__)

STATIC = Path(__file__).resolve().parents[2] / "app" / "static"
ENTRY = "src/main.ts"
FONT = "inter-latin-wght-normal.woff2"
ICONS = "icons.svg"
_STATIC_URL = "/static/"


class Chunk(msgspec.Struct, frozen=True, rename={"is_entry": "isEntry"}):
    """One entry of Vite's manifest; paths are below `/static/`."""

    file: str
    is_entry: bool = False
    imports: list[str] = []
    css: list[str] = []


class Assets:
    """What one build of the front end offers to a page."""

    def __init__(self, chunks: dict[str, Chunk], icons: str = "") -> None:
        self._chunks = chunks
        self.icons = Markup(icons)  # noqa: S704 - the sprite is a file of our own build

    @property
    def is_built(self) -> bool:
        """False where the front end was never built, so that pages come unstyled."""
        return ENTRY in self._chunks

    def head_tags(self, nonce: str) -> Markup:
        """Font and module preloads, the style sheet and the script: everything that `<head>` needs."""
        if not self.is_built:
            return Markup("")
        entry = self._chunks[ENTRY]
        tags = [
            Markup('<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>').format(_url(font))
            for font in self._files_named(FONT)
        ]
        tags += [Markup('<link rel="stylesheet" href="{}">').format(_url(sheet)) for sheet in entry.css]
        tags += [
            Markup('<link rel="modulepreload" href="{}" nonce="{}">').format(_url(self._chunks[name].file), nonce)
            for name in entry.imports
        ]
        tags.append(Markup('<script type="module" src="{}" nonce="{}"></script>').format(_url(entry.file), nonce))
        return Markup("\n").join(tags)

    def _files_named(self, name: str) -> list[str]:
        return [chunk.file for source, chunk in self._chunks.items() if source.endswith(name)]


def load_assets(directory: Path = STATIC) -> Assets:
    """The build in `directory`; an empty one, and a line in the log, where there is none."""
    manifest = directory / ".vite" / "manifest.json"
    try:
        chunks = msgspec.json.decode(manifest.read_bytes(), type=dict[str, Chunk])
        icons = (directory / ICONS).read_text(encoding="utf-8")
    except FileNotFoundError as missing:
        log.warning("The front end is not built (%s is missing): run `python frontend/build.py`.", missing.filename)
        return Assets({})
    return Assets(chunks, icons)


def current_assets() -> Assets:
    """The build that lies in `app/static`, read again when it changed."""
    manifest = STATIC / ".vite" / "manifest.json"
    return _assets_as_of(manifest.stat().st_mtime_ns if manifest.exists() else 0)


@cache
def _assets_as_of(_changed_at_ns: int) -> Assets:
    return load_assets()


def _url(file: str) -> Markup:
    return escape(_STATIC_URL + file)
