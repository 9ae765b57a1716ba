"""What the screen shows, as one immutable value made from the newest snapshot. No Textual here.

Widgets draw a `ViewState` and compute nothing; nothing clinical is computed here either: every
number comes in the snapshot.
"""

from __future__ import annotations

from monitor.feed import Session, Snapshot
from tui import wording
from tui.alarm_words import alarm_view, banner, log_lines
from tui.care_words import audio_words, care_view, phase_view, standby_words
from tui.checklist import checklist
from tui.sensor_row import sensor_view
from tui.views import BannerView, HeaderView, ViewState, VitalView
from tui.vital_words import (
    HEART_TITLE,
    HEART_UNIT,
    SKIN_TITLE,
    SKIN_UNIT,
    ecg_view,
    heart_view,
    skin_view,
)
from tui.wording import plain

ENGINE_SILENT_S = 5.0
"""A newest snapshot older than this (real seconds) means the engine is gone: rule X6."""
LOG_LINES = 40


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
    session, left = snapshot.session, checklist(snapshot)
    return ViewState(
        mode=session.mode,
        header=_header(snapshot),
        banner=banner(alarms, "" if left is None else left.line),
        heart=heart_view(snapshot.heart_rate, snapshot.alarms),
        skin=skin_view(snapshot.skin_temperature, snapshot.alarms),
        alarms=alarms,
        sensors=tuple(sensor_view(sensor) for sensor in snapshot.sensors),
        ecg=ecg_view(snapshot.ecg),
        care=care_view(snapshot),
        phase=phase_view(snapshot),
        log=log_lines(snapshot, LOG_LINES),
        replay=_replay(snapshot) if session.mode == "REPLAY" else "",
        ended=snapshot.ended,
        audio_paused=snapshot.audio.paused_remaining_s is not None,
        paused_replay=session.rate == 0,
        to_acknowledge=next((a for a in alarms if not a.acknowledged and not a.hidden), None),
    )


def _without_values(snapshot: Snapshot, instead: BannerView) -> ViewState:
    """No live value may stay on the screen when nothing vouches for it."""
    ended = instead.tone == "ended"
    return ViewState(
        mode=snapshot.session.mode,
        header=_header(snapshot, silent=True),
        banner=instead,
        heart=VitalView(title=HEART_TITLE, unit=HEART_UNIT),
        skin=VitalView(title=SKIN_TITLE, unit=SKIN_UNIT),
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
        heart=VitalView(title=HEART_TITLE, unit=HEART_UNIT),
        skin=VitalView(title=SKIN_TITLE, unit=SKIN_UNIT),
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
    audio, tone = ("", "normal") if silent else audio_words(snapshot.audio)
    away = "" if silent else standby_words(snapshot.standby)
    audio, tone = f"{away}  {audio}".strip(), "paused" if away and tone == "normal" else tone
    phase = "" if snapshot.phase is None else plain(snapshot.phase.name, 20)
    return HeaderView(
        mark=_mark(session, simulated=any(sensor.simulated for sensor in snapshot.sensors)),
        subject=plain(session.subject, 20),
        clock=f"{clock} {phase}".rstrip() if snapshot.doses_s else f"{clock} no dose yet",
        wall=wording.wall_clock(snapshot.utc, session.zone),
        recording=wording.file_name(session.recording),
        audio=audio,
        audio_tone=tone,
    )


def _mark(session: Session, *, simulated: bool) -> str:
    """What kind of session this is; a simulated sensor is never taken for a person's."""
    mode = "SIMULATED" if session.mode == "SIM" else plain(session.mode, 10)
    mode = "TRAINING (SIM)" if session.training else mode
    if simulated and session.mode == "LIVE":
        mode = "LIVE, SIMULATED SENSOR"
    return f"{mode} {wording.rate(session.rate)}".strip()


def _replay(snapshot: Snapshot) -> str:
    length = snapshot.replay_length_s
    total = "" if length is None else f" of {wording.hms(length)}"
    state = "END" if snapshot.ended else (wording.rate(snapshot.session.rate) or "x1")
    return f"REPLAY - NOT LIVE   {state}   {wording.hms(snapshot.t_s)}{total}"
