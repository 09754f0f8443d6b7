"""Published figures beside the business's own of the last 90 days, or why they cannot be compared."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.performance.norm_queries import OwnSums, sums_of_campaigns, sums_of_channels, worth_of_a_dollar
from app.performance.queries import last_day
from kit.errors import FieldError, InvalidInput
from kit.format import day
from ml.norms import ALL_INDUSTRIES, NORMS, Norm, NormComparison, NormMetric, compare_with_norm

DAYS = 90
DOLLAR = "USD"
PLATFORMS = tuple(dict.fromkeys(norm.platform for norm in NORMS))
INDUSTRIES = (ALL_INDUSTRIES, *sorted({norm.industry for norm in NORMS} - {ALL_INDUSTRIES}))
# Type of campaign on connected platforms, else the channels of imported files.
_OWN: dict[str, tuple[str, tuple[str, ...]]] = {
    "search ads": ("SEARCH", ("google_search", "google_brand", "paid_search")),
    "Google Shopping": ("SHOPPING", ("google_shopping",)),
}
# metric → what is divided by what, and how much of the latter there must be.
_PARTS: dict[NormMetric, tuple[str, str, float, str]] = {
    "ctr": ("clicks", "impressions", 1000, "impressions"),
    "cpc": ("spend", "clicks", 100, "clicks"),
    "cvr": ("conversions", "clicks", 100, "clicks"),
    "cost_per_lead": ("spend", "conversions", 20, "conversions"),
    "roas": ("revenue", "spend", 100, "spend"),
}
NOTHING_TOLD = "Nobody tells Adloom how often your emails are opened or clicked."


@dataclass(frozen=True)
class Own:
    """The business's own value in the norm's unit; None with the reason. `note` says what it rests on."""

    value: float | None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Beside:
    """One published figure with the business's own. `is_newest` of its metric, platform and industry."""

    norm: Norm
    own: Own
    comparison: NormComparison | None
    is_old: bool
    is_newest: bool


@dataclass(frozen=True)
class Comparisons:
    """All figures that were asked for, and the days that the own values are of."""

    since: date | None
    until: date | None
    items: tuple[Beside, ...]


def compare_with_others(
    session: Session, *, currency: str, today: date, platform: str | None = None, industry: str | None = None
) -> Comparisons:
    """Published figures of a platform and an industry (and of all industries), newest first, beside the own values.

    Raises InvalidInput for a platform or an industry of which nobody published anything.
    """
    _known("platform", platform, PLATFORMS)
    _known("industry", industry, INDUSTRIES)
    last = last_day(session)
    until = min(last, today - timedelta(days=1)) if last else None
    since = until - timedelta(days=DAYS - 1) if until else None
    owns: dict[tuple[str, NormMetric], Own] = {}
    items, seen = [], set()
    for norm in _chosen(platform, industry):
        key = (norm.platform, norm.metric)
        if key not in owns:
            owns[key] = _own(session, norm, since=since, until=until, currency=currency)
        group = (*key, norm.industry)
        items.append(_beside(norm, owns[key], today, is_newest=group not in seen))
        seen.add(group)
    return Comparisons(since, until, tuple(items))


def _chosen(platform: str | None, industry: str | None) -> list[Norm]:
    """The industry's own figures stand before those of all industries; within them the newest first."""
    industries = {ALL_INDUSTRIES, industry} if industry else set(INDUSTRIES)
    found = [norm for norm in NORMS if platform in (None, norm.platform) and norm.industry in industries]
    newest_first = sorted(found, key=lambda norm: norm.source.last_on, reverse=True)
    metrics = {metric: place for place, metric in enumerate(dict.fromkeys(norm.metric for norm in NORMS))}
    return sorted(
        newest_first,
        key=lambda norm: (
            PLATFORMS.index(norm.platform),
            norm.industry == ALL_INDUSTRIES if industry else norm.industry != ALL_INDUSTRIES,
            norm.industry,
            metrics[norm.metric],
        ),
    )


def _beside(norm: Norm, own: Own, today: date, *, is_newest: bool) -> Beside:
    comparison = None if own.value is None else compare_with_norm(own.value, norm)
    return Beside(norm, own, comparison, norm.is_old(today), is_newest)


def _own(session: Session, norm: Norm, *, since: date | None, until: date | None, currency: str) -> Own:
    if norm.metric not in _PARTS or norm.platform not in _OWN:
        return Own(None, NOTHING_TOLD)
    if since is None or until is None:
        return Own(None, "There is no data yet.")
    sums = _sums(session, norm.platform, since, until)
    if sums is None:
        return Own(None, f"You have no campaigns of type {_OWN[norm.platform][0].capitalize()} in these days.")
    own = _ratio(sums, norm.metric)
    if own.value is None or norm.unit != DOLLAR or currency == DOLLAR:
        return own
    return _in_dollars(session, own, currency, until)


def _sums(session: Session, platform: str, since: date, until: date) -> OwnSums | None:
    kind, keys = _OWN[platform]
    found = sums_of_campaigns(session, kind=kind, since=since, until=until)
    return found or sums_of_channels(session, keys=keys, since=since, until=until)


def _ratio(sums: OwnSums, metric: NormMetric) -> Own:
    above, below, least, noun = _PARTS[metric]
    top, bottom = getattr(sums, above), getattr(sums, below)
    for name, value in ((above, top), (below, bottom)):
        if value is None:
            return Own(None, f"No {name} are told for {sums.origin}." if name != "spend" else "Its spend is not known.")
    if bottom < least or top < 0:
        return Own(None, f"{bottom:,.0f} {noun} are too few to compare; from {least:,.0f} on there is a number.")
    return Own(top / bottom, note=f"{sums.origin}, {bottom:,.0f} {noun}")


def _in_dollars(session: Session, own: Own, currency: str, until: date) -> Own:
    worth = worth_of_a_dollar(session, on=until)
    if own.value is None or worth is None or worth[0] <= 0:
        return Own(None, f"The figure is in US dollars, and no rate from {DOLLAR} to {currency} is known here.")
    rate, on = worth
    return Own(own.value / rate, note=f"{own.note}; converted at {rate:.4g} {currency} a dollar of {day(on)}")


def _known(name: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise InvalidInput(
            f"Nobody published figures for the {name} “{value}” that Adloom knows of.",
            f"Use one of: {', '.join(known)}.",
            [FieldError("is unknown", name, value=value)],
        )
