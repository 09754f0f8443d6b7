"""Meta's fake behind the write-back: a campaign of it stored here, asked for changes, and a worker's run of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adloom_meta_ads.connector import MetaAds

from adloom_sdk.connector import Context
from adloom_sdk.messages import ActionKind, Kind
from adloom_sdk.records import Account, BudgetOwner, EntityStatus
from adloom_sdk.records import Campaign as Told
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.faults import Fault
from adloom_sdk.testing.world import Clock, World
from app.campaigns.changes import apply_change, ask_for_change, ask_for_undo
from app.campaigns.guardrails import Wanted
from app.campaigns.platform_models import Campaign, CampaignChange
from app.connections.opening import Opened
from billing.plans import PREMIUM, Plan
from kit.ids import new_id
from sandbox.platforms.meta_ads import MetaAds as Fake
from tenants.workspaces.principal import UserRef
from tests.campaigns.advertiser import Advertiser

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADA = UserRef(new_id(), "ada@example.org", "Ada", is_verified=True)


@dataclass
class Platform:
    """The fake with one account of it; `stored` keeps its campaigns as a sync would."""

    advertiser: Advertiser
    bench: Bench
    account: Account
    told: list[Told]
    ctx: Context

    @staticmethod
    def of(advertiser: Advertiser) -> "Platform":
        bench = Bench(MetaAds, Fake(World("meta_ads", clock=Clock(NOW, is_frozen=True))))
        account = bench.account()
        told = [one for one in bench.read(Kind.CAMPAIGNS, account) if isinstance(one, Told)]
        return Platform(advertiser, bench, account, told, bench.ctx())

    @property
    def opened(self) -> Opened:
        return Opened(self.bench.connector, self.ctx)

    def stored(
        self, *, status: EntityStatus = EntityStatus.ACTIVE, owner: BudgetOwner = BudgetOwner.CAMPAIGN
    ) -> Campaign:
        """One of the platform's campaigns in this state."""
        one = next(
            found
            for found in self.told
            if found.status is status
            and found.budget_owner is owner
            and (found.daily_budget_micros is not None) == (owner is BudgetOwner.CAMPAIGN)
        )
        account = self.advertiser.account(platform_id=self.account.id)
        return self.advertiser.campaign(
            one.name,
            account=account,
            platform_id=one.id,
            status=one.status.value,
            daily_budget_micros=one.daily_budget_micros,
            budget_owner=one.budget_owner.value,
        )

    def ask(self, campaign: Campaign, kind: ActionKind, *, plan: Plan = PREMIUM, **more: Any) -> CampaignChange:
        """What somebody who sees what is stored asks for."""
        seen = {"seen_status": campaign.status, "seen_budget_micros": campaign.daily_budget_micros}
        return ask_for_change(
            self.advertiser.session,
            campaign=campaign,
            wanted=Wanted(kind=kind, **(seen | more)),
            manifest=self.bench.connector.manifest,
            plan=plan,
            actor=ADA,
        )

    def apply(self, change: CampaignChange, **more: Any) -> CampaignChange:
        """A worker's run."""
        return apply_change(self.advertiser.session, change, self.opened, **more)

    def undo(self, change: CampaignChange) -> CampaignChange:
        """Asked for, and not carried out yet."""
        return ask_for_undo(self.advertiser.session, change=change, plan=PREMIUM, actor=ADA)

    def lose(self, times: int = 1) -> Fault:
        """The next writes are done, and never answered."""
        return self.bench.fake.faults.add(Fault(kind="lost_response", method="POST", times=times))

    def truth(self, campaign: Campaign) -> tuple[str, int | None]:
        """Status and budget on the platform."""
        found = self.bench.fake.world.find(campaign.platform_id or "")
        assert found is not None
        return found[1].status.value, found[1].daily_budget_micros

    def writes(self, campaign: Campaign) -> int:
        """How often the platform carried out a write on the campaign."""
        found = self.bench.fake.world.find(campaign.platform_id or "")
        assert found is not None
        changes = self.bench.fake.world._changes
        return len(changes.get(found[1].number, []))
