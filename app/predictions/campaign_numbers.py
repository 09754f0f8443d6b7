"""What the numeric core says of a campaign, as predictions for the ledger."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.predictions.schemas import Kind, NewPrediction
from kit.money import to_micros
from ml.predict.campaigns import CampaignPrediction, Estimate

MODEL = "campaigns"


@dataclass(frozen=True)
class Source:
    """What predictions rest on: the first day that was not known, the campaigns' names, the model's version, the data's version, and
    who asked. `worth` is what a unit of the campaign's own currency is worth in the workspace's."""

    since: date
    names: dict[str, str]
    version: int
    data_version: int
    job_id: UUID | None = None
    made_by: UUID | None = None
    worth: float = 1.0


def new_predictions(found: Iterable[CampaignPrediction], source: Source) -> Iterator[NewPrediction]:
    """One prediction of conversions and one of ROAS per campaign, where the model knows them."""
    for one in found:
        if one.conversions is not None:
            yield new_prediction(one, one.conversions, Kind.CAMPAIGN_CONVERSIONS, source)
        if one.roas is not None:
            yield new_prediction(one, one.roas, Kind.CAMPAIGN_ROAS, source)


def new_prediction(one: CampaignPrediction, estimate: Estimate, kind: Kind, source: Source) -> NewPrediction:
    """An estimate to be written down. Without a plan, the same campaign, kind and days are predicted once."""
    spend_micros = to_micros(one.spend / source.worth)
    plan = f"{spend_micros}:{source.data_version}" if one.is_planned else "as-it-was"
    return NewPrediction(
        kind=kind,
        subject_id=UUID(one.key),
        subject=source.names[one.key],
        since=source.since,
        until=source.since + timedelta(days=one.horizon_days - 1),
        point=estimate.point,
        low=estimate.low80,
        high=estimate.high80,
        unit="count" if kind is Kind.CAMPAIGN_CONVERSIONS else "ratio",
        assumed={"is_planned": one.is_planned, "spend_micros": spend_micros, "own_share": round(estimate.own_share, 4)},
        model=f"{MODEL}: {estimate.method}",
        model_version=str(source.version),
        data_version=source.data_version,
        job_id=source.job_id,
        made_by=source.made_by,
        key=f"{kind.value}:{one.key}:{one.horizon_days}:{source.since}:{plan}",
    )
