"""Plain HTTP on the game's port: the browser client, and what operators and lobby pages ask.

Sans-I/O: a `Request` goes in, a `Response` comes out, and `encode` makes it bytes. GET and HEAD only.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import unquote

import msgspec

from .http_head import parts
from .security_headers import Site, security_headers

if TYPE_CHECKING:
    from asyncio import Future

#: The SDK is meant for pages of other origins too.
_SDK_PREFIX = "/sdk/"
_COMPRESSIBLE = ("text/", "application/json", "image/svg")
#: Below this many bytes compression saves no packet.
_COMPRESS_FROM = 1024

#: Characters of a path, at most: no file of ours needs more.
_LONGEST_PATH = 512
#: Characters that no file of ours has in its name and that mean something to some file system.
_FORBIDDEN = frozenset("\\\0:")

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/svg+xml", ".svg")
mimetypes.add_type("application/manifest+json", ".webmanifest")


class Request(NamedTuple):
    """A GET or HEAD request. `headers` ignores the case of names. address: the client's.

    relayed: whether a proxy says that it stands for somebody else, and is not trusted.
    """

    path: str
    query: str
    headers: Mapping[str, str]
    address: str = ""
    relayed: bool = False


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def text(cls, text: str, status: int = 200, content_type: str = "text/plain; charset=utf-8") -> Response:
        return cls(status, {"Content-Type": content_type, "Cache-Control": "no-store"}, text.encode())

    @classmethod
    def json(cls, value: Any) -> Response:
        return cls.json_bytes(msgspec.json.encode(value))

    @classmethod
    def json_bytes(cls, body: bytes) -> Response:
        """JSON that is written already, for pages of any origin."""
        response = cls.text("", content_type="application/json")
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response._replace(body=body)

    @classmethod
    def failure(cls, status: int, sentence: str) -> Response:
        """How the JSON interface says that something went wrong."""
        return cls.json({"error": sentence})._replace(status=status)

    @classmethod
    def error(cls, status: int, message: str) -> Response:
        return cls.text(f"{status} {HTTPStatus(status).phrase}\n{message}\n", status)


def no_page() -> Response:
    return Response.error(404, "There is no such page.")


def takes_gzip(headers: Mapping[str, str]) -> bool:
    """Whether the client takes a response that is compressed in this way."""
    for offer in parts(headers.get("Accept-Encoding", "").lower()):
        name, _, quality = offer.replace(" ", "").partition(";q=")
        if name == "gzip":
            return quality.strip("0.") != "" if quality else True
    return False


#: A response, or one that comes later.
Answer: TypeAlias = "Response | Future[Response]"


def encode(response: Response, site: Site, *, closes: bool, without_body: bool = False) -> bytes:
    """The bytes of a response. closes: whether the connection ends behind it. without_body: it answers HEAD."""
    status, headers, body = response
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name != "Connection"]
    # With 304 a length would be that of the page the client already has.
    if status != HTTPStatus.NOT_MODIFIED:
        lines.append(f"Content-Length: {len(body)}")
    lines.append("Connection: close" if closes else "Connection: keep-alive")
    head = "\r\n".join(lines).encode("latin-1", "replace")
    shared = "Access-Control-Allow-Origin" in headers
    return b"%b\r\n%b\r\n%b" % (head, security_headers(site, shared), b"" if without_body else body)


class _Page(NamedTuple):
    content_type: str
    etag: str
    body: bytes
    compressed: bytes | None


class StaticFiles:
    """The files of the browser client, read once from the installed package and kept in memory."""

    def __init__(self, root: Traversable | None = None) -> None:
        self._root = root if root is not None else files("rumpus") / "web"
        self._pages: dict[str, _Page] = {}

    def get(self, request: Request) -> Response:
        """The file at the request's path; `/` is index.html. 404 if there is none."""
        if len(request.path) > _LONGEST_PATH:
            return no_page()
        names = [name for name in unquote(request.path).split("/") if name] or ["index.html"]
        page = self._pages.get("/".join(names)) or self._load(names)
        if page is None:
            return no_page()
        # "no-cache" makes browsers ask each time, so that a new version of the server is a new version of the client.
        headers = {"ETag": page.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        # Proxies that compress make tags weak, and browsers may name several.
        if page.etag in (tag.strip().removeprefix("W/") for tag in parts(request.headers.get("If-None-Match", ""))):
            return Response(304, headers, b"")
        headers["Content-Type"] = page.content_type
        if request.path.startswith(_SDK_PREFIX):
            headers["Access-Control-Allow-Origin"] = "*"
        if page.compressed is not None and takes_gzip(request.headers):
            return Response(200, headers | {"Content-Encoding": "gzip"}, page.compressed)
        return Response(200, headers, page.body)

    def _load(self, names: list[str]) -> _Page | None:
        # Names that start with a dot include ".." and are never ours; a colon is a drive or a stream on Windows.
        if any(name.startswith(".") or not _FORBIDDEN.isdisjoint(name) for name in names):
            return None
        file = self._root.joinpath(*names)
        try:
            if not file.is_file():
                return None
        except OSError:
            # The name is too long for this file system.
            return None
        body = file.read_bytes()
        content_type = mimetypes.guess_type(names[-1])[0] or "application/octet-stream"
        compressed = None
        if len(body) >= _COMPRESS_FROM and content_type.startswith(_COMPRESSIBLE):
            compressed = gzip.compress(body, mtime=0)
        if content_type.startswith("text/"):
            content_type += "; charset=utf-8"
        page = _Page(content_type, f'"{hashlib.sha256(body).hexdigest()[:16]}"', body, compressed)
        self._pages["/".join(names)] = page
        return page


class Routes:
    """Which path answers what. Anything not routed is a file of the browser client.

    A path that ends in a slash stands for all below it.
    """

    def __init__(self, routes: Mapping[str, Callable[[Request], Answer]], static: StaticFiles) -> None:
        self._routes = dict(routes)
        self._below = {path: handler for path, handler in routes.items() if path.endswith("/")}
        self._static = static

    def __call__(self, request: Request) -> Answer:
        handler = self._routes.get(request.path)
        if handler is not None:
            return handler(request)
        for path, handler in self._below.items():
            if request.path.startswith(path):
                return handler(request)
        return self._static.get(request)
