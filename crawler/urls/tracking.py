"""Query parameters that say where a reader came from or who they are, and never what page is meant.

Kept by hand, from what analytics, advertising and mail products document. A name is listed only where dropping it
cannot merge two articles: ``id``, ``cid``, ``source``, ``ref`` and ``p`` name articles on some sites and are not here.
"""

from urllib.parse import unquote

PREFIXES = (
    "utm_",  # Urchin, Google Analytics
    "mtm_", "matomo_", "pk_", "piwik_",  # Matomo
    "at_",  # AT Internet, Piano
    "hsa_", "hss_", "_hs", "__hs",  # HubSpot
    "mc_",  # Mailchimp
    "oly_", "vero_", "mkt_", "ml_subscriber",  # mail campaigns
    "fb_action_", "fb_comment_",
    "ga_", "_ga", "gad_", "gaa_",  # Google Analytics, Ads and Showcase
    "guce_",  # Yahoo's consent redirect
    "ns_",  # Comscore
    "wt_", "wt.",  # Webtrekk, Webtrends
    "itm_",
    "sc_",  # Adobe
    "tblci", "taboola",
    "_branch_",
    "amp;utm_",  # escaped twice
)  # fmt: skip

_NAMES = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid twclid ttclid yclid ysclid li_fat_id igshid igsh epik irclickid
    s_kwcid ef_id mkwid wickedid _openstat rb_clickid srsltid
    cmp cmpid cmp_id icid icmp intcmp int_cmp int_campaign ncid ocid ito xtor xts xtref xtcr
    smid smtyp smprod emc ftag ftcamp mod_ref
    cvid dicbo obref obOrigUrl outbrainclickid
    fb_ref fb_source ref_src ref_url __twitter_impression twitter_impression
    mibextid share_id shared_from xing_share sfnsn sr_share
    guccounter trk trkcampaign trkinfo spm_id_from
    hsctatracking mkt_tok
    wpisrc wprss mbid reflink leadsource sref taid traffic_source intlink_from_url regi_id campaign_id
    awc cjevent zanpid admitad_uid
"""
NAMES = frozenset(_NAMES.lower().split())

_SESSION_NAMES = """
    phpsessid jsessionid aspsessionid sessionid session_id sessid oscsid zenid cfid cftoken
    sid phpsid s_id viewstate __viewstate nonce _nonce
"""
SESSION_NAMES = frozenset(_SESSION_NAMES.split())
"""Parameters that hold a session, when their value looks like one."""


def is_tracking(name: str) -> bool:
    """Whether the parameter ``name`` leaves the page the same."""
    lower = (unquote(name) if "%" in name else name).lower()
    return lower in NAMES or lower.startswith(PREFIXES)
