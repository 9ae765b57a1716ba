"""The feed: versioned messages between the engine and its dashboards (docs/feed.md).

One JSON object a line. The engine sends `hello`, then `history`, then `snapshot` several times a
second, `timeline` when it changes; a dashboard sends `command` and `ping`. Widgets compute
nothing: what is shown is in here.
"""

from __future__ import annotations

import msgspec

from monitor.feed_chart import AlarmSpan, Gap, Mark

FEED_VERSION = 1


class Vital(msgspec.Struct, kw_only=True):
    """One displayed vital sign, in bpm or degrees Celsius."""

    value: float | None = None
    """None when there is nothing to show: the screen writes "--"."""
    validity: str = "NOT_AVAILABLE"
    """VALID; QUESTIONABLE (held, or settling: shown greyed with its age); NOT_AVAILABLE."""
    age_s: float | None = None
    """Seconds since the last valid sample; None if there never was one."""
    baseline: float | None = None
    baseline_state: str = "none"
    """"none" (not enough data yet), "collecting", "ready" (offered), "frozen"."""
    baseline_progress_s: float = 0.0
    """Seconds of valid pre-dose data so far (600 needed)."""
    delta: float | None = None
    """Value minus frozen baseline."""
    slope_10min: float | None = None
    """Theil-Sen slope of the minutes of the last ten, unit per 10 min, renewed every minute."""
    limits: dict[str, float] = {}
    """Limits drawn on the chart and named beside the number: condition id -> limit."""
    site: str = ""
    method: str = ""
    """How a temperature is taken: contact, infrared, heat_flux, pill; empty if not said."""
    plus_minus: float | None = None
    """Half of the value's 95 % interval; heart rate only."""
    irregular_pct: float | None = None
    """Share of the last minute's RR intervals that fit no sinus rhythm."""
    corrected_pct: float | None = None
    """Share of the last five minutes' RR intervals that needed correction."""
    rmssd_ms: float | None = None
    sdnn_ms: float | None = None
    """Heart-rate variability: a research trend, blank when more than 5 % was corrected."""
    note: str = ""
    """A few words: "settling", "probe off?", "no contact", "no baseline"."""


class Ecg(msgspec.Struct, kw_only=True):
    """The last seconds of the electrocardiogram, for a strip on the screen.

    `low_uv` and `high_uv` are the extremes, in microvolts, of equal parts of `seconds`, oldest
    first; None where there was no signal.
    """

    seconds: float
    low_uv: list[int | None]
    high_uv: list[int | None]
    quality: float | None = None
    """0 to 1 over the last 10 s."""
    note: str = ""
    """Why the newest samples are of no use: flat, clipped, ..."""


class Alarm(msgspec.Struct, kw_only=True):
    """One alarm signal, most urgent first in a snapshot."""

    condition: str
    occurrence: int
    kind: str
    priority: str
    """LOW, MEDIUM or HIGH."""
    presence: str
    """ON, ACKNOWLEDGED, LATCHED or RETURNED."""
    message: str
    advice: str = ""
    onset_s: float
    clear_s: float | None = None
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    hidden: bool = False
    """A more severe alarm of the same signal is shown instead, or standby holds it back."""
    detail: str = ""
    title: str = ""
    masked_by: str = ""
    """The lost signal (condition id) behind which nobody can judge it."""
    held: bool = False
    """Held back by standby."""
    unanswered: bool = False
    """Nobody acknowledged it for long: more urgent than its condition is."""
    repeats: int = 1
    """Onsets within the last ten minutes."""
    acknowledged_by: str = ""
    rule: str = ""
    """Which rule raised it, in words."""
    quality: str = ""
    """Of the signal now."""
    last_good: str = ""
    """The last good value, and its age."""
    checklist: str = ""
    """The clinic's own words."""
    manual_clear: bool = False
    """It ends when the operator says so (verb `resolve`)."""
    reminds_s: float | None = None
    """Acknowledged: seconds until it sounds again if it still holds; None: it will not, or its
    clock stands still while it is hidden."""


