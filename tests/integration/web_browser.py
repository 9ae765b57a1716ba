"""A real headless browser that remembers what it was sent, and whom it asked."""

import io
import json
import os
import re
import shutil
import time
from urllib.parse import urlsplit

import pytest

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
MISSING = "NOT RUN: needs a browser and its driver (Debian: apt install chromium chromium-driver)"
SPY = """
const text = new TextDecoder();
window.seen = "";
window.WebSocket = class extends WebSocket {
  constructor(...words) {
    super(...words);
    this.addEventListener("message", (e) => {
      if (typeof e.data !== "string") window.seen += text.decode(e.data, {stream: true});
    });
  }
};
"""
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|.)")
ASK_SOCKET = """
const told = arguments[arguments.length - 1], socket = new WebSocket(arguments[0]);
socket.onopen = () => told("open");
socket.onerror = () => told("refused");
"""


def launch():
    """Start the browser, without a window."""
    if BROWSER is None or DRIVER is None:
        pytest.skip(MISSING)
    from selenium import webdriver  # noqa: PLC0415 - only where it can run

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    # The terminal in the page draws with WebGL; without a graphics card, by software.
    drawing = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    for word in ("--headless=new", "--window-size=1280,860", *drawing, *root):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    service = webdriver.ChromeService(executable_path=DRIVER)
    driver = webdriver.Chrome(options=options, service=service)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": SPY})
    return driver


def seen(driver):
    """All text this page's terminal was sent, without colours and places."""
    return ESCAPES.sub(" ", driver.execute_script("return window.seen"))


def until(condition, seconds=30.0):
    """Wait until it holds, and return what it gave."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)
    return found


def colours(driver):
    """How many colours the page shows."""
    from PIL import Image  # noqa: PLC0415 - comes with matplotlib

    with Image.open(io.BytesIO(driver.get_screenshot_as_png())) as picture:
        return len(picture.convert("RGB").getcolors(1 << 24))


def asked(driver):
    """Hosts and ports of every request and WebSocket since this was asked last."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [
        e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"
    ]
    urls += [e["params"]["url"] for e in events if e["method"] == "Network.webSocketCreated"]
    return {urlsplit(url).netloc for url in urls if not url.startswith(("data:", "about:"))}


def asks_socket(driver, url):
    """Whether a page of another origin is let in: "open" or "refused"."""
    driver.get("about:blank")
    return driver.execute_async_script(ASK_SOCKET, url)


def press(driver, keys):
    """Type, as a person would: wherever the focus is."""
    from selenium.webdriver import ActionChains  # noqa: PLC0415 - only where it can run

    ActionChains(driver).send_keys(keys).perform()
