"""What is expected of customers as a file to take away."""

import io

from sqlalchemy.orm import Session

from app.performance.export import ExportFile
from app.predictions.customer_asking import running_lifetime
from app.predictions.customer_queries import OutlookRow, outlook
from app.predictions.customer_schemas import Listing
from app.predictions.customer_views import is_told
from app.predictions.queries import active_model
from app.predictions.schemas import ModelKind
from kit.csvio import Value, write_csv


def customers_file(session: Session, listing: Listing, *, currency: str) -> ExportFile:
    """All customers that the filters leave as CSV, in currency units. Raises PredictionRefused where nothing was learnt.

    What cannot be told is left empty; its range is given.
    """
    model = running_lifetime(session, currency=currency)
    churn = active_model(session, kind=ModelKind.CHURN)
    stream = io.StringIO(newline="")
    write_csv(
        stream,
        [
            "Customer",
            "Name",
            "Orders",
            "Last order",
            f"Expected over 90 days, {currency}",
            f"At least, {currency} (80 % range)",
            f"At most, {currency} (80 % range)",
            "Risk to buy nothing in 90 days",
            "Next offer",
            "What to do",
            f"Expected gain, {currency}",
            "Known until",
            "Model version",
        ],
        (
            [*_cells(row, with_value=is_told(model), with_risk=is_told(churn)), model.trained_until, model.version]
            for row in outlook(session, listing)
        ),
    )
    name = f"customers-{model.trained_until}.csv"
    return ExportFile(name, "text/csv", stream.getvalue().encode("utf-8-sig"))


def _cells(row: OutlookRow, *, with_value: bool, with_risk: bool) -> list[Value]:
    return [
        row.external_id,
        row.name,
        row.orders,
        None if row.last_order_at is None else row.last_order_at.date(),
        _rounded(row.value if with_value else None),
        _rounded(row.value_low),
        _rounded(row.value_high),
        None if row.risk is None or not with_risk else round(row.risk, 3),
        row.offer or None,
        row.act,
        _rounded(row.gain if row.offer else None),
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
