"""How a campaign stands: its pace against its budget, its CPA and ROAS against the median of its peers, ads that only cost."""

from datetime import date, timedelta

from app.performance.campaigns.insight_parts import Certainty, Figure, Insight, Told, micros, number, share
from app.performance.campaigns.insight_queries import Peers, SpendingAd
from app.performance.catalogue import Unit
from app.performance.windows import Window
from kit.format import count, day, money, multiple, percent, plural
from kit.money import MICROS
from ml.change import Days, Rate, rate_of
from ml.errors import CannotCompare

PACE_DAYS = 7
LITTLE_PACE, MUCH_PACE = 0.8, 1.1
FEWEST_PEERS = 5
# At three times the usual cost of a conversion, an ad as good as the others would have had one with 95 % certainty: e⁻³ = 0.05.
CPA_WITHOUT_CONVERSION = 3.0


def pacing(told: Told, *, budget_changed_on: date | None, spent_micros: int) -> Insight | None:
    """What the last seven finished days cost against the daily budget, or the whole against a lifetime budget. None where it does
    not run, or has no budget of its own."""
    campaign = told.campaign
    if campaign.status != "active" or campaign.budget_owner != "campaign" or not told.finished:
        return None
    if campaign.daily_budget_micros:
        return _daily_pace(told, campaign.daily_budget_micros / MICROS, budget_changed_on)
    if campaign.lifetime_budget_micros and campaign.starts_on and campaign.ends_on:
        return _lifetime_pace(
            told, campaign.starts_on, campaign.ends_on, spent_micros / campaign.lifetime_budget_micros
        )
    return None


def _daily_pace(told: Told, budget: float, changed_on: date | None) -> Insight:
    last = told.finished[-1].day
    period = Window(last - timedelta(days=PACE_DAYS - 1), last)
    spend = sum(one.spend for one in told.finished if one.day >= period.since) / PACE_DAYS
    pace = spend / budget
    figures = (micros("spend_a_day", spend), micros("daily_budget", budget), share("pace", pace))
    said = f"It spent {told.price(spend)} a day, {percent(pace, digits=0)} of its daily budget of {told.price(budget)}"
    if changed_on is not None and changed_on >= period.since:
        sentence = f"The daily budget changed on {day(changed_on)}: its pace can be told seven days after that."
        return _pace(told, "plain", Certainty.CANNOT_TELL, sentence, figures, period)
    if pace < LITTLE_PACE:
        why = "a larger budget would change nothing; look at bids, audience and ads"
        return _pace(told, "warn", Certainty.FACT, f"{said}: {why}.", figures, period)
    if pace > MUCH_PACE:
        return _pace(told, "warn", Certainty.FACT, f"{said}: the platform overspends it.", figures, period)
    return _pace(told, "plain", Certainty.FACT, f"{said}.", figures, period)


def _lifetime_pace(told: Told, starts_on: date, ends_on: date, spent: float) -> Insight | None:
    last, whole = told.finished[-1].day, (ends_on - starts_on).days + 1
    elapsed = ((last - starts_on).days + 1) / whole
    if not 0 < elapsed <= 1:
        return None
    figures = (share("spent", spent), share("elapsed", elapsed))
    sentence = f"{percent(spent, digits=0)} of its budget is spent after {percent(elapsed, digits=0)} of its time."
    is_odd = not LITTLE_PACE <= spent / elapsed <= MUCH_PACE
    return _pace(told, "warn" if is_odd else "plain", Certainty.FACT, sentence, figures, Window(starts_on, last))


def _pace(
    told: Told, tone: str, certainty: Certainty, sentence: str, figures: tuple[Figure, ...], period: Window
) -> Insight:
    look = told.look("Look at its ads", anchor="#ads") if tone == "warn" else None
    return Insight("pacing", tone, certainty, sentence, figures, period, told.source(), look)


