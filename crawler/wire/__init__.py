"""HTTP/1.1 over recorded connections: what is written and what is read, byte for byte, above TLS and below parsing."""

from crawler.wire.attempt import Fetched
from crawler.wire.errors import Interrupted, WireError
from crawler.wire.request import WireRequest
from crawler.wire.wire import Wire

__all__ = ["Fetched", "Interrupted", "Wire", "WireError", "WireRequest"]
