"""Phrases by which news pages of many languages ask, prompt or point elsewhere: evidence, never a verdict alone."""

import re

from archive.extraction.phrasing import Phrases


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CALLS = Phrases.of(
    r"subscri|sign ?up|newsletter|log ?in\b|sign in\b|register|follow us|follow (?:\w+ ){0,3}on\b"
    r"|join (?:us|our)|download (?:the|our)"
    r"|click here|read more|related (?:articles?|stories|topics|content)|more (?:from|stories|on|in"
    r"|about)\b|recommended|you (?:may|might) (?:also )?like"
    r"|most (?:read|popular|viewed)|trending|advertis|sponsored|all rights reserved|copyright|©"
    r"|share (?:this|on|with)|comments?\b|editor'?s pick"
    r"|don'?t miss|top stories|latest news|contact us|support (?:us|our)|donate|cookie|privacy policy"
    r"|terms of (?:use|service)|affiliate|commission"
    r"|abonn|anmelden|registrier|mehr zum thema|lesen sie auch|das könnte sie|folgen sie|jetzt lesen"
    r"|auch interessant|anzeige\b|kommentar|teilen"
    r"|suivez|inscri(?:vez|re)|à lire|lire aussi|voir aussi|partager|commentaires|réagir|publicité"
    r"|sur le même sujet|nos articles"
    r"|suscr[ií]|s[ií]guenos|lea también|te puede interesar|más información|compartir|publicidad|comentarios"
    r"|iscriviti|leggi anche|seguici|condividi|pubblicità|inscreva|leia (?:também|mais)|siga"
    r"|compartilh|publicidade"
    r"|lees ook|volg ons|advertentie|les også|læs også|läs (?:också|mer|även)|følg|annons|prenumerera"
    r"|dela\b|abonner|lue myös|tilaa"
    r"|czytaj (?:także|też|więcej)|zobacz (?:także|też)|reklama|čtěte (?:také|více)|sledujte|přečtěte"
    r"|reklam|abone|takip|paylaş|ayrıca oku"
    r"|подпис|читайте также|поделиться|реклама|комментар|baca juga|simak|ikuti|đăng ký|xem thêm"
    r"|theo dõi|اشترك|تابعنا|اقرأ أيضا|شارك|إعلان|हमें|सब्सक्राइब|ये भी पढ़ें"
    r"|関連記事|続きを読む|フォロー|シェア|会員|広告|無断転載|관련기사|구독|무단|댓글|공유|相关|订阅|分享|评论|廣告|广告|訂閱|延伸閱讀"
)
"""Calls to subscribe, follow, share, read elsewhere; legal and advertising lines."""

PROMPTS = Phrases.of(
    r"(?:read (?:more|also|next)|also read|see also|related|lire (?:aussi|également)"
    r"|à lire(?: aussi)?|voir aussi|lesen sie auch|mehr dazu|mehr zum thema"
    r"|lea también|lee también|leggi anche|leia (?:também|mais)|lees ook|les også|læs også"
    r"|läs (?:också|även)|lue myös|czytaj (?:także|też)|zobacz (?:także|też)"
    r"|čtěte také|baca juga|читайте также|ayrıca okuyun|xem thêm|関連記事|관련기사|相关阅读|延伸閱讀|اقرأ أيضا)\s*[:："
    r"|>»→]\s*\S"
)
"""Openings of a line that points to another article."""

_CONSENT = (
    r"cookies?\b.{0,200}\b(?:accept|agree|consent|reject|preferences|settings|choice|partners)"
    r"|(?:accept|agree|consent|reject|manage|we use|we store)\b.{0,80}\bcookies?\b|(?:droits"
    r"|pratiques|politique)\b.{0,60}\bcookies?\b|we value your privacy|consentez au traitement"
    r"|utilis\w+ (?:des|de|les) cookies|alle cookies (?:akzeptieren|ablehnen)|verwend\w+ cookies|cookies? zustimmen"
    r"|aceptar (?:las )?cookies|utilizamos cookies|utilizziamo cookie|cookies? (?:accepteren|toestaan)"
    r"|クッキーを(?:使用|利用|受け入れ|許可|有効|設定|保存)"
)
CONSENT = Phrases.of(_CONSENT)
"""Consent to cookies and tracking, asked for or described."""

