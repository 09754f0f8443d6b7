"""A proposed daily budget for one campaign, from its own response beside all other advertising. It advises; nothing is applied.

Entry points: `request_for` (what is asked), `advise_budget` (the run), `preview_of` (the change that a person could confirm).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from sqlalchemy.orm import Session

from adloom_sdk.manifest import Manifest
from adloom_sdk.messages import ActionKind
from app.campaigns.detail import campaign_by_id
from app.campaigns.guardrails import Wanted, check_change, place_of
from app.campaigns.platform_models import Campaign
from app.mix.campaign_queries import campaign_frame, spend_per_day_micros
from app.mix.errors import RunRefused
from app.mix.schemas import SEED, CampaignBudgetRequest, ChangePreview, ConfirmCall
from kit.errors import AdloomError
from kit.format import money, percent
from kit.money import MICROS
from ml.errors import MlError
from ml.mix.fit import fit_mix
from ml.mix.optimise import BudgetPlan, optimise_budget
from ml.mix.results import ChannelResult, MixFit

DEFAULT_MAX_CHANGE = 0.2
RECENT_DAYS = 14
LITTLE_PACE = 0.8
SMALL_STEP = 0.02
TEST_IT = "Set its daily budget 20 % higher or lower for two weeks and leave the rest alone, then ask again."


@dataclass(frozen=True)
class _Advice:
    """`share` is what becomes of the daily budget: 1.1 is 10 % more."""

    verdict: str
    reason: str
    next_step: str = ""
    share: float = 1.0


def request_for(session: Session, campaign: Campaign, *, max_change: float) -> CampaignBudgetRequest:
    """The question as of now. Raises InvalidInput for a plan, which has no platform."""
    place_of(session, campaign)
    return CampaignBudgetRequest(
        campaign_id=campaign.id,
        status=campaign.status,
        daily_budget_micros=campaign.daily_budget_micros,
        max_change=max_change,
    )


def advise_budget(
    session: Session,
    request: CampaignBudgetRequest,
    *,
    currency: str,
    today: date,
    progress: Callable[[float, str], None],
) -> dict[str, Any]:
    """What is stored of the run. Where the data cannot carry advice, that is the answer, with the cheapest next step."""
    campaign = campaign_by_id(session, request.campaign_id)
    if hindrance := _hindrance(campaign):
        return _document(campaign, hindrance)
    try:
        progress(0.01, "Reading the campaign's history")
        frame = campaign_frame(session, campaign, currency=currency, today=today)
        fit = fit_mix(frame, seed=SEED, progress=progress)
        own = fit.channel(campaign.name)
        plan = optimise_budget(
            fit, budget_per_day=float(fit.current_per_day().sum()), max_change=request.max_change, within_observed=True
        )
    except (MlError, RunRefused) as refusal:
        return _document(campaign, _Advice("cannot_advise", refusal.detail, refusal.hint or TEST_IT))
    recent = spend_per_day_micros(session, campaign, today=today, days=RECENT_DAYS)
    return _document(campaign, _advice(campaign, own, plan, recent), fit=fit, plan=plan)


def preview_of(
    session: Session, campaign: Campaign, result: dict[str, Any], *, manifest: Manifest | None, base: str
) -> ChangePreview | None:
    """The proposed change as of now, with what keeps it from being made; None where none is proposed."""
    proposed = result["proposed_daily_budget_micros"]
    if result["verdict"] not in {"raise", "lower"}:
        return None
    problem, what_to_do = _problem(session, campaign, result, manifest)
    body = {
        "daily_budget_micros": proposed,
        "expected_daily_budget_micros": result["daily_budget_micros"],
    }
    call = ConfirmCall("PATCH", f"/api/v1/campaigns/{campaign.id}", body)
    typed = f"{Decimal(proposed) / MICROS:f}"
    return ChangePreview(
        campaign_id=campaign.id,
        kind=ActionKind.SET_DAILY_BUDGET.value,
        currency=campaign.currency,
        before_daily_budget_micros=campaign.daily_budget_micros,
        after_daily_budget_micros=proposed,
        problem=problem,
        what_to_do=what_to_do,
        page=f"{base}/campaigns/change?campaign={campaign.id}&kind=set_daily_budget&budget={typed}",
        confirm=None if problem else call,
    )


def _problem(
    session: Session, campaign: Campaign, result: dict[str, Any], manifest: Manifest | None
) -> tuple[str, str]:
    """The guardrails of every change, asked with what the run saw."""
    if manifest is None:
        return "Its platform cannot be changed from here.", "Change it in the platform's own ads manager."
    wanted = Wanted(
        ActionKind.SET_DAILY_BUDGET,
        campaign.status,
        result["daily_budget_micros"],
        result["proposed_daily_budget_micros"],
    )
    try:
        check_change(session, campaign=campaign, wanted=wanted, manifest=manifest)
    except AdloomError as refusal:
        return refusal.detail, refusal.errors[0].message if refusal.errors else refusal.hint
    return "", ""


def _hindrance(campaign: Campaign) -> _Advice | None:
    """What keeps a daily budget from being proposed at all."""
    if campaign.budget_owner == "shared":
        return _Advice(
            "cannot_advise",
            "Its budget also feeds other campaigns, so a daily budget of its own cannot be proposed.",
            "Give it a budget of its own on its platform, or ask for a split over channels with POST /api/v1/budget/optimize.",
        )
    if campaign.daily_budget_micros is None or campaign.budget_owner != "campaign":
        return _Advice(
            "cannot_advise",
            "It has no daily budget of its own: its ad groups have budgets, or it has a lifetime budget.",
            "Give it a daily budget on its platform, and ask again once it has run for two weeks.",
        )
    if campaign.status != "active":
        return _Advice(
            "cannot_advise", "It does not run, so its next days cannot be told.", "Enable it, and ask two weeks later."
        )
    return None


def _advice(campaign: Campaign, own: ChannelResult, plan: BudgetPlan, recent_micros: float | None) -> _Advice:
    if own.grade == "cannot_tell" or plan.advice == "cannot_advise":
        return _Advice("cannot_advise", f"The data cannot tell what it brings. {own.grade_reason}".strip(), TEST_IT)
    line = next(one for one in plan.allocation if one.channel == campaign.name)
    share = line.recommended_per_day / line.current_per_day if line.current_per_day else 1.0
    if plan.advice == "hold" or abs(share - 1) < SMALL_STEP:
        return _Advice("keep", plan.advice_reason)
    pace = (recent_micros or 0) / (campaign.daily_budget_micros or 1)
    if share > 1 and pace < LITTLE_PACE:
        spent = money(round(recent_micros or 0), campaign.currency)
        said = (
            f"It spends {spent} a day, {percent(pace, digits=0)} of its daily budget: more budget would change nothing."
        )
        return _Advice("keep", said, "Widen its audience or raise its bids first, and ask again two weeks later.")
    where = "come from" if share > 1 else "go to"
    reason = f"{plan.advice_reason} The money would {where} your other advertising."
    return _Advice("raise" if share > 1 else "lower", reason, share=share)


def _document(
    campaign: Campaign, advice: _Advice, *, fit: MixFit | None = None, plan: BudgetPlan | None = None
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "verdict": advice.verdict,
        "reason": advice.reason,
        "next_step": advice.next_step,
        "campaign_id": str(campaign.id),
        "currency": campaign.currency,
        "daily_budget_micros": campaign.daily_budget_micros,
        "proposed_daily_budget_micros": _proposed_micros(campaign, advice.share),
    }
    if fit is not None and plan is not None:
        document |= {"expected": _expected(fit, plan), "response": _response(fit.channel(campaign.name))}
        document["limits"] = [one.sentence for one in plan.binding if one.channel == campaign.name]
    return document


def _proposed_micros(campaign: Campaign, share: float) -> int | None:
    """The budget in whole coins of its currency."""
    if campaign.daily_budget_micros is None:
        return None
    coin: int = MICROS // 10 ** get_currency_precision(campaign.currency)
    return round(campaign.daily_budget_micros * share / coin) * coin


def _expected(fit: MixFit, plan: BudgetPlan) -> dict[str, Any]:
    """Revenue a day against today, in units of the workspace's currency; 95 % interval."""
    return {
        "currency": fit.currency,
        "uplift_per_day": round(plan.expected_uplift_per_day, 2),
        "low": round(plan.uplift_low, 2),
        "high": round(plan.uplift_high, 2),
        "probability_better": round(plan.probability_better, 3),
    }


def _response(own: ChannelResult) -> dict[str, Any]:
    """What the campaign brings, by its own response: return on all of its spend and on the next unit, with 95 % intervals."""
    return {
        "grade": own.grade,
        "grade_reason": own.grade_reason,
        "spend_per_day": round(own.current_per_day, 2),
        "highest_per_day": round(own.highest_per_day, 2),
        "roi": {"mean": round(own.roi_mean, 3), "low": round(own.roi_low, 3), "high": round(own.roi_high, 3)},
        "marginal_roi": {
            "mean": round(own.mroi_mean, 3),
            "low": round(own.mroi_low, 3),
            "high": round(own.mroi_high, 3),
        },
    }
