"""Whether a file's amounts may be added to the workspace's: only in the same currency."""

from app.imports.errors import CurrencyDiffers
from app.imports.shape import FileShape


def currency_problem(shape: FileShape, *, workspace_currency: str, has_data: bool) -> CurrencyDiffers | None:
    """The refusal of a file that shows another currency, or None. A sign such as $ that may mean the workspace's is fine."""
    seen = shape.possible_currencies if shape.currency is None else (shape.currency,)
    if not seen or workspace_currency in seen:
        return None
    return differing(seen[0], workspace_currency=workspace_currency, has_data=has_data)


def require_same_currency(shape: FileShape, *, chosen: str | None, workspace_currency: str, has_data: bool) -> str:
    """The currency in which the file is read: always the workspace's. A person's choice counts more than what was seen."""
    if chosen is not None:
        if chosen.upper() != workspace_currency:
            raise differing(chosen.upper(), workspace_currency=workspace_currency, has_data=has_data)
        return workspace_currency
    if problem := currency_problem(shape, workspace_currency=workspace_currency, has_data=has_data):
        raise problem
    return workspace_currency


def differing(seen: str, *, workspace_currency: str, has_data: bool) -> CurrencyDiffers:
    """What happened and what to do, which depends on whether there is data already."""
    detail = f"The file is in {seen}, this workspace in {workspace_currency}. Adding them up would be wrong."
    if has_data:
        return CurrencyDiffers(
            detail, f"Convert the amounts to {workspace_currency}, or import the file into a workspace in {seen}."
        )
    return CurrencyDiffers(
        detail, f"The workspace has no data yet: switch its currency to {seen} under Settings → General, then import."
    )
