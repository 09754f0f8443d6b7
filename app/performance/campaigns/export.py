"""The list of campaigns as a file: every row that the filters leave, every column, amounts with their currency beside them."""

import io
from collections.abc import Iterable, Mapping

from app.performance.campaigns.asking import METRIC_COLUMNS, explanation_of, label_of
from app.performance.campaigns.service import CampaignList
from app.performance.campaigns.wording import platform_title, status_label
from app.performance.catalogue import METRICS, Unit
from app.performance.export import ExportFile
from app.performance.export_tables import plain_value
from kit.csvio import write_csv
from kit.format import day_range
from kit.money import MICROS
from kit.xlsx import Column, Format, Sheet, write_workbook

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PLAIN = ("Campaign", "Status", "Platform", "Channel", "Account", "Currency", "Daily budget")
_FORMATS: dict[Unit, Format] = {
    Unit.MONEY: "money",
    Unit.COUNT: "count",
    Unit.MULTIPLE: "multiple",
    Unit.SHARE: "share",
}


def csv_file(listed: CampaignList, titles: Mapping[str, str]) -> ExportFile:
    """CSV (UTF-8 with a mark, so that spreadsheets read umlauts); the period stands in each row, shares in per cent."""
    stream = io.StringIO(newline="")
    heads = [f"{label_of(key)} (%)" if _is_share(key) else label_of(key) for key in METRIC_COLUMNS]
    since, until = listed.window.since, listed.window.until
    rows = ((since, until, *row) for row in _rows(listed, titles, as_percent=True))
    write_csv(stream, ["From", "To", *_PLAIN, *heads], rows)
    return ExportFile(_name(listed, "csv"), "text/csv", stream.getvalue().encode("utf-8-sig"))


def xlsx_file(listed: CampaignList, titles: Mapping[str, str], *, workspace: str) -> ExportFile:
    """A workbook with the campaigns, and a sheet that says what the numbers are."""
    stream = io.BytesIO()
    plain = [Column(head, "money" if head == "Daily budget" else "text", 18) for head in _PLAIN]
    metrics = [Column(label_of(key), _FORMATS[METRICS[key].unit]) for key in METRIC_COLUMNS]
    about = [
        ("Workspace", workspace),
        ("Period", day_range(listed.window.since, listed.window.until)),
        ("Amounts", "In the currency of each campaign's account"),
        *(("Note", notice.text) for notice in listed.notices),
        *((label_of(key), explanation_of(key)) for key in METRIC_COLUMNS),
    ]
    sheets = [
        Sheet("Campaigns", [*plain, *metrics], _rows(listed, titles)),
        Sheet("About", (Column("About", width=24), Column("", width=80)), about),
    ]
    write_workbook(stream, sheets)
    return ExportFile(_name(listed, "xlsx"), _XLSX, stream.getvalue())


def _rows(listed: CampaignList, titles: Mapping[str, str], *, as_percent: bool = False) -> Iterable[tuple[object, ...]]:
    for row in listed.rows:
        budget = None if row.daily_budget_micros is None else row.daily_budget_micros / MICROS
        values = (plain_value(METRICS[key], row.values[key]) for key in METRIC_COLUMNS)
        shown = (
            round(value * 100, 2) if as_percent and _is_share(key) and value is not None else value
            for key, value in zip(METRIC_COLUMNS, values, strict=True)
        )
        place = (platform_title(row.platform, titles), row.channel, row.account, row.currency, budget)
        yield (row.name, status_label(row.status), *place, *shown)


def _is_share(key: str) -> bool:
    return METRICS[key].unit is Unit.SHARE


def _name(listed: CampaignList, suffix: str) -> str:
    return f"campaigns-{listed.window.since}-to-{listed.window.until}.{suffix}"