class Sensor(msgspec.Struct, kw_only=True):
    """One allow-listed sensor."""

    alias: str
    title: str
    state: str
    """initial, connecting, streaming, stale or lost."""
    simulated: bool = False
    measures: str = ""
    site: str = ""
    battery_pct: float | None = None
    contact: bool | None = None
    signal_dbm: float | None = None
    """Strength of its radio signal when it was heard last; a connected sensor is not."""
    signal_age_s: float | None = None
    age_s: float | None = None
    packets: int = 0
    malformed: int = 0
    detail: str = ""
    spot: bool = False
    """It sends single readings, when somebody measures: silence is no loss."""
    standing_by: bool = False
    """Not in use: another sensor of the same signal is, and this one would take over."""
    reading: str = ""
    """Newest values that are no vital signs, with unit and age."""


class Limit(msgspec.Struct, kw_only=True):
    """One alarm limit in force."""

    condition: str
    title: str
    priority: str
    key: str
    """Key of the configuration; empty for a row without a limit."""
    value: float | None = None
    default: float | None = None
    """As configured for this session."""
    unit: str = ""
    sustain_s: float = 0.0
    delay_s: float = 0.0
    """Worst-case detection delay."""
    low: float | None = None
    high: float | None = None
    """Hard bounds of `value`; None where it cannot be changed in a session."""
    offered: float | None = None
    """Offered from the baseline, before the dose as it stands now; never set by itself."""


class Checks(msgspec.Struct, kw_only=True):
    """What people measured last."""

    pressure: str = ""
    """"128/81", mmHg; empty for none yet."""
    pressure_s: float | None = None
    """When, in session time."""
    temperature: str = ""
    """"36.9 ear", degrees Celsius."""
    temperature_s: float | None = None
    site: str = ""
    method: str = ""
    """Of that temperature."""
    pressure_every_s: float | None = None
    temperature_every_s: float | None = None
    """How old they may be; None where checks are not reminded of."""
    fluids_ml: float = 0.0
    """All fluids entered so far, as corrected."""
    fluids_s: float | None = None
    """When the last of them."""
    scores: dict[str, tuple[float, float]] = {}
    """Newest observer's scores: name -> value, session time in seconds."""
    next_due_s: float | None = None
    """Session time of the next check by hand; None before the dose or when it is over."""
    next_due: str = ""
    """Which one: "blood pressure" or "temperature"."""


class Standby(msgspec.Struct, kw_only=True):
    """The person is away, or back and settling."""

    reason: str
    remaining_s: float | None = None
    """Until they should be back, negative when late; None while settling."""
    settling_s: float | None = None


class Audio(msgspec.Struct, kw_only=True):
    """What sounds, and whether sound works."""

    available: bool = False
    detail: str = ""
    burst: str | None = None
    """Priority now sounding (LOW, MEDIUM, HIGH), None when silent."""
    paused_remaining_s: float | None = None
    level: float = 1.0
    """Share of full loudness: rising while nobody answers."""
    confirmed: bool | None = None
    """Whether a person heard the test sound; None: nobody was asked, or has answered."""
    check_due: bool = False
    """The operator has yet to confirm that the sound is heard."""


class Setup(msgspec.Struct, kw_only=True):
    """What is to be done before the dose. How far each step is stands elsewhere in the snapshot."""

    steps: list[str]
    """Of `monitor.model.SETUP_STEPS`, in order; those the configuration leaves out are missing."""
    marks: dict[str, str] = {}
    """What the operator said of a step: done, skipped or open."""
    heart: bool = False
    """A heart-rate sensor is listed, so there is a baseline to wait for."""
    skin: bool = False
    """A skin-temperature sensor is listed."""


class Band(msgspec.Struct, kw_only=True):
    """One phase of the usual course, session time in seconds."""

    name: str
    """onset, peak, supplemental or descent."""
    t0_s: float
    t1_s: float


class Phase(msgspec.Struct, kw_only=True):
    """Where the clock stands in the usual course (docs/screen.md): time, not the person."""

    name: str
    bands: list[Band]
    window: tuple[float, float] | None = None
    """When a supplemental dose is usually given; None once it was."""