def against_peers(told: Told, peers: Peers, *, of_whom: str) -> list[Insight]:
    """CPA and ROAS against the median of at least five others in the same period; within the campaign's own noise it says so."""
    found = []
    told_orders = [(one.spend, one.conversions) for one in told.finished if one.conversions is not None]
    told_values = [(one.value, one.spend) for one in told.finished if one.value is not None]
    if peers.cpa_micros and peers.cpa_of >= FEWEST_PEERS and told_orders:
        days = Days([spend for spend, _ in told_orders], [orders for _, orders in told_orders])
        found.append(_beside(told, "cpa", days, peers.cpa_micros / MICROS, f"{peers.cpa_of} {of_whom}"))
    if peers.roas and peers.roas_of >= FEWEST_PEERS and told_values:
        days = Days([value for value, _ in told_values], [spend for _, spend in told_values])
        found.append(_beside(told, "roas", days, peers.roas, f"{peers.roas_of} {of_whom}"))
    return [one for one in found if one is not None]


def _beside(told: Told, key: str, days: Days, median: float, whom: str) -> Insight | None:
    try:
        own = rate_of(days)
    except CannotCompare:
        return None
    is_clear = not own.low <= median <= own.high
    is_good = (own.value > median) is (key == "roas")
    where = "above" if own.value > median else "below"
    distance = percent(abs(own.value / median - 1), digits=0)
    sentence = f"{key.upper()} of {_shown(told, key, own.value)} is {distance} {where} the median of {whom}"
    sentence += "." if is_clear else ", which is within the noise of its days: you cannot tell whether it differs."
    step = told.budget_step("+20 %" if is_good else "-20 %") if is_clear else None
    return Insight(
        kind=f"{key}_beside_peers",
        tone=("good" if is_good else "bad") if is_clear else "plain",
        certainty=Certainty.CLEAR if is_clear else Certainty.CANNOT_TELL,
        sentence=sentence,
        figures=_beside_figures(key, own, median),
        period=told.window,
        source=told.source(),
        suggestion=step,
    )


def _beside_figures(key: str, own: Rate, median: float) -> tuple[Figure, ...]:
    named = ((key, own.value), (f"{key}_low", own.low), (f"{key}_high", own.high), ("median", median))
    if key == "cpa":
        return tuple(micros(name, value) for name, value in named)
    return tuple(Figure(name, round(value, 6), Unit.MULTIPLE.value) for name, value in named)


def _shown(told: Told, key: str, value: float) -> str:
    return told.price(value) if key == "cpa" else multiple(value)


def least_telling_micros(told: Told) -> float | None:
    """What an ad must have cost for its lack of conversions to say something; None where conversions are not told."""
    orders = [one.conversions for one in told.days if one.conversions is not None]
    if not orders or not sum(orders):
        return None
    return CPA_WITHOUT_CONVERSION * sum(one.spend for one in told.days) / sum(orders) * MICROS


def ads_that_only_cost(told: Told, ads: list[SpendingAd], *, whole_micros: int, least_micros: float) -> Insight | None:
    """Ads that carry spend without a single conversion."""
    if not ads or not whole_micros:
        return None
    spend = sum(ad.spend_micros for ad in ads)
    named = ", ".join(f"“{ad.name}”" for ad in ads[:3]) + (f" and {count(len(ads) - 3)} more" if len(ads) > 3 else "")
    currency = told.campaign.currency
    cost = f"cost {money(spend, currency)}, {percent(spend / whole_micros, digits=0)} of what its ads cost"
    sentence = (
        f"{plural(len(ads), 'ad')} {cost}, and brought no conversion: {named}. Each cost more than "
        f"{money(round(least_micros), currency)}, three times what a conversion costs here."
    )
    figures = (
        number("ads", len(ads)),
        Figure("spend", spend, Unit.MONEY.value),
        share("share_of_spend", spend / whole_micros),
    )
    look = told.look("Look at its ads", anchor="#ads")
    return Insight(
        "ads_without_conversions", "bad", Certainty.CLEAR, sentence, figures, told.window, told.source("Ad days"), look
    )


def nothing_converted(told: Told) -> Insight | None:
    """The whole campaign cost something and brought nothing."""
    orders = [one.conversions for one in told.finished if one.conversions is not None]
    spend = sum(one.spend for one in told.finished)
    if not orders or any(orders) or not spend or len(orders) < len(told.finished):
        return None
    sentence = f"It cost {told.price(spend)} in {plural(len(orders), 'day')} and brought no conversion."
    figures = (micros("spend", spend), number("conversions", 0))
    return Insight("no_conversions", "bad", Certainty.FACT, sentence, figures, told.window, told.source(), told.pause())
