"""What a file's columns mean: names in several languages, checked against the values below them, remembered ones first."""

import difflib
import re
from collections.abc import Mapping, Sequence

import msgspec

from app.imports.amounts import is_number_like
from app.imports.currencies import known_codes
from app.imports.dates import form_of
from app.imports.encodings import without_mojibake
from app.imports.header_words import NEVER, SPELLINGS, WEAK
from app.imports.names import fold, is_known_channel
from app.imports.refusals import ColumnsMissing, WideFile
from app.imports.shape import COUNT_FIELDS, MONEY_FIELDS, OWN_COLUMNS, REQUIRED, Field, filled

_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_LEAST = 0.5
_SPEND_WORDS = {"spend", "cost", "costs", "kosten", "s", "ads"}
_OF_ALL = {"total", "ad", "media", "marketing", "net", "gross", "daily", "amount", "type"}


class Match(msgspec.Struct, frozen=True):
    """One field and the column that carries it. `confidence` is between 0 and 1, `reason` a sentence."""

    field: Field
    column: int
    header: str
    confidence: float
    reason: str


class ColumnMapping(msgspec.Struct, frozen=True):
    """Which column carries which field. `fixed_channel` names the channel of a file that holds one channel only."""

    matches: tuple[Match, ...] = ()
    fixed_channel: str = ""

    @property
    def positions(self) -> dict[Field, int]:
        """Field → column, counted from 0."""
        return {match.field: match.column for match in self.matches}

    @property
    def headers(self) -> dict[str, str]:
        """Field → column name: the form in which a mapping is remembered."""
        return {match.field.value: match.header for match in self.matches}

    @property
    def missing(self) -> tuple[Field, ...]:
        """Required fields that no column carries."""
        have = set(self.positions) | ({Field.CHANNEL} if self.fixed_channel else set())
        return tuple(field for field in REQUIRED if field not in have)

    def require_complete(self) -> None:
        """Refuse a mapping that lacks a required field."""
        if self.missing:
            names = ", ".join(field.value for field in self.missing)
            raise ColumnsMissing(
                f"No column is chosen for {names}.",
                "Choose the columns by hand, or add them to the file. The template shows what is expected.",
            )


def suggest_mapping(
    header: Sequence[str],
    samples: Sequence[Sequence[str]],
    remembered: Mapping[str, str] | None = None,
) -> ColumnMapping:
    """The likely meaning of each column; refuses a file with one column per channel, saying how to turn it."""
    mapping = match_columns(header, samples, remembered)
    _refuse_wide(header, samples, mapping)
    return mapping


def match_columns(
    header: Sequence[str], samples: Sequence[Sequence[str]], remembered: Mapping[str, str] | None = None
) -> ColumnMapping:
    """As `suggest_mapping`, for any file."""
    taken: dict[Field, Match] = {}
    used: set[int] = set()
    candidates = _remembered(header, remembered or {}) + [
        match
        for column, name in enumerate(header)
        if name.strip() not in OWN_COLUMNS
        for match in _candidates(column, name, filled(row[column] for row in samples if column < len(row)))
    ]
    for match in sorted(candidates, key=lambda match: (-match.confidence, match.column)):
        if match.field not in taken and match.column not in used and match.confidence >= _LEAST:
            taken[match.field] = match
            used.add(match.column)
    return ColumnMapping(tuple(taken[field] for field in Field if field in taken))


def mapping_from_headers(header: Sequence[str], chosen: Mapping[str, str], *, fixed_channel: str = "") -> ColumnMapping:
    """The mapping that a person chose: field → column name. Refuses unknown fields and columns, and a column chosen twice."""
    by_name = {name.strip(): column for column, name in reversed(list(enumerate(header)))}
    matches, used = [], set()
    for field_name, column_name in chosen.items():
        if field_name not in {field.value for field in Field} or column_name.strip() not in by_name:
            raise ColumnsMissing(
                f"There is no “{column_name}” to use for “{field_name}”.", "Choose a column of the file."
            )
        column = by_name[column_name.strip()]
        if column in used:
            raise ColumnsMissing(f"“{column_name}” is chosen twice.", "Choose each column for one thing only.")
        used.add(column)
        matches.append(Match(Field(field_name), column, header[column], 1.0, "You chose this column."))
    return ColumnMapping(tuple(matches), fixed_channel=fixed_channel)


