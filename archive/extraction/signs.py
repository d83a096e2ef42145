"""Words by which pages of many languages say that they stand in place of an article: evidence, never a verdict alone."""

import re

from archive.extraction.phrasing import Phrases

BLOCKED = Phrases.of(
    r"just a moment|attention required|access (?:denied|to this page has been denied)"
    r"|are you (?:a )?(?:human|robot)|(?:are|is|’re|'re) not a (?:ro)?bot\b|captcha|human verification"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human|confirm (?:that )?you are (?:a )?human"
    r"|pardon our interruption|request unsuccessful|unusual (?:traffic|activity|number of requests)"
    r"|(?:enable|turn on) (?:javascript|js|cookies) (?:and .{0,40})?(?:to continue|disable any ad)"
    r"|enable js and disable any ad|checking your browser|ddos protection"
    r"|bot (?:detection|protection)|you have been blocked|security check"
    r"|(?:currently )?(?:unavailable|not available|blocked) in (?:your|most european) (?:region|country|countries|location)"
    r"|zugriff (?:verweigert|gesperrt)|sind sie ein mensch|kein roboter|aus sicherheitsgründen (?:blockiert|gesperrt)"
    r"|accès (?:refusé|temporairement restreint|interdit)|activité inhabituelle|pas un robot"
    r"|acceso (?:denegado|restringido)|es un ser humano|no (?:eres|es) un robot|accesso negato|non sei un robot"
    r"|acesso negado|não é um robô|toegang geweigerd|geen robot|adgang nægtet|åtkomst nekad|pääsy estetty"
    r"|dostęp zabroniony|nie jesteś robotem|erişim engellendi|robot olmadığınızı"
    r"|доступ (?:запрещ|ограничен)|не робот|проверка браузера"
    r"|アクセスが(?:拒否|制限)|ロボットではない|访问被拒绝|访问受限|접근이 (?:거부|차단)|로봇이 아닙니다"
    r"|تم رفض الوصول|لست روبوت"
    r"|(?:ob|dass) sie ein (?:echter )?(?:mensch|besucher) sind|vous êtes (?:bien )?(?:un )?humain\b|que você é (?:um )?humano"
    r"|(?:czy|że) jesteś człowiekiem|insan olduğunuz\w* (?:doğrula|onayla)|что вы (?:не робот|человек)"
    r"|人間であることを確認|사람인지 확인|您是(?:否是|否为)?真人|人机(?:身份)?验证|確認您是(?:否是)?真人"
    r"|(?:javascript|cookies?)\b.{0,40}(?:um fortzufahren|pour continuer|para continuar|per continuare|om door te gaan)"
    r"|(?:javascript|cookie)\b.{0,40}(?:чтобы продолжить|aby kontynuować|以继续|以繼續)|devam etmek için javascript|続行するには javascript"
)
"""What challenges and refusals say."""

REFUSED = Phrases.of(
    r"\A\W*(?:error )?(?:403|429)\b|\bforbidden\b|too many requests|unavailable in your|\A\W*access restricted"
)
"""The same, of titles and headings alone."""

