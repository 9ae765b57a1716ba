"""The tables of docs/alarms.md, from the catalogue itself: `python -m alerts.guide`."""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

from alerts.catalogue import CATALOGUE
from alerts.delay import worst_case_s
from alerts.model import Presence, Priority
from alerts.policy import MAY_SILENCE, Silence
from alerts.settings import Settings, resolve
from alerts.spec import Concern

_TIMES = ("sustain_s", "clear_s", "escalate_s")
_NAMES = {Concern.PERSON: "the person", Concern.ROUTINE: "checks due"}


def conditions() -> str:
    """All rows with their figures, as a Markdown table."""
    head = (
        "| id | kind | priority | limits | sustain | clear | delay at most | source |",
        "|---|---|---|---|---|---|---|---|",
    )
    return "\n".join((*head, *(_row(row) for row in resolve().values())))


def reasons() -> str:
    """Why each default is what it is, what counts, and what the operator is asked to do."""
    head = (
        "| id | message; asked to do | which data count | why this default |",
        "|---|---|---|---|",
    )
    rows = [
        f"| `{spec.id}` | **{spec.message}.** {spec.advice} | {spec.gate} | {spec.rationale} |"
        for spec in CATALOGUE.values()
    ]
    return "\n".join((*head, *rows))


def silences() -> str:
    """Which silence keeps which alarm from sounding; the states are ON, LATCHED, RETURNED."""
    head = (
        "| alarms about | " + " | ".join(str(silence) for silence in Silence) + " |",
        "|---|" + "---|" * len(Silence),
    )
    rows = [
        f"| {_NAMES.get(concern, f'the {concern}')} | "
        + " | ".join(_cell(silence, concern) for silence in Silence)
        + " |"
        for concern in Concern
    ]
    return "\n".join((*head, *rows))


def _cell(silence: Silence, concern: Concern) -> str:
    cells = product(reversed(Priority), (Presence.ON, Presence.LATCHED))
    found: dict[str, list[str]] = {}
    for priority, presence in cells:
        if MAY_SILENCE[silence, concern, priority, presence]:
            found.setdefault(priority.name, []).append(presence.name)
    if not found:
        return "no"
    some = "all" if len(found) == len(Priority) else ", ".join(found)
    latched = any(len(states) > 1 for states in found.values())
    return some if latched else f"{some}, while it holds"


def _row(row: Settings) -> str:
    spec, values = row.spec, row.values
    more = f"; {row.escalate_priority.name} after {values.get('escalate_s', 0.0):g} s"
    more *= "escalate_s" in values
    limits = [
        f"{key} {value:g}"
        for key, value in values.items()
        if isinstance(value, float) and key not in _TIMES
    ]
    ends = "the operator" if spec.manual_clear else f"{row.number('clear_s'):g} s"
    cells = (
        f"`{spec.id}`",
        spec.kind.value.lower(),
        f"{row.priority.name}{' latching' if spec.latching else ''}{more}",
        ", ".join(limits) or "-",
        f"{row.number('sustain_s'):g} s",
        ends if ends != "the operator" else f"{row.number('clear_s'):g} s, by the operator",
        f"{worst_case_s(row):g} s",
        spec.source,
    )
    return "| " + " | ".join(cells) + " |"


PARTS = {"conditions": conditions, "reasons": reasons, "silences": silences}


def update(page: str) -> str:
    """The page with its tables brought up to date.

    Raises:
        ValueError: the page lacks the marks around a table.
    """
    for name, table in PARTS.items():
        mark = f"<!-- {name}: begin -->"
        before, after = page.index(mark) + len(mark), page.index(f"<!-- {name}: end -->")
        page = f"{page[:before]}\n{table()}\n{page[after:]}"
    return page


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/alarms.md")
    path.write_text(update(path.read_text(encoding="utf-8")), encoding="utf-8")
