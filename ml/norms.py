"""Industry benchmarks for advertising, as published by others: a table with source, date, region and sample of every figure.

They say what is usual elsewhere, not what is right for you: samples are the publisher's own customers. `read_at` is where
the figure was read where that is not the publisher's own page. Figures whose days are unknown, or that their source tells in two
ways, are left out. Entry points: `find_norms`, `compare_with_norm`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from ml.errors import BadOption

NormMetric: TypeAlias = Literal["ctr", "cpc", "cvr", "cost_per_lead", "roas", "open_rate", "click_rate"]
NormUnit: TypeAlias = Literal["share", "USD", "ratio"]
ALL_INDUSTRIES = "all industries"
OLD_AFTER_DAYS = 730


@dataclass(frozen=True)
class NormSource:
    """A publication: whose data, of which days, from how many campaigns or accounts, and how they were averaged."""

    publisher: str
    title: str
    region: str
    first_on: date
    last_on: date
    sample: str
    statistic: str
    read_at: str


@dataclass(frozen=True)
class Norm:
    """One published figure. Shares are fractions of 1; money is USD."""

    metric: NormMetric
    platform: str
    industry: str
    value: float
    unit: NormUnit
    source: NormSource

    def is_old(self, on: date) -> bool:
        """Whether its data ended more than two years before `on`."""
        return (on - self.source.last_on).days > OLD_AFTER_DAYS


@dataclass(frozen=True)
class NormComparison:
    """A value beside a norm: `ratio` value over norm, `position` within a tenth of it or not, and a sentence that names the source."""

    norm: Norm
    value: float
    ratio: float
    position: Literal["below", "near", "above"]
    sentence: str


SEARCH_2026 = NormSource(
    publisher="WordStream by LocaliQ",
    title="Search advertising benchmarks 2026",
    region="United States",
    first_on=date(2025, 4, 1),
    last_on=date(2026, 3, 31),
    sample="more than 13,000 Google Ads and Microsoft Ads campaigns",
    statistic="averages as published",
    read_at="prismnews.com/topics/agency-seo-growth/wordstream-report-shows-google-ads-ctr-rises-to-664-across",
)
SEARCH_2025 = NormSource(
    publisher="WordStream by LocaliQ",
    title="Search advertising benchmarks 2025",
    region="United States",
    first_on=date(2024, 4, 1),
    last_on=date(2025, 3, 31),
    sample="16,446 Google Ads and Microsoft Ads campaigns",
    statistic="averages as published",
    read_at="theadspend.com/benchmarks/google-ads-search-overall",
)
SEARCH_2024 = NormSource(
    publisher="WordStream by LocaliQ",
    title="Google Ads benchmarks 2024",
    region="region not stated",
    first_on=date(2023, 4, 1),
    last_on=date(2024, 3, 31),
    sample="more than 17,000 Google Ads and Microsoft Ads campaigns",
    statistic="averages as published",
    read_at="dhirubhai.net/pulse/google-ads-benchmarks-2024-what-mean-your-campaigns-ali-raza-plz6f",
)
SEARCH_2021 = NormSource(
    publisher="LocaliQ",
    title="Search advertising benchmarks 2021",
    region="North America",
    first_on=date(2020, 5, 1),
    last_on=date(2021, 6, 25),
    sample="18,316 search campaigns of LocaliQ's customers, at least 69 per industry",
    statistic="medians",
    read_at="research-institute.org/2021/10/13/new-paid-search-advertising-benchmarks-for-2021",
)
SHOPPING_2020 = NormSource(
    publisher="Sidecar",
    title="Benchmarks report 2021",
    region="United States",
    first_on=date(2020, 1, 1),
    last_on=date(2020, 12, 31),
    sample="thousands of campaigns of hundreds of retailers, managed by Sidecar",
    statistic="averages as published",
    read_at="marketingcharts.com/digital/paid-search-117177",
)
EMAIL_2022 = NormSource(
    publisher="MailerLite",
    title="Email marketing benchmarks 2023",
    region="United States, Canada and United Kingdom",
    first_on=date(2022, 1, 1),
    last_on=date(2022, 12, 31),
    sample="more than 40,000 accounts and 1 million campaigns",
    statistic="averages as published",
    read_at="mailerlite.com/blog/compare-your-email-performance-metrics-industry-benchmarks",
)
_Row: TypeAlias = tuple[NormSource, str, NormMetric, NormUnit, str, float]
_SEARCH, _SHOPPING, _EMAIL = "search ads", "Google Shopping", "email"
_ROWS: tuple[_Row, ...] = (
    (SEARCH_2026, _SEARCH, "ctr", "share", ALL_INDUSTRIES, 0.0664),
    (SEARCH_2026, _SEARCH, "cpc", "USD", ALL_INDUSTRIES, 5.42),
    (SEARCH_2026, _SEARCH, "cvr", "share", ALL_INDUSTRIES, 0.0818),
    (SEARCH_2026, _SEARCH, "cost_per_lead", "USD", ALL_INDUSTRIES, 66.69),
    (SEARCH_2026, _SEARCH, "ctr", "share", "arts and entertainment", 0.1275),
    (SEARCH_2025, _SEARCH, "ctr", "share", ALL_INDUSTRIES, 0.0666),
    (SEARCH_2025, _SEARCH, "cpc", "USD", ALL_INDUSTRIES, 5.26),
    (SEARCH_2025, _SEARCH, "cvr", "share", ALL_INDUSTRIES, 0.0752),
    (SEARCH_2025, _SEARCH, "cost_per_lead", "USD", ALL_INDUSTRIES, 70.11),
    (SEARCH_2024, _SEARCH, "ctr", "share", ALL_INDUSTRIES, 0.0642),
    (SEARCH_2024, _SEARCH, "cpc", "USD", ALL_INDUSTRIES, 4.66),
    (SEARCH_2024, _SEARCH, "cvr", "share", ALL_INDUSTRIES, 0.0696),
    (SEARCH_2024, _SEARCH, "cost_per_lead", "USD", ALL_INDUSTRIES, 66.69),
    (SEARCH_2024, _SEARCH, "ctr", "share", "sports and recreation", 0.0966),
    (SEARCH_2024, _SEARCH, "ctr", "share", "real estate", 0.0920),
    (SEARCH_2024, _SEARCH, "cvr", "share", "automotive repair", 0.1296),
    (SEARCH_2024, _SEARCH, "cvr", "share", "physicians and surgeons", 0.1108),
    (SEARCH_2024, _SEARCH, "cvr", "share", "furniture", 0.0253),
    (SEARCH_2024, _SEARCH, "cost_per_lead", "USD", "legal services", 144.03),
    (SEARCH_2021, _SEARCH, "ctr", "share", "travel", 0.0854),
    (SEARCH_2021, _SEARCH, "cpc", "USD", "travel", 1.40),
    (SEARCH_2021, _SEARCH, "cpc", "USD", "sports and recreation", 1.73),
    (SEARCH_2021, _SEARCH, "cpc", "USD", "legal services", 8.67),
    (SEARCH_2021, _SEARCH, "cpc", "USD", "dental services", 6.49),
    (SEARCH_2021, _SEARCH, "cpc", "USD", "home improvement", 5.75),
    (SHOPPING_2020, _SHOPPING, "ctr", "share", "automotive parts", 0.0109),
    (SHOPPING_2020, _SHOPPING, "ctr", "share", "sporting goods", 0.0098),
    (SHOPPING_2020, _SHOPPING, "ctr", "share", "computers and electronics", 0.0058),
    (SHOPPING_2020, _SHOPPING, "ctr", "share", "office supplies", 0.0063),
    (SHOPPING_2020, _SHOPPING, "roas", "ratio", "retail", 6.43),
    (SHOPPING_2020, _SHOPPING, "roas", "ratio", "automotive parts", 12.16),
    (SHOPPING_2020, _SHOPPING, "roas", "ratio", "toys and hobbies", 11.94),
    (SHOPPING_2020, _SHOPPING, "roas", "ratio", "mass merchants", 4.01),
    (SHOPPING_2020, _SHOPPING, "cvr", "share", "toys and hobbies", 0.0421),
    (SHOPPING_2020, _SHOPPING, "cvr", "share", "automotive parts", 0.0145),
    (EMAIL_2022, _EMAIL, "open_rate", "share", ALL_INDUSTRIES, 0.3765),
    (EMAIL_2022, _EMAIL, "click_rate", "share", ALL_INDUSTRIES, 0.0336),
)
NORMS = tuple(
    Norm(metric, platform, industry, value, unit, source) for source, platform, metric, unit, industry, value in _ROWS
)


def find_norms(metric: NormMetric, *, platform: str | None = None, industry: str | None = None) -> tuple[Norm, ...]:
    """All published figures of a metric, the newest first; empty where nobody's figure is known here."""
    wanted = [
        norm
        for norm in NORMS
        if norm.metric == metric and platform in (None, norm.platform) and industry in (None, norm.industry)
    ]
    return tuple(sorted(wanted, key=lambda norm: norm.source.last_on, reverse=True))


def compare_with_norm(value: float, norm: Norm) -> NormComparison:
    """`value` (in the norm's unit) beside the norm; within a tenth either way is near. Raises `BadOption` unless value ≥ 0."""
    if not 0 <= value < float("inf"):
        raise BadOption("Only a number of 0 or more can be compared.", "Check the metric.")
    ratio = value / norm.value
    position: Literal["below", "near", "above"] = "near" if 0.9 <= ratio <= 1.1 else "below" if ratio < 0.9 else "above"
    source = norm.source
    sentence = (
        f"{_shown(value, norm.unit)}; usual in {norm.industry} ({norm.platform}): {_shown(norm.value, norm.unit)}, "
        f"{source.publisher}, {source.region}, {source.first_on:%b %Y} to {source.last_on:%b %Y}, {source.sample}."
    )
    return NormComparison(norm, value, ratio, position, sentence)


def _shown(value: float, unit: NormUnit) -> str:
    return f"{value:.2%}" if unit == "share" else f"{value:,.2f} USD" if unit == "USD" else f"{value:.2f}"
