"""The page printed to a PDF by a browser of the Chromium family, if one is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from monitor.errors import EnvironmentFault

BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "microsoft-edge-stable", "msedge", "brave-browser"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PAPERS = {"a4": "A4", "letter": "letter"}
PATIENCE_S = 120.0
"""A slow computer starts a browser in half a minute; beyond this it hangs."""
OPTIONS = (
    *("--headless", "--disable-gpu", "--no-first-run", "--disable-extensions"),
    *("--disable-background-networking", "--disable-sync", "--no-pdf-header-footer"),
    "--host-resolver-rules=MAP * ~NOTFOUND",  # the page asks for nothing; nor may the browser
)


def browser() -> str:
    """The browser's path.

    Raises:
        EnvironmentFault: none is installed.
    """
    found = (shutil.which(name) for name in BROWSERS)
    chosen = next((path for path in found if path), None)
    if chosen is None:
        raise EnvironmentFault(
            "--pdf needs a browser of the Chromium family (Chromium, Chrome, Edge, Brave) on the "
            "PATH, and there is none; or open the HTML file in any browser and print it"
        )
    return chosen


def printed(page: str, folder: Path, paper: str) -> bytes:
    """The page as a PDF.

    Args:
        page: HTML.
        paper: one of `PAPERS`; the page itself leaves it to the printer.
        folder: where the browser may read and write meanwhile; it is cleared up.

    Raises:
        EnvironmentFault: there is no browser, or it does not print.
    """
    chosen = browser()
    page = page.replace("</head>", f"<style>@page {{ size: {PAPERS[paper]}; }}</style></head>", 1)
    try:
        with tempfile.TemporaryDirectory(
            prefix="vigil-print-", dir=folder, ignore_cleanup_errors=True
        ) as work:
            return _print(chosen, page, Path(work))
    except OSError as fault:
        raise EnvironmentFault(f"{chosen}: cannot print ({fault.strerror})") from fault


def _print(chosen: str, page: str, work: Path) -> bytes:
    source, target = work / "page.html", work / "page.pdf"
    source.write_text(page, encoding="utf-8")
    options = [*OPTIONS, f"--user-data-dir={work / 'profile'}", f"--print-to-pdf={target}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")  # its sandbox refuses the superuser
    try:
        done = subprocess.run(  # noqa: S603 - a browser found on the user's own path
            [chosen, *options, source.resolve().as_uri()],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE_S,
        )
    except subprocess.TimeoutExpired as fault:
        raise EnvironmentFault(
            f"{chosen}: did not print within {PATIENCE_S:g} s; the HTML file is complete"
        ) from fault
    content = target.read_bytes() if target.exists() else b""
    if not content.startswith(b"%PDF"):
        last = next(reversed(done.stderr.strip().splitlines()), "no message")
        raise EnvironmentFault(f"{chosen}: did not print (exit code {done.returncode}: {last})")
    return content
