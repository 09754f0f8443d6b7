"""What limits the numbers of a campaign, or what can be done with it: its state, days that may still change, days that are missing."""

from datetime import timedelta

from app.performance.campaigns.insight_parts import Certainty, Insight, Suggestion, Told, number
from app.performance.windows import Window
from kit.format import day, plural

_STATES = {
    "paused": "It is paused: it costs nothing, and its numbers do not move.",
    "ended": "It has ended: its numbers settle, and a change of its budget would change nothing.",
    "removed": "It was removed on its platform: its numbers stay, and it cannot be changed from here.",
    "planned": "It is a plan that lives here only, so there is nothing to measure.",
    "other": "Its platform keeps it from running: {raw}.",
}


def by_status(told: Told) -> Insight | None:
    """What its state keeps from being told; None where it runs."""
    campaign = told.campaign
    said = _STATES.get(campaign.status)
    if said is None:
        return None
    sentence = said.format(raw=campaign.raw_status or "it gives no reason")
    enable = None
    if campaign.status == "paused":
        href = f"{told.base}/campaigns/change?campaign={campaign.id}&kind=enable"
        enable = Suggestion("Preview enabling it", href, is_change=True)
    return Insight("status", "info", Certainty.FACT, sentence, (), told.window, told.source("Campaigns"), enable)


def by_connection(told: Told) -> Insight | None:
    """Why nothing newer comes in; None where it does."""
    if told.reading is None:
        return None
    account, connection = told.reading.account, told.reading.connection
    if connection.state == "active" and account.is_selected and not account.problem:
        return None
    why = account.problem or connection.problem
    if not why:
        why = "Its connection is not being read." if account.is_selected else "Its account is no longer read."
    sentence = f"Nothing newer than {_last_told(told)} comes in. {why}"
    href = f"{told.base}/connections/{connection.id}"
    look = Suggestion("Look at the connection", href)
    return Insight("not_read", "warn", Certainty.FACT, sentence, (), told.window, told.source("Connections"), look)


def by_finality(told: Told) -> Insight | None:
    """How many days of the period may still change; None where all are final."""
    open_days = [one.day for one in told.days if one.finality < 2]
    if not open_days:
        return None
    today = sum(one.finality == 0 for one in told.days)
    sentence = (
        f"{plural(len(open_days), 'day')} of this period, from {day(open_days[0])} on, may still change: {told.platform} "
        "corrects conversions after the fact, mostly upwards."
    )
    if today:
        sentence += " Days that are not over are left out of the comparisons."
    figures = (number("open_days", len(open_days)), number("unfinished_days", today))
    period = Window(open_days[0], open_days[-1])
    return Insight("provisional_days", "info", Certainty.FACT, sentence, figures, period, told.source())


def by_gaps(told: Told) -> Insight | None:
    """Days of the period of which nothing was told although it ran."""
    if told.campaign.status != "active" or not told.days:
        return None
    first = max(told.window.since, told.campaign.starts_on or told.days[0].day)
    known = {one.day for one in told.days}
    count = (told.window.until - first).days + 1
    missing = [one for offset in range(count) if (one := first + timedelta(days=offset)) not in known]
    if not missing:
        return None
    sentence = f"Of {plural(len(missing), 'day')} of this period nothing is told, {day(missing[-1])} the last of them."
    figures = (number("days_without_numbers", len(missing)),)
    return Insight("missing_days", "info", Certainty.FACT, sentence, figures, told.window, told.source())


def _last_told(told: Told) -> str:
    return day(told.days[-1].day) if told.days else "before this period"
