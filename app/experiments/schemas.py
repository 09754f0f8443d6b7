"""What is asked of the three calculators, and what they answer. Shares and changes are parts of 1 (0.05 is 5 %)."""

from datetime import date
from typing import Annotated, Literal

import msgspec

MOST_PEOPLE = 10**12
MOST_VARIANTS = 4
MOST_GUARDRAILS = 5
Goal = Literal["more", "less"]
Decision = Literal["ship", "keep", "go_on", "stopped_by_guardrail", "broken_sample_ratio"]
Harm = Literal["safe", "harmed", "unclear"]
Verdict = Literal["pays_back", "works", "costs_more_than_it_brings", "cannot_tell"]
Name = Annotated[str, msgspec.Meta(max_length=60)]
People = Annotated[int, msgspec.Meta(ge=0, le=MOST_PEOPLE)]
Finite = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]
Amount = Annotated[float, msgspec.Meta(ge=0, le=1e12)]


class Version(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was counted in one version: `successes` among its people, or the `mean` per person with its standard deviation `sd`.
    `weight` is its planned part of the people, on any scale."""

    people: People
    successes: People | None = None
    mean: Finite | None = None
    sd: Amount | None = None
    name: Name = ""
    weight: Annotated[float, msgspec.Meta(ge=1e-6, le=1e6)] = 1.0


class Measured(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another metric of one version: `successes` among its people, or the `mean` with its standard deviation `sd`. Without `people`,
    the version's own."""

    successes: People | None = None
    mean: Finite | None = None
    sd: Amount | None = None
    people: People | None = None


class GuardrailRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A metric that must not suffer: it may get worse by at most `margin`, relative to the control (0.02 is 2 %). `goal` says what is
    better. `variants` are in the order of the test's own."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    control: Measured
    variants: Annotated[list[Measured], msgspec.Meta(min_length=1, max_length=MOST_VARIANTS)]
    margin: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.02
    goal: Goal = "more"


class ReadRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A test as it stands. `planned_people` is the size of all versions together, chosen before the test started. `smallest_lift` is
    the smallest relative change that would matter: once no variant can reach it, the test ends."""

    control: Version
    variants: Annotated[list[Version], msgspec.Meta(min_length=1, max_length=MOST_VARIANTS)]
    planned_people: Annotated[int, msgspec.Meta(ge=2, le=MOST_PEOPLE)] | None = None
    goal: Goal = "more"
    smallest_lift: Annotated[float, msgspec.Meta(ge=1e-6, le=100)] | None = None
    guardrails: Annotated[list[GuardrailRequest], msgspec.Meta(max_length=MOST_GUARDRAILS)] = []


class SplitReply(msgspec.Struct, frozen=True, kw_only=True):
    """Whether people were split as planned: `expected` people per version, the control first; `p_value` is valid at daily looks."""

    is_broken: bool
    p_value: float
    expected: list[float]


class GuardrailReply(msgspec.Struct, frozen=True, kw_only=True):
    """A guardrail of a variant: the relative change, below 0 where it is worse, with its always-valid range (None where it is too early
    to compare). safe: the whole range lies above −`margin`; harmed: it is worse by more than that, beyond chance."""

    name: str
    change: float | None
    low: float | None
    high: float | None
    margin: float
    verdict: Harm


class VariantReply(msgspec.Struct, frozen=True, kw_only=True):
    """A variant against the control, as a change relative to it, above 0 where the variant is better. None where it is too early."""

    name: str
    is_ready: bool
    effect: float | None
    low: float | None
    high: float | None
    chance_to_be_better: float | None
    expected_loss: float | None
    guardrails: list[GuardrailReply]


class ReadReply(msgspec.Struct, frozen=True, kw_only=True):
    """What the test says today. `winner` names the version to use where the decision is ship."""

    decision: Decision
    winner: str | None
    sentence: str
    people: int
    sample_ratio: SplitReply
    variants: list[VariantReply]


class PlanRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share of people who succeed today (`baseline`), the relative change to find (`lift`), and the people a day of all versions."""

    baseline: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    lift: Annotated[float, msgspec.Meta(gt=-1, le=100)]
    people_per_day: Annotated[float, msgspec.Meta(ge=0.01, le=1e12)] | None = None
    versions: Annotated[int, msgspec.Meta(ge=2, le=MOST_VARIANTS + 1)] = 2
    power: Annotated[float, msgspec.Meta(ge=0.5, le=0.99)] = 0.8


class PlanReply(msgspec.Struct, frozen=True, kw_only=True):
    """How large the test must be, and how many whole weeks that takes where the people a day were given."""

    people_per_version: int
    people: int
    weeks: int | None
    power: float
    sentence: str


class PauseRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel (key or name) and the days on which it was paused, cut or raised, both included. `planned_per_day` is what would have
    been spent, in units of the workspace's currency; without it, the average of the 14 days before."""

    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    starts_on: date
    ends_on: date
    planned_per_day: Amount | None = None


class PauseReply(msgspec.Struct, frozen=True, kw_only=True):
    """What the change of spend did, with 95 % ranges. Money in units of `currency`. `spend_change` is planned minus actual spend,
    `lost_revenue` what that spend would have brought, `roi` the second over the first."""

    channel: str
    key: str
    starts_on: date
    ends_on: date
    currency: str
    planned_per_day: float
    spend_change: float
    lost_revenue: float
    lost_low: float
    lost_high: float
    roi: float
    roi_low: float
    roi_high: float
    verdict: Verdict
    sentence: str


class TrafficRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A running test whose next people are to be split so that the best version is found sooner. No version gets less than
    `least_share` of them."""

    versions: Annotated[list[Version], msgspec.Meta(min_length=2, max_length=MOST_VARIANTS + 1)]
    goal: Goal = "more"
    least_share: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.05


class ArmSplit(msgspec.Struct, frozen=True, kw_only=True):
    """A version's probability to be the best, and its share of the next people."""

    name: str
    chance_best: float
    share: float


class TrafficReply(msgspec.Struct, frozen=True, kw_only=True):
    """Both columns add up to 1."""

    versions: list[ArmSplit]


class RegionsRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lift test by region: revenue per day of every region from `first_day` on, in units of the workspace's currency, and the days on
    which spend was changed in the `treated` ones, both included. `spend_change` is what was planned less what was spent there."""

    first_day: date
    revenue: Annotated[dict[Name, list[Finite]], msgspec.Meta(min_length=2, max_length=1000)]
    treated: Annotated[list[Name], msgspec.Meta(min_length=1, max_length=500)]
    starts_on: date
    ends_on: date
    spend_change: Finite | None = None


class RegionWeight(msgspec.Struct, frozen=True, kw_only=True):
    """How much of an untouched region the comparison uses."""

    name: str
    weight: float


class RegionsReply(msgspec.Struct, frozen=True, kw_only=True):
    """What the change did in the treated regions over the window, with 95 % ranges. `p_value` is the share of comparisons between
    untouched regions that stand out as much; `fit_error` the comparison's usual error before the change. `roi` needs `spend_change`."""

    treated: list[str]
    currency: str
    lost_revenue: float
    lost_low: float
    lost_high: float
    p_value: float
    placebos: int
    fit_error: float
    roi: float | None
    roi_low: float | None
    roi_high: float | None
    verdict: Verdict | None
    sentence: str
    controls: list[RegionWeight]
