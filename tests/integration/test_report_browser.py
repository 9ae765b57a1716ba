"""The page in a real browser: it asks for nothing, and it prints."""

import http.server
import os
import shutil
import stat
import subprocess
import threading

import pytest

from monitor.cli.main import main
from monitor.recording.schema import Mode
from monitor.report import build, pdf
from tests.integration import report_case as case

pytestmark = pytest.mark.slow

BROWSER = next((found for found in map(shutil.which, pdf.BROWSERS) if found), None)
NO_BROWSER = "NOT RUN: needs a browser (Debian: apt install chromium)"
NO_POPPLER = "NOT RUN: needs pdftotext (Debian: apt install poppler-utils)"


class Trap(http.server.BaseHTTPRequestHandler):
    """Whoever asks for anything is noted."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def trap():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Trap) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def shown(page, folder):
    """Open a page as a person would, with scripts and network."""
    if BROWSER is None:
        pytest.skip(NO_BROWSER)
    source = folder / "page.html"
    source.write_text(page)
    done = subprocess.run(
        [BROWSER, "--headless", "--disable-gpu", "--no-first-run",
         *(["--no-sandbox"] if os.geteuid() == 0 else []),
         f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=4000", "--dump-dom",
         source.as_uri()],
        check=True, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    return done.stdout


def test_the_page_asks_for_nothing(tmp_path, trap):
    bait = f"http://127.0.0.1:{trap.server_port}/bait"
    hostile = (
        f'<img src="{bait}"><link rel="stylesheet" href="{bait}"><script>fetch("{bait}")</script>'
        f'"><style>@import url({bait});</style><svg><image href="{bait}"/></svg>'
    )
    made = case.recorder(tmp_path / "s.db")
    made.journal(0, "sensor", {"source": "strap", "key": "firmware", "value": hostile})
    case.action(made, 1, "note", text=hostile, by=hostile)
    made.vitals_rows(case.vitals(90))
    made.close(90 * case.S)
    _, page = build.build(tmp_path / "s.db", 1800)
    assert "Session report" in shown(page, tmp_path)
    assert trap.asked == []
    # The trap works: the same text where a careless page would have it is asked for.
    shown(f"<!DOCTYPE html><p>{hostile}</p>", tmp_path)
    assert trap.asked != []


@pytest.mark.parametrize(("paper", "size"), [("a4", "A4"), ("letter", "letter")])
def test_it_prints(tmp_path, paper, size):
    if BROWSER is None:
        pytest.skip(NO_BROWSER)
    if shutil.which("pdftotext") is None:
        pytest.skip(NO_POPPLER)
    made = case.recorder(tmp_path / "s.db", mode=Mode.SIM)
    for n in range(120):
        case.action(made, 10 + n, "note", text=f"note number {n}")
    made.vitals_rows(case.vitals(600))
    made.close(600 * case.S)
    arguments = ["report", str(tmp_path / "s.db"), "-o", str(tmp_path / "s.html"), "--pdf"]
    assert main([*arguments, "--paper", paper]) == 0
    assert (
        size
        in subprocess.run(
            ["pdfinfo", str(tmp_path / "s.pdf")],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
    )
    assert stat.S_IMODE((tmp_path / "s.pdf").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.db", "s.html", "s.pdf"]
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "s.pdf"), "-"],
        check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    pages = text.rstrip("\f").split("\f")
    assert len(pages) >= 4
    for number, page in enumerate(pages, 1):
        assert "SIMULATED" in page
        assert "Vigil session report P-017" in page
        assert f"{number}/{len(pages)}" in page.replace(" ", "")
    assert "note number 119" in text
    assert sum("Content" in page for page in pages) >= 2  # a long table repeats its head


def test_a_browser_that_does_not_print_is_told(tmp_path, monkeypatch, capsys):
    false = tmp_path / "chromium"
    false.write_text("#!/bin/sh\necho 'cannot open display' >&2\nexit 5\n")
    false.chmod(0o700)
    monkeypatch.setattr(pdf, "BROWSERS", (str(false),))
    made = case.recorder(tmp_path / "s.db")
    made.close(case.S)
    assert main(["report", str(tmp_path / "s.db"), "-o", str(tmp_path / "s.html"), "--pdf"]) == 3
    assert "did not print (exit code 5: cannot open display)" in capsys.readouterr().err
    assert (tmp_path / "s.html").exists()
    assert not (tmp_path / "s.pdf").exists()
