"""Entries by hand and what became of them: an entry is never changed, another one corrects it."""

from __future__ import annotations

from alerts.model import RefusedError
from monitor.model import Action, Verb


class Ledger:
    """Which entries stand. An entry is known by its session time, which no other event shares."""

    def __init__(self) -> None:
        self._standing: dict[int, tuple[Verb, int]] = {}
        """Newest version of each entry: its time -> verb, and time of the first version."""
        self._replaced: set[int] = set()

    def first_ns(self, action: Action) -> int:
        """Time of the entry this is a version of: its own if it corrects none.

        Raises:
            RefusedError: what it says it corrects cannot be corrected by it.
        """
        if "corrects" not in action.details:
            if withdraws(action):
                raise RefusedError("what is withdrawn? `withdrawn` goes with `corrects`")
            return action.t_ns
        earlier_ns = action.details["corrects"]
        if isinstance(earlier_ns, bool) or not isinstance(earlier_ns, int):
            raise RefusedError("corrects: must be the t_ns of an entry, a whole number")
        if earlier_ns in self._replaced:
            raise RefusedError("that entry was corrected already; correct the newer one")
        verb, first_ns = self._standing.get(earlier_ns, (None, 0))
        if verb is None:
            raise RefusedError(f"there is no entry of {earlier_ns} ns that can be corrected")
        if verb is not action.verb:
            raise RefusedError(f"a {_words(verb)} cannot be corrected by a {_words(action.verb)}")
        return first_ns

    def keep(self, action: Action, first_ns: int) -> None:
        """Note an entry that was accepted."""
        earlier_ns = action.details.get("corrects")
        if isinstance(earlier_ns, int):
            del self._standing[earlier_ns]
            self._replaced.add(earlier_ns)
        self._standing[action.t_ns] = action.verb, first_ns


def withdraws(action: Action) -> bool:
    """Whether it says that there was no such entry at all."""
    return bool(action.details.get("withdrawn", False))


def _words(verb: Verb) -> str:
    return verb.value.replace("_", " ")
