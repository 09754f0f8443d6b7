"""What a source's channel name normally means: "FB Ads", "facebook" and "Meta" are all Facebook Ads.

A workspace's own map goes on top (`app.campaigns.channels`); this is the built-in table alone.
"""

import re
import unicodedata
from functools import lru_cache

from app.campaigns.channels import StandardName

_MAX_KEY = 60

# key → (name, spellings). A spelling is compared after folding: lower case, no accents, words divided by one space.
CHANNELS: dict[str, tuple[str, tuple[str, ...]]] = {
    "facebook_ads": (
        "Facebook Ads",
        (
            "facebook",
            "fb",
            "meta",
            "facebook meta",
            "meta facebook",
            "facebook instagram",
            "fb ig",
            "paid social facebook",
        ),
    ),
    "instagram_ads": ("Instagram Ads", ("instagram", "ig", "insta", "meta instagram")),
    "google_ads": ("Google Ads", ("google", "adwords", "google adwords", "gads", "google paid")),
    "google_search": (
        "Google Search",
        (
            "google search",
            "search google",
            "google sem",
            "google ppc",
            "google cpc",
            "google paid search",
            "paid search google",
            "google suche",
        ),
    ),
    "google_brand": (
        "Google Brand Search",
        ("google brand", "google search brand", "google brand search", "google branded search"),
    ),
    "google_shopping": ("Google Shopping", ("google shopping", "shopping", "pla", "google pla", "google merchant")),
    "google_performance_max": (
        "Google Performance Max",
        ("google performance max", "performance max", "pmax", "google pmax", "p max", "google p max"),
    ),
    "google_display": ("Google Display", ("google display", "gdn", "google display network", "google gdn")),
    "google_demand_gen": ("Google Demand Gen", ("google demand gen", "demand gen", "google discovery", "discovery")),
    "youtube_ads": ("YouTube Ads", ("youtube", "yt", "google youtube", "you tube", "google video")),
    "microsoft_ads": (
        "Microsoft Ads",
        ("microsoft", "bing", "microsoft bing", "bing microsoft", "msn", "microsoft search", "bing search"),
    ),
    "tiktok_ads": ("TikTok Ads", ("tiktok", "tik tok", "tt", "bytedance")),
    "pinterest_ads": ("Pinterest Ads", ("pinterest", "pin")),
    "linkedin_ads": ("LinkedIn Ads", ("linkedin", "linked in", "li")),
    "snapchat_ads": ("Snapchat Ads", ("snapchat", "snap", "snap chat")),
    "x_ads": ("X Ads", ("x", "twitter", "x twitter", "twitter x", "x com")),
    "reddit_ads": ("Reddit Ads", ("reddit",)),
    "amazon_ads": ("Amazon Ads", ("amazon", "amz", "amazon sponsored products", "sponsored products")),
    "apple_search_ads": ("Apple Search Ads", ("apple search", "apple", "asa")),
    "criteo": ("Criteo", ("criteo",)),
    "taboola": ("Taboola", ("taboola",)),
    "outbrain": ("Outbrain", ("outbrain",)),
    "quora_ads": ("Quora Ads", ("quora",)),
    "spotify_ads": ("Spotify Ads", ("spotify",)),
    "paid_search": ("Paid Search", ("paid search", "sem", "ppc", "cpc", "suchmaschinenwerbung", "sea")),
    "paid_social": ("Paid Social", ("paid social", "social", "social paid", "paid social media")),
    "display": ("Display", ("display", "banner", "banners", "programmatic", "programmatic display", "dsp")),
    "retargeting": ("Retargeting", ("retargeting", "remarketing")),
    "email": (
        "Email",
        (
            "email",
            "e mail",
            "mail",
            "emails",
            "email marketing",
            "newsletter",
            "klaviyo",
            "mailchimp",
            "crm email",
            "e mails",
            "correo",
            "courriel",
        ),
    ),
    "sms": ("SMS", ("sms", "text message", "text messages", "sms marketing", "attentive", "postscript")),
    "push": ("Push Notifications", ("push", "web push", "push notification", "push notifications")),
    "affiliate": (
        "Affiliates",
        ("affiliate", "affiliates", "affiliate marketing", "awin", "impact", "cj", "partner program", "affiliation"),
    ),
    "influencer": ("Influencers", ("influencer", "influencers", "influencer marketing", "creator", "creators")),
    "tv": ("TV", ("tv", "television", "linear tv", "fernsehen", "tv spots", "television spots")),
    "connected_tv": ("Connected TV", ("connected tv", "ctv", "ott", "streaming tv")),
    "radio": ("Radio", ("radio", "audio", "horfunk", "fm radio")),
    "podcast": ("Podcasts", ("podcast", "podcasts")),
    "out_of_home": (
        "Out of Home",
        ("ooh", "out of home", "outdoor", "dooh", "billboard", "billboards", "plakat", "plakate", "aussenwerbung"),
    ),
    "print": ("Print", ("print", "newspaper", "newspapers", "magazine", "magazines", "zeitung", "presse")),
    "direct_mail": ("Direct Mail", ("direct mail", "mailing", "mailings", "catalogue", "catalog", "postal")),
    "organic_search": (
        "Organic Search",
        ("organic search", "organic", "seo", "google organic", "organisch", "natural search"),
    ),
    "organic_social": ("Organic Social", ("organic social", "social organic")),
    "referral": ("Referrals", ("referral", "referrals", "refer a friend")),
    "direct": ("Direct", ("direct", "direct traffic", "none", "direkt", "directo", "diretto", "typed in")),
}

_NOISE = {"ads", "ad", "advertising", "campaign", "campaigns", "werbung", "anzeigen", "kampagnen"}
_APART = re.compile(r"[^0-9a-z]+")


def normalise_channel(raw: str) -> StandardName:
    """The standard key and name of a channel; a name that is not known keeps its spelling and gets a key of its own."""
    return _normalised(" ".join(raw.split()))


@lru_cache(maxsize=4096)
def _normalised(raw: str) -> StandardName:
    folded = fold(raw)
    words = [word for word in folded.split() if word not in _NOISE]
    for spelling in (folded, " ".join(words)):
        if key := _SPELLINGS.get(spelling):
            return StandardName(key, CHANNELS[key][0])
    key = "_".join(folded.split())[:_MAX_KEY].strip("_") or _hexadecimal(raw)
    return StandardName(key, raw if raw != raw.lower() else raw.replace("_", " ").capitalize())


def is_known_channel(raw: str) -> bool:
    """True where the built-in table knows the name."""
    return normalise_channel(raw).key in CHANNELS


def fold(text: str) -> str:
    """Lower case, no accents, everything but letters and digits as one space."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return _APART.sub(" ", "".join(letter for letter in plain if not unicodedata.combining(letter))).strip()


def _hexadecimal(raw: str) -> str:
    """A stable key for names without a Latin letter, such as Chinese ones."""
    return ("channel_" + raw.encode().hex())[:_MAX_KEY]


_SPELLINGS = {spelling: key for key, (_, spellings) in CHANNELS.items() for spelling in (*spellings, fold(key))}