MISSING = Phrases.of(
    r"\A\W*(?:http )?404\b|\b404\W*\Z|\b404\W{1,3}(?:error|fehler|erreur|not found)"
    r"|(?:error|fehler|erreur|errore|erro|błąd|chyba|hiba|fout|feil|fejl|fel|virhe|hata|eroare|ошибка|помилка|lỗi|エラー"
    r"|错误|錯誤|오류|خطأ|خطای|שגיאה|σφάλμα)\W{0,3}(?:http |code |n° ?)?404\b"
    r"|(?:page|article|story|content|site|post)\b.{0,20} (?:(?:was|is|could|can)(?: ?not|n['’]t) (?:be )?found"
    r"|not found|no longer (?:available|exists|online)|does(?:n['’]t| not) exist"
    r"|is gone|(?:has|have) been (?:removed|deleted|taken down)|has expired)|nothing (?:was )?found (?:here|at this)"
    r"|(?:page|article|contenu)\b.{0,30}(?:introuvable|n['’](?:existe|est) (?:pas|plus)\b|supprimée?)"
    r"|(?:seite|artikel|beitrag|inhalt)\b.{0,30}(?:nicht (?:mehr )?(?:gefunden|verfügbar|vorhanden|abrufbar)|existiert nicht"
    r"|gibt es (?:leider )?nicht)"
    r"|(?:página|noticia|artículo)\b.{0,20}(?:no (?:encontrad[ao]|existe|disponible)|eliminad[ao])"
    r"|no (?:encontramos|hemos encontrado|se ha encontrado) (?:esa|esta|la) página"
    r"|pagina\b.{0,30}(?:non (?:è )?(?:più |stata )?(?:trovata|esiste|disponibile)|niet gevonden|bestaat niet)|artikel bestaat niet"
    r"|página\b.{0,20}não (?:foi )?(?:encontrada|existe)|não encontr\w+ (?:esta|a) página"
    r"|siden (?:blev |ble )?(?:ikke|findes ikke)(?: fundet| funnet)?|fant ikke siden"
    r"|sidan\b.{0,30}(?:kunde inte hittas|hittas inte|hittades inte|finns inte)|sivua ei löy"
    r"|nie znaleziono (?:takiej )?strony|strona.{0,30}nie istnieje|stránka\b.{0,30}(?:nenalezena|nebyla nalezena|neexistuje)"
    r"|oldal\b.{0,20}nem (?:található|létezik)|pagina\b.{0,20} nu (?:a fost găsită|(?:mai )?există)|stranica nije pronađena"
    r"|σελίδα\b.{0,30}δεν (?:βρέθηκε|υπάρχει)|sayfa bulunamadı"
    r"|страниц[аы]\b.{0,40}(?:не найдена|не существует|больше нет|была удалена)"
    r"|сторінк[аиу]\b.{0,40}(?:не знайдено|не існує|було видалено)|halaman\b.{0,30}tidak (?:ditemukan|tersedia)"
    r"|không tìm thấy (?:trang|bài viết)|trang\b.{0,30}không tồn tại"
    r"|ページ(?:が|は)見つかりません|페이지를 찾을 수 없"
    r"|(?:页面|頁面|网页|網頁|文章|内容).{0,8}(?:不存在|已(?:经|經)?(?:被.{0,4})?(?:删除|刪除|移除))|找不到(?:页面|頁面|您)"
    r"|الصفحة\b.{0,40}غير موجودة|لم يتم العثور على (?:هذه )?(?:ال)?صفحة|صفحه\b.{0,40}(?:یافت نشد|پیدا نشد|وجود ندارد)"
    r"|(?:הדף|העמוד)\b.{0,30}(?:לא נמצא|לא קיים|אינו קיים)|(?:पेज|पृष्ठ)\b.{0,40}(?:उपलब्ध नहीं|नहीं मिला|मौजूद नहीं)"
    r"|ไม่พบ(?:หน้า|บทความ)|หน้า.{0,30}(?:ไม่มีอยู่|ไม่พบ)"
)
"""What pages say that are not there."""

_READ_ON = (
    r"subscri(?:be|bers?|ption)\b.{0,60}(?:continue|read|access|unlock|only|full)|(?:continue|keep) reading"
    r"|(?:for|to) (?:paid |our )?(?:subscribers|members)(?: only|\b)|reserved for (?:our )?(?:subscribers|members)"
    r"|sign in to (?:read|continue)|exclusive to subscribers|to read (?:the|this) full|unlock (?:the rest of )?this"
    r"|the rest of (?:the|this) (?:story|article)|read all of your free|free articles? (?:left|remaining)"
    r"|(?:réservée?|exclusive?) (?:aux|à nos) abonnés|lire la suite\b(?!\s*:)|pour lire (?:la suite|cet article|l['’]intégralité)"
    r"|il vous reste .{0,20}à lire|weiterlesen mit|jetzt weiterlesen|weiterlesen\b.{0,30}\babo"
    r"|nur für abonnent|exklusiv für abonnent|mit .{0,30}\+ (?:weiter)?lesen|diesen artikel (?:weiter)?lesen"
    r"|seguir leyendo|(?:solo|exclusivo) (?:para )?suscriptores|para leerlo completo"
    r"|riservat[oa] agli abbonati|continuare a leggere|exclusivo para assinantes|continuar a ler|continue lendo"
    r"|alleen voor abonnees|verder lezen|(?:kun|bare) for abonnenter|for abonnenter|läs vidare|är för (?:dig som är )?prenumerant"
    r"|vain tilaajille|jatka lukemista|dostęp dla prenumerator|czytaj dalej|pro předplatitele|csak előfizető"
    r"|sadece aboneler|okumaya devam"
    r"|(?:только|доступен) (?:для )?подписчик|чтобы читать дальше|лише для передплатник"
    r"|(?:μόνο|αποκλειστικά) (?:για|σε) συνδρομητές|για να διαβάσετε (?:τη συνέχεια|ολόκληρο)"
    r"|(?:この|本)記事は.{0,8}会員|会員限定(?:記事|です)|続きを読むには|残り\s?[\d,]+\s?文字"
    r"|구독자 전용|유료 회원|订阅后|付费阅读|للمشتركين|لمتابعة القراءة|למנויים בלבד"
)
READ_ON = Phrases.of(_READ_ON)
"""What stands where a text is cut off for readers who have not paid."""

