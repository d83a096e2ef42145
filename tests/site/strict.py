"""A second reading of WARC 1.1, from the raw bytes and by nothing of the program's: what is wrong with a file that we wrote.

It is narrower than the standard: it knows only what this project's writer is to write.
"""

import base64
import hashlib
import ipaddress
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EVERYWHERE = {"WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length", "WARC-Block-Digest"}
CAPTURE = {"WARC-Warcinfo-ID", "WARC-Target-URI"}
CONNECTION = {"WARC-IP-Address", "WARC-Protocol", "WARC-Cipher-Suite"}
ALLOWED = {
    "warcinfo": {"WARC-Filename", "Content-Type"},
    "response": CAPTURE | CONNECTION | {"Content-Type", "WARC-Payload-Digest", "WARC-Truncated"},
    "request": CAPTURE | CONNECTION | {"Content-Type", "WARC-Concurrent-To"},
    "metadata": CAPTURE | {"Content-Type", "WARC-Concurrent-To"},
    "revisit": CAPTURE
    | CONNECTION
    | {
        "Content-Type", "WARC-Payload-Digest", "WARC-Truncated", "WARC-Profile", "WARC-Refers-To",
        "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date",
    },
    "conversion": CAPTURE | {"Content-Type", "WARC-Refers-To"},
}  # fmt: skip
REPEATED = {"WARC-Concurrent-To", "WARC-Protocol"}
NEEDED = {
    "warcinfo": {"WARC-Filename", "Content-Type"},
    "response": CAPTURE | {"Content-Type", "WARC-Protocol"},
    "request": CAPTURE | {"Content-Type", "WARC-Protocol"},
    "metadata": CAPTURE | {"Content-Type", "WARC-Concurrent-To"},
    "revisit": CAPTURE
    | {"WARC-Profile", "WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date"},
    "conversion": CAPTURE | {"Content-Type", "WARC-Refers-To"},
}
MEDIA_TYPES = {
    "warcinfo": {"application/warc-fields"},
    "response": {"application/http; msgtype=response"},
    "request": {"application/http; msgtype=request"},
    "metadata": {"application/warc-fields"},
    "revisit": {"application/http; msgtype=response"},
    "conversion": {"text/plain; charset=utf-8"},
}
URN = re.compile(r"<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}>")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
URI = re.compile(r"https?://(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]#|^\\]|%[0-9A-Fa-f]{2})+")
DIGEST = re.compile(r"sha1:[A-Z2-7]{32}|sha256:[0-9a-f]{64}")
PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
PROTOCOL = re.compile(r"http/(0\.9|1\.0|1\.1)|tls/1\.[23]")
NAMED_FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\r\n]*\r\n")
GZIP_HEAD = re.compile(rb"\x1f\x8b\x08\x00\x00\x00\x00\x00[\x00\x02\x04][\x03\xff]")


@dataclass(frozen=True)
class Raw:
    """One record: its fields in their order, and its block."""

    offset: int
    fields: list[tuple[str, str]]
    block: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")


def faults(path: Path) -> list[str]:
    """Everything wrong with the file; empty where it is all that it should be."""
    found, records = [], []
    for offset, content in members(path.read_bytes()):
        try:
            records.append(parsed(offset, content))
        except ValueError as error:
            found.append(f"{offset}: {error}")
    found += [f"{record.offset}: {fault}" for record in records for fault in of_record(record)]
    return found + list(of_file(path, records))


