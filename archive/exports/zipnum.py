"""ZipNum: a CDXJ index as gzip members of so many lines, and a second index that names each member.

As WACZ 1.1.1 and pywb read it: a reader fetches the small ``index.idx``, then one member of ``index.cdx.gz``.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice

LINES_IN_A_MEMBER = 1024


def index_head(data_name: str) -> str:
    """The first line of the second index; it names the file that holds the members."""
    return f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': data_name})}\n"


def members(lines: Iterable[str]) -> Iterator[tuple[bytes, str]]:
    """Each gzip member of the sorted CDXJ ``lines`` (without line ends), with its line of the second index."""
    offset = 0
    remaining = iter(lines)
    while block := list(islice(remaining, LINES_IN_A_MEMBER)):
        member = _gzip("".join(f"{line}\n" for line in block).encode())
        yield member, _index_line(block[0], offset, member)
        offset += len(member)


def _index_line(first: str, offset: int, member: bytes) -> str:
    key = " ".join(first.split(" ", 2)[:2])
    digest = f"sha256:{hashlib.sha256(member).hexdigest()}"
    return f"{key} {json.dumps({'offset': offset, 'length': len(member), 'digest': digest})}\n"


def _gzip(data: bytes) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()
