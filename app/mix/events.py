"""What this slice announces. It does not know who listens: `app/flows.py` is the table that says what happens next."""

from dataclasses import dataclass
from datetime import date

from app.mix.models import ModelRun


@dataclass(frozen=True)
class RunFinished:
    """A run has its result. Amounts in it are in units of `currency`; `today` is the workspace's."""

    run: ModelRun
    currency: str
    today: date
