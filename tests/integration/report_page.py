"""What a browser would make of a report's page, as far as tests look at it."""

import re
from html.parser import HTMLParser

POINTERS = {"src", "srcset", "href", "xlink:href", "action", "data", "poster", "background"}
POINTERS |= {"formaction", "manifest", "ping", "onerror", "onload", "http-equiv"}


class Page(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self, text):
        super().__init__()
        self.skeleton, self.tags, self.pointers, self.marks, self.styles = [], set(), [], [], []
        self.words, self._open, self._class = [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        held = dict(attrs)
        self.tags.add(tag)
        self._open.append(tag)
        self._class = held.get("class", "")
        self.pointers += [(tag, key, value) for key, value in attrs if key in POINTERS]
        self.styles.append(held.get("style", ""))
        if tag == "section":
            self.skeleton.append(f"#{held['id']}")

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        tag = self._open[-1] if self._open else ""
        if tag == "style":
            self.styles.append(data)
            return
        self.words.append(data)
        if tag in {"h1", "h2", "h3", "th"}:
            self.skeleton.append(f"{tag} {data}")
        if self._class == "mark" and data.strip():
            self.marks.append(data.strip())

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))
