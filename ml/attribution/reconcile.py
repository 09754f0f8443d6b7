"""One table per channel: what its platform claims, what path models and last click credit, what the mix model finds.

Path models divide up all sales that have a touch; the mix model knows a baseline that would have sold anyway. So paths
answer "which part of the channel", the mix model "how much in all": `scale_to_mix` puts the two together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ml.attribution.result import ModelName, PathAttribution, plain
from ml.errors import BadOption
from ml.mix import MixFit
from ml.mix.results import Grade

TOLERANCE = 0.05  # claims up to 5 % above sales may be days and time zones
FlagCode: TypeAlias = Literal[
    "claims_exceed_sales",
    "paths_miss_sales",
    "paths_have_no_baseline",
    "claim_above_mix",
    "claim_below_mix",
    "last_click_above_mix",
    "last_click_below_mix",
    "mix_cannot_tell",
    "no_touches",
    "not_in_mix",
]


@dataclass(frozen=True)
class Claim:
    """What a platform reports for its own channel, in sales and in currency units of the paths; None where it does not."""

    conversions: float | None = None
    value: float | None = None


@dataclass(frozen=True)
class MixCredit:
    """The mix model's contribution of a channel in currency units, with its 95 % interval and grade."""

    value: float
    low: float
    high: float
    grade: Grade


@dataclass(frozen=True)
class ModelValue:
    """A path model's credit in currency units with its interval; `mix_scale` times it gives the mix model's contribution.

    `mix_scale` is None where the mix model has no figure for the channel, or the paths give it nothing.
    """

    model: ModelName
    value: float
    low: float
    high: float
    mix_scale: float | None


@dataclass(frozen=True)
class Flag:
    """Something that a reader of the table should know, in a sentence; `channel` is None where it concerns all."""

    code: FlagCode
    detail: str
    channel: str | None = None


@dataclass(frozen=True)
class ReconciledChannel:
    """A row of the table, in currency units. `last_click` is the path model *last*; `mix_value` is None where the mix model
    does not know the channel or cannot tell. `paths` holds every path model, in the order of the attribution."""

    channel: str
    claimed_conversions: float | None
    claimed_value: float | None
    last_click: float | None
    paths: tuple[ModelValue, ...]
    mix_value: float | None
    mix_low: float | None
    mix_high: float | None
    mix_grade: Grade | None


@dataclass(frozen=True)
class Reconciliation:
    """The table and its flags. `claims_share` is Σ claims ÷ sales, `mix_share` Σ mix contributions ÷ sales (both of value,
    as shares; None where unknown), `path_share` the share of sales that has a touch."""

    currency: str
    sales_value: float
    channels: tuple[ReconciledChannel, ...]
    claims_share: float | None
    path_share: float | None
    mix_share: float | None
    flags: tuple[Flag, ...]

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """Plain lists, numbers and strings."""
        document: dict[str, Any] = plain(self)
        return document


def mix_credits(fit: MixFit) -> dict[str, MixCredit]:
    """Contribution, 95 % interval and grade per channel of a fitted mix model, in currency units of its whole period."""
    return {
        row.channel: MixCredit(row.contribution, row.contribution_low, row.contribution_high, row.grade)
        for row in fit.channels
    }


def reconcile(
    attribution: PathAttribution,
    *,
    claims: Mapping[str, Claim] | None = None,
    mix: Mapping[str, MixCredit] | None = None,
    sales_value: float | None = None,
) -> Reconciliation:
    """The table over all channels that anyone names: those of the paths first, then of the mix model, then of claims.

    All figures must be of the same period and currency. `sales_value` is the business's own figure for that period, in
    currency units > 0; by default the value of all paths. Raises `BadOption` for sales or claims that make no sense.
    """
    claims, mix = claims or {}, mix or {}
    sales = attribution.value if sales_value is None else sales_value
    _check(sales, claims)
    names = list(dict.fromkeys((*attribution.channels, *mix, *claims)))
    rows = tuple(_row(name, attribution, claims.get(name, Claim()), mix.get(name)) for name in names)
    claimed = [claim.value for claim in claims.values() if claim.value is not None]
    told = [credit.value for credit in mix.values() if credit.grade != "cannot_tell"]
    table = Reconciliation(
        currency=attribution.currency,
        sales_value=sales,
        channels=rows,
        claims_share=sum(claimed) / sales if claimed and sales > 0 else None,
        path_share=(attribution.value - attribution.untouched_value) / sales if sales > 0 else None,
        mix_share=sum(told) / sales if told and sales > 0 else None,
        flags=(),
    )
    flags = (*_overall_flags(table), *(flag for row in rows for flag in _channel_flags(row, bool(mix))))
    return Reconciliation(**{**vars(table), "flags": flags})


