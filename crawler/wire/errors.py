"""Why an exchange brought no response at all. ``reason`` is the word that reports use."""

from typing import ClassVar

from archive.errors import ArchiveError


class WireError(ArchiveError):
    """Nothing of a response arrived; ``passing`` says that another try may well succeed."""

    reason: ClassVar[str] = "connectionFailed"
    passing: ClassVar[bool] = True


class ConnectionFailed(WireError):
    """No connection, for another cause than those below: no route, network down, connection reset."""


class InvalidUrl(WireError):
    reason = "invalidUrl"
    passing = False


class InvalidHeader(WireError):
    reason = "invalidHeader"
    passing = False


class UnsupportedScheme(WireError):
    reason = "unsupportedScheme"
    passing = False


class PrivateAddress(WireError):
    """The host is, or resolves to, an address that is not public."""

    reason = "privateAddress"
    passing = False


class DnsFailure(WireError):
    reason = "dnsFailure"


class UnknownHost(DnsFailure):
    """The name servers answered: there is no such host. Asked again they would say the same."""

    passing = False


class ConnectionRefused(WireError):
    reason = "connectionRefused"


class ConnectTimeout(WireError):
    """No connection, TLS included, within the time allowed."""

    reason = "connectTimeout"


class TlsFailure(WireError):
    reason = "tlsFailure"


class ProxyFailure(WireError):
    """The proxy cannot be used, or refused to open a tunnel."""

    reason = "proxyFailure"


class EmptyResponse(WireError):
    """The server ended the connection before the first byte of a response."""

    reason = "emptyResponse"


class ResponseTimeout(WireError):
    """No byte of a response within the time allowed."""

    reason = "responseTimeout"


class Interrupted(WireError):
    """The wire was closed while the exchange was under way."""

    reason = "interrupted"
