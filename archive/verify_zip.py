"""The ZIP file that a WACZ is: each entry whole, and what stands before it the same as what the directory says of it."""

import struct
import zipfile
from collections import Counter
from collections.abc import Iterator

from archive.wacz import COPY_BYTES, UNREADABLE, Wacz
from archive.warc.verify import Finding

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
"""APPNOTE 4.3.7: signature, version, flags, method, time, date, CRC, two sizes, lengths of name and extra field."""
_SIZES_FOLLOW = 1 << 3
"""The flag by which CRC and sizes stand behind the data, and may be zero before it (APPNOTE 4.4.4)."""
_ZIP64 = 1
_TOO_LARGE = 0xFFFFFFFF
"""A size that stands in the ZIP64 extra field instead (APPNOTE 4.5.3)."""


def verify_zip(wacz: Wacz) -> Iterator[Finding]:
    """Everything wrong with the entries as such."""
    for info in wacz.zip.infolist():
        try:
            with wacz.zip.open(info) as file:
                while file.read(COPY_BYTES):
                    pass
        except UNREADABLE as error:
            yield _fault(wacz, info.filename, "zip", f"cannot be read: {error}")
            continue
        yield from _headers(wacz, info)
        if info.filename.startswith("archive/") and info.compress_type != zipfile.ZIP_STORED:
            message = "is compressed inside the ZIP, so that no reader can seek in it"
            yield _fault(wacz, info.filename, "zip-compressed", message)
    for name, count in Counter(wacz.zip.namelist()).items():
        if count > 1:
            yield _fault(wacz, name, "zip-duplicate", "stands in the ZIP more than once")


def _headers(wacz: Wacz, info: zipfile.ZipInfo) -> Iterator[Finding]:
    """Readers that stream go by the header before the data, others by the directory at the end."""
    with wacz.path.open("rb") as file:
        file.seek(info.header_offset)
        head = file.read(_LOCAL_HEADER.size)
        _, _, flags, method, _, _, crc, packed, size, name, extra = _LOCAL_HEADER.unpack(head)
        file.seek(name, 1)
        packed, size = _whole_sizes(packed, size, file.read(extra))
    stated = {
        "method": (method, info.compress_type),
        "CRC": (crc, info.CRC),
        "packed size": (packed, info.compress_size),
        "size": (size, info.file_size),
    }
    for what, (before, listed) in stated.items():
        if before != listed and not (flags & _SIZES_FOLLOW and before == 0):
            message = (
                f"the {what} is {before!r} in the header before it and {listed!r} in the ZIP's directory"
            )
            yield _fault(wacz, info.filename, "zip-header", message)


def _whole_sizes(packed: int, size: int, extra: bytes) -> tuple[int, int]:
    """Packed and plain size, out of the ZIP64 extra field where they stand there."""
    if _TOO_LARGE not in (packed, size):
        return packed, size
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        if kind == _ZIP64 and length >= 16 and len(extra) >= 20:
            plain, own = struct.unpack("<QQ", extra[4:20])
            return own if packed == _TOO_LARGE else packed, plain if size == _TOO_LARGE else size
        extra = extra[4 + length :]
    return packed, size


def _fault(wacz: Wacz, name: str, code: str, message: str) -> Finding:
    return Finding(wacz.path / name, 0, code, message)
