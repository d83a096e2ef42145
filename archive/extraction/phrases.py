"""Phrases by which news pages of many languages ask, prompt or point elsewhere: evidence, never a verdict alone."""

import re

_CALLS = (
    r"subscri|sign ?up|newsletter|log ?in\b|sign in\b|register|follow us|follow (?:\w+ ){0,3}on\b|join (?:us|our)|download (?:the|our)"
    r"|click here|read more|related (?:articles?|stories|topics|content)|more (?:from|stories|on|in|about)\b|recommended|you (?:may|might) (?:also )?like"
    r"|most (?:read|popular|viewed)|trending|advertis|sponsored|all rights reserved|copyright|©|share (?:this|on|with)|comments?\b|editor'?s pick"
    r"|don'?t miss|top stories|latest news|contact us|support (?:us|our)|donate|cookie|privacy policy|terms of (?:use|service)|affiliate|commission"
    r"|abonn|anmelden|registrier|mehr zum thema|lesen sie auch|das könnte sie|folgen sie|jetzt lesen|auch interessant|anzeige\b|kommentar|teilen"
    r"|suivez|inscri(?:vez|re)|à lire|lire aussi|voir aussi|partager|commentaires|réagir|publicité|sur le même sujet|nos articles"
    r"|suscr[ií]|s[ií]guenos|lea también|te puede interesar|más información|compartir|publicidad|comentarios"
    r"|iscriviti|leggi anche|seguici|condividi|pubblicità|inscreva|leia (?:também|mais)|siga|compartilh|publicidade"
    r"|lees ook|volg ons|advertentie|les også|læs også|läs (?:också|mer|även)|følg|annons|prenumerera|dela\b|abonner|lue myös|tilaa"
    r"|czytaj (?:także|też|więcej)|zobacz (?:także|też)|reklama|čtěte (?:také|více)|sledujte|přečtěte|reklam|abone|takip|paylaş|ayrıca oku"
    r"|подпис|читайте также|поделиться|реклама|комментар|baca juga|simak|ikuti|đăng ký|xem thêm|theo dõi|اشترك|تابعنا|اقرأ أيضا|شارك|إعلان|हमें|सब्सक्राइब|ये भी पढ़ें"
    r"|関連記事|続きを読む|フォロー|シェア|会員|広告|無断転載|관련기사|구독|무단|댓글|공유|相关|订阅|分享|评论|廣告|广告|訂閱|延伸閱讀"
)
CALLS = re.compile(_CALLS, re.IGNORECASE)
"""Calls to subscribe, follow, share, read elsewhere; legal and advertising lines."""

PROMPTS = re.compile(
    r"(?:read (?:more|also|next)|also read|see also|related|watch|listen|more|lire aussi|à lire|voir aussi|lesen sie auch|mehr dazu|lea también|leggi anche"
    r"|leia (?:também|mais)|lees ook|les også|læs også|läs också|lue myös|czytaj (?:także|też)|čtěte|baca juga|читайте также|ayrıca|xem thêm|関連記事|인기|相关)\b\s*[:：|>»→–-]?",
    re.IGNORECASE,
)
"""Openings of a line that points to another article."""
