"""The whole log at the screen's end: loaded once, then extended by snapshots. No Textual here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.feed import Entry, LogLine

LONGEST = 5000


class LogBook:
    """Every log line known, and which entries were corrected."""

    def __init__(self) -> None:
        self.lines: list[LogLine] = []
        self.replaced: set[tuple[str, int]] = set()
        """Verb and `t_ns` of entries that another one corrects."""
        self.version = 0
        """Counts up with every change."""

    def load(self, lines: Sequence[LogLine]) -> None:
        """Replace everything."""
        self.lines, self.replaced = [], set()
        self.version += 1
        self.extend(lines)

    def extend(self, lines: Iterable[LogLine]) -> None:
        """Add the lines that are new."""
        last = self.lines[-1].n if self.lines else 0
        fresh = [line for line in lines if line.n > last or not line.n]
        if not fresh:
            return
        self.lines = [*self.lines, *fresh][-LONGEST:]
        self.version += 1
        for line in fresh:
            if line.entry is not None and isinstance(line.entry.details.get("corrects"), int):
                self.replaced.add((line.entry.verb, int(line.entry.details["corrects"])))

    def is_replaced(self, line: LogLine) -> bool:
        """Whether another entry stands in the place of this one."""
        entry = line.entry
        return entry is not None and (entry.verb, entry.t_ns) in self.replaced

    def standing(self, verb: str) -> list[Entry]:
        """Entries of a verb as they stand, oldest first: none corrected or withdrawn."""
        entries = [line.entry for line in self.lines if not self.is_replaced(line)]
        return [e for e in entries if e and e.verb == verb and not e.details.get("withdrawn")]

    def recent(self, verb: str, key: str, most: int) -> list[str]:
        """Different texts entered under `key`, newest first."""
        texts = [str(entry.details.get(key, "")) for entry in reversed(self.standing(verb))]
        return list(dict.fromkeys(text for text in texts if text))[:most]