_SUBSCRIBED = (
    r"already (?:a )?(?:paid )?(?:subscrib|member)|déjà abonné|bereits abonn|ya (?:eres|soy) suscriptor|già abbonat"
    r"|já (?:é|sou) assinante|al abonnee|allerede abonnent|redan prenumerant|oletko jo tilaaja|masz już prenumerat"
    r"|zaten abone|уже подписан|unlimited access|subscribe now|abonnez-vous|suscríbete|подписк|구독하|会員登録"
    r"|γίνετε συνδρομητ|ήδη συνδρομητ"
)
"""What pages also say beside a whole text."""

WALL = Phrases.of(f"{_READ_ON}|{_SUBSCRIBED}")
"""What a line says that is a wall, or may be one."""

CONSENTED = Phrases.of(
    r"cookies?\b|consent\b|your (?:privacy|data)\b|personal data|privacy (?:choices|policy|center)|\bvendors\b|third parties"
    r"|einwilligung|zustimm|datenschutz|personenbezogen|tracking|endgerät"
    r"|consentement|vos données|données personnelles|informations personnelles|traceurs"
    r"|privacidad|datos personales|consentimiento|nuestros socios|dati personali|consenso|nostri partner"
    r"|dados pessoais|consentimento|privacidade|os nossos parceiros|toestemming|persoonsgegevens|adverteerders"
    r"|samtykke|personoplysninger|integritet|personuppgifter|samtycke|leverantörer|evästee?|yksityisyy|henkilötie"
    r"|prywatnoś|dane osobowe|zaufani partnerzy|souhlas|osobní údaje|soukromí|sütik|adatvédel"
    r"|çerez|gizlilik|kişisel veri|куки|персональн\w+ данн|конфиденциальн"
    r"|クッキー|同意|プライバシー|쿠키|개인정보|隐私|ملفات تعريف الارتباط"
)
"""What lines of a consent dialogue speak of."""

AGREE = Phrases.of(
    r"\b(?:accept|agree|i agree|allow all|reject|manage options|got it|save and continue)\b|akzeptier|zustimmen|ablehnen|einverstanden"
    r"|accepter|tout refuser|continuer sans|j['’]accepte|aceptar|acepto|rechazar|accett[ao]|rifiut[ao]|aceitar|rejeitar|akkoord|accepteren"
    r"|accepter|kun nødvendige|godta|godkänn|hyväksy|akceptuj|zgadzam|přijmout|souhlasím|elfogad|kabul|reddet|принять|согла"
    r"|同意する|許可|동의|수락|接受|同意|موافق|قبول"
)
"""What the buttons of such a dialogue say."""

SHOWING = re.compile(
    r"(?:^|/)(?:videos?|audio|podcasts?|watch|movie|gallery|galleries|photos?|pictures|slideshow|cartoons?|fotos?|bilder|galerien?"
    r"|fotostrecken?|bildergalerien?|diaporamas?|images|galerias?|imagenes|multimedia|media|tv|live-tv|mediathek)(?:/|$)"
)
"""Parts of addresses that name what a page shows besides text."""

LISTING = re.compile(
    r"(?:^|/)(?:category|categories|tags?|authors?|topics?|sections?|search|archives?|rubrik(?:en)?|themen?|thema|schlagwort"
    r"|autor(?:en|es)?|auteurs?|temas?|etiqueta|categoria|tema|theme|dossiers?|page)(?:/|$)|[?&](?:s|q|query)="
)
"""Parts of addresses that name a list of articles."""
