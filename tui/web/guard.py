"""Who may see the dashboard in a browser: who knows the token, by this computer's own address.

The server listens on loopback only. That alone keeps nobody out who sits at the same computer, nor
a web page that the browser shows beside: it may send requests here (cross-site), or point a name
of its own at 127.0.0.1 and then read the answers (DNS rebinding). Hence the token, the check of
`Host`, and the check of `Origin`, which pages cannot forge.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost")

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # the address holds the token
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def policy(port: int, nonce: str) -> str:
    """The page's Content-Security-Policy: it talks to this server alone and opens no window.

    The terminal of the page writes style sheets and style attributes, so those are allowed.
    """
    sockets = " ".join(f"ws://{name}:{port}" for name in NAMES)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self' 'unsafe-inline'",
            "font-src 'self'",
            "img-src data:",
            f"connect-src {sockets}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "sandbox allow-scripts allow-same-origin",
        )
    )


def new_token() -> str:
    """A secret of 256 bits, fit for a path."""
    return secrets.token_urlsafe(32)


def refusal(
    headers: Mapping[str, str], given: str, token: str, port: int, *, socket: bool
) -> str | None:
    """Why a request is refused; None if it is not.

    Args:
        headers: of the request.
        given: the token of its path; empty if it has none.
        token: the right one.
        port: where the server listens.
        socket: it asks for a WebSocket: then a browser always tells the origin, and must.
    """
    places = [f"{name}:{port}" for name in NAMES]
    host, origin = headers.get("Host", ""), headers.get("Origin")
    if host not in places:
        return "this is not the address of the server"
    if origin != f"http://{host}" and (socket or origin is not None):
        return "the request comes from another page"
    if not secrets.compare_digest(given.encode(errors="replace"), token.encode()):
        return "the address lacks the token; open the address that `--web` printed"
    return None
