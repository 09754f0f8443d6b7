"""Results of the decision pages as files: tables for CSV and XLSX, the documented JSON, the plan as PDF.

Where a channel's effect cannot be told, its point columns are empty and its range is given, as on the page.
"""

import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.mix.charts import is_known
from app.performance.export import ExportFile
from kit.csvio import write_csv
from kit.pdf import compile_pdf
from kit.xlsx import Column, Sheet, write_workbook
from ml.forecast import Forecast
from ml.mix.results import MixFit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = tuple[object, ...]


@dataclass(frozen=True)
class Origin:
    """What a file says about itself: whose it is, the data behind it, and in words what it rests on."""

    workspace: str
    subject: str
    data_to: str
    notes: tuple[tuple[str, str], ...]

    def file_name(self, ending: str) -> str:
        """`acme-attribution-2026-11-20.csv`."""
        plain = unicodedata.normalize("NFKD", f"{self.workspace} {self.subject}").encode("ascii", "ignore").decode()
        return f"{re.sub(r'[^a-z0-9]+', '-', plain.lower()).strip('-') or 'adloom'}-{self.data_to}.{ending}"


@dataclass(frozen=True)
class Table:
    """Rows under headings that name their units."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Row]


def csv_file(origin: Origin, table: Table) -> ExportFile:
    """One table as CSV, with a mark so that spreadsheets read umlauts."""
    stream = io.StringIO(newline="")
    write_csv(stream, [column.heading for column in table.columns], table.rows)
    return ExportFile(origin.file_name("csv"), "text/csv", stream.getvalue().encode("utf-8-sig"))


def xlsx_file(origin: Origin, tables: Sequence[Table]) -> ExportFile:
    """All tables as a workbook, with a sheet about what the numbers rest on."""
    stream = io.BytesIO()
    about = Sheet("About", [Column("What", width=24), Column("", width=110)], list(origin.notes))
    write_workbook(stream, [*(Sheet(table.name, table.columns, table.rows) for table in tables), about])
    return ExportFile(origin.file_name("xlsx"), XLSX, stream.getvalue())


def json_file(origin: Origin, document: dict[str, Any]) -> ExportFile:
    """The documented form, as the API and the command line give it."""
    content = msgspec.json.format(msgspec.json.encode(document), indent=2)
    return ExportFile(origin.file_name("json"), "application/json", content)


def pdf_file(origin: Origin, data: dict[str, Any], pictures: dict[str, str]) -> ExportFile:
    """The plan as a report of two pages at most."""
    return ExportFile(origin.file_name("pdf"), "application/pdf", compile_pdf("plan.typ", data, pictures=pictures))


def attribution_tables(fit: MixFit) -> list[Table]:
    """Channels, and the course of revenue by source."""
    money = f", {fit.currency}"
    columns = [
        Column("Channel", width=22),
        Column("Certainty"),
        Column("Spend" + money, "money"),
        Column("Revenue brought" + money, "money", 20),
        Column("Low (95 %)" + money, "money", 18),
        Column("High (95 %)" + money, "money", 18),
        Column("Share of revenue", "share"),
        Column("Return", "multiple"),
        Column("Return, low (95 %)", "multiple", 18),
        Column("Return, high (95 %)", "multiple", 18),
        Column("Return on the next unit", "multiple", 22),
        Column("Next unit, low (95 %)", "multiple", 20),
        Column("Next unit, high (95 %)", "multiple", 20),
        Column("Reason", width=60),
    ]
    return [Table("Channels", columns, [_channel_row(fit, name) for name in fit.names]), _course_table(fit)]


def _channel_row(fit: MixFit, name: str) -> Row:
    one = fit.channel(name)
    known = is_known(one)
    return (
        one.channel,
        one.grade.replace("_", " "),
        round(one.spend, 2),
        round(one.contribution, 2) if known else None,
        round(one.contribution_low, 2),
        round(one.contribution_high, 2),
        round(one.share, 4) if known else None,
        round(one.roi_mean, 3) if known else None,
        round(one.roi_low, 3),
        round(one.roi_high, 3),
        round(one.mroi_mean, 3) if known else None,
        round(one.mroi_low, 3),
        round(one.mroi_high, 3),
        one.grade_reason,
    )


def _course_table(fit: MixFit) -> Table:
    told = [index for index, channel in enumerate(fit.channels) if is_known(channel)]
    columns = [Column("From", "date"), Column(f"Revenue, {fit.currency}", "money")]
    columns += [
        Column(f"{name}, {fit.currency}", "money", 20) for name in (*(fit.names[i] for i in told), "Everything else")
    ]
    parts = fit.contribution_series[:, told]
    rest = fit.baseline_series + fit.contribution_series.sum(1) - parts.sum(1)
    rows: list[Row] = [
        (on.astype(object), round(float(revenue), 2), *(round(float(v), 2) for v in values), round(float(other), 2))
        for on, revenue, values, other in zip(fit.dates, fit.revenue, parts, rest, strict=True)
    ]
    return Table("Revenue by source", columns, rows)


def forecast_tables(forecast: Forecast) -> list[Table]:
    """Each day ahead with its bands, and the weeks."""
    money = f", {forecast.currency}"
    bands = [Column(f"{name}{money}", "money", 18) for name in ("Expected", "Low (80 %)", "High (80 %)")]
    wide = [Column(f"{name}{money}", "money", 18) for name in ("Low (95 %)", "High (95 %)")]
    days: list[Row] = [
        (on.astype(object), *(round(float(value), 2) for value in values))
        for on, *values in zip(
            forecast.dates, forecast.mean, forecast.low80, forecast.high80, forecast.low95, forecast.high95, strict=True
        )
    ]
    weeks: list[Row] = [
        (week.start_on, week.days, round(week.total, 2), round(week.low80, 2), round(week.high80, 2))
        for week in forecast.weekly
    ]
    first = "Day" if forecast.cadence_days == 1 else "Week from"
    return [
        Table("Forecast", [Column(first, "date"), *bands, *wide], days),
        Table("Weeks", [Column("From", "date"), Column("Days", "count"), *bands], weeks),
    ]


def plan_tables(result: dict[str, Any], currency: str) -> list[Table]:
    """The split per day, and what it is expected to bring."""
    plan, money = result["plan"], f" a day, {currency}"
    split: list[Row] = [
        (
            row["channel"],
            row["current_per_day"],
            row["recommended_per_day"],
            round(row["recommended_per_day"] - row["current_per_day"], 2),
        )
        for row in plan["allocation"]
    ]
    columns = [
        Column("Channel", width=22),
        *(Column(f"{name}{money}", "money", 24) for name in ("Today", "Plan", "Change")),
    ]
    expected: list[Row] = [
        ("Revenue from advertising", *(_cents(plan, "expected_revenue_per_day", "revenue_low", "revenue_high"))),
        (
            "More than in today's proportions",
            *(_cents(plan, "expected_uplift_per_day", "uplift_low", "uplift_high")),
        ),
    ]
    ranges = [
        Column("What", width=34),
        *(Column(f"{name}{money}", "money", 24) for name in ("Expected", "Low (95 %)", "High (95 %)")),
    ]
    return [Table("Plan", columns, split), Table("Expected", ranges, expected)]


def _cents(plan: dict[str, Any], *names: str) -> tuple[float, ...]:
    return tuple(round(float(plan[name]), 2) for name in names)
