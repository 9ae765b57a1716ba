"""What people measured, what is due, where the clock stands, and every silence. No Textual."""

from __future__ import annotations

from monitor.feed import Audio, Checks, Snapshot, Standby
from tui import wording
from tui.checklist import checklist
from tui.views import CareView, PhaseView
from tui.wording import plain

BAND_S = 60.0
"""The band of phases moves in whole minutes."""
SOON_S = 300.0
"""A check due within five minutes is said a little louder; it never flashes and never sounds."""


def care_view(snapshot: Snapshot) -> CareView:
    """The line of checks, with the quiet nudge, and the next reminder."""
    due, tone = _due(snapshot.checks, snapshot.t_s)
    left = checklist(snapshot)
    setup = left.line if left and snapshot.alarms else ""  # else the banner has it
    return CareView(
        facts="   ".join(part for part in (setup, *_facts(snapshot), _room(snapshot)) if part),
        due=due,
        tone=tone,
        reminder=_reminder(snapshot),
        setup=left is not None and not left.ready,
    )


def _facts(snapshot: Snapshot) -> list[str]:
    checks, now_s = snapshot.checks, snapshot.t_s
    facts = []
    if checks.pressure_s is not None:
        facts.append(f"BP {plain(checks.pressure, 12)}, {_ago(now_s - checks.pressure_s)}")
    if checks.temperature_s is not None:
        ago = _ago(now_s - checks.temperature_s)
        facts.append(f"temp {plain(checks.temperature, 20)}, {ago}")
    if checks.fluids_s is not None:
        facts.append(f"fluids {checks.fluids_ml:.0f} ml")
    return facts


def _ago(seconds: float) -> str:
    """Whole minutes: what changes every second is not calm."""
    return f"{max(0.0, seconds) / 60:.0f} min ago"


def _due(checks: Checks, now_s: float) -> tuple[str, str]:
    """When the next check is due, in words, and how loud: none, later, soon or due."""
    if checks.next_due_s is None:
        return "", "none"
    left_s = checks.next_due_s - now_s
    what = plain(checks.next_due, 30) or "check"
    if left_s <= 0:
        late = f", {-left_s / 60:.0f} min" if left_s <= -60 else ""
        return f"DUE: {what}{late}", "due"
    minutes = f"{left_s / 60:.0f} min" if left_s >= 60 else "less than a minute"
    return f"next: {what} in {minutes}", "soon" if left_s <= SOON_S else "later"


def _room(snapshot: Snapshot) -> str:
    """The room's temperature, unless its sensor's own line says it already."""
    said = any(sensor.reading.startswith("room") for sensor in snapshot.sensors)
    return "" if said or snapshot.room_degc is None else f"room {snapshot.room_degc:.1f} °C"


def _reminder(snapshot: Snapshot) -> str:
    """The soonest reminder of an acknowledged alarm: a silence with an end, as every one."""
    coming = [(a.reminds_s, a.message) for a in snapshot.alarms if a.reminds_s is not None]
    if not coming:
        return ""
    left_s, message = min(coming)
    return f"reminder in {wording.minutes(left_s)}: {plain(message, 40)}"


def audio_words(audio: Audio) -> tuple[str, str]:
    """What is to be said of the sound, and how: normal, paused or bad."""
    paused = ""
    if audio.paused_remaining_s is not None:
        paused = f"AUDIO PAUSED {wording.minutes(audio.paused_remaining_s)}"
    if not audio.available:  # the bell that stands in is paused as well
        return f"NO SOUND  {paused}".rstrip(), "bad"
    return paused, "paused" if paused else "normal"


def standby_words(standby: Standby | None) -> str:
    """The standby and its countdown; empty without one."""
    if standby is None:
        return ""
    if standby.remaining_s is None:
        return f"SETTLING {wording.minutes(standby.settling_s or 0.0)}"
    if standby.remaining_s < 0:
        return f"STANDBY LATE {wording.minutes(-standby.remaining_s)}"
    return f"STANDBY {wording.minutes(standby.remaining_s)}"


def phase_view(snapshot: Snapshot) -> PhaseView:
    """Where the clock stands in the usual course."""
    phase = snapshot.phase
    if phase is None:
        return PhaseView()
    return PhaseView(
        words=plain(phase.name, 20),
        bands=tuple((plain(b.name, 20), b.t0_s, b.t1_s) for b in phase.bands),
        now_s=snapshot.t_s // BAND_S * BAND_S,
        doses_s=tuple(snapshot.doses_s),
        window=phase.window,
    )