def members(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and content of each gzip member; ValueError where one is not whole."""
    offset = 0
    while offset < len(data):
        if not GZIP_HEAD.match(data, offset):
            raise ValueError(f"{offset}: not the head of a gzip member without name and time")
        inflater = zlib.decompressobj(31)
        content = inflater.decompress(data[offset:])
        if not inflater.eof:
            raise ValueError(f"{offset}: a gzip member without its end")
        yield offset, content
        offset = len(data) - len(inflater.unused_data)


def parsed(offset: int, content: bytes) -> Raw:
    head, blank, rest = content.partition(b"\r\n\r\n")
    version, *lines = (head + b"\r\n").splitlines(keepends=True)
    if not blank or version != b"WARC/1.1\r\n":
        raise ValueError("no record of WARC 1.1")
    if odd := [line for line in lines if not NAMED_FIELD.fullmatch(line)]:
        raise ValueError(f"no named field on one line: {odd[0]!r}")
    fields = [tuple(line.decode("utf-8").rstrip("\r\n").split(": ", 1)) for line in lines]
    record = Raw(offset, fields, rest[:-4])  # type: ignore[arg-type]
    if rest[-4:] != b"\r\n\r\n" or record.one("Content-Length") != str(len(record.block)):
        raise ValueError("the member is not one block of the stated length and two line ends")
    return record


def of_record(record: Raw) -> Iterator[str]:
    kind, names = record.one("WARC-Type"), Counter(name for name, _ in record.fields)
    if kind not in ALLOWED:
        yield f"type {kind!r}"
        return
    if strange := names.keys() - ALLOWED[kind] - EVERYWHERE:
        yield f"{kind}: has {strange}"
    if missing := (EVERYWHERE | NEEDED[kind]) - names.keys():
        yield f"{kind}: lacks {missing}"
    if repeated := {name for name, count in names.items() if count > 1} - REPEATED:
        yield f"{kind}: repeats {repeated}"
    yield from of_values(record)
    if "Content-Type" in names and record.one("Content-Type") not in MEDIA_TYPES[kind]:
        yield f"{kind}: Content-Type {record.one('Content-Type')}"
    if digest(record.one("WARC-Block-Digest"), record.block) != record.one("WARC-Block-Digest"):
        yield "the block digest is another"
    if kind == "response" and names["WARC-Payload-Digest"]:
        stated = record.one("WARC-Payload-Digest")
        if digest(stated, entity(record.block)) != stated:
            yield "the payload digest is another"
    if kind == "revisit":
        yield from of_revisit(record)
    if kind in ("warcinfo", "metadata"):
        odd = [line for line in record.block.splitlines(keepends=True) if not NAMED_FIELD.fullmatch(line)]
        yield from (f"{kind}: no named field: {line!r}" for line in odd)


def of_values(record: Raw) -> Iterator[str]:
    patterns = {
        "WARC-Record-ID": URN, "WARC-Warcinfo-ID": URN, "WARC-Concurrent-To": URN, "WARC-Refers-To": URN,
        "WARC-Date": DATE, "WARC-Refers-To-Date": DATE, "WARC-Target-URI": URI, "WARC-Refers-To-Target-URI": URI,
        "WARC-Block-Digest": DIGEST, "WARC-Payload-Digest": DIGEST, "WARC-Protocol": PROTOCOL,
        "WARC-Truncated": re.compile("length|time|disconnect|unspecified"),
        "WARC-Cipher-Suite": re.compile("TLS_[A-Z0-9_]+"), "Content-Length": re.compile(r"0|[1-9]\d*"),
    }  # fmt: skip
    for name, value in record.fields:
        if name in patterns and not patterns[name].fullmatch(value):
            yield f"{name}: {value!r}"
        if name == "WARC-IP-Address" and not is_address(value):
            yield f"{name}: {value!r}"


def is_address(value: str) -> bool:
    try:
        return str(ipaddress.ip_address(value)) == value
    except ValueError:
        return False


def of_revisit(record: Raw) -> Iterator[str]:
    """Section 6.7: the profile, and what is cut."""
    profile = record.one("WARC-Profile").removeprefix(PROFILE)
    if profile not in ("identical-payload-digest", "server-not-modified"):
        yield f"profile {record.one('WARC-Profile')!r}"
    if profile == "identical-payload-digest" and not record.one("WARC-Payload-Digest"):
        yield "a revisit without WARC-Payload-Digest"
    if profile == "identical-payload-digest" and record.one("WARC-Truncated") != "length":
        yield "a revisit without its payload does not say WARC-Truncated: length"
    if record.block and not record.block.endswith(b"\n"):
        yield "a revisit's block is not the head of a message alone"


def of_file(path: Path, records: list[Raw]) -> Iterator[str]:
    """What holds between the records: one warcinfo first, ids of their own, and captures whose records belong together."""
    first, *others = records
    if first.one("WARC-Type") != "warcinfo" or first.one("WARC-Filename") != path.name:
        yield "does not begin with its warcinfo record"
    ids = Counter(record.one("WARC-Record-ID") for record in records)
    yield from (f"{count} records have the id {own}" for own, count in ids.items() if count > 1)
    by_id = {record.one("WARC-Record-ID"): record for record in records}
    for record in others:
        if record.one("WARC-Type") == "warcinfo":
            yield f"{record.offset}: a second warcinfo record"
        if record.one("WARC-Warcinfo-ID") != first.one("WARC-Record-ID"):
            yield f"{record.offset}: another warcinfo record's id"
        for named in record.all("WARC-Concurrent-To"):
            other = by_id.get(named)
            if other is None or other.offset > record.offset:
                yield f"{record.offset}: WARC-Concurrent-To names no record before it"
            elif any(other.one(name) != record.one(name) for name in ("WARC-Date", "WARC-Target-URI")):
                yield f"{record.offset}: another date or URI than the capture that it belongs to"


def digest(stated: str, data: bytes) -> str:
    """The digest of ``data`` in the form of ``stated``."""
    if stated.startswith("sha256:"):
        return "sha256:" + hashlib.sha256(data).hexdigest()
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def entity(message: bytes) -> bytes:
    """The entity body of a message, chunks taken off (section 6.3.2); as far as they are chunks."""
    match = re.search(rb"\n\r?\n", message.lstrip(b"\r\n"))
    start = len(message) - len(message.lstrip(b"\r\n"))
    head = message[: start + match.end()] if match else message
    body = message[len(head) :]
    if not re.search(rb"(?im)^transfer-encoding:.*chunked", head):
        return body
    whole = b""
    while size := re.match(rb"([0-9A-Fa-f]+)[^\r\n]*\r?\n", body):
        length = int(size[1], 16)
        if not length:
            break
        whole += body[size.end() :][:length]
        body = body[size.end() + length :].removeprefix(b"\r").removeprefix(b"\n")
    return whole
