"""What a person reads when a platform refuses or sends something odd: every connector, every case, in the fakes' own words.

`python -m benchmarks.bad_input` prints the page `docs/reference/connector-problems.md`.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from adloom_sdk import oauth2  # noqa: E402  the path comes first
from adloom_sdk.connector import Context  # noqa: E402
from adloom_sdk.credentials import Credentials, RenewingCredentials, StaticCredentials, Token  # noqa: E402
from adloom_sdk.errors import PlatformError, Who  # noqa: E402
from adloom_sdk.manifest import OAuth2  # noqa: E402
from adloom_sdk.records import Campaign, EntityStatus  # noqa: E402
from adloom_sdk.testing.bench import APP, Bench  # noqa: E402
from adloom_sdk.testing.faults import Fault  # noqa: E402
from adloom_sdk.testing.kit.bending import bent, with_new_fields, with_new_statuses  # noqa: E402
from adloom_sdk.testing.kit.lookup import find_fake  # noqa: E402
from adloom_sdk.testing.kit.rig import Rig, Tap, an_account  # noqa: E402
from adloom_sdk.testing.world import Shape  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "connector-problems.md"
WRONG = {"client_secret": "not-the-secret", "consumer_secret": "not-the-secret"}
_TINY = Shape(campaigns=3, ad_groups=1, ads=1, history_days=400)
_WHO = {
    Who.USER: "you",
    Who.OPERATOR: "whoever runs Adloom",
    Who.NOBODY: "nobody",
    Who.HOST: "nobody",
    Who.AUTHOR: "the connector's author",
}


@dataclass(frozen=True)
class Case:
    """One thing that goes wrong: a fault of the fake, replies that are bent on their way, or an app that is not known."""

    name: str
    explained: str
    fault: str = ""
    bend: Callable[[Any], Any] | None = None
    is_wrong_app: bool = False

    @property
    def is_harmless(self) -> bool:
        """Whether everything is read all the same."""
        return self.bend in (with_new_fields, with_unknown_words)


@dataclass(frozen=True)
class Told:
    """What a person is told; `kind` is the class of the error, "" where all is well."""

    kind: str
    sentence: str
    what_to_do: str
    who: Who


def without_identities(value: Any) -> Any:
    """Every object without the fields by which it is known."""
    if isinstance(value, list):
        return [without_identities(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: without_identities(item)
        for key, item in value.items()
        if not key.lower().endswith(("id", "ids", "resourcename", "urn", "values"))
    }


def with_unknown_words(value: Any) -> Any:
    """Every status a word that nobody knows, but for those of report jobs, which are the platform's own business."""
    if isinstance(value, dict) and any(sign in key.lower() for key in value for sign in ("report", "async")):
        return value
    return with_new_statuses(value)


CASES = (
    Case("Wrong credentials", "Access was withdrawn, or the password changed.", fault="revoked"),
    Case("Unknown sign-in", "The platform does not know the stored sign-in.", fault="no_token"),
    Case("Wrong app secret", "The operator's app id and secret do not belong together.", is_wrong_app=True),
    Case("Missing permission", "The person did not grant what reading needs.", fault="scope"),
    Case("App not approved", "The platform has not approved the operator's app.", fault="app_not_approved"),
    Case("Disabled account", "The platform has closed the account.", fault="account_disabled"),
    Case("Retired version", "The platform has switched off what the connector speaks.", fault="sunset"),
    Case("A web page instead of data", "Something between answers with HTML.", fault="html"),
    Case("Missing fields", "The replies lack what entities are known by.", bend=without_identities),
    Case("Unknown words", "Every status is a word that nobody knows yet.", bend=with_unknown_words),
    Case("New fields", "Every object has a field that nobody knows yet.", bend=with_new_fields),
)


def rigs() -> list[Rig]:
    """Every connector of this repository at its fake, by title."""
    own = [one for one in entry_points(group="adloom.connectors") if one.value.startswith("adloom_")]
    found = [Rig(one.load().adloom_connectors()[0], find_fake(one.name)) for one in own]
    return sorted(found, key=lambda rig: rig.manifest.title)


