"""A sandbox that is killed and started again has forgotten nobody who signed in, and nothing that was written."""

from datetime import UTC, datetime
from pathlib import Path

from adloom_sdk.records import EntityStatus
from sandbox.parts.memory import Memory
from sandbox.platforms.meta_ads import MetaAds

SEEN_AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_tokens_codes_and_changes_outlive_the_process(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    fake = memory.wake(MetaAds, "meta_ads")
    issued = fake.consent.issue(("read", "write"))
    ended = fake.consent.issue(("read",))["access_token"]
    fake.consent.expire(ended)
    back = fake.consent.decide({"decision": "allow", "redirect_uri": "http://127.0.0.1/back"}, ("read",))
    code = back.partition("code=")[2].partition("&")[0]
    account = fake.world.accounts[0]
    campaign = fake.world.campaigns(account)[0]
    fake.world.change(campaign.id, status=EntityStatus.PAUSED)
    memory.keep("meta_ads", fake)

    again = Memory(tmp_path).wake(MetaAds, "meta_ads")
    assert again.consent.why_refused(issued["access_token"], "write") is None
    assert again.consent.why_refused(ended, "read") == "expired"
    assert again.consent.redeem(code)
    assert again.world.campaigns(account)[0].status is EntityStatus.PAUSED
    assert again.consent.refresh(issued["refresh_token"])


def test_numbers_seen_from_one_instant_stay(tmp_path: Path) -> None:
    first = Memory(tmp_path).wake(MetaAds, "meta_ads", seen_at=SEEN_AT)
    later = Memory(tmp_path).wake(MetaAds, "meta_ads", seen_at=SEEN_AT)
    later.world.clock.advance(86_400)
    account, today = first.world.accounts[0], SEEN_AT.date()
    assert first.world.ledger(account, today, today, settled=False)
    assert first.world.ledger(account, today, today, settled=False) == later.world.ledger(
        account, today, today, settled=False
    )
