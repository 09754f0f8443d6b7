"""Published figures as their page shows them: a table per platform, older figures apart, and what they cannot say."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.performance.norm_comparing import INDUSTRIES, PLATFORMS, Beside, Comparisons
from app.performance.norm_wording import LABELS, beside_sentence, norm_text, position_text, position_tone
from kit.format import day_range
from ml.norms import ALL_INDUSTRIES, NormSource

CAVEATS = (
    "Published averages are of the publisher's own customers, mostly in the United States: usual there, not right for you.",
    "A low price per click can bring people who never buy. Judge by what a sale costs you and leaves you.",
    "Your own past is the better yardstick. The overview compares you with it.",
)


@dataclass(frozen=True)
class SourceNote:
    """Where a figure comes from."""

    publisher: str
    title: str
    days: str
    region: str
    sample: str
    statistic: str
    href: str


@dataclass(frozen=True)
class NormRow:
    """A published figure beside the own value."""

    id: str
    label: str
    explanation: str
    industry: str
    own: str
    own_note: str
    reason: str
    published: str
    position: str
    tone: str
    sentence: str
    is_old: bool
    source: SourceNote


@dataclass(frozen=True)
class NormTable:
    """One platform's figures; `older` have newer ones of the same kind."""

    platform: str
    id: str
    reason: str
    rows: tuple[NormRow, ...]
    older: tuple[NormRow, ...]


@dataclass(frozen=True)
class BenchmarksPage:
    """The variables of performance/benchmarks.html."""

    here: str
    import_href: str
    days: str
    currency: str
    platforms: tuple[tuple[str, str], ...]
    industries: tuple[tuple[str, str], ...]
    platform: str
    industry: str
    tables: tuple[NormTable, ...]
    caveats: tuple[str, ...]


def benchmarks_page(
    found: Comparisons, *, here: str, import_href: str, currency: str, platform: str, industry: str
) -> BenchmarksPage:
    """Everything that the template needs."""
    return BenchmarksPage(
        here=here,
        import_href=import_href,
        days=day_range(found.since, found.until) if found.since and found.until else "",
        currency=currency,
        platforms=(("", "All platforms"), *((name, _capital(name)) for name in PLATFORMS)),
        industries=tuple((name, _capital(name)) for name in INDUSTRIES),
        platform=platform,
        industry=industry,
        tables=tuple(table for name in PLATFORMS if (table := _table(name, found.items)) is not None),
        caveats=CAVEATS,
    )


def _table(platform: str, items: Iterable[Beside]) -> NormTable | None:
    own = [one for one in items if one.norm.platform == platform]
    if not own:
        return None
    rows = [_row(one, f"{PLATFORMS.index(platform)}-{place}") for place, one in enumerate(own)]
    reasons = {one.own.reason for one in own}
    return NormTable(
        platform=_capital(platform),
        id=f"norms-{PLATFORMS.index(platform)}",
        reason=reasons.pop() if len(reasons) == 1 else "",
        rows=tuple(row for row, one in zip(rows, own, strict=True) if one.is_newest),
        older=tuple(row for row, one in zip(rows, own, strict=True) if not one.is_newest),
    )


def _row(one: Beside, place: str) -> NormRow:
    norm = one.norm
    label, explanation = LABELS[norm.metric]
    return NormRow(
        id=place,
        label=label,
        explanation=explanation,
        industry=_capital(norm.industry),
        own=norm_text(one.own.value, norm.unit),
        own_note=one.own.note,
        reason=one.own.reason,
        published=norm_text(norm.value, norm.unit),
        position=position_text(one),
        tone=position_tone(one),
        sentence=beside_sentence(one),
        is_old=one.is_old,
        source=_source(norm.source),
    )


def _source(source: NormSource) -> SourceNote:
    return SourceNote(
        source.publisher,
        source.title,
        day_range(source.first_on, source.last_on),
        source.region,
        source.sample,
        source.statistic,
        f"https://{source.read_at}",
    )


def _capital(name: str) -> str:
    return "All industries" if name == ALL_INDUSTRIES else name[:1].upper() + name[1:]
