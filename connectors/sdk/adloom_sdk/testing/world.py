"""A made-up advertiser on one platform: accounts, campaigns, ads and what they did each day. Nothing is stored: every number is a
function of seed, entity and day, seen from a clock that can be set. Only what was written from outside (status, budget) is kept.

Days mature as on real platforms: today is partial, spend of the last two days still loses invalid clicks, and conversions keep
arriving until `maturity_days` after the click. `settled=True` tells what a day will have in the end: the ledger of the truth.
"""

import hashlib
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from adloom_sdk.days import midnight, today_in
from adloom_sdk.money import minor_digits
from adloom_sdk.records import AccountStatus, EntityStatus

_MASK = (1 << 64) - 1
_SPEND_SETTLES_DAYS = 2
_FIRST_SHARE = 0.6
_MOST_FAMILIES = 200_000


class Clock:
    """The world's time: the real one, shifted. `sleep` moves it without waiting where it is frozen."""

    def __init__(self, now: datetime | None = None, *, is_frozen: bool = False) -> None:
        self._frozen_at = now if is_frozen else None
        self._shift = (now - datetime.now(UTC)) if now else timedelta()
        self._guard = threading.Lock()

    def now(self) -> datetime:
        """The current instant."""
        return self._frozen_at or datetime.now(UTC) + self._shift

    def set(self, now: datetime) -> None:
        """Jump to an instant."""
        self.advance((now - self.now()).total_seconds())

    def advance(self, seconds: float) -> None:
        """Go forward (or back)."""
        with self._guard:
            step = timedelta(seconds=seconds)
            self._shift += step
            self._frozen_at = self._frozen_at + step if self._frozen_at else None

    def sleep(self, seconds: float) -> None:
        """Let time pass: at once where the clock is frozen."""
        if self._frozen_at:
            self.advance(seconds)
        else:
            time.sleep(seconds)


@dataclass(frozen=True)
class Shape:
    """How large the world is. `history_days` is how long before the clock's start the oldest campaign began."""

    currencies: tuple[tuple[str, str], ...] = (
        ("USD", "America/New_York"),
        ("EUR", "Europe/Berlin"),
        ("JPY", "Asia/Tokyo"),
        ("KWD", "Asia/Kuwait"),
        ("KRW", "Asia/Seoul"),
    )
    has_disabled_account: bool = True
    campaigns: int = 6
    ad_groups: int = 2
    ads: int = 2
    history_days: int = 1100
    maturity_days: int = 21
    spend_per_day: float = 120.0
    orders_per_day: int = 8
    order_value: float = 63.0


@dataclass(frozen=True)
class WorldAccount:
    """An account; `number` is unique on its platform, and ids of entities begin with it."""

    number: int
    name: str
    currency: str
    timezone: str
    status: AccountStatus

    @property
    def id(self) -> str:
        """Digits, as most platforms have; a fake may dress them up."""
        return str(self.number)


@dataclass(frozen=True)
class Entity:
    """A campaign, ad group or ad. `begins_on` and `ends_on` bound its delivery."""

    number: int
    level: str
    parent: int
    campaign: int
    name: str
    weight: float
    status: EntityStatus
    daily_budget_micros: int | None
    begins_on: date
    ends_on: date | None
    is_budget_shared: bool = False

    @property
    def id(self) -> str:
        """Digits."""
        return str(self.number)


@dataclass(frozen=True)
class Numbers:
    """What an entity did on a day, as the platform tells it at the moment of asking."""

    spend_micros: int = 0
    impressions: int = 0
    clicks: int = 0
    conversions: int = 0
    conversion_value_micros: int = 0
    video_views: int = 0
    reach: int = 0

    def __add__(self, other: "Numbers") -> "Numbers":
        return Numbers(
            self.spend_micros + other.spend_micros,
            self.impressions + other.impressions,
            self.clicks + other.clicks,
            self.conversions + other.conversions,
            self.conversion_value_micros + other.conversion_value_micros,
            self.video_views + other.video_views,
            self.reach + other.reach,
        )

    @property
    def is_nothing(self) -> bool:
        """No delivery: most platforms then give no row at all."""
        return self.impressions == 0 and self.spend_micros == 0 and self.conversions == 0


NOTHING = Numbers()


@dataclass
class _Change:
    at: datetime
    status: EntityStatus | None = None
    daily_budget_micros: int | None = None


