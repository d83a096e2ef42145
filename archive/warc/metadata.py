"""The metadata record's block: how a URL was found and fetched (WARC 1.1, section 6.6)."""

import base64
import binascii
from dataclasses import dataclass, field

from archive.capture import Discovery
from archive.warc.fields import Fields, decode_value, encode_value, first, parse_fields, serialise_fields

HOPS = "hopsFromSeed"
_VALUES = (
    ("via", "via"),
    ("source", "palmyra-source"),
    ("listed", "palmyra-listed"),
    ("title", "palmyra-title"),
)
_BYTES = (("interim", "palmyra-interim"), ("response", "palmyra-response"))


@dataclass(frozen=True, slots=True)
class FetchMetadata:
    """What a metadata record says of its capture.

    ``interim`` holds the 1xx responses before the final one; ``response`` a 304 whose revisit record has no block.
    """

    discovery: Discovery = field(default_factory=Discovery)
    fetch_time_ms: int | None = None
    interim: bytes = b""
    response: bytes = b""


def serialise_metadata(metadata: FetchMetadata) -> bytes:
    """An application/warc-fields block. Values come back from `parse_metadata` whatever characters they hold."""
    found: list[tuple[str, str]] = []
    for name, key in _VALUES:
        value = getattr(metadata.discovery, name)
        if value is not None:
            found.append((key, encode_value(value)))
    found.append((HOPS, encode_value(metadata.discovery.hops)))
    if metadata.fetch_time_ms is not None:
        found.append(("fetchTimeMs", str(metadata.fetch_time_ms)))
    for name, key in _BYTES:
        if value := getattr(metadata, name):
            found.append((key, base64.b64encode(value).decode()))
    return serialise_fields(found)


def parse_metadata(block: bytes) -> FetchMetadata:
    """Read a block that any crawler wrote; what it does not say keeps its default."""
    fields = parse_fields(block.decode("utf-8", "replace"))
    values = {name: _text(fields, key) for name, key in _VALUES}
    milliseconds = first(fields, "fetchTimeMs") or ""
    discovery = Discovery(hops=_text(fields, HOPS) or "", **values)
    return FetchMetadata(
        discovery=discovery,
        fetch_time_ms=int(milliseconds) if milliseconds.isascii() and milliseconds.isdigit() else None,
        **{name: _base64(first(fields, key) or "") for name, key in _BYTES},
    )


def _text(fields: Fields, name: str) -> str | None:
    value = first(fields, name)
    return None if value is None else decode_value(value)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
