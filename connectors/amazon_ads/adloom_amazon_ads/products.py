"""What the three advertising products do differently: paths, media types, report names and columns."""

from msgspec import Struct

from adloom_sdk import Kind, Level


class Listing(Struct, frozen=True, kw_only=True):
    """Where entities of one kind are listed, and under which media type."""

    path: str
    media: str


class Product(Struct, frozen=True, kw_only=True):
    """One product. `is_old` lists by GET with an index, in lower case and with numbers for ids."""

    key: str
    ad_product: str
    attribution: str
    listings: dict[Kind, Listing]
    reports: dict[Level, tuple[str, tuple[str, ...]]]
    figures: tuple[str, ...]
    is_old: bool = False


_PRODUCTS_FIGURES = ("impressions", "clicks", "cost", "purchases7d", "sales7d")
_FIGURES = ("impressions", "clicks", "cost", "purchases", "sales")

SPONSORED_PRODUCTS = Product(
    key="sp",
    ad_product="SPONSORED_PRODUCTS",
    attribution="Amazon: purchases within 7 days of a click",
    listings={
        Kind.CAMPAIGNS: Listing(path="/sp/campaigns", media="application/vnd.spCampaign.v3+json"),
        Kind.AD_GROUPS: Listing(path="/sp/adGroups", media="application/vnd.spAdGroup.v3+json"),
        Kind.ADS: Listing(path="/sp/productAds", media="application/vnd.spProductAd.v3+json"),
    },
    reports={
        Level.CAMPAIGN: ("spCampaigns", ("campaign",)),
        Level.AD_GROUP: ("spCampaigns", ("campaign", "adGroup")),
        Level.AD: ("spAdvertisedProduct", ("advertiser",)),
    },
    figures=_PRODUCTS_FIGURES,
)
SPONSORED_BRANDS = Product(
    key="sb",
    ad_product="SPONSORED_BRANDS",
    attribution="Amazon: purchases within 14 days of a click",
    listings={
        Kind.CAMPAIGNS: Listing(path="/sb/v4/campaigns", media="application/vnd.sbcampaignresource.v4+json"),
        Kind.AD_GROUPS: Listing(path="/sb/v4/adGroups", media="application/vnd.sbadgroupresource.v4+json"),
        Kind.ADS: Listing(path="/sb/v4/ads", media="application/vnd.sbadresource.v4+json"),
    },
    reports={
        Level.CAMPAIGN: ("sbCampaigns", ("campaign",)),
        Level.AD_GROUP: ("sbAdGroup", ("adGroup",)),
        Level.AD: ("sbAds", ("ads",)),
    },
    figures=_FIGURES,
)
SPONSORED_DISPLAY = Product(
    key="sd",
    ad_product="SPONSORED_DISPLAY",
    attribution="Amazon: purchases within 14 days of a click or view",
    listings={
        Kind.CAMPAIGNS: Listing(path="/sd/campaigns", media="application/json"),
        Kind.AD_GROUPS: Listing(path="/sd/adGroups", media="application/json"),
        Kind.ADS: Listing(path="/sd/productAds", media="application/json"),
    },
    reports={
        Level.CAMPAIGN: ("sdCampaigns", ("campaign",)),
        Level.AD_GROUP: ("sdAdGroup", ("adGroup",)),
        Level.AD: ("sdAdvertisedProduct", ("advertiser",)),
    },
    figures=_FIGURES,
    is_old=True,
)
PRODUCTS = (SPONSORED_PRODUCTS, SPONSORED_BRANDS, SPONSORED_DISPLAY)
