"""The head of a HTTP request: what is asked, and whether it is a request at all.

llhttp (httptools) reads it, which takes no bare line feeds, no folded lines, no space before a colon and no length that
can be read in two ways. What is refused here besides: bodies, whatever announces them, and a Host that is missing,
doubled or malformed. So there is nothing on which a proxy and this server could disagree.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from multidict import CIMultiDict

#: Bytes of a head, and headers in it, at most.
MOST_BYTES = 16 * 1024
MOST_HEADERS = 128
#: What is looked at of a list in a header: it has room for thousands too.
MOST_PARTS = 64
#: What a head ends with.
END = b"\r\n\r\n"

#: A host and perhaps a port. RFC 3986 lets names have more characters, but they mean something in other headers.
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{0,5})?")


class BadRequest(Exception):
    """Something that is no request which this server answers. `status` says what it is told, with a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Head(NamedTuple):
    """A request. version: `1.1` or `1.0`. `headers` ignores the case of names. keep_alive: the client may ask again."""

    method: str
    target: str
    version: str
    headers: CIMultiDict[str]
    keep_alive: bool


class _Reader:
    """What llhttp tells of a head."""

    def __init__(self) -> None:
        self.url = b""
        self.headers: CIMultiDict[str] = CIMultiDict()
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.add(name.decode("ascii"), value.strip(b" \t").decode("ascii", "surrogateescape"))

    def on_headers_complete(self) -> None:
        self.complete = True


def parse_head(data: bytes) -> Head:
    """Read a head, from its first byte to the empty line behind it. Raises BadRequest."""
    if data.count(b"\n") > MOST_HEADERS + 2:
        # Before they are read: a head has room for thousands.
        raise BadRequest(400, f"A request may have {MOST_HEADERS} headers.")
    reader = _Reader()
    parser = HttpRequestParser(reader)
    try:
        parser.feed_data(data)
    except HttpParserUpgrade:
        pass  # somebody wants to change the protocol
    except HttpParserError as error:
        raise BadRequest(400, f"This is no HTTP request: {error}.") from None
    if not reader.complete or data.partition(b"\r\n")[0].count(b" ") != 2:
        raise BadRequest(400, "This is no HTTP request.")
    version = parser.get_http_version()
    if version not in ("1.1", "1.0"):
        raise BadRequest(505 if version.startswith("2") else 400, "This server speaks HTTP/1.1.")
    headers = reader.headers
    if "Transfer-Encoding" in headers or headers.get("Content-Length", "0").strip("0"):
        raise BadRequest(400, "Requests with a body are not taken here.")
    target = reader.url.decode("ascii", "replace")
    hosts = headers.getall("Host", [])
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        raise BadRequest(400, "A request names one Host.")
    if not target.startswith("/") and "://" in target:
        # The whole address: what it says of the host counts (RFC 9112, 3.2.2).
        authority, slash, rest = target.partition("://")[2].partition("/")
        target, hosts = slash + rest or "/", [authority]
        headers["Host"] = authority
    if hosts and not is_host(hosts[0]):
        raise BadRequest(400, "The Host of this request is none.")
    wishes = tokens(headers.getall("Connection", []))
    keep_alive = "close" not in wishes and (version == "1.1" or "keep-alive" in wishes)
    return Head(parser.get_method().decode("ascii"), target, version, headers, keep_alive)


def is_host(text: str) -> bool:
    """Whether this is a host, perhaps with a port, and nothing besides."""
    return _HOST.fullmatch(text) is not None


def tokens(values: list[str], lower: bool = True) -> list[str]:
    """The comma-separated tokens of a header that may be repeated, in lower case where case means nothing.

    Of a list that is longer than any that somebody means, the beginning.
    """
    found = [part for token in parts(",".join(values)) if (part := token.strip())]
    return [token.lower() for token in found] if lower else found


def parts(value: str) -> list[str]:
    """What stands between the commas of a header, 64 of them at most."""
    return value.split(",", MOST_PARTS)[:MOST_PARTS]
