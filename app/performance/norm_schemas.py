"""How published figures are told to programs. Shares are fractions, money is in units of `unit`."""

from datetime import date

import msgspec

from app.performance.norm_comparing import INDUSTRIES, PLATFORMS, Beside, Comparisons
from app.performance.norm_wording import LABELS, beside_sentence


class NormSourceReply(msgspec.Struct, frozen=True, kw_only=True):
    """Who published it, about whom, from which days; `read_at` is where it was read."""

    publisher: str
    title: str
    region: str
    first_on: date
    last_on: date
    sample: str
    statistic: str
    read_at: str


class BenchmarkReply(msgspec.Struct, frozen=True, kw_only=True):
    """A published figure beside the own value in the same unit; `own` is null with the `reason`.

    `ratio` is own over published, `position` below, near (within a tenth) or above. `is_old`: its data ended more than two years ago.
    """

    platform: str
    industry: str
    metric: str
    label: str
    unit: str
    published: float
    own: float | None
    own_note: str
    reason: str
    ratio: float | None
    position: str | None
    sentence: str
    is_old: bool
    is_newest: bool
    source: NormSourceReply


class BenchmarksReply(msgspec.Struct, frozen=True, kw_only=True):
    """Figures that others published; own values are of the days from `since` to `until`."""

    currency: str
    since: date | None
    until: date | None
    platforms: list[str]
    industries: list[str]
    items: list[BenchmarkReply]
    notices: list[str]


def benchmarks_reply(found: Comparisons, *, currency: str, notices: list[str]) -> BenchmarksReply:
    """The comparisons as programs see them."""
    return BenchmarksReply(
        currency=currency,
        since=found.since,
        until=found.until,
        platforms=list(PLATFORMS),
        industries=list(INDUSTRIES),
        items=[_benchmark(one) for one in found.items],
        notices=notices,
    )


def _benchmark(one: Beside) -> BenchmarkReply:
    norm, source = one.norm, one.norm.source
    return BenchmarkReply(
        platform=norm.platform,
        industry=norm.industry,
        metric=norm.metric,
        label=LABELS[norm.metric][0],
        unit=norm.unit,
        published=norm.value,
        own=one.own.value,
        own_note=one.own.note,
        reason=one.own.reason,
        ratio=one.comparison.ratio if one.comparison else None,
        position=one.comparison.position if one.comparison else None,
        sentence=beside_sentence(one),
        is_old=one.is_old,
        is_newest=one.is_newest,
        source=NormSourceReply(
            publisher=source.publisher,
            title=source.title,
            region=source.region,
            first_on=source.first_on,
            last_on=source.last_on,
            sample=source.sample,
            statistic=source.statistic,
            read_at=source.read_at,
        ),
    )
