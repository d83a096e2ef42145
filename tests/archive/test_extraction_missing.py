"""Pages that are not there, told from articles whose titles read like one of them."""

import pytest

from archive.extraction.page import examine_page
from archive.extraction.signs import MISSING
from archive.outcome import Kind

TEXT = "".join(
    f"<p>The council of the {name} district met on Tuesday and voted for the plan after a long debate.</p>"
    for name in ("northern", "southern", "eastern", "western")
)
OG = '<meta property="og:type" content="article">'
DATE = '<meta name="date" content="2026-03-10">'


def kind(title: str, text: str, head: str = "") -> Kind:
    html = (
        f"<html><head><meta charset=utf-8><title>{title}</title>{head}</head>"
        f"<body><main><h1>{title}</h1><div>{text}</div></main></body></html>"
    )
    return examine_page(
        html.encode(), url="https://example.com/a/story-of-a-bridge-1", content_type=None
    ).kind


@pytest.mark.parametrize(
    "title",
    [
        "404 neue Wohnungen an der Ahle",
        "Flight 404 lands safely after engine fire",
        "Facebook-Seite des Bürgermeisters nicht mehr verfügbar",
        "Minister’s post about bridge has been removed",
        "Historic battle site is gone, say archaeologists",
        "Cet article du code n’existe plus, rappelle le maire",
    ],
)
def test_a_title_alone_makes_no_article_missing(title: str) -> None:
    assert kind(title, TEXT, OG) is Kind.ARTICLE
    assert kind(title, TEXT, DATE) is Kind.ARTICLE
    assert kind(title, TEXT) is Kind.ARTICLE


@pytest.mark.parametrize(
    ("title", "text", "head"),
    [
        ("Page not found", "", ""),
        ("Page not found", "<p>It has moved.</p>", OG),
        ("Page not found", "<p>The page you asked for could not be found.</p>" + TEXT, ""),
        ("Oops", "<p>The page you asked for could not be found.</p>", ""),
        ("404", "<p>It has moved.</p>", ""),
        ("Fehler 404", "<p>Bitte versuchen Sie es noch einmal.</p>", ""),
    ],
)
def test_a_page_that_says_that_it_is_missing(title: str, text: str, head: str) -> None:
    assert kind(title, text, head) is Kind.SOFT_404


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Hoppla!", "Die von Ihnen gesuchte Seite gibt es leider nicht mehr."),
        ("Ops!", "La pagina che stai cercando non è più disponibile oppure è stata spostata."),
        ("Jejda!", "Požadovaná stránka nebyla nalezena nebo už neexistuje."),
        ("Hoppá!", "A keresett oldal nem található, vagy időközben eltávolították."),
        ("Ой!", "Такой страницы не существует или она была удалена."),
        ("Ой!", "Такої сторінки не існує або її було видалено."),
        ("عذرا", "الصفحة التي تبحث عنها غير موجودة أو تم نقلها إلى عنوان آخر."),
        ("خطا", "صفحه مورد نظر یافت نشد یا حذف شده است."),
        ("אופס", "הדף שחיפשתם לא נמצא או שהוסר מהאתר."),
        ("出错了", "您访问的页面不存在或已被删除，请返回首页。"),
        ("抱歉", "抱歉，您要查看的文章已被作者删除。"),
        ("त्रुटि", "आप जिस पेज को खोज रहे हैं वह उपलब्ध नहीं है या हटा दिया गया है।"),
        ("Lỗi", "Trang bạn tìm kiếm không tồn tại hoặc đã bị xóa."),
        ("Hoppsan!", "Sidan du letar efter finns inte längre eller har flyttats."),
        ("Eroare", "Pagina căutată nu există sau a fost mutată."),
        ("Σφάλμα", "Η σελίδα που αναζητάτε δεν υπάρχει ή έχει μετακινηθεί."),
        ("Maaf", "Halaman yang Anda cari tidak ditemukan atau sudah dihapus."),
        ("ขออภัย", "ไม่พบหน้าที่คุณต้องการ หรืออาจถูกย้ายหรือลบไปแล้ว"),
    ],
)
def test_pages_of_many_languages_that_say_so(title: str, text: str) -> None:
    assert kind(title, f"<p>{text}</p>") is Kind.SOFT_404


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Einen Augenblick", "Wir prüfen, ob Sie ein Mensch sind. Bitte aktivieren Sie JavaScript und Cookies, um fortzufahren."),
        ("Un instant…", "Vérification que vous êtes un humain. Activez JavaScript et les cookies pour continuer."),
        ("Один момент…", "Проверяем, что вы человек. Включите JavaScript и файлы cookie, чтобы продолжить."),
        ("しばらくお待ちください…", "あなたが人間であることを確認しています。続行するには JavaScript を有効にしてください。"),
        ("Chwileczkę…", "Sprawdzamy, czy jesteś człowiekiem. Włącz JavaScript i pliki cookie, aby kontynuować."),
        ("请稍候…", "正在验证您是否是真人。请启用 JavaScript 和 Cookie 以继续。"),
        ("Bir dakika lütfen…", "İnsan olduğunuz doğrulanıyor. Devam etmek için JavaScript ve çerezleri etkinleştirin."),
    ],
)  # fmt: skip
def test_challenges_in_many_languages(title: str, text: str) -> None:
    assert kind(title, f"<p>{text}</p>") is Kind.BLOCKED


@pytest.mark.parametrize(
    "wall",
    [
        "Το άρθρο είναι διαθέσιμο μόνο για συνδρομητές.",
        "Γίνετε συνδρομητής για να διαβάσετε τη συνέχεια.",
    ],
)
def test_greek_walls(wall: str) -> None:
    start = "<p>Το δημοτικό συμβούλιο αποφάσισε να μείνει ανοιχτή η παλιά γέφυρα…</p>"
    assert kind("Η γέφυρα μένει ανοιχτή", f"{start}<h3>{wall}</h3>", OG) is Kind.PAYWALL


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("404", True),
        ("404 | The Probe", True),
        ("The Probe – 404", True),
        ("404-Fehler", True),
        ("Ошибка 404 на сайте", True),
        ("HTTP error 404 again", True),
        ("Flight 404 lands safely", False),
        ("Room 404 is empty", False),
        ("Sie hat 404 Seiten", False),
    ],
)
def test_the_number_404(text: str, says: bool) -> None:
    assert (MISSING.search(text) is not None) is says
