"""How the numeric core's refusals reach a person: the same sentences, under the product's error taxonomy."""

from kit.errors import DataCannotCarry, InvalidInput
from ml.errors import BadBudget, BadOption, CannotFit, InfeasibleBudget, MlError


class RunRefused(DataCannotCarry):
    """The data do not allow the answer; says why, and what would help."""

    code = "model-refused"


class BudgetImpossible(InvalidInput):
    """Minimum, maximum and locks contradict the budget; names them."""

    code = "budget-impossible"


def as_product_error(problem: MlError) -> RunRefused | BudgetImpossible:
    """The product's error for a refusal of the numeric core."""
    if isinstance(problem, InfeasibleBudget | BadBudget | BadOption):
        return BudgetImpossible(problem.detail, problem.hint)
    if isinstance(problem, CannotFit):
        return RunRefused(problem.detail, problem.hint)
    return RunRefused(problem.detail, problem.hint or "Check the imported data for this period.")
