"""The one condition language: nested all / any / not over typed, allow-listed fields, compiled to SQL expressions.

    {"all": [{"attr": "channel", "op": "in", "value": ["google_ads", "facebook_ads"]},
             {"not": {"attr": "campaign", "op": "contains", "value": "brand"}}]}

Whatever a person, a model or a plugin writes goes through here; nothing of it is ever pasted into SQL.
`ne` and `not_in` match where the field is unknown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, true

from kit.errors import FieldError, InvalidInput

MAX_DEPTH = 8
MAX_CONDITIONS = 200


@dataclass(frozen=True)
class ConditionField:
    """A field that conditions may speak of: its column, and what turns a JSON value into the column's type."""

    column: ColumnElement[Any]
    parse: Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("takes text")
    return value


def text_field(column: ColumnElement[Any]) -> ConditionField:
    """A field of text."""
    return ConditionField(column, _text)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_OPERATORS: dict[str, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "ne": lambda column, value: column.is_distinct_from(value),
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "in": lambda column, value: column.in_(value),
    "not_in": lambda column, value: or_(column.is_(None), column.not_in(value)),
    "contains": lambda column, value: column.ilike(f"%{_escaped(value)}%", escape="\\"),
    "starts_with": lambda column, value: column.ilike(f"{_escaped(value)}%", escape="\\"),
    "set": lambda column, _value: column.is_not(None),
    "not_set": lambda column, _value: column.is_(None),
}
_LISTS = {"in", "not_in"}
_WITHOUT_VALUE = {"set", "not_set"}
_TEXT_ONLY = {"contains", "starts_with"}


def compile_condition(tree: Mapping[str, Any] | None, fields: Mapping[str, ConditionField]) -> ColumnElement[bool]:
    """The SQL expression of a condition tree; no tree means everything."""
    if not tree:
        return true()
    return _Compiler(fields).compile(tree, depth=1)


class _Compiler:
    def __init__(self, fields: Mapping[str, ConditionField]) -> None:
        self.fields = fields
        self.seen = 0

    def compile(self, tree: Any, *, depth: int) -> ColumnElement[bool]:
        self.seen += 1
        if depth > MAX_DEPTH or self.seen > MAX_CONDITIONS:
            raise _refused(f"A condition may be nested {MAX_DEPTH} deep and have {MAX_CONDITIONS} parts.")
        if not isinstance(tree, Mapping):
            raise _refused("Each condition is an object with all, any, not, or attr.")
        if "all" in tree:
            return and_(true(), *self._parts(tree["all"], depth))
        if "any" in tree:
            return or_(*self._parts(tree["any"], depth))
        if "not" in tree:
            return not_(self.compile(tree["not"], depth=depth + 1))
        return self._comparison(tree)

    def _parts(self, parts: Any, depth: int) -> list[ColumnElement[bool]]:
        if not isinstance(parts, list) or not parts:
            raise _refused("all and any take a list with at least one condition.")
        return [self.compile(part, depth=depth + 1) for part in parts]

    def _comparison(self, tree: Mapping[str, Any]) -> ColumnElement[bool]:
        name, operator = str(tree.get("attr", "")), str(tree.get("op", ""))
        field = self.fields.get(name)
        if field is None:
            raise _refused(f"There is no field “{name}”. Use one of: {', '.join(sorted(self.fields))}.", name)
        if operator not in _OPERATORS:
            raise _refused(f"There is no operator “{operator}”. Use one of: {', '.join(sorted(_OPERATORS))}.", name)
        return _OPERATORS[operator](field.column, self._value(field, name, operator, tree.get("value")))

    @staticmethod
    def _value(field: ConditionField, name: str, operator: str, value: Any) -> Any:
        if operator in _WITHOUT_VALUE:
            return None
        try:
            if operator in _LISTS:
                if not isinstance(value, list) or not 0 < len(value) <= 1000:
                    raise TypeError("takes a list of 1 to 1,000 values")
                return [field.parse(item) for item in value]
            return _text(value) if operator in _TEXT_ONLY else field.parse(value)
        except (TypeError, ValueError) as problem:
            raise _refused(f"“{name}” with “{operator}” {problem}.", name) from problem


def _refused(message: str, field: str | None = None) -> InvalidInput:
    return InvalidInput(message, "Correct the condition and send it again.", [FieldError(message, field)])
