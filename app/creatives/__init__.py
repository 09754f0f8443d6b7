"""Ads and whether they wear out: each against its own first days, less what all other ads of its account did.

Tables: creative_readings; reads ads, creatives, ad_days, campaigns. Web: /w/{workspace}/creatives (tired first), /{ad} (its days);
API: /api/v1/recommendations/creative/analysis. Jobs: creatives.plan (hourly, asks each workspace), creatives.read.
Path: tasks → service.read_ads (days from `queries`, judged in `reading` by ml.fatigue) → creative_readings → service.list_ads → api, pages.
"""
