"""Reports: ordered, waited for, fetched as a ZIP with one CSV inside, and read row by row."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from adloom_microsoft_ads import wire
from adloom_microsoft_ads.mapping import Row
from adloom_microsoft_ads.timezones import NAMES
from adloom_sdk import Account, Context, Level, Progress
from adloom_sdk.errors import NotFound, SchemaDrift, Transient

_SUBMIT, _POLL = "/Reporting/{version}/GenerateReport/Submit", "/Reporting/{version}/GenerateReport/Poll"
_PAUSES_S = (2.0, 5.0, 10.0, 20.0)
_LONGEST_WAIT_S = 3600.0
_DOWNLOADS = 3
_TYPES = {Level.CAMPAIGN: "Campaign", Level.AD_GROUP: "AdGroup", Level.AD: "Ad"}
_IDS = {
    Level.CAMPAIGN: ("CampaignId",),
    Level.AD_GROUP: ("CampaignId", "AdGroupId"),
    Level.AD: ("CampaignId", "AdGroupId", "AdId"),
}
# Under which names a report tells the entity's own name and status.
NAMES_OF = {
    Level.CAMPAIGN: ("CampaignName", "CampaignStatus"),
    Level.AD_GROUP: ("AdGroupName", "Status"),
    Level.AD: ("AdTitle", "AdStatus"),
}
_FIGURES = ("Impressions", "Clicks", "Spend", "Conversions", "Revenue")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a report shall tell: daily figures, or (`is_summary`) which entities there were."""

    level: Level
    since: date
    until: date
    is_summary: bool = False


def headers_of(account: Account) -> dict[str, str]:
    """The account that a call is for, and the customer it belongs to."""
    customer = {"CustomerId": account.parent_id} if account.parent_id else {}
    return {"CustomerAccountId": account.id, **customer}


def ordered(ctx: Context, account: Account, order: Order) -> str:
    """Order a report; returns its id."""
    reply: wire.SubmitReply = ctx.http.post(
        _SUBMIT,
        wire.SubmitReply,
        host="reporting",
        json={"ReportRequest": _request(account, order)},
        headers=headers_of(account),
        scope=account.id,
    )
    return str(reply.report_request_id)


def is_there(ctx: Context, account: Account, report_id: str) -> bool:
    """Whether Microsoft still has this report; what failed or was forgotten has to be ordered again."""
    try:
        return _status(ctx, account, report_id).status != "Error"
    except NotFound:
        return False


def waited_for(ctx: Context, account: Account, report_id: str) -> Iterator[Progress | str]:
    """Progress while Microsoft prepares the report, then the address of the file; '' where there is nothing to tell."""
    waited_s, looks = 0.0, 0
    while True:
        ctx.stop_if_cancelled()
        status = _status(ctx, account, report_id)
        if status.status == "Success":
            yield status.report_download_url or ""
            return
        if status.status == "Error":
            raise Transient("Microsoft could not prepare the report.", code=report_id)
        if waited_s >= _LONGEST_WAIT_S:
            raise Transient("Microsoft has not finished the report within an hour.", code=report_id)
        pause_s = _PAUSES_S[min(looks, len(_PAUSES_S) - 1)]
        yield Progress("Microsoft is preparing the report.")
        ctx.http.pause(pause_s)
        waited_s, looks = waited_s + pause_s, looks + 1


def rows(ctx: Context, url: str, level: Level) -> Iterator[Row]:
    """The rows of a finished report, with the entity's own name and status under "Name" and "Status"."""
    if not url:
        return
    name, status = NAMES_OF[level]
    with _fetched(ctx, url) as file:
        try:
            for row in _table(csv.reader(file), _IDS[level][-1]):
                yield row | {"Name": row.get(name, ""), "Status": row.get(status, "")}
        except (UnicodeDecodeError, csv.Error) as error:
            raise SchemaDrift(f"Microsoft's report has changed its shape: {error}") from error


def _table(lines: Iterator[list[str]], id_column: str) -> Iterator[dict[str, str]]:
    """The rows under the line that names the columns. What Microsoft writes above and below them is no row."""
    columns = next((line for line in lines if id_column in line), None)
    if columns is None:
        raise SchemaDrift(f"Microsoft's report has no column {id_column}.")
    for line in lines:
        if not any(line) or line[0].startswith("©"):
            continue
        if len(line) < len(columns):
            raise SchemaDrift("Microsoft's report has a row with too few columns.")
        yield dict(zip(columns, line, strict=False))


def _fetched(ctx: Context, url: str) -> io.TextIOWrapper:
    """The CSV of a finished report; an archive that arrives cut is fetched again."""
    for attempt in range(1, _DOWNLOADS + 1):
        ctx.stop_if_cancelled()
        content = ctx.http.download(url)
        try:
            return _opened(content)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            if attempt == _DOWNLOADS:
                raise Transient("Microsoft's report arrived incomplete.") from error
    raise AssertionError("the last try returns or raises")


def _opened(content: bytes) -> io.TextIOWrapper:
    """The CSV inside, checked to its end; it begins with a byte order mark."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    if not archive.namelist():
        raise SchemaDrift("Microsoft's report holds no file.")
    if archive.testzip():
        raise zipfile.BadZipFile("a checksum is wrong")
    return io.TextIOWrapper(archive.open(archive.namelist()[0]), encoding="utf-8-sig", newline="")


def _status(ctx: Context, account: Account, report_id: str) -> wire.ReportStatus:
    reply: wire.PollReply = ctx.http.post(
        _POLL,
        wire.PollReply,
        host="reporting",
        json={"ReportRequestId": report_id},
        headers=headers_of(account),
        scope=account.id,
    )
    return reply.report_request_status


def _request(account: Account, order: Order) -> dict[str, Any]:
    figures = ("Impressions",) if order.is_summary else _FIGURES
    shown = NAMES_OF[order.level] if order.is_summary else ("TimePeriod",)
    return {
        "Type": f"{_TYPES[order.level]}PerformanceReportRequest",
        "Format": "Csv",
        "FormatVersion": "2.0",
        "ReportName": "adloom",
        "ReturnOnlyCompleteData": False,
        "Aggregation": "Summary" if order.is_summary else "Daily",
        "ExcludeColumnHeaders": False,
        "ExcludeReportFooter": True,
        "ExcludeReportHeader": True,
        "Columns": [*shown, *_IDS[order.level], *figures],
        "Scope": {"AccountIds": [account.id]},
        "Time": {
            "CustomDateRangeStart": _date(order.since),
            "CustomDateRangeEnd": _date(order.until),
            "ReportTimeZone": NAMES.get(account.timezone),
        },
    }


def _date(day: date) -> dict[str, int]:
    return {"Day": day.day, "Month": day.month, "Year": day.year}
