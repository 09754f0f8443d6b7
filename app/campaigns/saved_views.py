"""Saved views: a list's filters, columns and order under a name, shared by everybody in the workspace."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.campaigns.platform_models import SavedView
from kit.errors import FieldError, InvalidInput, NotFound
from kit.ids import new_id

CAMPAIGNS_PAGE = "campaigns"
MAX_NAME, MAX_QUERY, MAX_VIEWS = 60, 2000, 100


def saved_views(session: Session, *, page: str = CAMPAIGNS_PAGE) -> Sequence[SavedView]:
    """A list's saved views by name."""
    return session.scalars(select(SavedView).where(SavedView.page == page).order_by(func.lower(SavedView.name))).all()


def save_view(
    session: Session, *, name: str, query: str, allowed: Sequence[str], user_id: UUID, page: str = CAMPAIGNS_PAGE
) -> tuple[str, str]:
    """Keep what stands in the address under a name, only the parameters that the list knows; the same name is overwritten.

    Answers name and parameters as they are kept.
    """
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > MAX_NAME or not tidy.isprintable():
        message = f"Give the view a name of 1 to {MAX_NAME} letters."
        raise InvalidInput("The view needs a name.", message, [FieldError(message, "name")])
    if len(saved_views(session, page=page)) >= MAX_VIEWS:
        raise InvalidInput(f"There are {MAX_VIEWS} saved views already.", "Delete one first.")
    kept = urlencode([(key, value) for key, value in parse_qsl(query) if key in allowed])
    if len(kept) > MAX_QUERY:
        raise InvalidInput("The view has too many filters to be kept.", "Leave some of them out.")
    values = {"id": new_id(), "page": page, "name": tidy, "query": kept, "created_by": user_id}
    made = insert(SavedView).values(values)
    session.execute(made.on_conflict_do_update(index_elements=["page", "name"], set_={"query": kept}))
    return tidy, kept


def delete_view(session: Session, *, view_id: UUID) -> None:
    """Forget a saved view. Raises NotFound."""
    if session.execute(delete(SavedView).where(SavedView.id == view_id).returning(SavedView.id)).first() is None:
        raise NotFound("This view does not exist.", "It may have been deleted already.")
