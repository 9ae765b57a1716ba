"""Standby and audio pauses: from when to when, by whom, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

STANDBY, AUDIO_PAUSE = "standby", "audio pause"
_BEGINS = {"standby": STANDBY, "audio_paused": AUDIO_PAUSE}
_ENDS = {"standby_ended": STANDBY, "audio_resumed": AUDIO_PAUSE}


@dataclass(frozen=True, slots=True)
class Span:
    """A silence asked for by the operator.

    Attributes:
        what: `STANDBY` or `AUDIO_PAUSE`.
        t0_ns: session time of its beginning.
        t1_ns: of its end; None if it was on at the end of the record.
        detail: reason and length asked for.
        by: who asked for it.
        ended: who or what ended it.
    """

    what: str
    t0_ns: int
    t1_ns: int | None
    detail: str
    by: str = ""
    ended: str = ""


def spans(rows: Sequence[tuple[int, str, Mapping[str, Any]]]) -> list[Span]:
    """Silences among journal rows (t_ns, kind, body) of the kinds `alarm` and `action`."""
    operators = {t_ns: str(body["operator"]) for t_ns, kind, body in rows if kind == "action"}
    found: list[Span] = []
    on: dict[str, int] = {}
    for t_ns, kind, body in rows:
        what = str(body.get("what", "")) if kind == "alarm" else ""
        by, detail = operators.get(t_ns, ""), str(body.get("detail", ""))
        if what in _BEGINS:
            name = _BEGINS[what]
            if name in on:  # a new pause replaces one
                found[on[name]] = replace(found[on[name]], t1_ns=t_ns, ended="asked for anew")
            on[name] = len(found)
            found.append(Span(name, t_ns, None, detail, by))
        elif what in _ENDS and _ENDS[what] in on:
            index = on.pop(_ENDS[what])
            found[index] = replace(found[index], t1_ns=t_ns, ended=by or detail)
    return found
