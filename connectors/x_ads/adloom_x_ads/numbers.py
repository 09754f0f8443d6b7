"""Daily numbers: twenty entities and one placement per question, asked at once for up to seven days, else ordered as jobs."""

import gzip
import zlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

import msgspec

from adloom_sdk import Account, Batch, Checkpoint, Context, Level, Message, Progress, ReadRequest
from adloom_sdk.days import each_day, midnight
from adloom_sdk.errors import NotFound, SchemaDrift, Transient
from adloom_sdk.messages import MAX_BATCH_RECORDS
from adloom_x_ads import mapping, reading, wire
from adloom_x_ads.mapping import Owner

IDS_PER_CALL = 20
SYNC_SPAN = timedelta(days=7)
# Jobs of one group run beside each other; X allows a hundred per account.
IDS_PER_GROUP = 100
PLACEMENTS = ("ALL_ON_TWITTER", "PUBLISHER_NETWORK", "SPOTLIGHT", "TREND")
_ENTITY = {Level.CAMPAIGN: "CAMPAIGN", Level.AD_GROUP: "LINE_ITEM", Level.AD: "PROMOTED_TWEET"}
_POLLS = 90
_ORDERS = 3
_DOWNLOADS = 3
Table = list[wire.Stats]


@dataclass(frozen=True)
class Question:
    """What is asked: one account, one level, days that begin and end at the account's midnights."""

    of: Account
    level: Level
    since: date
    until: date

    @property
    def is_short(self) -> bool:
        """Whether it may be asked at once: a week in which clocks go back is longer than seven days."""
        zone = self.of.timezone
        end, start = midnight(self.until + timedelta(days=1), zone), midnight(self.since, zone)
        return end.astimezone(UTC) - start.astimezone(UTC) <= SYNC_SPAN

    def params(self, ids: Sequence[str], placement: str) -> dict[str, Any]:
        """The parameters of one call or job; the end is not included."""
        return {
            "entity": _ENTITY[self.level],
            "entity_ids": ",".join(ids) or None,
            "start_time": self._instant(self.since),
            "end_time": self._instant(self.until + timedelta(days=1)),
            "granularity": "DAY",
            "metric_groups": ",".join(mapping.METRIC_GROUPS),
            "placement": placement,
        }

    def _instant(self, day: date) -> str:
        return midnight(day, self.of.timezone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_daily(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """One window of one level, group by group of entities in the order of their ids."""
    level, (since, until) = request.level or Level.CAMPAIGN, request.days()
    question, done = Question(request.account, level, since, until), request.checkpoint or {}
    owners = _known(ctx, request.account, level)
    ids = [one for one in sorted(owners) if not done.get("after") or one > str(done["after"])]
    size, jobs = IDS_PER_CALL if question.is_short else IDS_PER_GROUP, list(done.get("jobs", ()))
    for start in range(0, len(ids), size):
        group = ids[start : start + size]
        tables = None if jobs or not question.is_short else _asked_at_once(ctx, question, group)
        if tables is None:
            after = ids[start - 1] if start else str(done.get("after", ""))
            tables = yield from _ordered(ctx, question, group, after, jobs)
            jobs = []
        yield from _batches(question, group, owners, tables)
        yield Checkpoint({"after": group[-1]})


def _known(ctx: Context, of: Account, level: Level) -> dict[str, Owner]:
    """Every entity with its campaign; where X lists none, one nameless question is left."""
    try:
        return reading.owners_of(ctx, of, level)
    except NotFound:
        return {"": Owner("")}


def _owner_of(question: Question, entity_id: str, owners: dict[str, Owner]) -> Owner:
    unknown = Owner(entity_id if question.level is Level.CAMPAIGN else "")
    return owners.get(entity_id, unknown)


def _asked_at_once(ctx: Context, question: Question, ids: Sequence[str]) -> list[Table] | None:
    """The tables of all placements; None where X gives these numbers by jobs only."""
    try:
        return [_asked(ctx, question, ids, placement) for placement in PLACEMENTS]
    except NotFound:
        return None


def _asked(ctx: Context, question: Question, ids: Sequence[str], placement: str) -> Table:
    ctx.stop_if_cancelled()
    path, scope = f"/{{version}}/stats/accounts/{question.of.id}", question.of.id
    page: wire.Page[wire.Stats] = ctx.http.get(
        path, wire.Page[wire.Stats], params=question.params(ids, placement), scope=scope
    )
    is_other = (page.placement or placement) != placement
    return [] if is_other else page.items  # numbers of another placement would be counted twice


def _ordered(
    ctx: Context, question: Question, ids: Sequence[str], after: str, jobs: list[str]
) -> Generator[Message, None, list[Table]]:
    """The tables of a group's jobs; jobs that X lost or failed are ordered again, all together."""
    for _ in range(_ORDERS):
        if not jobs:
            asked = ((chunk, placement) for chunk in _chunks(ids) for placement in PLACEMENTS)
            jobs = list(dict.fromkeys(job for one in asked if (job := _order(ctx, question, *one))))
            yield Checkpoint({"after": after, "jobs": jobs})
        addresses = yield from _await(ctx, question.of, jobs)
        if addresses:
            return [_table(ctx, address) for address in addresses]
        jobs = []
    raise Transient("X could not prepare the numbers.", code="JOB_FAILED")


def _order(ctx: Context, question: Question, ids: Sequence[str], placement: str) -> str:
    """The job's id; '' where X took it for another placement, whose numbers would be counted twice."""
    ctx.stop_if_cancelled()
    path, params = f"/{{version}}/stats/jobs/accounts/{question.of.id}", question.params(ids, placement)
    job = ctx.http.post(path, wire.One[wire.Job], params=params, scope=question.of.id).data
    if not (found := job.id_str or job.id):
        raise SchemaDrift("X gave no id for the job.")
    return str(found) if (job.placement or placement) == placement else ""


def _await(ctx: Context, of: Account, jobs: Sequence[str]) -> Generator[Message, None, list[str]]:
    """Look until all jobs are done; gives their addresses, none where X lost or gave up one of them."""
    path, job_ids = f"/{{version}}/stats/jobs/accounts/{of.id}", ",".join(jobs)
    for poll in range(_POLLS):
        pages = reading.pages(ctx, path, wire.Page[wire.Job], scope=of.id, job_ids=job_ids)
        listed: list[wire.Job] = [job for page, _ in pages for job in page]
        found = [job for job in listed if str(job.id_str or job.id) in jobs]
        if len(found) < len(jobs) or any(job.status in {"FAILED", "CANCELLED"} for job in found):
            return []
        addresses = [job.url for job in found if job.url]
        if len(addresses) >= len(jobs):
            return addresses
        yield Progress("X is preparing the numbers.", done=len(addresses), total=len(jobs))
        ctx.http.pause(min(30.0, 2.0 * 1.5**poll))
    raise Transient("X did not finish the numbers in time.", code="JOB_TIMEOUT")


def _table(ctx: Context, address: str) -> Table:
    """A finished job's file: compressed JSON of the same form as the answer to a question. One that was cut is fetched again."""
    for attempt in range(1, _DOWNLOADS + 1):
        ctx.stop_if_cancelled()
        content = ctx.http.download(address)
        try:
            return _unpacked(content)
        except Transient:
            if attempt == _DOWNLOADS:
                raise
    raise AssertionError("the last try returns or raises")


def _unpacked(content: bytes) -> Table:
    try:
        plain = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        table: Table = msgspec.json.decode(plain, type=wire.Page[wire.Stats]).items
    except msgspec.ValidationError as error:
        raise SchemaDrift("X's numbers came in a form that this connector does not know.", str(error)) from error
    except (EOFError, OSError, zlib.error, msgspec.DecodeError) as error:
        raise Transient("X's file of numbers was cut short.") from error
    return table


def _batches(
    question: Question, ids: Sequence[str], owners: dict[str, Owner], tables: Sequence[Table]
) -> Iterator[Batch]:
    """The sums over the placements; days that none of them told have no record."""
    dates = list(each_day(question.since, question.until))
    days = {one: [mapping.Day() for _ in dates] for one in ids if one}
    for one in (stats for table in tables for stats in table):
        if one.id is None:
            raise SchemaDrift("X gave numbers without saying what they are about.", code=question.level)
        for segment in one.id_data or ():
            mapping.add(days.setdefault(str(one.id), [mapping.Day() for _ in dates]), segment)
    records = [
        mapping.daily(told, on, question.of, question.level, one, _owner_of(question, one, owners))
        for one, series in days.items()
        for on, told in zip(dates, series, strict=True)
        if not told.is_untold
    ]
    for start in range(0, len(records), MAX_BATCH_RECORDS):
        yield Batch(tuple(records[start : start + MAX_BATCH_RECORDS]))


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), IDS_PER_CALL):
        yield ids[start : start + IDS_PER_CALL]
