"""A touch-path run as a file: the table per channel, every model with its ranges, and what does not fit together."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.mix.export import Origin, Row, Table, csv_file, json_file, xlsx_file
from app.mix.path_words import MODELS, assumptions, flag_sentences, headline
from app.mix.queries import run_by_id
from app.mix.schemas import Kind
from app.performance.export import ExportFile
from kit.db import ScopedSession
from kit.errors import Conflict, NotFound
from kit.xlsx import Column

_ENDINGS = ("csv", "xlsx", "json")


def paths_file(session: ScopedSession, run_id: UUID, *, workspace: str, file: str) -> ExportFile:
    """`export.csv` is the table per channel, `export.xlsx` all tables, `export.json` the documented form."""
    stem, _, ending = file.partition(".")
    if stem != "export" or ending not in _ENDINGS:
        raise NotFound("There is no such file.", "Ask for export.csv, export.xlsx or export.json.")
    run = run_by_id(session, run_id, kind=Kind.PATHS)
    if run.state != "done" or run.result is None:
        raise Conflict("This run has no result to export.", "Wait until it is done, or start a new one.")
    document = run.result["document"]
    rests_on = tuple((item.title, item.text) for item in assumptions(document))
    flags = tuple(("Mind this", sentence) for sentence in flag_sentences(document))
    notes = (("Finding", headline(document)), *rests_on, *flags, *(("Note", note) for note in document["notes"]))
    origin = Origin(workspace, "attribution-paths", document["until"], notes)
    if ending == "json":
        return json_file(origin, document)
    tables = paths_tables(document)
    return csv_file(origin, tables[0]) if ending == "csv" else xlsx_file(origin, tables)


def paths_tables(document: Mapping[str, Any]) -> list[Table]:
    """One row per channel, and one per channel and path model."""
    money = f", {document['currency']}"
    columns = [
        Column("Channel", width=22),
        Column("Sales that sources claim", "count", 22),
        Column("Sources claim" + money, "money", 18),
        *(Column(name + money, "money", 20) for name, _ in MODELS.values()),
        Column("Mix model" + money, "money", 18),
        Column("Mix model, low (95 %)" + money, "money", 24),
        Column("Mix model, high (95 %)" + money, "money", 24),
        Column("Certainty of the mix model", width=24),
    ]
    ranges = [
        Column("Channel", width=22),
        Column("Model", width=24),
        Column("Sales", "count"),
        Column("Low (95 %)", "count"),
        Column("High (95 %)", "count"),
        *(Column(name + money, "money", 20) for name in ("Revenue", "Low (95 %)", "High (95 %)")),
    ]
    rows = [_row(row) for row in document["table"]["channels"]]
    return [Table("Channels", columns, rows), Table("Path models", ranges, _credits(document["paths"]))]


def _row(row: Mapping[str, Any]) -> Row:
    credit = {one["model"]: one["value"] for one in row["paths"]}
    return (
        row["channel"],
        row["claimed_conversions"],
        _cents(row["claimed_value"]),
        *(_cents(credit.get(name)) for name in MODELS),
        *(_cents(row[end]) for end in ("mix_value", "mix_low", "mix_high")),
        (row["mix_grade"] or "").replace("_", " "),
    )


def _credits(paths: Mapping[str, Any]) -> list[Row]:
    ends = ("conversions", "conversions_low", "conversions_high", "value", "value_low", "value_high")
    return [
        (channel, MODELS[credit["model"]][0], *(_cents(credit[end][at]) for end in ends))
        for at, channel in enumerate(paths["channels"])
        for credit in paths["credits"]
    ]


def _cents(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
