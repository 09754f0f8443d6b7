"""A shop whose platforms are connected: connections in every state, changes with every outcome, plans, runs and a comparison."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from adloom_sdk.testing.world import Numbers
from app.campaigns.plans import PlanFields, create_plan
from app.campaigns.platform_models import (
    Ad,
    AdDay,
    AdGroup,
    Campaign,
    CampaignChange,
    CampaignDay,
    Creative,
    SavedView,
)
from app.campaigns.saved_views import CAMPAIGNS_PAGE
from app.connections.models import AdAccount
from app.sync.models import Reconciliation, SyncRun
from billing.plans import PREMIUM
from kit.ids import new_id
from tenants.workspaces.principal import UserRef
from tests.browser.connected_rows import DAYS, PlatformRows, day_row
from tests.campaigns.advertiser import MICROS

_EXPIRED = "The platform no longer accepts the sign-in."


class ConnectedShop(PlatformRows):
    """All of it, or a little."""

    def everything(self) -> dict[str, str]:
        """Connections in every state, two pages of campaigns, changes, plans, runs and a comparison."""
        self.rates()
        meta = self.connection("meta_ads", "Meta Ads", may_write=True)
        self.places |= {"connection": str(meta.id)}
        dollars, euros = self.platform("meta_ads", meta, "facebook_ads", campaigns=30)
        self.places |= {"account": str(dollars.id)}
        self.account(meta, "Northwind old", status="disabled", platform_id="act_61009")
        self.platform("google_ads", self.connection("google_ads", "Google Ads"), "google_ads", campaigns=12)
        self.expired()
        self.signed_in_only()
        self.connection("shopify", "Northwind store", state="paused", config={"shop": "northwind-usd"})
        self.changes(dollars)
        self.ads(dollars)
        self.plans()
        self.runs(dollars, euros)
        self.compared(dollars)
        self.saved_view("Paused on Meta", "status=paused&platform=meta_ads")
        self.rows.rolled_up()
        return self.places

    def a_little(self) -> dict[str, str]:
        """One connection with a few campaigns."""
        self.rates()
        meta = self.connection("meta_ads", "Meta Ads", may_write=True)
        dollars, _ = self.platform("meta_ads", meta, "facebook_ads", campaigns=3)
        self.places["campaign"] = str(self._own_budgets(dollars)[0].id)
        self.rows.rolled_up()
        return self.places

    def expired(self) -> None:
        """A sign-in that ran out, with an account whose numbers stay."""
        row = self.connection(
            "tiktok_ads",
            "TikTok Ads",
            state="needs_sign_in",
            problem_code="AuthExpired",
            problem=_EXPIRED,
            what_to_do="Sign in again.",
            problem_at=self.now - timedelta(days=3),
        )
        self.places["expired"] = str(row.id)
        account = self.account(row, "Northwind TikTok", platform_id="7210042", is_selected=True)
        self.read(account, days=120)

    def signed_in_only(self) -> None:
        """A fresh sign-in: nobody has chosen accounts yet, and not all of them can be."""
        row = self.connection("pinterest_ads", "Pinterest Ads")
        self.places["choosing"] = str(row.id)
        self.account(row, "Northwind USD", platform_id="549755813888")
        self.account(row, "Northwind EUR", platform_id="549755813889", currency="EUR", timezone="Europe/Berlin")
        self.account(
            row,
            "Northwind wholesale",
            platform_id="549755813890",
            status="limited",
            problem_code="AccountDenied",
            problem="This sign-in may not read the account’s reports.",
            what_to_do="Ask its owner to give you the role Analyst.",
        )

    def changes(self, account: AdAccount) -> None:
        """Changes with every outcome, on the account's first campaigns."""
        first, second, third, fourth, fifth = self._own_budgets(account)[:5]
        self.places |= {
            "campaign": str(first.id),
            "small": str(second.id),
            "shared": str(self._one(account, budget_owner="shared").id),
        }
        self.places["paused"] = str(self._one(account, status="paused").id)
        budget = first.daily_budget_micros or 0
        self._change(first, "set_daily_budget", 50, state="done", budget=budget, before=budget * 4 // 5)
        self._change(first, "pause", 400, state="undone", reason="Stock was short")
        self._change(second, "pause", 12, state="done", asked_by_name="Mia Merchant")
        self._change(third, "pause", 700, state="refused", problem="Meta Ads does not let this sign-in change it.")
        lost = "Meta Ads did not answer, and does not tell the budget now."
        self._change(
            fourth, "set_daily_budget", 1500, state="unknown", budget=90 * MICROS, before=60 * MICROS, problem=lost
        )
        self._change(fifth, "pause", 3000, state="done")

    def _own_budgets(self, account: AdAccount) -> list[Campaign]:
        asked = select(Campaign).filter_by(account_id=account.id, status="active", budget_owner="campaign")
        return list(self.session.scalars(asked.order_by(Campaign.number)))

    def _one(self, account: AdAccount, **values: str) -> Campaign:
        return self.session.scalars(select(Campaign).filter_by(account_id=account.id, **values).limit(1)).one()

    def _change(
        self,
        campaign: Campaign,
        kind: str,
        minutes_ago: int,
        *,
        budget: int | None = None,
        before: int = 0,
        **more: Any,
    ) -> None:
        seen = {"status": "active", "daily_budget_micros": before or campaign.daily_budget_micros}
        then = seen | ({"daily_budget_micros": budget} if budget else {"status": "paused"})
        is_over = more["state"] in {"done", "undone"}
        at = self.now - timedelta(minutes=minutes_ago)
        values = {"asked_by_name": self.person.name} | more
        self.session.add(
            CampaignChange(
                campaign_number=campaign.number,
                kind=kind,
                daily_budget_micros=budget,
                expected=seen,
                before=seen if is_over else None,
                after=then if is_over else None,
                idempotency_key=new_id().hex,
                asked_by=self.person.user_id,
                created_at=at,
                finished_at=at,
                **values,
            )
        )

    def ads(self, account: AdAccount) -> None:
        """Ads with creatives of the first campaign."""
        campaign = self._own_budgets(account)[0]
        group = AdGroup(
            account_id=account.id,
            campaign_number=campaign.number,
            platform_id=new_id().hex,
            name="Runners, 25 to 44",
            status="active",
        )
        self.session.add(group)
        self.session.flush()
        for number, (kind, title) in enumerate(
            (("video", "Spring is here"), ("image", "Shoes for every path"), ("carousel", "Five trails, one pair"))
        ):
            self._ad(account, campaign, group, kind, title, spend=9 - 3 * number)

    def _ad(self, account: AdAccount, campaign: Campaign, group: AdGroup, kind: str, title: str, *, spend: int) -> None:
        creative = Creative(
            account_id=account.id,
            platform_id=new_id().hex,
            kind=kind,
            title=title,
            body="Light on the foot, sure on wet stone. Free returns within 60 days.",
            link_url="https://northwind.example/spring",
            media_urls=["https://cdn.northwind.example/spring.mp4"],
        )
        ad = Ad(
            account_id=account.id,
            campaign_number=campaign.number,
            ad_group_number=group.number,
            platform_id=new_id().hex,
            creative_platform_id=creative.platform_id,
            name=f"{title}, {kind}",
            status="paused" if kind == "carousel" else "active",
        )
        self.session.add_all([creative, ad])
        self.session.flush()
        numbers = Numbers(spend * MICROS, 640, 21, spend // 4, spend // 4 * 58 * MICROS)
        days = [self.today - timedelta(days=offset) for offset in range(1, DAYS)]
        rows = [day_row(ad.number, day, numbers, key="ad_number") for day in days]
        self.session.execute(insert(AdDay), rows)

    def plans(self) -> None:
        """Two campaigns that live here only."""
        actor = UserRef(self.person.user_id, self.person.email, self.person.name, is_verified=True)
        for name, channel in (("Autumn catalogue", "Facebook Ads"), ("Trade fair banners", "Google Ads")):
            fields = PlanFields(
                name=name,
                channel=channel,
                daily_budget_micros=120 * MICROS,
                starts_on=self.today + timedelta(days=20),
                ends_on=self.today + timedelta(days=50),
                objective="Sales of the winter range",
                notes="Starts when the photographs are ready.",
            )
            made = create_plan(self.session, fields=fields, currency="USD", plan=PREMIUM, actor=actor)
        self.places["plan"] = str(made.id)

    def saved_view(self, name: str, query: str) -> None:
        """Filters under a name."""
        self.session.add(SavedView(page=CAMPAIGNS_PAGE, name=name, query=query, created_by=self.person.user_id))
        self.session.flush()

    def runs(self, *accounts: AdAccount) -> None:
        """What was read, and a run that failed."""
        for number, account in enumerate(accounts):
            for days_ago, kind in ((0, "manual"), (1, "scheduled"), (2, "backfill"), (3, "first")):
                failed = days_ago == 1 and number == 1
                self._run(account, days_ago, kind, failed=failed)

    def _run(self, account: AdAccount, days_ago: int, kind: str, *, failed: bool) -> None:
        at = self.now - timedelta(days=days_ago, minutes=16)
        trouble = {
            "problem_code": "Throttled",
            "problem": "Meta Ads asked for a pause of 40 minutes.",
            "what_to_do": "The next sync goes on from there.",
        }
        self.session.add(
            SyncRun(
                account_id=account.id,
                kind=kind,
                state="failed" if failed else "done",
                since=self.today - timedelta(days=400 if kind == "backfill" else 28),
                until=self.today - timedelta(days=days_ago),
                rows_read=24_310 if kind == "backfill" else 1_240,
                rows_changed=24_310 if kind == "backfill" else 66,
                calls=212 if kind == "backfill" else 14,
                wasted_calls=3 if failed else 0,
                created_at=at,
                finished_at=at + timedelta(seconds=400 if kind == "backfill" else 9),
                **(trouble if failed else {}),
            )
        )

    def compared(self, account: AdAccount) -> None:
        """The platform's totals of four weeks: one day still settles, one final day differs."""
        self.session.flush()
        totals = _totals(self.session, account.id)
        for offset in range(1, 28):
            day = self.today - timedelta(days=offset)
            spend, clicks, conversions = totals.get(day, (0, 0, Decimal(0)))
            more = {2: 1, 20: 3}.get(offset, 0)
            self.session.add(
                Reconciliation(
                    account_id=account.id,
                    day=day,
                    our_spend_micros=spend,
                    their_spend_micros=spend + more * 1_730_000,
                    our_clicks=clicks,
                    their_clicks=clicks + more,
                    our_conversions=conversions,
                    their_conversions=conversions,
                    checked_at=self.now - timedelta(minutes=5),
                )
            )


def _totals(session: Session, account_id: UUID) -> dict[date, tuple[int, int, Decimal]]:
    """Spend, clicks and conversions of an account per day."""
    asked = (
        select(
            CampaignDay.day,
            func.sum(CampaignDay.spend_micros),
            func.sum(CampaignDay.clicks),
            func.sum(CampaignDay.conversions),
        )
        .join(Campaign, Campaign.number == CampaignDay.campaign_number)
        .where(Campaign.account_id == account_id)
        .group_by(CampaignDay.day)
    )
    return {row[0]: (int(row[1] or 0), int(row[2] or 0), row[3] or Decimal(0)) for row in session.execute(asked)}
