"""What is expected of customers as programs see it: a page of customers, each with value, risk and next offer."""

from sqlalchemy.orm import Session

from app.performance.campaigns.cursors import cursor_after, offset_of
from app.predictions.customer_queries import OutlookRow, outlook, outlook_count
from app.predictions.customer_schemas import Act, CustomerOutlook, Grade, Listing, NextOffer, OutlookPage
from app.predictions.models import ModelVersion
from app.predictions.queries import active_model
from app.predictions.schemas import ModelKind
from kit.money import to_micros


def outlook_page(
    session: Session, listing: Listing, *, currency: str, page_size: int, cursor: str | None
) -> OutlookPage:
    """A page of customers. Numbers whose grade is “cannot tell” are left out; ranges stay."""
    offset = offset_of(cursor)
    value, risk = (active_model(session, kind=kind) for kind in (ModelKind.LIFETIME, ModelKind.CHURN))
    total, rows = outlook_count(session, listing), outlook(session, listing, limit=page_size, offset=offset)
    end = offset + len(rows)
    return OutlookPage(
        currency=currency,
        items=[_shown(row, with_value=is_told(value), with_risk=is_told(risk)) for row in rows],
        total=total,
        value_grade=grade_of(value),
        risk_grade=grade_of(risk),
        next_cursor=cursor_after(end) if rows and end < total else None,
    )


def grade_of(row: ModelVersion | None) -> Grade | None:
    """How far a version can be trusted; None where there is none."""
    return None if row is None else row.metrics["grade"]


def is_told(row: ModelVersion | None) -> bool:
    """True where a version's single numbers may be shown."""
    return grade_of(row) in {"reliable", "uncertain"}


def _shown(row: OutlookRow, *, with_value: bool, with_risk: bool) -> CustomerOutlook:
    return CustomerOutlook(
        customer_id=row.customer_id,
        external_id=row.external_id,
        name=row.name,
        orders=row.orders,
        last_order_at=row.last_order_at,
        value_micros=_micros(row.value if with_value else None),
        value_low_micros=_micros(row.value_low),
        value_high_micros=_micros(row.value_high),
        risk=row.risk if with_risk else None,
        next_offer=_offer(row),
    )


def _offer(row: OutlookRow) -> NextOffer | None:
    if not row.offer or not row.act or row.gain is None or row.gain_low is None or row.gain_high is None:
        return None
    return NextOffer(
        name=row.offer,
        act=Act(row.act),
        gain_micros=to_micros(row.gain),
        low_micros=to_micros(row.gain_low),
        high_micros=to_micros(row.gain_high),
    )


def _micros(value: float | None) -> int | None:
    return None if value is None else to_micros(value)
