"""Where a response ends in the bytes of a connection (RFC 9112, section 6)."""

from collections.abc import Callable

from archive.errors import HttpFormatError
from archive.http.chunked import ChunkedDecoder
from archive.http.head import MAX_HEAD_BYTES, ResponseHead, head_end, leading_blank, parse_response_head

_PROTOCOL = b"http"
_BODILESS_STATUSES = frozenset({204, 304})
_SWITCHING_PROTOCOLS = 101
_LENGTH_DIGITS = 18
_CONTRADICTION = "Content-Length fields contradict each other"


class ResponseFraming:
    """Follows one response to a request made with ``method``, in whatever pieces its bytes come.

    ``head`` is the final response's, None until it is whole; ``interim`` holds the 1xx responses before it (101 is
    final). ``complete`` says that the message ended as its own framing promises; ``keep_alive`` that the connection
    can carry another. ``problem`` says in words what is wrong: a short body, a broken chunk, lengths that contradict.
    ``delimited`` is False where nothing but the end of the connection tells where the message ends, be it that no
    length is given or that the framing is broken; all that comes then belongs to it.
    """

    def __init__(self, method: str) -> None:
        self.head: ResponseHead | None = None
        self.interim = b""
        self.complete = False
        self.delimited = True
        self.problem: str | None = None
        self._bodiless = method.upper() == "HEAD"
        self._buffer = bytearray()
        self._length = 0
        self._received = 0
        self._chunked = ChunkedDecoder()
        self._next: Callable[[bytes], int] = self._receive_head

    @property
    def keep_alive(self) -> bool:
        if self.head is None or not (self.complete and self.delimited) or self.problem:
            return False
        options = self.head.tokens(b"Connection")
        persistent = self.head.version >= (1, 1) or "keep-alive" in options
        return persistent and "close" not in options and self.head.status != _SWITCHING_PROTOCOLS

    def receive(self, data: bytes) -> int:
        """Read on: how many bytes of ``data``, from its start, belong to this message (interim responses included).

        Fewer than ``len(data)`` only when the message is complete.
        """
        position = 0
        while position < len(data) and not self.complete:
            position += self._next(data[position:] if position else data)
        return position

    def end(self) -> None:
        """The connection has ended."""
        if self.complete:
            return
        if self._next == self._receive_to_end:
            self.complete = self._chunked.problem is None
        elif self.head is None:
            self._end_in_head()
        elif self._next == self._receive_chunked:
            self.problem = "the connection ended within a chunked body"
        else:
            self.problem = f"the connection ended after {self._received} of {self._length} bytes of the body"

    def _receive_head(self, data: bytes) -> int:
        before = len(self._buffer)
        self._buffer += data
        if not self._is_http():
            return self._undelimited("no HTTP status line", len(data))
        end = head_end(self._buffer, max(0, before - 2))
        if end is None:
            if len(self._buffer) > MAX_HEAD_BYTES:
                return self._undelimited(f"no end of the head within {MAX_HEAD_BYTES} bytes", len(data))
            return len(data)
        head = bytes(self._buffer[:end])
        self._buffer.clear()
        if not self._begin(head):
            return len(data)
        return end - before

    def _is_http(self) -> bool:
        start = leading_blank(self._buffer)
        word = bytes(self._buffer[start : start + len(_PROTOCOL)]).lower()
        return _PROTOCOL.startswith(word)

    def _begin(self, data: bytes) -> bool:
        """Take a whole head; False if it is none, and framing is lost."""
        try:
            head = parse_response_head(data)
        except HttpFormatError as error:
            self._undelimited(str(error), 0)
            return False
        if 100 <= head.status < 200 and head.status != _SWITCHING_PROTOCOLS:
            return self._keep_interim(data)
        self.head = head
        self._choose_body(head)
        return True

    def _keep_interim(self, data: bytes) -> bool:
        self.interim += data
        if len(self.interim) > MAX_HEAD_BYTES:
            self._undelimited(f"interim responses longer than {MAX_HEAD_BYTES} bytes", 0)
        return self.problem is None

    def _choose_body(self, head: ResponseHead) -> None:
        """RFC 9112, section 6.3, with the tolerance of browsers where a length makes no sense."""
        codings = [coding for coding in head.tokens(b"Transfer-Encoding") if coding != "identity"]
        if self._bodiless or head.status in _BODILESS_STATUSES or head.status == _SWITCHING_PROTOCOLS:
            self.complete = True
        elif codings and codings[-1] == "chunked":
            self._next = self._receive_chunked
        elif codings:
            self._until_close()
        else:
            self._choose_length(head.get_all(b"Content-Length"))

    def _choose_length(self, values: tuple[bytes, ...]) -> None:
        lengths = {length.strip() for length in b",".join(values).split(b",") if length.strip()}
        if len(lengths) > 1:
            self._undelimited(_CONTRADICTION, 0)
        elif lengths and (length := lengths.pop()).isdigit() and len(length) <= _LENGTH_DIGITS:
            self._length, self._next = int(length), self._receive_length
            self.complete = self._length == 0
        else:
            self._until_close()

    def _until_close(self) -> None:
        self.delimited = False
        self._next = self._receive_to_end

    def _undelimited(self, problem: str, consumed: int) -> int:
        self.problem = problem
        self._until_close()
        return consumed

    def _receive_length(self, data: bytes) -> int:
        taken = min(len(data), self._length - self._received)
        self._received += taken
        self.complete = self._received == self._length
        return taken

    def _receive_chunked(self, data: bytes) -> int:
        taken, _ = self._chunked.receive(data)
        if self._chunked.problem:
            return self._undelimited(f"broken chunked body: {self._chunked.problem}", len(data))
        self.complete = self._chunked.complete
        return taken

    def _receive_to_end(self, data: bytes) -> int:
        return len(data)

    def _end_in_head(self) -> None:
        self.problem = self.problem or "the connection ended within the head"
        if self._buffer:
            try:
                self.head = parse_response_head(bytes(self._buffer))
            except HttpFormatError:
                self.problem = "no HTTP status line"