def arm(rig: Rig, bench: Bench, case: Case) -> dict[str, Any]:
    """Make it go wrong; gives what the context of a read needs for that."""
    bench.fake.faults.clear()
    if case.fault:
        bench.fake.faults.add(Fault(kind=case.fault))
    if case.bend:
        return {"transport": Tap(bench.fake, after=bent(case.bend), forgives=True), "patience_s": 1.0}
    return {"credentials": wrong_app(rig, bench)} if case.is_wrong_app else {}


def wrong_app(rig: Rig, bench: Bench) -> Credentials:
    """A sign-in that has to be renewed (or made) by an app whose secret is wrong."""
    auth, app = rig.manifest.auth, APP | WRONG
    if not isinstance(auth, OAuth2):
        return StaticCredentials(bench.token(), app=app)

    def renew(token: Token) -> Token:
        client = bench.ctx(StaticCredentials("", app=app)).http
        if auth.refresh == "none":
            return oauth2.exchange_code(client, app=app, code="a-code", redirect_uri="http://localhost/back")
        return oauth2.renew(client, app=app, token=token)

    clock = bench.fake.world.clock.now
    stale = Token(
        access_token="stale", refresh_token=bench.token().refresh_token, expires_at=clock() - timedelta(days=1)
    )
    return RenewingCredentials(load=lambda: stale, renew_token=renew, clock=clock, app=app)


def tell(rig: Rig, case: Case) -> Told:
    """What becomes of reading everything."""
    bench = rig.bench(shape=_TINY)
    account = an_account(bench)
    ctx: Context = bench.ctx(**arm(rig, bench, case))
    try:
        for read in rig.reads():
            found = rig.collect(bench, account, read, *rig.settled_days(days=1), ctx=ctx)
            if case.bend is with_unknown_words and not _are_other(list(found.values())):
                raise SystemExit(f"Wrong: {rig.manifest.title} takes an unknown status for one that it knows.")
    except PlatformError as error:
        return Told(type(error).__name__, error.message, error.what_to_do, error.who)
    return Told("", "", "", Who.NOBODY)


def _are_other(records: list[Any]) -> bool:
    """Whether campaigns with a status that nobody knows are told so, with the platform's word."""
    campaigns = [one for one in records if isinstance(one, Campaign)]
    return all(one.status in {EntityStatus.OTHER, EntityStatus.REMOVED} and one.raw_status for one in campaigns)


def page() -> str:
    """The table as a document."""
    found = rigs()
    parts = [_HEAD, *(_section(case, found) for case in CASES)]
    return "\n".join(parts)


def _section(case: Case, found: list[Rig]) -> str:
    told = {rig.manifest.title: tell(rig, case) for rig in found}
    lines = [f"## {case.name}", "", case.explained, ""]
    fine = [title for title, one in told.items() if not one.kind]
    if fine:
        who = "every platform" if len(fine) == len(told) else ", ".join(fine)
        lines += [f"Read as usual from {who}: {_HARMLESS[case.name]}", ""]
    if len(fine) < len(told):
        lines += ["| Platform | What you read | What to do | Who acts | Class |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| {title} | {one.sentence} | {one.what_to_do} | {_WHO[one.who]} | `{one.kind}` |"
            for title, one in told.items()
            if one.kind
        ]
        lines.append("")
    return "\n".join(lines)


_HARMLESS = {
    "Missing fields": "what is missing shows as unknown, never as zero.",
    "Unknown words": "an unknown status shows as “other”, beside the platform's own word.",
    "New fields": "they are passed over.",
}
_HEAD = """# What connectors say when something is wrong

Every sentence below was said by a connector to its fake platform, which words its refusals as the real one does. A problem
stops only what it concerns: one account, one sign-in, or one platform. What was synced before stays as it is, and the next
sync goes on from there.

This page is generated: `.venv/bin/python -m benchmarks.bad_input > docs/reference/connector-problems.md`.
"""


if __name__ == "__main__":
    print(page(), end="")
