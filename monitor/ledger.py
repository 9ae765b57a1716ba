"""Entries by hand and what became of them: an entry is never changed, another one corrects it."""

from __future__ import annotations

from alerts.model import RefusedError
from monitor.model import Action, Verb


class Ledger:
    """Which entries stand. An entry is known by its verb and its session time."""

    def __init__(self) -> None:
        self._standing: dict[tuple[Verb, int], int] = {}
        """Newest version of each entry: verb and time -> time of its first version."""
        self._replaced: set[tuple[Verb, int]] = set()

    def first_ns(self, action: Action) -> int | None:
        """Time of the entry this is a version of: its own if it corrects none.

        None for a second one of the same verb at the same time (an import may have that): it
        counts, but cannot be named.

        Raises:
            RefusedError: what it says it corrects cannot be corrected by it.
        """
        if "corrects" not in action.details:
            if withdraws(action):
                raise RefusedError("what is withdrawn? `withdrawn` goes with `corrects`")
            name = action.verb, action.t_ns
            return None if name in self._standing or name in self._replaced else action.t_ns
        earlier_ns = action.details["corrects"]
        if isinstance(earlier_ns, bool) or not isinstance(earlier_ns, int):
            raise RefusedError("corrects: must be the t_ns of an entry, a whole number")
        if (action.verb, earlier_ns) in self._replaced:
            raise RefusedError("that entry was corrected already; correct the newer one")
        if (action.verb, earlier_ns) not in self._standing:
            raise RefusedError(self._why_not(action.verb, earlier_ns))
        return self._standing[action.verb, earlier_ns]

    def _why_not(self, verb: Verb, earlier_ns: int) -> str:
        others = [other for other, t_ns in self._standing if t_ns == earlier_ns]
        if others:
            return f"a {_words(others[0])} cannot be corrected by a {_words(verb)}"
        return f"there is no entry of {earlier_ns} ns that can be corrected"

    def keep(self, action: Action, first_ns: int | None) -> None:
        """Note an entry that was accepted."""
        earlier_ns = action.details.get("corrects")
        if isinstance(earlier_ns, int):
            del self._standing[action.verb, earlier_ns]
            self._replaced.add((action.verb, earlier_ns))
        if first_ns is not None:
            self._standing[action.verb, action.t_ns] = first_ns


def withdraws(action: Action) -> bool:
    """Whether it says that there was no such entry at all."""
    return bool(action.details.get("withdrawn", False))


def _words(verb: Verb) -> str:
    return verb.value.replace("_", " ")
