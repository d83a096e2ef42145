"""The headers that keep what is served where it is: on this machine, on its own origin, without scripts."""

Headers = tuple[tuple[str, str], ...]

_NAME = "Content-Security-Policy"
COMMON: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-DNS-Prefetch-Control", "off"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cache-Control", "private, no-cache"),
)
"""On every reply. A page may be taken down or derived anew: browsers ask each time."""


def room(archive_origin: str) -> Headers:
    """The reading room: its own style sheet and search form, and archived pages in a frame."""
    return (
        _policy(
            "default-src 'none'", "style-src 'self'", "img-src 'self'", f"frame-src {archive_origin}",
            "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
        ),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    )  # fmt: skip


def readable(room_origin: str) -> Headers:
    """An archived page with its style and pictures, from its own origin alone. Nothing runs: the sandbox allows
    no scripts, forms, popups or plugins. It keeps its origin, so that Cross-Origin-Resource-Policy can close the
    archive to other sites and still let the page have its own pictures and fonts.
    """
    return (
        _policy(
            "sandbox allow-same-origin", "default-src 'none'", "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:", "font-src 'self' data:", "media-src 'self' data:", "form-action 'none'",
            "base-uri 'none'", f"frame-ancestors {room_origin}",
        ),
    )  # fmt: skip


def raw() -> Headers:
    """Bytes as they were sent: an opaque origin, and nothing may be fetched."""
    return (
        _policy(
            "sandbox", "default-src 'none'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'"
        ),
        ("X-Frame-Options", "DENY"),
    )


def complete(headers: Headers) -> Headers:
    """``headers`` with the common ones, and under the strictest policy unless they name another."""
    return (*headers, *(() if any(name == _NAME for name, _ in headers) else raw()), *COMMON)


def _policy(*directives: str) -> tuple[str, str]:
    return _NAME, "; ".join(directives)
