"""Which changes of an alarm signal there may be: the states of docs/alarms.md."""

from alerts.catalogue import CATALOGUE
from alerts.model import Kind, Presence, Priority

ON, ACKNOWLEDGED, LATCHED, RETURNED = Presence
OFF = None
ALLOWED = {
    "onset": {
        (before, after)
        for before in (OFF, LATCHED, RETURNED, ACKNOWLEDGED)
        for after in (ON, ACKNOWLEDGED)
    },
    "escalate": {(before, after) for before in (ON, ACKNOWLEDGED) for after in (ON, ACKNOWLEDGED)},
    "acknowledge": {(ON, ACKNOWLEDGED), (LATCHED, OFF), (RETURNED, OFF)},
    "clear": {
        (ON, OFF), (ON, LATCHED), (ON, RETURNED), (ACKNOWLEDGED, OFF), (ACKNOWLEDGED, ACKNOWLEDGED),
    },
    "reminder": {(ACKNOWLEDGED, ON)},
    "unanswered": {(ON, ON)},
}  # fmt: skip
SESSION = {"audio_paused", "audio_resumed", "standby", "standby_ended", "standby_settled"}


def illegal(transitions):
    """The first change that may not be, in words; "" if all may."""
    state, holds = {}, {}
    for change in transitions:
        name, what = change.condition, change.what
        if what in SESSION or what == "limit_changed":
            continue
        before, after = state.get(name), change.presence
        word = f"{name} at {change.t_ns / 1e9:g} s: {what}, {before} -> {after}"
        if (before, after) not in ALLOWED[what]:
            return word
        if (what == "onset") == bool(holds.get(name)) and what in {"onset", "clear"}:
            return f"{word}: holds already, or not at all"
        if why := _wrong(change):
            return f"{word}: {why}"
        if what in {"onset", "clear"}:
            holds[name] = what == "onset"
        state[name] = after
    return ""


def _wrong(change):
    person = CATALOGUE[change.condition].kind is Kind.PHYSIOLOGICAL
    if change.presence is LATCHED and not (person and change.priority is Priority.HIGH):
        return "latched, and not a HIGH one of the person"
    if change.what == "unanswered" and change.priority is not Priority.HIGH:
        return "unanswered, and not HIGH"
    if change.what == "reminder" and change.priority is Priority.LOW and not person:
        return "a LOW technical one reminds"
    return ""
