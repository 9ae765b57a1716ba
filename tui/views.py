"""The immutable values the widgets draw. No Textual here."""

from __future__ import annotations

from dataclasses import dataclass

from tui.wording import NO_VALUE


@dataclass(frozen=True, slots=True, kw_only=True)
class VitalView:
    """One big number with all that is said about it."""

    title: str
    site: str = ""
    number: str = NO_VALUE
    unit: str = ""
    tone: str = "absent"
    """normal, grey (questionable), absent, or its worst alarm's priority: low, medium, high."""
    age: str = ""
    """Quality and age."""
    delta: str = ""
    """Difference to the frozen baseline, with its sign."""
    baseline: str = ""
    slope: str = ""
    limits: str = ""
    note: str = ""
    research: str = ""
    lines: tuple[tuple[float, str], ...] = ()
    """Limit lines of the chart: value and tone (low, medium, high)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EcgView:
    """The strip of the electrocardiogram: extremes of equal parts, microvolts."""

    title: str = ""
    low_uv: tuple[int | None, ...] = ()
    high_uv: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """One alarm: symbol, word, message, value against limit, since when, what to do."""

    condition: str
    occurrence: int
    priority: str
    symbol: str
    message: str
    values: str = ""
    since: str = ""
    state: str = ""
    """Words: ACKNOWLEDGED, OVER (not acknowledged), BEHIND A WORSE ONE; empty when simply on."""
    advice: str = ""
    acknowledged: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BannerView:
    """The full-width line: the most urgent thing now."""

    tone: str
    """calm, waiting, lost, ended, low, medium or high."""
    flash: bool = False
    """Flash at the rate of `tone`; an acknowledged alarm is steady."""
    heading: str
    line: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorView:
    """One sensor."""

    name: str
    simulated: bool
    state: str
    tone: str
    """normal, warn or bad. Never green: a good link says nothing about the person."""
    columns: tuple[str, ...]
    """Contact, battery, signal, last packet; empty where unknown."""
    brief: tuple[str, ...] = ()
    """The same in a few characters."""
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CareView:
    """What people measured, what is due, and the next reminder."""

    facts: str = ""
    due: str = ""
    tone: str = "none"
    """none, later, soon or due; never an alarm's colour."""
    reminder: str = ""
    setup: bool = False
    """Something on the checklist before the dose is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseView:
    """The usual course and where the clock stands in it; times in session seconds."""

    words: str = ""
    bands: tuple[tuple[str, float, float], ...] = ()
    now_s: float = 0.0
    doses_s: tuple[float, ...] = ()
    window: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderView:
    """The first line of the screen."""

    mark: str = ""
    subject: str = ""
    clock: str = ""
    wall: str = ""
    recording: str = ""
    audio: str = ""
    audio_tone: str = "normal"
    """normal, paused or bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """Everything on the screen but the charts."""

    mode: str = ""
    """LIVE, SIM, REPLAY; empty before the first snapshot."""
    header: HeaderView
    banner: BannerView
    heart: VitalView
    skin: VitalView
    alarms: tuple[AlarmView, ...] = ()
    sensors: tuple[SensorView, ...] = ()
    ecg: EcgView = EcgView()
    care: CareView = CareView()
    phase: PhaseView = PhaseView()
    log: tuple[str, ...] = ()
    """Newest first."""
    replay: str = ""
    lost: bool = False
    ended: bool = False
    audio_paused: bool = False
    paused_replay: bool = False
    to_acknowledge: AlarmView | None = None