CONSENT_OR_BUTTON = Phrases.of(
    rf"{_CONSENT}|accept all|reject all|we and our (?:\d+ )?partners|tout (?:accepter|refuser)|accepter et (?:continuer|fermer)"
    r"|alle (?:akzeptieren|ablehnen)|akzeptieren und weiter|aceptar (?:todo|y continuar)|rechazar todo"
    r"|accetta (?:tutt|e continua)|rifiuta tutt|aceitar (?:todos|tudo)|alles accepteren|godta alle|accepter alle"
    r"|godkänn alla|hyväksy kaikki|akceptuj|přijmout vše|tümünü kabul|принять все"
    r"|すべて(?:許可|同意)|모두 (?:동의|수락)|接受所有|全部接受"
)
"""The same, or what the buttons of a consent dialogue say: words of any prose, see ``consent.asks``."""

AD_LABEL = re.compile(
    r"[\s\W]*(?:(?:story|article|text) continues (?:below|after)(?: (?:this )?advertise?ment)?|advertise?ment|advertising"
    r"|scroll to continue(?: with content)?|sponsored(?: content)?|paid content|(?:weiter )?nach der anzeige|anzeige|werbung"
    r"|(?:la suite |lire la suite )?après (?:la|cette) publicité|publicité|(?:sigue leyendo|continúa) (?:tras|después de) la publicidad"
    r"|publicidad|publicidade|continua (?:depois|após) da publicidade|pubblicità|(?:la lettura )?continua dopo la pubblicità"
    r"|advertentie|(?:lees|tekst gaat) (?:verder|door) onder de advertentie|annonse?|annonce|reklame?|reklama|reklám"
    r"|artikkelen fortsetter under annonsen|artiklen fortsætter efter annoncen|mainos|reklamı?|publicitate|διαφήμιση"
    r"|реклама|реклама\.? ?продолжение.{0,20}|продолжение после рекламы|إعلان|إعلانات|پیامک تبلیغاتی|تبلیغات|פרסומת"
    r"|広告|スポンサー|광고|广告|廣告|quảng cáo|iklan|विज्ञापन|โฆษณา)[\s\W]*",
    re.IGNORECASE,
)
"""The whole of a line that labels an advertisement."""

CALL_WORDS = _words(
    "subscribe subscriber subscribers subscription newsletter newsletters signup login sign "
    "register follow download click related recommended popular trending advertisement "
    "advertising sponsored rights reserved copyright share comment comments editor editors "
    "stories contact donate donation cookie cookies privacy terms affiliate commission purchase "
    "independently newsroom inbox email podcast whatsapp facebook twitter instagram telegram "
    "youtube abonnieren abonnement anmelden registrieren mehr auch anzeige kommentar kommentare "
    "teilen folgen redaktion autor suivez abonnez inscrivez lire partager commentaires réagir "
    "publicité rédaction contactez suscríbete suscribirse síguenos compartir publicidad "
    "comentarios redacción iscriviti leggi seguici condividi pubblicità redazione inscreva leia "
    "siga compartilhe publicidade lees volg advertentie delen nieuwsbrief følg annons prenumerera "
    "dela abonner nyhetsbrev tilaa czytaj zobacz reklama udostępnij čtěte sledujte reklam abone "
    "takip paylaş haber подписывайтесь читайте подробнее реклама поделиться baca simak ikuti đăng "
    "theo اشترك تابعنا شارك إعلان author byline disclosure disclaimer correction updated "
    "reporting contributed edited"
)
"""Words of calls and of a publisher's standing lines, of four letters or more; a count of them is evidence, never a verdict."""
