"""Bodies of TikTok's objects, with every key that TikTok sends, over the made-up world."""

from datetime import date, timedelta
from typing import Any

from adloom_sdk.days import midnight
from adloom_sdk.money import MICROS
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.world import Entity, WorldAccount

_WORDS = {EntityStatus.PAUSED: "DISABLE", EntityStatus.REMOVED: "DELETE"}


def advertiser(account: WorldAccount) -> dict[str, Any]:
    unknown = (
        "cellphone_number", "license_city", "industry", "license_url", "promotion_center_city",
        "promotion_center_province", "telephone_number", "address", "email", "rejection_reason", "license_no", "brand",
        "role", "company", "license_province", "contacter", "description",
    )  # fmt: skip
    january = midnight(date(2026, 1, 15), account.timezone).utcoffset() or timedelta()
    hours = round(january.total_seconds() / 3600)
    return dict.fromkeys(unknown) | {
        "advertiser_id": account.id,
        "name": account.name,
        "currency": account.currency,
        "timezone": f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT",
        "display_timezone": account.timezone,
        "status": "STATUS_DISABLE" if account.status is AccountStatus.DISABLED else "STATUS_ENABLE",
        "balance": 0,
        "promotion_area": "0",
        "language": "",
        "country": "US",
        "create_time": 1_600_000_000,
        "advertiser_account_type": "AUCTION",
    }


def entity_body(entity: Entity, account: WorldAccount) -> dict[str, Any]:
    shapes = {"campaign": _campaign, "ad_group": _ad_group, "ad": _ad}
    word = {"campaign": "CAMPAIGN", "ad_group": "ADGROUP", "ad": "AD"}[entity.level]
    status = _WORDS.get(entity.status, "ENABLE")
    return shapes[entity.level](entity) | {
        "advertiser_id": account.id,
        "operation_status": status,
        "secondary_status": f"{word}_STATUS_{status}",
        "create_time": f"{entity.begins_on} 08:00:00",
        "modify_time": f"{entity.begins_on} 09:30:00",
        "is_new_structure": True,
        "campaign_automation_type": "MANUAL",
        "is_smart_performance_campaign": False,
        "deep_bid_type": None,
    }


def _campaign(entity: Entity) -> dict[str, Any]:
    return {
        "campaign_id": entity.id,
        "campaign_name": entity.name,
        "budget": _number(entity.daily_budget_micros or 0),
        "budget_mode": "BUDGET_MODE_DAY",
        "objective_type": "WEB_CONVERSIONS",
        "objective": "LANDING_PAGE",
        "campaign_type": "REGULAR_CAMPAIGN",
        "rta_product_selection_enabled": False,
        "is_search_campaign": False,
        "catalog_enabled": False,
        "roas_bid": 0,
        "is_advanced_dedicated_campaign": False,
        "rta_bid_enabled": False,
        "rta_id": None,
        "virtual_objective_type": None,
        "special_industries": [],
        "disable_skan_campaign": None,
    }


def _ad_group(entity: Entity) -> dict[str, Any]:
    """The budget lies with the campaign."""
    nothing = (
        "app_id", "feed_type", "keywords", "app_config", "secondary_optimization_event", "rf_purchased_type",
        "rf_estimated_frequency", "purchased_reach", "deep_funnel_optimization_status", "delivery_mode",
        "adgroup_app_profile_page_state", "schedule_infos", "statistic_type", "conversion_window", "frequency_schedule",
        "frequency", "smart_audience_enabled", "deep_funnel_event_source_id", "deep_funnel_optimization_event",
        "smart_interest_behavior_enabled", "custom_conversion_id", "automated_keywords_enabled", "app_download_url",
        "deep_funnel_event_source", "purchased_impression", "app_type", "next_day_retention", "brand_safety_partner",
        "rf_estimated_cpr", "device_price_ranges", "vbo_window",
    )  # fmt: skip
    lists = (
        "excluded_audience_ids", "audience_ids", "operating_systems", "interest_keyword_ids", "tiktok_subplacements",
        "included_custom_actions", "actions", "isp_ids", "interest_category_ids", "category_exclusion_ids", "languages",
        "network_types", "excluded_custom_actions",
    )  # fmt: skip
    switches = (
        "share_disabled", "inventory_filter_enabled", "is_hfss", "auto_targeting_enabled", "video_download_disabled",
        "is_lhf_compliance", "comment_disabled",
    )  # fmt: skip
    numbers = ("bid_price", "conversion_bid_price", "deep_cpa_bid", "scheduled_budget", "budget")
    return {
        **dict.fromkeys(nothing),
        **{name: [] for name in lists},
        **dict.fromkeys(switches, False),
        **dict.fromkeys(numbers, 0),
        "adgroup_id": entity.id,
        "adgroup_name": entity.name,
        "campaign_id": str(entity.campaign),
        "campaign_name": entity.name.partition(" of ")[2],
        "budget_mode": "BUDGET_MODE_INFINITE",
        "creative_material_mode": "CUSTOM",
        "attribution_event_count": "ONCE",
        "click_attribution_window": "SEVEN_DAYS",
        "view_attribution_window": "ONE_DAY",
        "category_id": "0",
        "pacing": "PACING_MODE_SMOOTH",
        "location_ids": ["6252001"],
        "brand_safety_type": "NO_BRAND_SAFETY",
        "dayparting": "1" * 336,
        "pixel_id": "7644154669358710792",
        "bid_display_mode": "CPMV",
        "ios14_quota_type": "UNOCCUPIED",
        "schedule_end_time": "2036-01-01 00:00:00",
        "schedule_type": "SCHEDULE_START_END",
        "schedule_start_time": f"{entity.begins_on} 08:00:00",
        "placements": ["PLACEMENT_TIKTOK"],
        "placement_type": "PLACEMENT_TYPE_NORMAL",
        "optimization_event": "ON_WEB_ORDER",
        "optimization_goal": "CONVERT",
        "search_result_enabled": True,
        "promotion_type": "WEBSITE",
        "age_groups": ["AGE_25_34"],
        "gender": "GENDER_UNLIMITED",
        "billing_event": "OCPM",
        "bid_type": "BID_TYPE_NO_BID",
        "skip_learning_phase": True,
    }


def _ad(entity: Entity) -> dict[str, Any]:
    return {
        "ad_id": entity.id,
        "ad_name": entity.name,
        "adgroup_id": str(entity.parent),
        "campaign_id": str(entity.campaign),
        "ad_format": "SINGLE_VIDEO",
        "ad_text": f"Look at this: {entity.name}",
        "display_name": "Northwind",
        "landing_page_url": "https://northwind.example/",
        "profile_image_url": "https://northwind.example/logo.png",
        "video_id": f"v{entity.id}",
        "image_ids": [],
        "call_to_action": "SHOP_NOW",
    }


def decimal(micros: int) -> str:
    """An amount as TikTok writes it: "1265.87"; whole where there is no fraction."""
    whole, rest = divmod(micros, MICROS)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def _number(micros: int) -> int | float:
    return micros // MICROS if micros % MICROS == 0 else micros / MICROS