class Session(msgspec.Struct, kw_only=True):
    """What does not change from second to second."""

    session_id: str
    mode: str
    """LIVE, SIM or REPLAY."""
    subject: str = ""
    recording: str = ""
    start_utc: str = ""
    zone: str = "UTC"
    rate: float = 1.0
    """Session seconds per real second (0: paused replay)."""
    software: str = ""
    training: bool = False
    """A simulated session in which somebody is trained."""
    scales: dict[str, tuple[float, float]] = {}
    """Observer's scores that can be entered: name -> lowest and highest value."""


class Entry(msgspec.Struct, kw_only=True):
    """An operator action that was accepted, as it was recorded."""

    t_ns: int
    """Session time; what `corrects` of a later entry names."""
    verb: str
    operator: str = ""
    details: dict[str, str | int | float | bool] = {}


class LogLine(msgspec.Struct, kw_only=True):
    """One line of the session's log: alarm transitions, operator actions, system notes."""

    t_s: float
    kind: str
    """"alarm", "action" or "system"."""
    text: str
    n: int = 0
    """Number of the line; a later line has a higher one."""
    entry: Entry | None = None
    """Behind a line of kind "action" that was not refused."""


class Hello(msgspec.Struct, tag="hello", kw_only=True):
    """First message of the engine on every connection."""

    version: int
    session: Session


class History(msgspec.Struct, tag="history", kw_only=True):
    """The displayed vitals so far, one value a second from t0_s on; null is a gap."""

    t0_s: int
    heart_rate: list[float | None]
    skin_temperature: list[float | None]


class Log(msgspec.Struct, tag="log", kw_only=True):
    """The log so far; snapshots go on from it, by the numbers of their lines."""

    lines: list[LogLine]


class Timeline(msgspec.Struct, tag="timeline", kw_only=True):
    """What the charts show besides the curves, each list oldest first; replaces the one before."""

    spans: list[AlarmSpan] = []
    gaps: list[Gap] = []
    marks: list[Mark] = []


class Snapshot(msgspec.Struct, tag="snapshot", kw_only=True):
    """The newest state; a newer one replaces it. Doubles as the engine's heartbeat."""

    seq: int
    t_s: float
    utc: str
    session: Session
    heart_rate: Vital
    skin_temperature: Vital
    room_degc: float | None = None
    doses_s: list[float] = []
    alarms: list[Alarm] = []
    sensors: list[Sensor] = []
    audio: Audio
    log: list[LogLine] = []
    """The newest lines, at most 50, oldest first."""
    lag_ms: float = 0.0
    """Worst delay of the engine's loop over the last second."""
    ended: bool = False
    recent: list[tuple[int, float | None, float | None]] = []
    """(second, heart rate, skin temperature) of the last few seconds, to extend the history."""
    checks: Checks = msgspec.field(default_factory=Checks)
    standby: Standby | None = None
    limits: list[Limit] = []
    self_tested: bool | None = None
    """Result of the newest self-test of this session; None without one."""
    setup: Setup | None = None
    """None once a dose is recorded, and in sessions without a checklist."""
    ecg: Ecg | None = None
    """None without a sensor that sends one."""
    phase: Phase | None = None
    """None before the first dose."""
    replay_length_s: float | None = None
    """REPLAY only: the recording's length."""


class Command(msgspec.Struct, tag="command", kw_only=True):
    """A dashboard asks for an operator action.

    `verb` is a `monitor.model.Verb`, `sound_test` (sounds the test tone for 3 s), or for a replay
    `set_rate` (details: rate), `seek` (details: t_s), `next_event`, `previous_event`.
    """

    id: int
    verb: str
    operator: str = ""
    details: dict[str, str | int | float | bool] = {}


class Reply(msgspec.Struct, tag="reply", kw_only=True):
    """The engine's answer to a command; `message` says why when refused."""

    id: int
    ok: bool
    message: str = ""


class Ping(msgspec.Struct, tag="ping", kw_only=True):
    """A dashboard is alive; sent every second. A watching dashboard sets `watching`."""

    token: str = ""
    watching: bool = True


Downlink = Hello | History | Log | Timeline | Snapshot | Reply
Uplink = Command | Ping

MAX_LINE = 4_000_000
"""Longest line accepted, bytes; an 8 h history is about 0.4 MB."""

encode = msgspec.json.Encoder().encode
decode_downlink = msgspec.json.Decoder(Downlink).decode
decode_uplink = msgspec.json.Decoder(Uplink).decode
