"""A new connector from the skeleton: a whole distribution with its own fake platform, which passes the conformance kit as it is."""

import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import adloom_sdk
from kit.errors import Conflict, InvalidInput

# Names that the skeleton's modules use themselves: a class called so would hide them.
_TAKEN = {*dir(builtins), *keyword.kwlist, *adloom_sdk.__all__, "Any", "Callable", "Iterator"}
_SKELETON = Path(__file__).parent / "skeleton"
_SUFFIX = ".template"


@dataclass(frozen=True)
class Names:
    """The spellings of a connector's name: my_platform, my-platform, MyPlatform, My Platform."""

    key: str
    dashed: str
    camel: str
    title: str


def names_of(name: str) -> Names:
    """All spellings of what a person typed. Raises InvalidInput where no key can be made of it."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z]", re.sub(r"[_\-\s]+", " ", name))
    key = "_".join(words).lower()
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", key) or any(one.isalpha() and not one.isascii() for one in name):
        raise InvalidInput(
            f"“{name}” cannot be a connector's name.",
            "Begin with a letter from a to z; letters, digits and underscores may follow, such as my_platform.",
        )
    camel = "".join(word[0].upper() + word[1:] for word in words)
    if camel in _TAKEN:
        raise InvalidInput(
            f"“{name}” cannot be a connector's name: {camel} means something in Python or the SDK.",
            f"Choose another, such as {key}_ads.",
        )
    return Names(key, key.replace("_", "-"), camel, " ".join(word[0].upper() + word[1:] for word in words))


def scaffold(name: str, directory: Path | None = None) -> Path:
    """Write the distribution; returns its folder. Raises Conflict where something is there already."""
    names = names_of(name)
    if find_spec(f"adloom_{names.key}"):
        raise Conflict(f"There is an installed package adloom_{names.key} already.", "Choose another name.")
    target = directory or Path(f"adloom-{names.dashed}")
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise Conflict(
            f"{target} is {'not empty' if target.is_dir() else 'a file'}.", "Name another place with --directory."
        )
    try:
        for source, place in _files(names):
            path = target / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_filled(source.read_text(encoding="utf-8"), names), encoding="utf-8")
    except OSError as problem:
        raise InvalidInput(
            f"{target} cannot be written: {problem.strerror or problem}.", "Name another place with --directory."
        ) from problem
    return target


def _files(names: Names) -> Iterator[tuple[Path, Path]]:
    for source in sorted(_SKELETON.rglob(f"*{_SUFFIX}")):
        place = str(source.relative_to(_SKELETON)).removesuffix(_SUFFIX)
        yield source, Path(place.replace("skeleton", names.key))


def _filled(text: str, names: Names) -> str:
    words = {
        "adloom-skeleton": f"adloom-{names.dashed}",
        "{{title}}": names.title,
        "Skeleton": names.camel,
        "skeleton.example": f"{names.dashed}.example",
        "skeleton": names.key,
    }
    return re.sub("|".join(map(re.escape, words)), lambda marker: words[marker[0]], text)