class World:
    """One platform's side of the advertiser."""

    def __init__(
        self,
        platform: str,
        *,
        seed: int = 1,
        shape: Shape | None = None,
        clock: Clock | None = None,
        made_on: date | None = None,
        seen_at: datetime | None = None,
    ) -> None:
        """`made_on` is the day from which the history counts back (today). With `seen_at` the days look as at that instant for good."""
        self.platform, self.seed, self.shape = platform, seed, shape or Shape()
        self.clock = clock or Clock()
        self._seen_at = seen_at
        self.began_on = (made_on or self.clock.now().date()) - timedelta(days=self.shape.history_days)
        self._salt = int.from_bytes(hashlib.sha256(f"{platform}:{seed}".encode()).digest()[:8])
        self._changes: dict[int, list[_Change]] = {}
        self._guard = threading.Lock()
        self._campaign_lists = lru_cache(maxsize=64)(self._make_campaigns)
        self._campaign_indexes = lru_cache(maxsize=64)(self._make_campaign_index)
        self._by_number = lru_cache(maxsize=64)(self._index_campaigns)
        self._listed = lru_cache(maxsize=32)(self._make_list)
        self._families: dict[int, tuple[Entity, ...]] = {}
        self._version = 0

    # -- what there is ---------------------------------------------------------------------------------------------

    @cached_property
    def accounts(self) -> tuple[WorldAccount, ...]:
        """Every account; the last one is disabled where the shape has one."""
        base = 1_000 + self._salt % 9_000
        found = [
            WorldAccount(base * 10 + index, f"Northwind {currency}", currency, timezone, AccountStatus.ACTIVE)
            for index, (currency, timezone) in enumerate(self.shape.currencies)
        ]
        if self.shape.has_disabled_account:
            found.append(WorldAccount(base * 10 + 9, "Northwind old", "USD", "UTC", AccountStatus.DISABLED))
        return tuple(found)

    def account(self, account_id: str) -> WorldAccount | None:
        """The account of these digits."""
        return next((one for one in self.accounts if one.id == account_id), None)

    def campaigns(self, account: WorldAccount) -> tuple[Entity, ...]:
        """Its campaigns, removed ones too, as they are now."""
        return self.entities(account, "campaign")

    def ad_groups(self, account: WorldAccount) -> Iterator[Entity]:
        """Every ad group of the account."""
        return iter(self.entities(account, "ad_group"))

    def ads(self, account: WorldAccount) -> Iterator[Entity]:
        """Every ad of the account."""
        return iter(self.entities(account, "ad"))

    def entities(self, account: WorldAccount, level: str) -> tuple[Entity, ...]:
        """Campaigns, ad groups ("ad_group") or ads, as they are now. The same tuple until something is written."""
        return self._listed(account, level, self._version)

    def find(self, entity_id: str) -> tuple[WorldAccount, Entity] | None:
        """The entity of these digits, with its account."""
        for account in self.accounts:
            if entity_id.startswith(account.id):
                for level in ("campaign", "ad_group", "ad"):
                    for entity in self.entities(account, level):
                        if entity.id == entity_id:
                            return account, entity
        return None

    def change(
        self, entity_id: str, *, status: EntityStatus | None = None, daily_budget_micros: int | None = None
    ) -> Entity | None:
        """Write from outside: the entity's later days follow. None where there is no such entity."""
        found = self.find(entity_id)
        if found is None:
            return None
        with self._guard:
            changes = self._changes.setdefault(found[1].number, [])
            changes.append(_Change(self.clock.now(), status, daily_budget_micros))
            self._version += 1
        again = self.find(entity_id)
        return again[1] if again else None

    def written(self) -> list[dict[str, Any]]:
        """What was written from outside, as plain data for `restore`."""
        with self._guard:
            return [
                {"entity": number, **asdict(change)} for number, changes in self._changes.items() for change in changes
            ]

    def restore(self, written: list[dict[str, Any]]) -> None:
        """Go on with what was written to an earlier world of this seed."""
        with self._guard:
            for values in written:
                self._changes.setdefault(values["entity"], []).append(msgspec.convert(values, _Change))
            self._version += 1

    def now(self) -> datetime:
        """The instant from which the days are seen."""
        return self._seen_at or self.clock.now()

    @property
    def version(self) -> int:
        """Grows with everything that is written."""
        return self._version

    # -- what they did ---------------------------------------------------------------------------------------------

    def numbers(self, account: WorldAccount, entity: Entity, day: date, *, settled: bool = False) -> Numbers:
        """One entity's day as the platform tells it now, or (`settled`) as it will in the end."""
        today = today_in(account.timezone, self.now())
        if day > today or account.status is AccountStatus.DISABLED:
            return NOTHING
        return self._sum(account, entity, day, today, settled)

    def _sum(self, account: WorldAccount, entity: Entity, day: date, today: date, settled: bool) -> Numbers:
        if entity.level == "ad":
            return self._leaf(account, entity, day, today, settled=settled)
        children = self._children(entity)
        if len(children) == 1:
            return self._sum(account, children[0], day, today, settled)
        total = NOTHING
        for child in children:
            total += self._sum(account, child, day, today, settled)
        return total

    def ledger(self, account: WorldAccount, since: date, until: date, *, settled: bool = True) -> dict[date, Numbers]:
        """The account's truth per day, days without delivery left out."""
        found: dict[date, Numbers] = {}
        for offset in range((until - since).days + 1):
            day = since + timedelta(days=offset)
            total = NOTHING
            for campaign in self._campaign_lists(account):
                total += self.numbers(account, campaign, day, settled=settled)
            if not total.is_nothing:
                found[day] = total
        return found

    def _leaf(self, account: WorldAccount, ad: Entity, day: date, today: date, *, settled: bool) -> Numbers:
        campaign = self._campaign_indexes(account)[ad.campaign]
        if day < campaign.begins_on or (campaign.ends_on and day > campaign.ends_on):
            return NOTHING
        factor, budget = self._allowed(account, campaign, day)
        dice = _dice(self._salt, ad.number, day.toordinal())
        if factor == 0 or dice[0] < 0.02:
            return NOTHING
        wanted = self.shape.spend_per_day * ad.weight * _season(day) * (0.7 + 0.6 * dice[1]) * factor
        rate = _price_level(account.currency)
        micros = wanted * rate * 1e6
        if budget is not None:
            micros = min(micros, budget * ad.weight / max(campaign.weight, 1e-9))
        age_days = (today - day).days
        if not settled:
            micros *= self._elapsed(account, day) if age_days == 0 else 1.0
            micros *= 1.02 if age_days < _SPEND_SETTLES_DAYS else 1.0
        spend = _rounded(micros, account.currency)
        clicks = round(spend / rate / 1e6 / (0.4 + 0.8 * dice[2]))
        total = round(clicks * (0.02 + 0.06 * dice[3]))
        share = 1.0 if settled else matured(age_days, self.shape.maturity_days)
        conversions = math.floor(total * share + 1e-9)
        each = _rounded((25 + 60 * dice[1]) * rate * 1e6, account.currency)
        impressions = clicks * 40 + round(dice[2] * 100)
        return Numbers(spend, impressions, clicks, conversions, conversions * each, impressions // 5, impressions // 2)

    def _elapsed(self, account: WorldAccount, day: date) -> float:
        begun = self.now() - midnight(day, account.timezone)
        return min(1.0, max(0.0, begun.total_seconds() / 86_400))

    def _allowed(self, account: WorldAccount, campaign: Entity, day: date) -> tuple[float, int | None]:
        """Whether the campaign delivered that day, and its budget then: what was written counts from its instant on."""
        status, budget = campaign.status, campaign.daily_budget_micros
        is_on = True  # before the first write, a paused campaign has a history all the same
        budget_then = budget
        for change in self._changes.get(campaign.number, ()):
            if today_in(account.timezone, change.at) > day:
                break
            status = change.status or status
            is_on = status is EntityStatus.ACTIVE
            budget_then = change.daily_budget_micros or budget_then
        return (1.0 if is_on else 0.0), budget_then

    # -- how they are made -----------------------------------------------------------------------------------------

    def _make_campaigns(self, account: WorldAccount) -> tuple[Entity, ...]:
        return tuple(self._campaign(account, index) for index in range(self.shape.campaigns))

    def _make_campaign_index(self, account: WorldAccount) -> dict[int, Entity]:
        return {one.number: one for one in self._campaign_lists(account)}

    def _index_campaigns(self, account: WorldAccount) -> dict[int, Entity]:
        return {one.number: one for one in self._campaign_lists(account)}

    def _campaign(self, account: WorldAccount, index: int) -> Entity:
        dice = _dice(self._salt, account.number, index)
        status = {4: EntityStatus.PAUSED, 5: EntityStatus.REMOVED}.get(index % 6, EntityStatus.ACTIVE)
        begins_on = self.began_on + timedelta(days=int(dice[0] * self.shape.history_days / 4) if index % 6 else 0)
        ends_on = None
        if status is EntityStatus.REMOVED:
            ends_on = self.began_on + timedelta(days=self.shape.history_days - 20)
        leaves = self.shape.ad_groups * self.shape.ads
        weight = leaves * (0.5 + dice[1])
        budget = _rounded(
            self.shape.spend_per_day * weight * 1.5 * _price_level(account.currency) * 1e6, account.currency
        )
        number = int(f"{account.number}{index + 1:06d}")
        return Entity(
            number=number,
            level="campaign",
            parent=account.number,
            campaign=number,
            name=f"{_THEMES[index % len(_THEMES)]} {index + 1}",
            weight=weight,
            status=status,
            daily_budget_micros=budget,
            begins_on=begins_on,
            ends_on=ends_on,
            is_budget_shared=index % 6 == 3,
        )

    def _make_list(self, account: WorldAccount, level: str, _version: int) -> tuple[Entity, ...]:
        found: list[Entity] = list(self._campaign_lists(account))
        for step in ("campaign", "ad_group", "ad"):
            if step == level:
                break
            found = [child for parent in found for child in self._children(parent)]
        return tuple(self._now(one) for one in found)

    def _children(self, parent: Entity) -> tuple[Entity, ...]:
        """What lies below, as it was made; what was written to it is `_now`'s."""
        found = self._families.get(parent.number)
        if found is None:
            if len(self._families) > _MOST_FAMILIES:
                self._families.clear()
            found = self._families[parent.number] = self._make_children(self._plain(parent))
        return found

    def _make_children(self, parent: Entity) -> tuple[Entity, ...]:
        level, count = ("ad_group", self.shape.ad_groups) if parent.level == "campaign" else ("ad", self.shape.ads)
        word = "Audience" if level == "ad_group" else "Ad"
        return tuple(
            replace(
                parent,
                number=parent.number * 100 + index + 1,
                level=level,
                parent=parent.number,
                name=f"{word} {index + 1} of {parent.name}",
                weight=parent.weight / count,
                daily_budget_micros=None,
                status=EntityStatus.ACTIVE if parent.status is EntityStatus.PAUSED else parent.status,
            )
            for index in range(count)
        )

    def _plain(self, entity: Entity) -> Entity:
        """The entity without what was written to it, which is the key of its children."""
        if entity.level != "campaign":
            return entity if entity.number not in self._changes else self._original_group(entity)
        account = next(one for one in self.accounts if one.number == entity.parent)
        return self._campaign_indexes(account)[entity.number]

    def _original_group(self, group: Entity) -> Entity:
        account = next(one for one in self.accounts if str(group.campaign).startswith(one.id))
        campaign = self._campaign_indexes(account)[group.campaign]
        return next(one for one in self._children(campaign) if one.number == group.number)

    def _now(self, entity: Entity) -> Entity:
        changes = self._changes.get(entity.number)
        for change in changes or ():
            entity = replace(
                entity,
                status=change.status or entity.status,
                daily_budget_micros=change.daily_budget_micros or entity.daily_budget_micros,
            )
        return entity


_THEMES = ("Brand", "Prospecting", "Retargeting", "Spring sale", "Bestsellers", "Old collection")


def matured(age_days: int, maturity_days: int) -> float:
    """The share of a day's conversions that are known `age_days` later: 60 % on the day itself, all after `maturity_days`."""
    if age_days >= maturity_days:
        return 1.0
    return _FIRST_SHARE + (1 - _FIRST_SHARE) * math.sqrt(max(0, age_days) / maturity_days)


def zone(account: WorldAccount) -> ZoneInfo:
    """The account's time zone."""
    return ZoneInfo(account.timezone)


_PRICE_LEVELS = {"JPY": 150.0, "KRW": 1300.0, "KWD": 0.3}


def _price_level(currency: str) -> float:
    return _PRICE_LEVELS.get(currency, 1.0)


def _rounded(micros: float, currency: str) -> int:
    """Whole minor units of the currency, in micros, so that every platform's own unit can carry the amount exactly."""
    unit = _unit(currency)
    return int(round(micros / unit) * unit)


@lru_cache(maxsize=256)
def _unit(currency: str) -> int:
    return int(10 ** (6 - minor_digits(currency)))


@lru_cache(maxsize=4096)
def _season(day: date) -> float:
    weekly = (1.0, 0.95, 0.95, 1.0, 1.1, 1.25, 1.2)[day.weekday()]
    return weekly * (1 + 0.25 * math.sin(2 * math.pi * (day.timetuple().tm_yday - 80) / 365.25))


def _dice(*parts: int) -> tuple[float, float, float, float]:
    """Four numbers in [0, 1) that depend on the parts alone (splitmix64)."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = _mixed(state ^ (part & _MASK))
    mixed = _mixed(state)
    return tuple(((mixed >> shift) & 0xFFFF) / 65536 for shift in (0, 16, 32, 48))  # type: ignore[return-value]  # four shifts


def _mixed(state: int) -> int:
    state = (state + 0x9E3779B97F4A7C15) & _MASK
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)
