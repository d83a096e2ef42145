"""HTML that is escaped by construction: text becomes markup only by way of `element`."""

from html import escape


class Markup(str):
    """A piece of finished HTML."""

    __slots__ = ()


Content = Markup | str | None
_VOID = frozenset({"br", "hr", "input", "link", "meta"})


def element(name: str, /, *content: Content, **attributes: str | None) -> Markup:
    """An element. Strings in it are escaped; ``class_`` and the like lose the underscore; None leaves a thing out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{joined(*content)}</{name}>")


def joined(*content: Content) -> Markup:
    """Pieces one after another, strings escaped."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part or "") for part in content))


def page(title: str, *body: Content, class_: str | None = None) -> bytes:
    """A whole document of the reading room."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("link", rel="stylesheet", href="/style.css"),
        element("link", rel="icon", href="/icon.svg"),
    )
    return f"<!doctype html>\n{element('html', head, element('body', *body, class_=class_), lang='en')}\n".encode()
