"""Made-up advertisers whose truth is known: returns by platform and objective, seasons, trends, and campaigns that come and go."""

from typing import Any

import numpy as np

from ml.predict.campaigns import CampaignHistory, CampaignLabels, campaign_history

PLATFORMS = ("meta", "google", "tiktok", "linkedin")
OBJECTIVES = ("sales", "leads", "traffic")
START = np.datetime64("2025-01-01")


def advertiser_rows(seed: int = 1, *, campaigns: int = 40, days: int = 300, scale: float = 1.0) -> dict[str, Any]:
    """Columns for `campaign_history`. Conversions are overdispersed counts whose mean grows with spend^0.75; money times `scale`."""
    random = np.random.default_rng(seed)
    platform_effect = dict(zip(PLATFORMS, random.normal(0, 0.4, len(PLATFORMS)), strict=True))
    objective_effect = dict(zip(OBJECTIVES, random.normal(0, 0.4, len(OBJECTIVES)), strict=True))
    season = 0.25 * np.sin(2 * np.pi * np.arange(days) / 365 + random.uniform(0, 6)) + np.cumsum(
        random.normal(0, 0.01, days)
    )
    parts: list[tuple[Any, ...]] = []
    labels: dict[str, CampaignLabels] = {}
    for number in range(campaigns):
        platform, objective = str(random.choice(PLATFORMS)), str(random.choice(OBJECTIVES))
        key = f"campaign {number:03}"
        labels[key] = CampaignLabels(platform, platform, objective)
        first, end = _life(random, days)
        usual = float(np.exp(random.normal(4, 1)))
        steps = np.repeat(np.cumsum(random.normal(0, 0.25, days // 30 + 2)), 30)[:days]
        spend = usual * np.exp(steps + random.normal(0, 0.15, days))
        own = random.normal(0, 0.4) + np.cumsum(random.normal(0, 0.015, days))
        rate = np.exp(np.log(0.04) + platform_effect[platform] + objective_effect[objective] + own + season)
        mean = rate * usual * (spend / usual) ** 0.75
        conversions = random.poisson(mean * random.gamma(8, 1 / 8, days)).astype(float)
        value = conversions * 60 * np.exp(random.normal(0, 0.2, days))
        chosen = slice(first, end)
        parts.append(
            (np.full(end - first, key), np.arange(days)[chosen], spend[chosen], conversions[chosen], value[chosen])
        )
    keys, day, spend, conversions, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    return {
        "campaigns": keys.tolist(),
        "dates": START + day,
        "spend": spend * scale,
        "conversions": conversions,
        "value": value * scale,
        "labels": labels,
    }


def advertiser(seed: int = 1, **options: Any) -> CampaignHistory:
    """The same as a history."""
    return campaign_history(**advertiser_rows(seed, **options))


def _life(random: np.random.Generator, days: int) -> tuple[int, int]:
    """Half of them run from the beginning; four in ten end before the last day."""
    first = 0 if random.random() < 0.5 else int(random.integers(0, max(days - 20, 1)))
    end = min(days, first + int(random.integers(30, 300))) if random.random() < 0.4 else days
    return first, max(end, first + 1)
