"""What operators did, and what became of it: an entry is never changed, a later one corrects it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from alerts.model import RefusedError
from monitor.journal import read_action
from monitor.ledger import Ledger, withdraws
from monitor.recording.reader import Recording

CORRECTED, WITHDRAWN = "corrected", "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something an operator did.

    Attributes:
        t_ns: session time.
        verb: what.
        operator: who; "" unknown.
        details: what was said.
        refused: why it was not done; "" if it was.
        became: `CORRECTED` or `WITHDRAWN` by a later one; "" if it was not.
        first_ns: session time of the entry whose newest version this is, else its own.
        withdraws: it only says that there was no such entry.
    """

    t_ns: int
    verb: str
    operator: str
    details: Mapping[str, Any]
    refused: str = ""
    became: str = ""
    first_ns: int = 0
    withdraws: bool = False

    @property
    def stands(self) -> bool:
        """Whether it is a fact as it is."""
        return not (self.refused or self.became or self.withdraws)


def entries(recording: Recording) -> list[Entry]:
    """Everything an operator did, refused, corrected or not, in order."""
    ledger = Ledger()
    found: list[Entry] = []
    newest: dict[tuple[str, object], int] = {}
    for row in recording.journal(["action"]):
        entry = _entry(row.t_ns, row.body, ledger)
        if not entry.refused:
            earlier = newest.get((entry.verb, entry.details.get("corrects")))
            if earlier is not None:
                fate = WITHDRAWN if entry.withdraws else CORRECTED
                found[earlier] = replace(found[earlier], became=fate)
            newest[entry.verb, entry.t_ns] = len(found)
        found.append(entry)
    return found


def _entry(t_ns: int, body: Mapping[str, Any], ledger: Ledger) -> Entry:
    entry = Entry(
        t_ns=t_ns,
        verb=str(body["verb"]),
        operator=str(body["operator"]),
        details=body["details"],
        refused=str(body.get("refused", "")),
        first_ns=t_ns,
    )
    if entry.refused:
        return entry
    action = read_action(t_ns, body)
    try:
        first_ns = ledger.first_ns(action)
    except RefusedError as fault:
        return replace(entry, refused=str(fault))
    ledger.keep(action, first_ns)
    return replace(
        entry, first_ns=t_ns if first_ns is None else first_ns, withdraws=withdraws(action)
    )
