"""A period of the overview as a file to take away: CSV, XLSX, PDF. Names speak, numbers carry units, period and source."""

import io
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from app.performance.catalogue import METRICS
from app.performance.export_tables import FlatTable, Heading, channels_table, days_table, headlines_table
from app.performance.report import report_data, report_pictures
from app.performance.service import Overview
from kit.csvio import write_csv
from kit.format import day_range, moment
from kit.pdf import compile_pdf
from kit.xlsx import Column, Sheet, write_workbook

Table = Literal["channels", "days"]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class ExportFile:
    """A file with its name."""

    name: str
    media_type: str
    content: bytes


def csv_export(shown: Overview, *, workspace: str, table: Table) -> ExportFile:
    """One table as CSV (UTF-8 with a mark, so that spreadsheets read umlauts); period and source stand in each row."""
    flat = channels_table(shown) if table == "channels" else days_table(shown)
    since, until, source = shown.window.since, shown.window.until, source_text(shown, "UTC")
    stream = io.StringIO(newline="")
    header = ["From", "To", *(_csv_heading(heading) for heading in flat.headings), "Source"]
    rows = ((since, until, *map(_csv_value, flat.headings, row), source) for row in flat.rows)
    write_csv(stream, header, rows)
    return ExportFile(_name(workspace, table, shown, "csv"), "text/csv", stream.getvalue().encode("utf-8-sig"))


def xlsx_export(shown: Overview, *, workspace: str, timezone: str) -> ExportFile:
    """Headline figures, channels, days, and what they are, as a workbook."""
    stream = io.BytesIO()
    sheets = [
        _sheet(headlines_table(shown)),
        _sheet(channels_table(shown)),
        _sheet(days_table(shown)),
        _about_sheet(shown, workspace, timezone),
    ]
    write_workbook(stream, sheets)
    return ExportFile(_name(workspace, "overview", shown, "xlsx"), _XLSX, stream.getvalue())


def pdf_export(shown: Overview, *, workspace: str, timezone: str) -> ExportFile:
    """The overview as a report of two pages at most."""
    source = source_text(shown, timezone)
    data = report_data(shown, workspace=workspace, timezone=timezone, source=source)
    content = compile_pdf("overview.typ", data, pictures=report_pictures(shown))
    return ExportFile(_name(workspace, "overview", shown, "pdf"), "application/pdf", content)


def source_text(shown: Overview, zone: str) -> str:
    """Where the numbers come from, and as of when."""
    return f"Imported files, as of {moment(shown.updated_at, zone)}" if shown.updated_at else "No data imported yet"


def _csv_heading(heading: Heading) -> str:
    return f"{heading.text} (%)" if heading.format == "share" else heading.text


def _csv_value(heading: Heading, value: object) -> object:
    """Shares in per cent, which CSV has no format for."""
    return round(value * 100, 2) if heading.format == "share" and isinstance(value, int | float) else value


def _sheet(flat: FlatTable) -> Sheet:
    columns = [Column(heading.text, heading.format, max(14, len(heading.text) + 2)) for heading in flat.headings]
    return Sheet(flat.name, columns, flat.rows)


def _about_sheet(shown: Overview, workspace: str, timezone: str) -> Sheet:
    compared = shown.compared_with
    rows = [
        ("Workspace", workspace),
        ("Period", day_range(shown.window.since, shown.window.until)),
        *((("Channel", shown.channel.name),) if shown.channel else ()),
        ("Compared with", day_range(compared.since, compared.until) if compared else "Nothing"),
        ("Currency", shown.currency),
        ("Time zone of the days", timezone),
        ("Source", source_text(shown, timezone)),
        *(("Note", notice.text) for notice in shown.notices),
        *((metric.label, metric.explanation) for metric in METRICS.values()),
    ]
    return Sheet("About", (Column("About", width=24), Column("", width=80)), rows)


def _name(workspace: str, what: str, shown: Overview, suffix: str) -> str:
    parts = [
        _slug(workspace) or "workspace",
        what,
        *([_slug(shown.channel.name) or "channel"] if shown.channel else []),
    ]
    return f"{'-'.join(parts)}-{shown.window.since}-to-{shown.window.until}.{suffix}"


def _slug(name: str) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:40]
