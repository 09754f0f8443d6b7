"""What the three decision pages are given: one frame for all (plan, run, exports) and a view of each kind of result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.mix.budget_rollout import Rollout
from app.mix.presenting import AllocationLine, Assumption, ChannelLine
from kit.charts import BarChart, CurveChart, LineChart, StackChart, WaterfallChart
from kit.web.controls import SliderChannel
from kit.web.forms import Form

# The share of an attribution's work after which its page may show a first look.
FIRST_LOOK_SHARE = 0.25
State = Literal["working", "done", "refused", "failed", "cancelled"]


@dataclass(frozen=True)
class Offer:
    """The plan does not include this page: what it would show, and what it costs."""

    title: str
    text: str
    plan_name: str
    price: str
    upgrade_href: str


@dataclass(frozen=True)
class RunState:
    """The run that the page is about. Addresses are empty where there is nothing to follow or to cancel."""

    id: str
    state: State
    label: str
    href: str
    is_current: bool = True
    made: str = ""
    percent: int | None = None
    message: str = ""
    events_url: str = ""
    poll_url: str = ""
    cancel_href: str = ""
    problem: str = ""
    hint: str = ""
    code: str = ""


@dataclass(frozen=True)
class Download:
    """A file of the result."""

    label: str
    href: str
    icon: str


@dataclass(frozen=True)
class Frame:
    """What the pages share."""

    here: str
    base: str
    may_run: bool
    has_data: bool
    import_href: str
    offer: Offer | None = None
    run: RunState | None = None
    downloads: tuple[Download, ...] = ()


@dataclass(frozen=True)
class Quality:
    """One measure of how far to trust a result: a term that explains itself, its value, and what that means."""

    id: str
    term: str
    explanation: str
    value: str
    note: str


@dataclass(frozen=True)
class Untold:
    """A channel whose effect cannot be told: why, how far the data leave it open, and what would help."""

    name: str
    reason: str
    open_range: str
    would_help: str


@dataclass(frozen=True)
class SpendLine:
    """What a channel's spend alone says before anything is worked out."""

    name: str
    grade: str
    reason: str
    would_help: str


@dataclass(frozen=True)
class CheckLine:
    """One check of a fit: a light, a sentence, and for who asks what was looked at."""

    id: str
    tone: str
    label: str
    sentence: str
    explanation: str
    is_of_channel: bool = False


@dataclass(frozen=True)
class AttributionView:
    """An attribution to look at."""

    headline: str
    quality: tuple[Quality, ...]
    assumptions: tuple[Assumption, ...]
    warnings: tuple[str, ...]
    lines: tuple[ChannelLine, ...]
    totals: tuple[str, ...]
    has_claims: bool
    rest: str
    rest_range: str
    rest_share: str
    untold: tuple[Untold, ...]
    roi: BarChart
    marginal: BarChart
    waterfall: WaterfallChart
    course: StackChart
    responses: tuple[CurveChart, ...]
    checks: tuple[CheckLine, ...] = ()


@dataclass(frozen=True)
class NextTest:
    """The test that would tell most for what it costs; `sentence` is empty where there is none, and `reason` says why."""

    sentence: str
    reason: str
    others: tuple[str, ...]
    href: str


@dataclass(frozen=True)
class SelfTestCard:
    """How good the model is on data like these: where such a test stands, and what it found, by channel."""

    run: RunState | None
    sentence: str
    lines: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class AttributionPage:
    """`/w/{workspace}/attribution`. `before`: what spend alone says, while nothing is worked out yet."""

    page: Frame
    shown: AttributionView | None
    before: tuple[SpendLine, ...] = ()
    has_tests: bool = False
    next_test: NextTest | None = None
    self_test: SelfTestCard | None = None
    first_look_share: float = FIRST_LOOK_SHARE


@dataclass(frozen=True)
class WeekLine:
    """One week ahead."""

    name: str
    days: str
    expected: str
    low: str
    high: str


@dataclass(frozen=True)
class SpendField:
    """Planned spend a day of one channel; `usual` is what it spent of late, which an untouched field keeps."""

    key: str
    name: str
    slot: int
    value: str
    usual: str
    usual_text: str


@dataclass(frozen=True)
class ForecastForm:
    """What a forecast is asked with."""

    horizons: tuple[tuple[int, bool], ...]
    fields: tuple[SpendField, ...]
    currency: str
    is_planned: bool
    country: str = ""
    countries: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ForecastView:
    """A forecast to look at."""

    headline: str
    accuracy: str
    total: str
    total_range: str
    compared: str
    quality: tuple[Quality, ...]
    assumptions: tuple[Assumption, ...]
    warnings: tuple[str, ...]
    fan: LineChart
    parts: WaterfallChart
    course: LineChart
    weeks: tuple[WeekLine, ...]
    tries: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class ForecastPage:
    """`/w/{workspace}/forecast`."""

    page: Frame
    form: ForecastForm | None
    shown: ForecastView | None
    problems: Form = field(default_factory=Form)


@dataclass(frozen=True)
class CapField:
    """What some channels may take together: the start of its fields' names, what was asked, and the keys of its channels."""

    row: str
    name: str
    maximum: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class BudgetForm:
    """What a plan is asked with; money a day in units of the currency."""

    action: str
    endpoint: str
    name: str
    budget: float
    least: float
    most: float
    step: float
    currency: str
    channels: tuple[SliderChannel, ...]
    max_change: str
    steps: tuple[tuple[str, str], ...]
    goes_beyond: bool
    own: Mapping[str, str]
    goals: tuple[tuple[str, str], ...]
    goal: str
    margin: str
    target_roas: str
    caps: tuple[CapField, ...] = ()


@dataclass(frozen=True)
class PlanView:
    """A plan to look at."""

    name: str
    headline: str
    advice: Literal["move", "hold", "cannot_advise"]
    advice_label: str
    reason: str
    uplift: str
    uplift_range: str
    revenue: str
    revenue_range: str
    probability: str
    assumptions: tuple[Assumption, ...]
    untold: tuple[Untold, ...]
    lines: tuple[AllocationLine, ...]
    totals: tuple[str, ...]
    binding: tuple[str, ...]
    split: BarChart
    frontier: CurveChart | None


@dataclass(frozen=True)
class PlanChoice:
    """A plan made before, to open or to compare."""

    id: str
    href: str
    name: str
    made: str
    budget: str
    state: str
    is_compared: bool


@dataclass(frozen=True)
class WhatIf:
    """A what-if to compare with."""

    code: str
    label: str
    is_compared: bool


@dataclass(frozen=True)
class Compared:
    """One cell of a comparison, with its range where it has one."""

    text: str
    range: str = ""


@dataclass(frozen=True)
class Comparison:
    """Splits side by side: a head, and rows of label and one cell per split; `notes` say what was left out, and why."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Compared, ...]], ...]
    chart: BarChart
    finding: str
    notes: tuple[str, ...] = ()
    is_of_margin: bool = False


@dataclass(frozen=True)
class BudgetPage:
    """`/w/{workspace}/budget`."""

    page: Frame
    form: BudgetForm | None
    shown: PlanView | None
    recent: tuple[PlanChoice, ...]
    comparison: Comparison | None
    problems: Form = field(default_factory=Form)
    what_ifs: tuple[WhatIf, ...] = ()
    rollout: Rollout | None = None
