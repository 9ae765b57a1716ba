"""What the screen shows, as one immutable value made from the newest snapshot. No Textual here.

Widgets draw a `ViewState` and compute nothing; nothing clinical is computed here either: every
number comes in the snapshot.
"""

from __future__ import annotations

from alerts.catalogue import CATALOGUE
from monitor.feed import Alarm, Audio, Ecg, Sensor, Session, Snapshot, Standby, Vital
from tui import wording
from tui.checklist import ChecklistView, checklist
from tui.views import AlarmView, BannerView, EcgView, HeaderView, SensorView, ViewState, VitalView
from tui.wording import NO_VALUE, plain

ENGINE_SILENT_S = 5.0
"""A newest snapshot older than this (real seconds) means the engine is gone: rule X6."""
PRIORITIES = ("LOW", "MEDIUM", "HIGH")
REPEATS = 2
"""So many onsets in ten minutes are worth a word."""


def build(snapshot: Snapshot | None, age_s: float, lost_reason: str = "") -> ViewState:
    """The view of the newest snapshot.

    Args:
        snapshot: the newest one; None before the first.
        age_s: real seconds since it came, or since the start.
        lost_reason: why the connection is gone; empty while it is there.
    """
    if snapshot is None:
        return _waiting(age_s, lost_reason)
    if snapshot.ended and snapshot.session.mode != "REPLAY":
        return _without_values(snapshot, _ended())
    if lost_reason or age_s > ENGINE_SILENT_S:
        return _without_values(snapshot, _lost(age_s, lost_reason))
    return _present(snapshot)


def _present(snapshot: Snapshot) -> ViewState:
    alarms = tuple(alarm_view(alarm, snapshot) for alarm in snapshot.alarms)
    session = snapshot.session
    return ViewState(
        mode=session.mode,
        header=_header(snapshot),
        banner=_banner(alarms, checklist(snapshot)),
        heart=vital_view("HEART RATE", "bpm", snapshot.heart_rate, snapshot.alarms),
        skin=vital_view(
            "SKIN TEMPERATURE (not core)", "°C", snapshot.skin_temperature, snapshot.alarms, 1
        ),
        alarms=alarms,
        sensors=tuple(sensor_view(sensor) for sensor in snapshot.sensors),
        ecg=_ecg(snapshot.ecg),
        room=_room(snapshot),
        replay=_replay(snapshot) if session.mode == "REPLAY" else "",
        ended=snapshot.ended,
        audio_paused=snapshot.audio.paused_remaining_s is not None,
        paused_replay=session.rate == 0,
        to_acknowledge=next((a for a in alarms if not a.acknowledged and not a.hidden), None),
    )


def _without_values(snapshot: Snapshot, banner: BannerView) -> ViewState:
    """No live value may stay on the screen when nothing vouches for it."""
    ended = banner.tone == "ended"
    return ViewState(
        mode=snapshot.session.mode,
        header=_header(snapshot, silent=True),
        banner=banner,
        heart=VitalView(title="HEART RATE", unit="bpm"),
        skin=VitalView(title="SKIN TEMPERATURE (not core)", unit="°C"),
        alarms=() if ended else tuple(alarm_view(a, snapshot) for a in snapshot.alarms),
        lost=not ended,
        ended=ended,
    )


def _waiting(age_s: float, lost_reason: str) -> ViewState:
    lost = age_s > ENGINE_SILENT_S
    connecting = BannerView(tone="waiting", heading="Connecting to the engine", line=lost_reason)
    return ViewState(
        header=HeaderView(),
        banner=_lost(age_s, lost_reason) if lost else connecting,
        heart=VitalView(title="HEART RATE", unit="bpm"),
        skin=VitalView(title="SKIN TEMPERATURE (not core)", unit="°C"),
        lost=lost,
    )


def _lost(age_s: float, reason: str) -> BannerView:
    return BannerView(
        tone="lost",
        flash=True,
        heading="*** ENGINE NOT RESPONDING",
        line=f"no data for {wording.ago(age_s)}; reconnecting"
        + (f": {plain(reason)}" * bool(reason)),
        advice="Watch the person. Alarms may not sound.",
    )


def _ended() -> BannerView:
    return BannerView(
        tone="ended",
        heading="SESSION ENDED",
        line="Nothing is monitored any more.",
        advice="q closes this screen.",
    )


def _header(snapshot: Snapshot, *, silent: bool = False) -> HeaderView:
    session = snapshot.session
    clock = wording.since_dose(snapshot.t_s, snapshot.doses_s)
    audio, tone = ("", "normal") if silent else _audio(snapshot.audio)
    away = "" if silent else _standby(snapshot.standby)
    audio, tone = f"{away}  {audio}".strip(), "paused" if away and tone == "normal" else tone
    return HeaderView(
        mark=_mark(session, simulated=any(sensor.simulated for sensor in snapshot.sensors)),
        subject=plain(session.subject, 20),
        clock=clock if snapshot.doses_s else f"{clock} no dose yet",
        wall=wording.wall_clock(snapshot.utc, session.zone),
        recording=wording.file_name(session.recording),
        audio=audio,
        audio_tone=tone,
    )


