"""The condition language compiles what is allowed and refuses the rest with a sentence."""

from typing import Any

import pytest
from sqlalchemy import Column, Text
from sqlalchemy.dialects import postgresql

from kit.conditions import MAX_DEPTH, compile_condition, text_field
from kit.errors import InvalidInput

FIELDS = {"channel": text_field(Column("channel", Text)), "campaign": text_field(Column("campaign", Text))}


def _sql(tree: dict[str, Any]) -> str:
    compiled = compile_condition(tree, FIELDS).compile(dialect=postgresql.dialect())
    return f"{compiled} {sorted(map(str, compiled.params.values()))}"


def test_nesting_keeps_its_meaning() -> None:
    tree = {"all": [{"attr": "channel", "op": "eq", "value": "email"}, {"not": {"attr": "campaign", "op": "set"}}]}
    assert _sql(tree).startswith("true AND channel = %(channel_1)s") or "channel = " in _sql(tree)
    assert "campaign IS NULL" in _sql(tree)


def test_values_are_bound_and_wildcards_escaped() -> None:
    sql = _sql({"attr": "campaign", "op": "contains", "value": "100%'; DROP TABLE x --"})
    assert "DROP TABLE" not in sql.split("[")[0]
    assert "100\\\\%" in sql or "100\\%" in sql


def test_not_equal_matches_what_is_unknown() -> None:
    assert "IS DISTINCT FROM" in _sql({"attr": "channel", "op": "ne", "value": "email"})


def test_no_condition_means_everything() -> None:
    assert str(compile_condition(None, FIELDS)) == "true"


@pytest.mark.parametrize(
    "tree",
    [
        {"attr": "password", "op": "eq", "value": "x"},
        {"attr": "channel", "op": "regexp", "value": "x"},
        {"attr": "channel", "op": "eq", "value": 7},
        {"attr": "channel", "op": "in", "value": []},
        {"attr": "channel", "op": "in", "value": "email"},
        {"all": []},
        {"any": "channel"},
        ["channel"],
    ],
)
def test_what_is_not_allowed_is_refused_with_a_hint(tree: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        compile_condition(tree, FIELDS)
    assert refusal.value.errors


def test_depth_is_limited() -> None:
    tree: dict[str, Any] = {"attr": "channel", "op": "set"}
    for _ in range(MAX_DEPTH):
        tree = {"not": tree}
    with pytest.raises(InvalidInput, match="nested"):
        compile_condition(tree, FIELDS)
