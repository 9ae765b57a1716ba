"""Alarms in words: the banner, the list, their reminders. Pure; no Textual."""

from __future__ import annotations

from monitor.feed import Alarm, Snapshot
from tui import wording
from tui.views import AlarmView, BannerView
from tui.wording import PRIORITIES, plain

REPEATS = 2
"""So many onsets in ten minutes are worth a word."""
_STATES = {
    "ACKNOWLEDGED": "ACKNOWLEDGED",
    "LATCHED": "OVER, not acknowledged",
    "RETURNED": "OVER, not acknowledged",
}


def banner(alarms: tuple[AlarmView, ...], left: str = "") -> BannerView:
    """The most urgent alarm; those not seen come first.

    Without one, `left`: what is left to do before the dose.
    """
    shown = [alarm for alarm in alarms if not alarm.hidden]
    if not shown:
        # Grey, never green: no alarm is not the same as all is well.
        return BannerView(tone="calm", heading=f"No alarms   {left}".rstrip())
    first = first_of(alarms) or shown[0]
    more = f"   +{len(shown) - 1} more" if len(shown) > 1 else ""
    parts = (first.values, first.since, first.state)
    return BannerView(
        tone=first.priority.lower(),
        flash=not first.acknowledged,
        heading=f"{first.symbol} {first.priority}  {first.message}{more}",
        line="   ".join(part for part in parts if part),
        advice=first.advice,
    )


def first_of(alarms: tuple[AlarmView, ...]) -> AlarmView | None:
    """The alarm on the banner: the first one shown that nobody has seen, else the first shown."""
    shown = [alarm for alarm in alarms if not alarm.hidden]
    return next((alarm for alarm in shown if not alarm.acknowledged), shown[0] if shown else None)


def alarm_view(alarm: Alarm, snapshot: Snapshot) -> AlarmView:
    """One alarm in words."""
    onset = wording.since_dose(alarm.onset_s, snapshot.doses_s)
    until = snapshot.t_s if alarm.clear_s is None else alarm.clear_s
    states = [
        _STATES.get(alarm.presence, ""),
        "" if alarm.reminds_s is None else f"reminds in {wording.minutes(alarm.reminds_s)}",
        "NOT ANSWERED" if alarm.unanswered and alarm.presence == "ON" else "",
        _behind(alarm),
        f"{alarm.repeats} times in 10 min" if alarm.repeats >= REPEATS else "",
    ]
    return AlarmView(
        condition=alarm.condition,
        occurrence=alarm.occurrence,
        priority=alarm.priority if alarm.priority in PRIORITIES else "HIGH",
        symbol=wording.SYMBOLS.get(alarm.priority, wording.SYMBOLS["HIGH"]),
        message=plain(alarm.message, 60),
        values=_values(alarm),
        since=f"since {onset} ({wording.minutes(until - alarm.onset_s)})",
        state=", ".join(state for state in states if state),
        advice=plain(alarm.advice),
        acknowledged=alarm.presence == "ACKNOWLEDGED",
        hidden=alarm.hidden,
    )


def _behind(alarm: Alarm) -> str:
    """Why an alarm is not in front."""
    if alarm.masked_by:
        return "no signal to judge it by"
    if alarm.held:
        return "held by standby"
    return "behind a worse one" if alarm.hidden else ""


def _values(alarm: Alarm) -> str:
    parts = []
    if alarm.value is not None:
        parts.append(wording.quantity(alarm.value, alarm.unit))
    if alarm.limit is not None:
        parts.append(f"limit {wording.quantity(alarm.limit, alarm.unit)}")
    if alarm.detail:
        parts.append(plain(alarm.detail, 60))
    return ", ".join(parts)


def log_lines(snapshot: Snapshot, most: int) -> tuple[str, ...]:
    """The newest lines of the log, newest first, for the room the alarms leave."""
    newest = snapshot.log[-most:][::-1]
    return tuple(
        f"{wording.since_dose(line.t_s, snapshot.doses_s)}  {plain(line.text, 120)}"
        for line in newest
    )