def _ecg(ecg: Ecg | None) -> EcgView:
    if ecg is None:
        return EcgView()
    trust = "" if ecg.quality is None else f", quality {100 * ecg.quality:.0f} %"
    why = f", {plain(ecg.note, 20)}" if ecg.note else ""
    title = f" ECG, last {ecg.seconds:g} s{trust}{why} "
    return EcgView(title=title, low_uv=tuple(ecg.low_uv), high_uv=tuple(ecg.high_uv))


def _room(snapshot: Snapshot) -> str:
    """The room's temperature, unless its sensor's own line says it already."""
    said = any(sensor.reading.startswith("room") for sensor in snapshot.sensors)
    room = "" if said or snapshot.room_degc is None else f"room {snapshot.room_degc:.1f} °C"
    left = checklist(snapshot) if snapshot.alarms else None  # else the banner has it
    setup = left.line if left else ""
    return "   ".join(part for part in (room, *_checks(snapshot), setup) if part)


def _checks(snapshot: Snapshot) -> list[str]:
    """What people measured last, and when the next check is due."""
    checks, now_s = snapshot.checks, snapshot.t_s
    parts = []
    if checks.pressure_s is not None:
        ago = wording.minutes(now_s - checks.pressure_s)
        parts.append(f"BP {plain(checks.pressure, 12)} ({ago} ago)")
    if checks.temperature_s is not None:
        ago = wording.minutes(now_s - checks.temperature_s)
        parts.append(f"temp {plain(checks.temperature, 20)} ({ago} ago)")
    if checks.next_due_s is not None:
        left_s = checks.next_due_s - now_s
        due = f"check in {wording.minutes(left_s)}" if left_s > 0 else "CHECK DUE"
        parts.append(due)
    return parts


def _mark(session: Session, *, simulated: bool) -> str:
    """What kind of session this is; a simulated sensor is never taken for a person's."""
    mode = "SIMULATED" if session.mode == "SIM" else plain(session.mode, 10)
    if simulated and session.mode == "LIVE":
        mode = "LIVE, SIMULATED SENSOR"
    return f"{mode} {wording.rate(session.rate)}".strip()


def _audio(audio: Audio) -> tuple[str, str]:
    paused = ""
    if audio.paused_remaining_s is not None:
        paused = f"AUDIO PAUSED {wording.minutes(audio.paused_remaining_s)}"
    if not audio.available:  # the bell that stands in is paused as well
        return f"NO SOUND  {paused}".rstrip(), "bad"
    return paused, "paused" if paused else "normal"


def _standby(standby: Standby | None) -> str:
    if standby is None:
        return ""
    if standby.remaining_s is None:
        return f"SETTLING {wording.minutes(standby.settling_s or 0.0)}"
    if standby.remaining_s < 0:
        return f"STANDBY LATE {wording.minutes(-standby.remaining_s)}"
    return f"STANDBY {wording.minutes(standby.remaining_s)}"


def _replay(snapshot: Snapshot) -> str:
    length = snapshot.replay_length_s
    total = "" if length is None else f" of {wording.hms(length)}"
    state = "END" if snapshot.ended else (wording.rate(snapshot.session.rate) or "x1")
    return f"REPLAY - NOT LIVE   {state}   {wording.hms(snapshot.t_s)}{total}"


def _banner(alarms: tuple[AlarmView, ...], setup: ChecklistView | None) -> BannerView:
    shown = [alarm for alarm in alarms if not alarm.hidden]
    if not shown:
        # Grey, never green: no alarm is not the same as all is well.
        left = f"   {setup.line}" if setup else ""
        return BannerView(tone="calm", heading=f"No alarms{left}")
    first = next((alarm for alarm in shown if not alarm.acknowledged), shown[0])
    more = f"   +{len(shown) - 1} more" if len(shown) > 1 else ""
    parts = (first.values, first.since, first.state)
    return BannerView(
        tone=first.priority.lower(),
        flash=not first.acknowledged,
        heading=f"{first.symbol} {first.priority}  {first.message}{more}",
        line="   ".join(part for part in parts if part),
        advice=first.advice,
    )


_STATES = {
    "ACKNOWLEDGED": "ACKNOWLEDGED",
    "LATCHED": "OVER, not acknowledged",
    "RETURNED": "OVER, not acknowledged",
}


