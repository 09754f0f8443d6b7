"""What a caller may choose about a forecast, and the limits that are refused with a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from ml.errors import BadOption

Progress: TypeAlias = Callable[[float, str], None]
ModelChoice: TypeAlias = Literal["auto", "prophet", "structural", "mix"]

PROPHET, STRUCTURAL, MIX = "Prophet", "Structural", "Mix model"
LONGEST_HORIZON_DAYS = 365
FEWEST_DAYS = 60  # eight weekdays of each kind: fewer cannot tell a weekday's share from chance
FEWEST_WEEKS = 26  # a weekly row says nothing of weekdays, and half a year is the least that shows a trend
FEWEST_EARNING = 20  # periods with revenue, below which neither level nor noise can be told


@dataclass(frozen=True)
class ForecastOptions:
    """`model` "auto" takes the candidate with the lower rolling-origin error, any other value forces one of them.

    `country` (ISO 3166 two letters) adds its public holidays; `paths` is the number of simulated futures behind totals;
    `origins` (3 or more) the number of past days from which the candidates are tried.
    """

    model: ModelChoice = "auto"
    country: str | None = None
    paths: int = 1000
    origins: int = 6

    def __post_init__(self) -> None:
        if self.origins < 3 or self.paths < 100:
            raise BadOption(
                f"{self.origins} origins and {self.paths} paths are too few.", "Use at least 3 origins and 100 paths."
            )
        if self.model not in get_args(ModelChoice):
            raise BadOption(f"There is no model “{self.model}”.", f"Choose one of {', '.join(get_args(ModelChoice))}.")
