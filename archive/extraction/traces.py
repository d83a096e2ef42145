"""Traces of challenges and players in what a page holds and does not show."""

import re

from lxml.etree import _Element

MAX_SCRIPT = 2000
"""Characters of a script that are looked at for traces of a challenge."""

_CHALLENGE = (
    *("cf-chl", "challenge-platform", "captcha-delivery", "px-captcha", "_incapsula_resource"),
    *("awswafintegration", "g-recaptcha", "hcaptcha", "distil_"),
)
SURE_CHALLENGE = frozenset(_CHALLENGE[:7])
_PLAYER = re.compile(r"youtube|vimeo|dailymotion|player|embed")


def marks(root: _Element) -> frozenset[str]:
    """Traces of challenges and players in the page's scripts and embedded documents; before those are dropped."""
    texts: list[str] = []
    plays = False
    for element in root.iter("script", "iframe", "video", "audio"):
        text = _named(element)
        texts.append(text)
        plays = plays or element.tag in ("video", "audio")
        plays = plays or (element.tag == "iframe" and _PLAYER.search(text) is not None)
    said = "\n".join(texts)
    return frozenset((*(trace for trace in _CHALLENGE if trace in said), *(["player"] if plays else ())))


def _named(element: _Element) -> str:
    code = (element.text or "")[:MAX_SCRIPT] if element.tag == "script" else ""
    return " ".join(filter(None, (element.get("src"), element.get("id"), element.get("class"), code))).lower()
