"""Writing down what is expected of each customer, all of a kind at once."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Float, Text, Uuid, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from app.customers.models import Customer
from app.predictions.customer_learning import Answers
from app.predictions.customer_models import CustomerPrediction
from kit.clock import utc_now

_WRITTEN = ("customer_id", "point", "low", "high", "choice", "act", "kind", "horizon_days", "model_id", "made_at")


def write_answers(session: Session, answers: Answers, *, kind: str, horizon_days: int, model_id: UUID) -> int:
    """Every customer's newest number of a kind. Whoever has none any more loses the old one; answers how many were written.

    Customers who were removed while the model learnt are left out.
    """
    now, empty = utc_now(), [""] * len(answers.ids)
    columns: dict[str, tuple[list[Any], TypeEngine[Any]]] = {
        "customer_id": (list(answers.ids), Uuid()),
        "point": (answers.point.tolist(), Float()),
        "low": (answers.low.tolist(), Float()),
        "high": (answers.high.tolist(), Float()),
        "choice": (empty if answers.choice is None else answers.choice.tolist(), Text()),
        "act": (empty if answers.act is None else answers.act.tolist(), Text()),
    }
    said = (
        func.unnest(*(cast(values, ARRAY(kind_)) for values, kind_ in columns.values()))
        .table_valued(*(Column(name, kind_) for name, (_, kind_) in columns.items()), name="said")
        .render_derived()
    )
    rows = select(
        *(said.c[name] for name in columns),
        literal(kind),
        literal(horizon_days),
        literal(model_id),
        literal(now),
    ).join_from(said, Customer, Customer.id == said.c.customer_id)
    statement = insert(CustomerPrediction).from_select(list(_WRITTEN), rows)
    newest = {name: statement.excluded[name] for name in _WRITTEN if name not in {"customer_id", "kind"}}
    session.execute(
        statement.on_conflict_do_update(index_elements=["customer_id", "kind"], set_=newest),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        delete(CustomerPrediction).where(CustomerPrediction.kind == kind, CustomerPrediction.made_at < now),
        execution_options={"synchronize_session": False},
    )
    return len(answers.ids)