def words_of(header: str) -> str:
    """A column name for comparison: no brackets, units, currencies, accents or capitals."""
    bare = _BRACKETS.sub(" ", without_mojibake(header))
    bare = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare)
    words = fold(bare).split()
    return " ".join(word for word in words if word.upper() not in known_codes()) or " ".join(words)


def known_fields(header: Sequence[str]) -> int:
    """How many fields a row of names tells by name alone; finds the header among the first rows."""
    return len({match.field for column, name in enumerate(header) for match in _by_name(column, name)})


def _remembered(header: Sequence[str], remembered: Mapping[str, str]) -> list[Match]:
    by_name = {name.strip().casefold(): column for column, name in reversed(list(enumerate(header)))}
    fields = {field.value: field for field in Field}
    return [
        Match(fields[name], by_name[key], header[by_name[key]], 1.1, "Confirmed for an earlier file.")
        for name, column_name in remembered.items()
        if name in fields and (key := column_name.strip().casefold()) in by_name
    ]


def _candidates(column: int, name: str, values: Sequence[str]) -> list[Match]:
    found = [_checked(match, values) for match in _by_name(column, name)]
    if not found and values and sum(bool(form_of(value)) for value in values) >= 0.9 * len(values):
        found.append(Match(Field.DATE, column, name, 0.6, "Its values are dates."))
    return found


def _by_name(column: int, name: str) -> list[Match]:
    words = words_of(name)
    if not words or NEVER.search(f" {words} ") or "/" in name.replace("w/", "") or "%" in name:
        return []
    matches = [
        match for field, spellings in SPELLINGS.items() if (match := _named(field, spellings, words, column, name))
    ]
    best = max((match.confidence for match in matches), default=0.0)
    return [match for match in matches if match.confidence >= best - 0.05]


def _named(field: Field, spellings: frozenset[str], words: str, column: int, name: str) -> Match | None:
    if words == field.value.replace("_", " "):
        return Match(field, column, name, 1.0, f"It is called {name.strip()}.")
    if words in spellings:
        return Match(field, column, name, 0.75 if words in WEAK else 0.95, f"“{name.strip()}” means {field.value}.")
    parts = words.split()
    if any(spelling in f" {words} " for spelling in (f" {s} " for s in spellings if len(s) > 3 and s not in WEAK)):
        return Match(field, column, name, 0.8 - 0.02 * len(parts), f"“{name.strip()}” speaks of {field.value}.")
    if len(words) > 4 and (close := difflib.get_close_matches(words, spellings, n=1, cutoff=0.86)):
        return Match(field, column, name, 0.6, f"“{name.strip()}” is spelt much like {close[0]}.")
    return None


def _checked(match: Match, values: Sequence[str]) -> Match:
    """The match, doubted where the values below do not fit the name."""
    if not values:
        return match
    if match.field is Field.DATE:
        fits = sum(bool(form_of(value)) for value in values) / len(values)
    elif match.field in MONEY_FIELDS + COUNT_FIELDS:
        fits = sum(is_number_like(value) for value in values) / len(values)
    else:
        fits = sum(not is_number_like(value) for value in values) / len(values)
    if fits >= 0.5:
        return match
    return msgspec.structs.replace(
        match, confidence=match.confidence - 0.4, reason=match.reason + " Its values look otherwise: please check."
    )


def _refuse_wide(header: Sequence[str], samples: Sequence[Sequence[str]], mapping: ColumnMapping) -> None:
    if Field.CHANNEL in mapping.positions or Field.DATE not in mapping.positions:
        return
    channels = [
        name.strip()
        for column, name in enumerate(header)
        if _names_channel(name)
        and all(is_number_like(v) for v in filled(row[column] for row in samples if column < len(row)))
    ]
    if len(channels) >= 2:
        raise WideFile(
            f"The file has one column per channel ({', '.join(channels[:4])}{', …' if len(channels) > 4 else ''}).",
            "Turn it so that each row is one day of one channel: date, channel, spend, revenue. "
            "In a spreadsheet, unpivot the channel columns; the template shows the result.",
        )


def _names_channel(header: str) -> bool:
    """True for facebook, Facebook spend, tv_S, and for any name beside spend (Channel0_spend)."""
    words = words_of(header).split()
    rest = [word for word in words if word not in _SPEND_WORDS]
    is_spend_of_something = len(rest) < len(words) and not _OF_ALL.issuperset(rest)
    return bool(rest) and (is_known_channel(" ".join(rest)) or is_spend_of_something)
