"""Why there is no prediction, in the product's error taxonomy."""

from kit.errors import DataCannotCarry
from ml.errors import MlError


class PredictionRefused(DataCannotCarry):
    """There is too little to go by; says what is missing and what would help."""

    code = "prediction-refused"


def as_product_error(problem: MlError) -> PredictionRefused:
    """The product's error for a refusal of the numeric core."""
    return PredictionRefused(problem.detail, problem.hint or "Wait for more days of data.")
