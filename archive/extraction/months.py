"""Days as pages write them for readers, in words and figures of many languages."""

import re
from collections.abc import Iterator
from datetime import date

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""What is outside is no day on which a web page was published."""
MAX_TEXT = 300
"""Characters of a text in which days are looked for."""

_NAMES = (
    (
        "january|jan|januar|jänner|janvier|janv|enero|ene|janeiro|gennaio|gen|januari|tammikuuta|tammikuu"
        "|janúar|stycznia|sty|ledna|leden|január|ianuarie|ian|siječnja|siječanj|januara|januarja|января|янв"
        "|січня|януари|ιανουαρίου|ιαν|ocak|oca|sausio|janvāris|janvārī|jaanuar|jaanuari|gener|يناير"
        "|كانون الثاني|ינואר|जनवरी|ژانویه|januarie"
    ),
    (
        "february|feb|februar|février|févr|fév|febrero|fevereiro|fev|febbraio|febbr|februari|helmikuuta"
        "|helmikuu|febrúar|lutego|lut|února|únor|február|februarie|veljače|veljača|februara|februarja|февраля"
        "|фев|лютого|февруари|φεβρουαρίου|φεβ|şubat|şub|vasario|februāris|februārī|veebruar|febrer|فبراير"
        "|شباط|פברואר|फरवरी|फ़रवरी|فوریه"
    ),
    (
        "march|mar|märz|mars|marzo|março|maart|mrt|maaliskuuta|maaliskuu|marca|března|březen|március|márc"
        "|marec|martie|ožujka|ožujak|marta|mart|марта|мар|березня|март|μαρτίου|μαρ|kovo|marts|martā|märts"
        "|març|مارس|آذار|מרץ|मार्च"
    ),
    (
        "april|apr|avril|avr|abril|abr|aprile|huhtikuuta|huhtikuu|apríl|kwietnia|kwi|dubna|duben|április|ápr"
        "|aprilie|travnja|travanj|aprila|апреля|апр|квітня|април|απριλίου|απρ|nisan|nis|balandžio|aprīlis"
        "|aprīlī|aprill|أبريل|ابريل|إبريل|نيسان|אפריל|अप्रैल|آوریل"
    ),
    (
        "may|mai|mayo|maio|maggio|mag|mei|maj|toukokuuta|toukokuu|maí|maja|května|květen|május|máj|svibnja"
        "|svibanj|мая|май|травня|μαΐου|μαΐ|mayıs|gegužės|maijs|maijā|maig|مايو|أيار|מאי|मई|مه"
    ),
    (
        "june|jun|juni|juin|junio|junho|giugno|giu|kesäkuuta|kesäkuu|júní|czerwca|cze|června|červen|június"
        "|jún|iunie|iun|lipnja|lipanj|juna|junija|июня|июн|червня|юни|ιουνίου|ιουν|haziran|haz|birželio"
        "|jūnijs|jūnijā|juuni|juny|يونيو|حزيران|יוני|जून|ژوئن|junie"
    ),
    (
        "july|jul|juli|juillet|juil|julio|julho|luglio|lug|heinäkuuta|heinäkuu|júlí|lipca|lip|července"
        "|červenec|július|júl|iulie|iul|srpnja|srpanj|jula|julija|июля|июл|липня|юли|ιουλίου|ιουλ|temmuz|tem"
        "|liepos|jūlijs|jūlijā|juuli|juliol|يوليو|تموز|יולי|जुलाई|ژوئیه|julie"
    ),
    (
        "august|aug|août|aout|agosto|ago|augusti|augustus|elokuuta|elokuu|ágúst|sierpnia|sie|srpna|srpen"
        "|augusztus|avgusta|kolovoza|kolovoz|augusta|августа|авг|серпня|август|αυγούστου|αυγ|ağustos|ağu"
        "|rugpjūčio|augusts|augustā|agost|أغسطس|اغسطس|آب|אוגוסט|अगस्त|اوت"
    ),
    (
        "september|sep|sept|septembre|septiembre|setiembre|setembro|settembre|set|syyskuuta|syyskuu|września"
        "|wrz|září|szeptember|szept|septembrie|rujna|rujan|septembra|сентября|сен|сент|вересня|септември"
        "|σεπτεμβρίου|σεπ|eylül|eyl|rugsėjo|septembris|septembrī|setembre|سبتمبر|أيلول|ספטמבר|सितंबर|सितम्बर"
        "|سپتامبر"
    ),
    (
        "october|oct|oktober|okt|octobre|octubre|outubro|out|ottobre|ott|lokakuuta|lokakuu|október"
        "|października|paź|října|říjen|octombrie|oktobra|октября|окт|жовтня|октомври|οκτωβρίου|οκτ|ekim|eki"
        "|spalio|oktobris|oktobrī|oktoober|أكتوبر|اكتوبر|تشرين الأول|אוקטובר|अक्टूबर|अक्तूबर|اکتبر|oktobre"
    ),
    (
        "november|nov|novembre|noviembre|novembro|marraskuuta|marraskuu|nóvember|listopada|lis|listopadu"
        "|noiembrie|studenoga|studenog|studeni|novembra|ноября|ноя|листопада|ноември|νοεμβρίου|νοε|kasım|kas"
        "|lapkričio|novembris|novembrī|نوفمبر|تشرين الثاني|נובמבר|नवंबर|नवम्बर|نوامبر"
    ),
    (
        "december|dec|dezember|dez|décembre|déc|diciembre|dic|dezembro|dicembre|desember|des|joulukuuta"
        "|joulukuu|grudnia|gru|prosince|prosinec|decembrie|prosinca|prosinac|decembra|декабря|дек|грудня"
        "|декември|δεκεμβρίου|δεκ|aralık|ara|gruodžio|decembris|decembrī|detsember|desembre|ديسمبر"
        "|كانون الأول|דצמבר|दिसंबर|दिसम्बर|دسامبر"
    ),
)
"""The months by their names and short forms, as they stand in dates. (Croatian ``listopada``, October, is Polish for November.)"""

_MONTHS = {name.casefold(): number for number, names in enumerate(_NAMES, 1) for name in names.split("|")}
_WORD = r"(?P<word>(?:(?:كانون|تشرين) )?[^\s\d,.;:()|/–—-]{2,30})"
_OF = r"(?:\s*(?:de|del|of|di)\b|\s*d['’])?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_DAY = r"(?<!\d)(?P<day>\d{1,2})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_DAY}(?:\.|st|nd|rd|th|er|º|ª|[eo])?{_OF}\s*{_WORD}\.?,?{_OF}\s*{_YEAR}",
        rf"{_WORD}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
        rf"(?<!\d){_YEAR}\.?(?:\s*m\.)?\s*{_WORD}\.?\s+(?P<day>\d{{1,2}})(?![\d:])",
        r"(?<!\d)(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]",
        r"(?<!\d)(?P<year>\d{4})(?:\.\s?|-|/)(?P<month>\d{1,2})(?:\.\s?|-|/)(?P<day>\d{1,2})(?!\d)",
        rf"{_DAY}\s*tháng\s*(?P<month>\d{{1,2}})(?:\s*,|\s*năm)?\s*{_YEAR}",
        rf"{_DAY}(?P<mark>[./-])\s?(?P<month>\d{{1,2}})(?P=mark)\s?(?P<year>\d{{4}}|\d{{2}})(?!\d)",
    )
)


def shown_days(text: str, language: str = "") -> Iterator[tuple[re.Match[str], date]]:
    """The days that ``text`` names, in its order, each with where it stands.

    ``language`` is the BCP 47 tag that decides between ``3/5/2024`` and ``5/3/2024``; a day that stays open is left out.
    """
    found: dict[int, tuple[re.Match[str], date]] = {}
    for form in _FORMS:
        for match in form.finditer(text[:MAX_TEXT]):
            day = _day(match.groupdict(), language)
            if day is not None and not any(_overlap(match, other) for other, _ in found.values()):
                found[match.start()] = match, day
    for start in sorted(found):
        yield found[start]


def _overlap(one: re.Match[str], other: re.Match[str]) -> bool:
    return one.start() < other.end() and other.start() < one.end()


def _day(parts: dict[str, str | None], language: str) -> date | None:
    year, day = int(parts["year"] or 0), int(parts["day"] or 0)
    month = int(parts.get("month") or 0) or _month(parts.get("word") or "")
    if month is None:
        return None
    if parts.get("mark") == "/" and _is_month_first(language) and month != day:
        if month <= 12 and day <= 12 and language.lower() != "en-us":
            return None
        day, month = (month, day) if day <= 12 else (day, month)
    try:
        found = date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def _is_month_first(language: str) -> bool:
    return language.lower() in ("", "en", "en-us")


def _month(words: str) -> int | None:
    name = words.casefold()
    return _MONTHS.get(name) or _MONTHS.get(name.removeprefix("ב"))  # Hebrew writes "in March" as one word