def scale_to_mix(
    credit: Mapping[str, float], *, channel_of: Mapping[str, str], mix: Mapping[str, MixCredit]
) -> dict[str, MixCredit | None]:
    """Path credit of campaigns or ads, scaled so that those of a channel add up to the mix model's contribution.

    scaled = credit ÷ (Σ credit of its channel) · contribution; the ends of the interval alike, in currency units. None
    where the mix model does not know the channel or cannot tell, or where the channel's credit is not above zero.
    Raises `BadOption` for an item without a channel.
    """
    totals: dict[str, float] = {}
    for item, amount in credit.items():
        if item not in channel_of:
            raise BadOption(f"No channel is known for {item}.", "Name the channel of every item.")
        totals[channel_of[item]] = totals.get(channel_of[item], 0.0) + amount
    return {item: _part(mix.get(channel_of[item]), amount, totals[channel_of[item]]) for item, amount in credit.items()}


def _part(whole: MixCredit | None, amount: float, total: float) -> MixCredit | None:
    if whole is None or whole.grade == "cannot_tell" or not total > 0:
        return None
    share = amount / total
    return MixCredit(whole.value * share, whole.low * share, whole.high * share, whole.grade)


def _check(sales: float, claims: Mapping[str, Claim]) -> None:
    if not 0 <= sales < float("inf"):
        raise BadOption(f"Sales of {sales:,.2f} make no sense.", "Give the value of all sales of the period.")
    for name, claim in claims.items():
        if any(part is not None and not 0 <= part < float("inf") for part in (claim.conversions, claim.value)):
            raise BadOption(f"The claim of {name} is below zero or not a number.", "Leave out what is not known.")


def _row(name: str, attribution: PathAttribution, claim: Claim, mix: MixCredit | None) -> ReconciledChannel:
    told = mix.value if mix is not None and mix.grade != "cannot_tell" else None
    paths: tuple[ModelValue, ...] = ()
    if name in attribution.channels:
        at = attribution.channels.index(name)
        paths = tuple(
            ModelValue(
                credit.model,
                float(credit.value[at]),
                float(credit.value_low[at]),
                float(credit.value_high[at]),
                float(told / credit.value[at]) if told is not None and credit.value[at] > 0 else None,
            )
            for credit in attribution.credits
        )
    return ReconciledChannel(
        channel=name,
        claimed_conversions=claim.conversions,
        claimed_value=claim.value,
        last_click=next((row.value for row in paths if row.model == "last"), None),
        paths=paths,
        mix_value=told,
        mix_low=mix.low if mix else None,
        mix_high=mix.high if mix else None,
        mix_grade=mix.grade if mix else None,
    )


def _overall_flags(table: Reconciliation) -> Iterator[Flag]:
    share = table.claims_share
    if share is not None and share > 1 + TOLERANCE:
        yield Flag(
            "claims_exceed_sales",
            f"Claims sum to {share:.0%} of sales: at least {1 - 1 / share:.0%} of what platforms claim cannot be right.",
        )
    if table.path_share is not None and table.path_share < 1 - TOLERANCE:
        yield Flag("paths_miss_sales", f"Only {table.path_share:.0%} of sales have a recorded touch.")
    if table.mix_share is not None and table.path_share is not None and table.mix_share < table.path_share - TOLERANCE:
        yield Flag(
            "paths_have_no_baseline",
            f"Path models credit {table.path_share:.0%} of sales to channels, the mix model {table.mix_share:.0%}. "
            "Paths cannot see what would have sold anyway.",
        )


def _channel_flags(row: ReconciledChannel, has_mix: bool) -> Iterator[Flag]:
    name = row.channel
    if not row.paths and (row.mix_grade is not None or row.claimed_value or row.claimed_conversions):
        yield Flag("no_touches", f"{name} has no recorded touch, so path models cannot see it.", name)
    if row.mix_grade == "cannot_tell":
        yield Flag(
            "mix_cannot_tell", f"The mix model cannot tell what {name} brought, so nothing is scaled to it.", name
        )
    elif row.mix_grade is None and has_mix:
        yield Flag("not_in_mix", f"The mix model does not hold {name}: it has no spend in its data.", name)
    yield from _against_mix(row, "claim", f"{name} claims", row.claimed_value)
    yield from _against_mix(row, "last_click", f"Last click gives {name}", row.last_click)


def _against_mix(
    row: ReconciledChannel, kind: Literal["claim", "last_click"], says: str, value: float | None
) -> Iterator[Flag]:
    if value is None or row.mix_value is None or row.mix_low is None or row.mix_high is None:
        return
    found = f"the mix model finds {row.mix_value:,.0f} ({row.mix_low:,.0f} to {row.mix_high:,.0f})"
    if value > row.mix_high:
        yield Flag(
            "claim_above_mix" if kind == "claim" else "last_click_above_mix",
            f"{says} {value:,.0f}; {found}.",
            row.channel,
        )
    elif value < row.mix_low:
        yield Flag(
            "claim_below_mix" if kind == "claim" else "last_click_below_mix",
            f"{says} {value:,.0f}; {found}.",
            row.channel,
        )
