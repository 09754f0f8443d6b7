"""Reports: ordered (or taken over where the same one is running), waited for, fetched as zipped JSON."""

import gzip
import re
import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from adloom_amazon_ads import wire
from adloom_amazon_ads.mapping import region
from adloom_amazon_ads.products import Product
from adloom_sdk import Account, Context, Level, Progress, Reply
from adloom_sdk.errors import NotFound, SchemaDrift, Transient

_PATH, _MEDIA = "/reporting/reports", "application/vnd.createasyncreportrequest.v3+json"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PAUSES_S = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
_LONGEST_WAIT_S = 3600.0
_DUPLICATE = 425
_ORDERS = _DOWNLOADS = 3
_LOST = {"FAILED", "CANCELLED"}
_IDS = {
    Level.CAMPAIGN: ("campaignId",),
    Level.AD_GROUP: ("campaignId", "adGroupId"),
    Level.AD: ("campaignId", "adGroupId", "adId"),
}


def options(account: Account, media: str) -> dict[str, Any]:
    """What every call for a profile carries: its region, its id, and the versioned media type both ways."""
    headers = {"Amazon-Advertising-API-Scope": account.id, "Content-Type": media, "Accept": media}
    return {"host": region(account), "headers": headers, "scope": account.id}


def ordered(ctx: Context, account: Account, product: Product, level: Level, since: date, until: date) -> str:
    """Order a report; returns its id. A duplicate is refused with the id of the one that is running: that one will do."""
    body = _request(product, level, since, until)
    for attempt in range(1, _ORDERS + 1):
        reply = ctx.http.call("POST", _PATH, json=body, accepts=(_DUPLICATE,), **options(account, _MEDIA))
        try:
            return _report_id(reply)
        except Transient:  # the answer was cut: asked again, Amazon names the report that it has taken on
            if attempt == _ORDERS:
                raise
    raise AssertionError("the last try returns or raises")


def _report_id(reply: Reply) -> str:
    if reply.status != _DUPLICATE:
        report: wire.Report = reply.json(wire.Report)
        return report.report_id
    running = _ID.search(reply.json(wire.Refusal).words())
    if running is None:
        raise SchemaDrift("Amazon says that this report is running, but not which.", code=str(_DUPLICATE))
    return running[0]


def is_there(ctx: Context, account: Account, report_id: str) -> bool:
    """Whether Amazon still has this report; what failed or was forgotten has to be ordered again."""
    try:
        return _report(ctx, account, report_id).status not in _LOST
    except NotFound:
        return False


def waited_for(ctx: Context, account: Account, report_id: str) -> Iterator[Progress | str]:
    """Progress while Amazon prepares the report, then the address of the file."""
    waited_s, looks = 0.0, 0
    while True:
        ctx.stop_if_cancelled()
        report = _report(ctx, account, report_id)
        if report.status == "COMPLETED":
            if not report.url:
                raise SchemaDrift("Amazon has finished the report, but does not say where it is.", code=report_id)
            yield report.url
            return
        if report.status in _LOST:
            raise Transient("Amazon could not prepare the report.", code=report.failure_reason or report_id)
        if waited_s >= _LONGEST_WAIT_S:
            raise Transient("Amazon has not finished the report within an hour.", code=report_id)
        pause_s = _PAUSES_S[min(looks, len(_PAUSES_S) - 1)]
        yield Progress("Amazon is preparing the report.")
        ctx.http.pause(pause_s)
        waited_s, looks = waited_s + pause_s, looks + 1


def rows(ctx: Context, url: str) -> list[wire.Row]:
    """The rows of a finished report, fetched again where it arrives cut. The signed address takes no credentials."""
    for attempt in range(1, _DOWNLOADS + 1):
        ctx.stop_if_cancelled()
        content = ctx.http.download(url)
        try:
            return _unpacked(content)
        except Transient:
            if attempt == _DOWNLOADS:
                raise
    raise AssertionError("the last try returns or raises")


def _unpacked(content: bytes) -> list[wire.Row]:
    try:
        plain = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        return msgspec.json.decode(plain, type=list[wire.Row])
    except msgspec.ValidationError as error:
        raise SchemaDrift("Amazon's report came in a form that this connector does not know.", str(error)) from error
    except (OSError, EOFError, zlib.error, msgspec.DecodeError) as error:
        raise Transient("Amazon's report arrived incomplete.") from error


def _report(ctx: Context, account: Account, report_id: str) -> wire.Report:
    report: wire.Report = ctx.http.get(f"{_PATH}/{report_id}", wire.Report, **options(account, _MEDIA))
    return report


def _request(product: Product, level: Level, since: date, until: date) -> dict[str, Any]:
    report_type, groups = product.reports[level]
    return {
        "name": f"adloom {since} {until}",
        "startDate": since.isoformat(),
        "endDate": until.isoformat(),
        "configuration": {
            "adProduct": product.ad_product,
            "reportTypeId": report_type,
            "groupBy": list(groups),
            "columns": ["date", *_IDS[level], *product.figures],
            "timeUnit": "DAILY",
            "format": "GZIP_JSON",
        },
    }
