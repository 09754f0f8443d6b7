"""PDFs by typst: a template of ours, data as JSON (never pasted into the source), pictures as SVG. Tagged PDF/UA-1."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).resolve().parents[1] / "templates" / "reports"
FONTS = Path(__file__).resolve().parents[1] / "app" / "static" / "pdf-fonts"


def compile_pdf(template: str, data: Mapping[str, Any], *, pictures: Mapping[str, str] | None = None) -> bytes:
    """The PDF of `templates/reports/<template>` with `data` at /data.json and SVG `pictures` by file name beside it.

    The compiler sees nothing but a temporary directory with copies of these; system fonts are ignored, so that the same
    data give the same file on every machine.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="adloom-pdf-") as directory:
        root = Path(directory)
        for source in TEMPLATES.glob("*.typ"):
            (root / source.name).write_bytes(source.read_bytes())
        (root / "data.json").write_text(json.dumps(data, default=str), encoding="utf-8")
        for name, svg in (pictures or {}).items():
            (root / name).write_text(svg, encoding="utf-8")
        fonts = [str(FONTS)] if FONTS.is_dir() else []
        compiled = typst.compile(
            str(root / template), root=str(root), font_paths=fonts, ignore_system_fonts=True, pdf_standards="ua-1"
        )
    return bytes(compiled)
