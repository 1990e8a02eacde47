"""What every response says to browsers for the safety of our page, after OWASP's list of secure headers.

The page needs its own origin only: modules, styles, pictures and the WebSocket. It uses gamepads, the whole screen,
sound and the clipboard; what else browsers can do for a page is switched off.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

#: What a page may ask the browser for, and what it may not.
_ALLOWED = ("autoplay", "clipboard-write", "fullscreen", "gamepad", "screen-wake-lock")
_FORBIDDEN = (
    "accelerometer", "browsing-topics", "camera", "clipboard-read", "display-capture", "encrypted-media",
    "geolocation", "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "publickey-credentials-get", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    # For browsers that do not know frame-ancestors.
    "X-Frame-Options": "SAMEORIGIN",
    # The address of the page may hold the code of a room.
    "Referrer-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": ", ".join([f"{name}=(self)" for name in _ALLOWED] + [f"{name}=()" for name in _FORBIDDEN]),
}


class Site(NamedTuple):
    """Where our page is for whoever asks.

    host: with its port; "" if that is not known. It must have been checked: it becomes a part of the policy. scheme:
    `https`, `http`, or None if nobody has said. hsts: seconds for which browsers are to use https only; 0: they are not
    told.
    """

    host: str = ""
    scheme: str | None = None
    hsts: int = 0


@lru_cache(64)
def security_headers(site: Site, shared: bool) -> bytes:
    """The lines of a response's head, each with its line end. shared: whether pages of other origins may use it."""
    host, scheme, hsts = site
    sources = ["'self'"]
    if host:
        # Not every browser takes a WebSocket for 'self'.
        sources += [f"wss://{host}"] if scheme == "https" else [f"ws://{host}", f"wss://{host}"]
    headers = {
        "Content-Security-Policy": (
            f"default-src 'self'; connect-src {' '.join(sources)}; img-src 'self' data:; "
            "style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'self'; base-uri 'none'; "
            "form-action 'self'"
        ),
        **_FIXED,
        "Cross-Origin-Resource-Policy": "cross-origin" if shared else "same-origin",
    }
    if scheme == "https":
        # Elsewhere browsers ignore it, and complain.
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if hsts:
        headers["Strict-Transport-Security"] = f"max-age={hsts}"
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")
