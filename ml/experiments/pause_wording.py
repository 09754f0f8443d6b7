"""What a lift test found, in plain words."""

from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["pays_back", "works", "costs_more_than_it_brings", "cannot_tell"]

MEANING: dict[Verdict, str] = {
    "pays_back": "It brings more sales than it costs.",
    "works": "It brings sales; whether more than it costs is still open.",
    "costs_more_than_it_brings": "It brings less in sales than it costs.",
    "cannot_tell": "Sales vary too much to tell from these days; a longer or a larger change would show more.",
}


def verdict_of(roi_low: float, roi_high: float) -> Verdict:
    """Where the interval of revenue per unit of spend lies: above 1, below 1, above 0, or across."""
    if roi_low > 1:
        return "pays_back"
    if roi_high < 1:
        return "costs_more_than_it_brings"
    return "works" if roi_low > 0 else "cannot_tell"


def pause_sentence(
    channel: str, spent: float, total: float, roi: tuple[float, float], verdict: Verdict, currency: str
) -> str:
    """`spent` > 0 is spend left out, and `total` the revenue that it would have brought.

    >>> pause_sentence("Pinterest", 400.0, 1240.0, (1.5, 4.7), "pays_back", "EUR")
    'Spending 400 EUR less on Pinterest cost about 1,240 EUR in sales: 1 EUR brings 3.1 (1.5 to 4.7). It brings more sales than it costs.'
    """
    direction, effect = ("less", "cost") if spent > 0 else ("more", "brought")
    result = (
        f"Spending {abs(spent):,.0f} {currency} {direction} on {channel} {effect} about "
        f"{total if spent > 0 else -total:,.0f} {currency} in sales"
    )
    return f"{result}: 1 {currency} brings {total / spent:.1f} ({roi[0]:.1f} to {roi[1]:.1f}). {MEANING[verdict]}"