def alarm_view(alarm: Alarm, snapshot: Snapshot) -> AlarmView:
    """One alarm in words."""
    onset = wording.since_dose(alarm.onset_s, snapshot.doses_s)
    until = snapshot.t_s if alarm.clear_s is None else alarm.clear_s
    states = [
        _STATES.get(alarm.presence, ""),
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


def vital_view(
    title: str, unit: str, vital: Vital, alarms: list[Alarm], decimals: int = 0
) -> VitalView:
    """One vital sign in words and digits."""
    shown = vital.value is not None and vital.validity in {"VALID", "QUESTIONABLE"}
    return VitalView(
        title=title,
        site=", ".join(plain(w, 20) for w in (vital.site, vital.method) if w),
        number=wording.number(vital.value, decimals) if shown else NO_VALUE,
        unit=f"{unit}{_unsure(vital)}",
        research=_research(vital),
        tone=_tone(vital, alarms, shown=shown),
        age=_age(vital, shown=shown),
        baseline=_baseline(vital, decimals),
        slope=""
        if vital.slope_10min is None
        else f"{wording.signed(vital.slope_10min, decimals)} in 10 min",
        limits=" ".join(f"{limit:.{decimals}f}" for limit in sorted(set(vital.limits.values()))),
        note=plain(vital.note, 40),
        lines=_lines(vital, alarms),
    )


def _unsure(vital: Vital) -> str:
    """How far off the number may be, where that is worth saying."""
    half = round(vital.plus_minus or 0.0)
    return f" ±{half}" if half and vital.value is not None else ""


def _research(vital: Vital) -> str:
    """Heart-rate variability: a trend for research, blank when much was corrected."""
    if vital.rmssd_ms is None or vital.sdnn_ms is None:
        return ""
    return f"HRV (research) RMSSD {vital.rmssd_ms:.0f}, SDNN {vital.sdnn_ms:.0f} ms"


def _lines(vital: Vital, alarms: list[Alarm]) -> tuple[tuple[float, str], ...]:
    """Limit lines in the colour of their alarm: its priority now, else the catalogue's."""
    now = {alarm.condition: alarm.priority for alarm in alarms}
    lines = []
    for condition, limit in vital.limits.items():
        usual = CATALOGUE[condition].defaults["priority"] if condition in CATALOGUE else "LOW"
        priority = now.get(condition, str(usual))
        lines.append((limit, priority.lower() if priority in PRIORITIES else "high"))
    return tuple(sorted(lines))


def _tone(vital: Vital, alarms: list[Alarm], *, shown: bool) -> str:
    if not shown:
        return "absent"
    if vital.validity == "QUESTIONABLE":
        return "grey"
    worst = [
        PRIORITIES.index(a.priority)
        for a in alarms
        if a.condition in vital.limits and a.clear_s is None and a.priority in PRIORITIES
    ]
    return PRIORITIES[max(worst)].lower() if worst else "normal"


def _age(vital: Vital, *, shown: bool) -> str:
    if not shown:
        return "no value yet" if vital.age_s is None else f"none for {wording.ago(vital.age_s)}"
    if vital.validity == "QUESTIONABLE":
        return f"unsure, {wording.ago(vital.age_s)} old"
    return ""


def _baseline(vital: Vital, decimals: int) -> str:
    state = vital.baseline_state
    if state == "collecting":
        return f"baseline {wording.minutes(vital.baseline_progress_s)} of 10:00"
    if vital.baseline is None or state not in {"ready", "frozen"}:
        return "no baseline"
    base = f"{vital.baseline:.{decimals}f}"
    if state == "ready":
        return f"baseline {base} ready"
    return (
        f"baseline {base}"
        if vital.delta is None
        else (f"{wording.signed(vital.delta, decimals)} from {base}")
    )


_LINK_TONES = {"streaming": "normal", "initial": "warn", "connecting": "warn"}
LOW_BATTERY_PCT = 15.0
"""Rule X8 of the clinical reference."""


def sensor_view(sensor: Sensor) -> SensorView:
    """One sensor in words."""
    facts = [
        "" if sensor.contact is None else ("contact" if sensor.contact else "NO CONTACT"),
        "" if sensor.battery_pct is None else f"battery {sensor.battery_pct:.0f} %",
        f"last packet {wording.ago(sensor.age_s)}",
        f"{sensor.malformed} malformed" if sensor.malformed else "",
        plain(sensor.reading, 60),
        "stand-by" if sensor.standing_by else "",
        plain(sensor.detail, 60),
    ]
    low = sensor.battery_pct is not None and sensor.battery_pct <= LOW_BATTERY_PCT
    tone = _LINK_TONES.get(sensor.state, "bad")
    return SensorView(
        name=plain(sensor.alias, 24),
        simulated=sensor.simulated,
        state=plain(sensor.state, 12),
        tone="warn" if tone == "normal" and (low or sensor.contact is False) else tone,
        facts=", ".join(fact for fact in facts if fact),
    )
