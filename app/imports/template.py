"""The template to download: the columns of an import with a few rows to be overwritten."""

import io
from datetime import date, timedelta

from app.imports.shape import COUNT_FIELDS, REQUIRED, Field
from kit.csvio import write_csv

TEMPLATE_NAME = "adloom-template.csv"
COLUMNS = tuple(field.value for field in (*REQUIRED, *COUNT_FIELDS, Field.CAMPAIGN))
_ROWS = (
    ("Google Ads", "120.50", "410.00", 5300, 190, 9, 6, 3, "Brand search"),
    ("Facebook Ads", "80.00", "195.90", 14200, 160, 4, 3, 1, "Summer sale"),
    ("Email", "0.00", "88.00", "", 45, 2, 0, 2, "Newsletter"),
)


def template_csv(*, today: date) -> bytes:
    """The template with yesterday and the day before as examples, in UTF-8 that Excel recognises."""
    stream = io.StringIO(newline="")
    days = (today - timedelta(days=2), today - timedelta(days=1))
    write_csv(stream, COLUMNS, [(day.isoformat(), *row) for day in days for row in _ROWS])
    return stream.getvalue().encode("utf-8-sig")
