"""HTTP/1.x without I/O: heads, the framing of a response, transfer and content codings.

Reads what servers really send, not only what RFC 9110 and RFC 9112 allow, and never alters a byte.
"""

from archive.http.framing import ResponseFraming
from archive.http.head import (
    MAX_HEAD_BYTES,
    Head,
    RequestHead,
    ResponseHead,
    parse_request_head,
    parse_response_head,
    read_head,
)
from archive.http.payload import Payload, decode_payload, entity_body

__all__ = [
    "MAX_HEAD_BYTES",
    "Head",
    "Payload",
    "RequestHead",
    "ResponseFraming",
    "ResponseHead",
    "decode_payload",
    "entity_body",
    "parse_request_head",
    "parse_response_head",
    "read_head",
]
