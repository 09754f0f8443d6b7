"""Saved views: a list's filters, columns and order under a name. Everybody in the workspace sees them; who made one may change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.campaigns.platform_models import SavedView
from kit.errors import FieldError, InvalidInput, NotAllowed, NotFound
from kit.ids import new_id

CAMPAIGNS_PAGE = "campaigns"
MAX_NAME, MAX_QUERY, MAX_VIEWS = 60, 2000, 100


def saved_views(session: Session, *, page: str = CAMPAIGNS_PAGE) -> Sequence[SavedView]:
    """A list's saved views by name."""
    return session.scalars(select(SavedView).where(SavedView.page == page).order_by(func.lower(SavedView.name))).all()


@dataclass(frozen=True)
class ViewEditor:
    """Who wants to change views; with `may_manage`, those of others too."""

    user_id: UUID
    may_manage: bool = False

    def may_change(self, view: SavedView) -> bool:
        """Whether it is theirs, or they look after the workspace."""
        return self.may_manage or view.created_by == self.user_id


def save_view(
    session: Session, *, name: str, query: str, allowed: Sequence[str], editor: ViewEditor, page: str = CAMPAIGNS_PAGE
) -> tuple[str, str]:
    """Keep what stands in the address under a name, only the parameters that the list knows; one's own view of that name is
    overwritten. Answers name and parameters as they are kept. Raises InvalidInput, for another's view of that name too.
    """
    tidy = _tidy(name)
    known = _named(session, page, tidy)
    if known is not None and not editor.may_change(known):
        raise _taken()
    if known is None and len(saved_views(session, page=page)) >= MAX_VIEWS:
        raise InvalidInput(f"There are {MAX_VIEWS} saved views already.", "Delete one first.")
    kept = urlencode([(key, value) for key, value in parse_qsl(query) if key in allowed])
    if len(kept) > MAX_QUERY:
        raise InvalidInput("The view has too many filters to be kept.", "Leave some of them out.")
    values = {"id": new_id(), "page": page, "name": tidy, "query": kept, "created_by": editor.user_id}
    made = insert(SavedView).values(values)
    session.execute(made.on_conflict_do_update(index_elements=["page", "name"], set_={"query": kept}))
    return tidy, kept


def rename_view(session: Session, *, view_id: UUID, name: str, editor: ViewEditor) -> str:
    """Another name for a view; answers it as it is kept. Raises NotFound, NotAllowed, InvalidInput."""
    view = _view(session, view_id, editor)
    tidy = _tidy(name)
    known = _named(session, view.page, tidy)
    if known is not None and known.id != view.id:
        raise _taken()
    view.name = tidy
    session.flush()
    return tidy


def delete_view(session: Session, *, view_id: UUID, editor: ViewEditor) -> None:
    """Forget a saved view. Raises NotFound, NotAllowed."""
    session.delete(_view(session, view_id, editor))
    session.flush()


def _view(session: Session, view_id: UUID, editor: ViewEditor) -> SavedView:
    view = session.get(SavedView, view_id)
    if view is None:
        raise NotFound("This view does not exist.", "It may have been deleted already.")
    if not editor.may_change(view):
        raise NotAllowed(
            "Somebody else made this view.", "Ask them, or an owner or admin of the workspace, to change it."
        )
    return view


def _named(session: Session, page: str, name: str) -> SavedView | None:
    return session.scalar(select(SavedView).where(SavedView.page == page, SavedView.name == name))


def _tidy(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > MAX_NAME or not tidy.isprintable():
        message = f"Give the view a name of 1 to {MAX_NAME} letters."
        raise InvalidInput("The view needs a name.", message, [FieldError(message, "name")])
    return tidy


def _taken() -> InvalidInput:
    message = "There is a view of this name already. Choose another name."
    return InvalidInput("The view needs another name.", message, [FieldError(message, "name")])
