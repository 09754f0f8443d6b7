"""Insights as programs read them."""

import msgspec

from app.performance.campaigns.insight_parts import Insight
from app.performance.schemas import Period, period_reply


class FigureReply(msgspec.Struct, frozen=True):
    """A number that the sentence rests on. `unit`: money (micros of the campaign's currency), count, multiple or share."""

    name: str
    value: float | int
    unit: str


class SuggestionReply(msgspec.Struct, frozen=True):
    """What to do about it. `href` is a page; where it `is_change`, the page shows before and after, and changes nothing by itself."""

    label: str
    href: str
    is_change: bool


class InsightReply(msgspec.Struct, frozen=True, kw_only=True):
    """One thing worth knowing. `tone`: bad, warn, good, info or plain. `certainty`: fact (counted), clear (beyond the noise of the
    days, 95 % certain) or cannot_tell (within it)."""

    kind: str
    tone: str
    certainty: str
    sentence: str
    figures: list[FigureReply]
    period: Period
    source: str
    suggestion: SuggestionReply | None


class InsightsReply(msgspec.Struct, frozen=True, kw_only=True):
    """What is worth knowing of a campaign, what asks for something first."""

    currency: str
    period: Period
    items: list[InsightReply]
    notices: list[str]


def insight_reply(one: Insight) -> InsightReply:
    """One of them."""
    step = one.suggestion
    return InsightReply(
        kind=one.kind,
        tone=one.tone,
        certainty=one.certainty.value,
        sentence=one.sentence,
        figures=[FigureReply(figure.name, figure.value, figure.unit) for figure in one.figures],
        period=period_reply(one.period),
        source=one.source,
        suggestion=SuggestionReply(step.label, step.href, step.is_change) if step else None,
    )
