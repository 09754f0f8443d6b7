"""The words of the page on paths: what each model is called, what it does in a sentence, and what an answer says."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.mix.presenting import LEVEL, Assumption
from kit.format import amount, compact_amount, count, day, day_range, percent

LAST_CLICK = "last"
DEFAULT_MODEL = "markov"
# Name and explanation, in the order in which they are offered.
MODELS = {
    "last": ("Last click", "The last channel before a sale gets all of it. The rule of most ad and web statistics."),
    "last_non_direct": (
        "Last click without direct",
        "The last channel before a sale gets all of it, but typing your address counts only where there was nothing else.",
    ),
    "first": ("First touch", "The channel that a customer met first gets all of the sale."),
    "linear": ("Equal parts", "Every touch before a sale gets the same part of it. Also called linear."),
    "time_decay": (
        "Recent touches",
        "The closer a touch is to the sale, the more it gets: half as much for every seven days earlier. Also called time decay.",
    ),
    "position": (
        "First and last",
        "40 % for the first touch, 40 % for the last, the rest in equal parts for those between. Also called position-based.",
    ),
    "markov": (
        "If it were gone",
        "How many people would no longer reach a sale if this channel were cut out of all paths. Also called a Markov model.",
    ),
    "shapley": (
        "Fair share",
        "Every channel on the way to a sale gets the average of what it adds, in whatever order they came. Also called Shapley value.",
    ),
}
CHOICES = tuple(name for name in MODELS if name != LAST_CLICK)
CLAIMS = "What each platform reports for its own ads, or your file for each channel. Several may claim the same sale."
MIX = (
    "What would have been missing without the channel, told by how sales moved with its spend. "
    "Paths and claims cannot know what would have sold anyway; this can."
)


def headline(document: Mapping[str, Any]) -> str:
    """The finding before the method."""
    table, mix, orders = document["table"], document["mix"], document["orders"]
    said = []
    if (claims := table["claims_share"]) is not None:
        wrong = f", so at least {percent(1 - 1 / claims, digits=0)} of that cannot be right" if claims > 1.05 else ""
        said.append(f"Your sources claim {percent(claims, digits=0)} of your sales{wrong}.")
    if mix and mix["brought"] and document["sales"]["value"] > 0:
        said.append(f"The mix model finds that advertising brought {mix_share(document)}.")
    if (touched := orders["share_with_touch"]) is not None and document["paths"]["channels"]:
        said.append(f"{percent(touched, digits=0)} of your customers' orders came after a touch.")
    return " ".join(said) or "Too little is known yet to compare. What is missing stands below."


def mix_share(document: Mapping[str, Any]) -> str:
    """What the mix model finds of sales, with its range."""
    brought, sales = document["mix"]["brought"], document["sales"]["value"]
    middle, low, high = (percent(brought[end] / sales, digits=0) for end in ("value", "low", "high"))
    return f"about {middle} of them ({LEVEL} % range {low} to {high})"


def flag_sentences(document: Mapping[str, Any]) -> list[str]:
    """What a reader should know: of all channels first, then where claims or clicks leave the mix model's range, then who is missing."""
    table, currency = document["table"], document["currency"]
    overall = [flag["detail"].replace("%", "\u00a0%") for flag in table["flags"] if flag["channel"] is None]
    rows = {row["channel"]: row for row in table["channels"]}
    apart = [
        _apart(flag["code"], rows[flag["channel"]], currency) for flag in table["flags"] if flag["code"] in _AGAINST_MIX
    ]
    missing = [
        sentence.format(channels=_listed(named))
        for code, sentence in _MISSING.items()
        if (named := [flag["channel"] for flag in table["flags"] if flag["code"] == code])
    ]
    return [*overall, *apart, *missing]


_AGAINST_MIX = {
    "claim_above_mix": "claimed_value",
    "claim_below_mix": "claimed_value",
    "last_click_above_mix": "last_click",
    "last_click_below_mix": "last_click",
}
_MISSING = {
    "mix_cannot_tell": "The mix model cannot tell what these brought: {channels}.",
    "not_in_mix": "The mix model does not hold these, for they have no spend in its data: {channels}.",
    "no_touches": "No touch of these was told, so path models cannot see them: {channels}.",
}


def _apart(code: str, row: Mapping[str, Any], currency: str) -> str:
    name, said = row["channel"], amount(row[_AGAINST_MIX[code]], currency)
    low, middle, high = (amount(row[end], currency) for end in ("mix_low", "mix_value", "mix_high"))
    says = f"{name} claims {said}" if code.startswith("claim") else f"Last click gives {name} {said}"
    side = "more" if code.endswith("above_mix") else "less"
    return f"{says}, {side} than the mix model finds: {middle} ({LEVEL} % range {low} to {high})."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]


def assumptions(document: Mapping[str, Any]) -> list[Assumption]:
    """What the answer rests on."""
    since, until = (date.fromisoformat(document[end]) for end in ("since", "until"))
    session, orders = document["session_minutes"], document["orders"]
    once = f"touches of one channel within {session} minutes are one" if session else "every touch counts"
    return [
        Assumption("Days", f"{day_range(since, until)}, for which all of it is known."),
        Assumption("Sales", _sales(document)),
        Assumption(
            "Paths",
            f"{count(orders['count'])} orders, net of refunds. A touch counts for a sale up to {document['look_back_days']} days "
            f"later; {once}.",
        ),
        Assumption("Mix model", _mix(document["mix"])),
        Assumption(
            "Ranges",
            f"With {LEVEL} % probability: for path models over customers drawn again, for the mix model over its calculation.",
        ),
    ]


def _sales(document: Mapping[str, Any]) -> str:
    value = compact_amount(document["sales"]["value"], document["currency"])
    return {
        "recorded": f"{value} of revenue, as your shop or your file told it.",
        "orders": f"{value}, from the orders of your customers, net of refunds.",
        "unknown": "Not known: nothing but the platforms' own claims was told.",
    }[document["sales"]["basis"]]


def _mix(mix: Mapping[str, Any] | None) -> str:
    if mix is None:
        return "Not worked out yet; start it on the page Attribution."
    told = f"The attribution on data to {day(date.fromisoformat(mix['data_to']))}"
    if mix["covered"] < 0.9:
        return f"{told} knows only {percent(mix['covered'], digits=0)} of these days. Run it again to see its figures here."
    return f"{told}, its part of these days."
