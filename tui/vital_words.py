"""One vital sign in words and digits. Pure; no Textual."""

from __future__ import annotations

from alerts.catalogue import CATALOGUE
from monitor.feed import Alarm, Ecg, Vital
from tui import wording
from tui.views import EcgView, VitalView
from tui.wording import NO_VALUE, PRIORITIES, plain

HEART_TITLE, HEART_UNIT = "HEART RATE", "bpm"
SKIN_TITLE, SKIN_UNIT = "SKIN TEMPERATURE (not core)", "°C"


def heart_view(vital: Vital, alarms: list[Alarm]) -> VitalView:
    """The heart rate."""
    return vital_view(HEART_TITLE, HEART_UNIT, vital, alarms)


def skin_view(vital: Vital, alarms: list[Alarm]) -> VitalView:
    """The skin temperature: never a core temperature, and never reassuring."""
    return vital_view(SKIN_TITLE, SKIN_UNIT, vital, alarms, 1)


def vital_view(
    title: str, unit: str, vital: Vital, alarms: list[Alarm], decimals: int = 0
) -> VitalView:
    """One vital sign in words and digits."""
    shown = vital.value is not None and vital.validity in {"VALID", "QUESTIONABLE"}
    delta, baseline = _baseline(vital, decimals)
    return VitalView(
        title=title,
        site=", ".join(plain(w, 20) for w in (vital.site, vital.method) if w),
        number=wording.number(vital.value, decimals) if shown else NO_VALUE,
        unit=f"{unit}{_unsure(vital)}",
        research=_research(vital),
        tone=_tone(vital, alarms, shown=shown),
        age=_age(vital, shown=shown),
        delta=delta if shown else "",
        baseline=baseline,
        slope=""
        if vital.slope_10min is None
        else f"{wording.signed(vital.slope_10min, decimals)} in 10 min",
        limits=" ".join(dict.fromkeys(f"{v:.{decimals}f}" for v in sorted(vital.limits.values()))),
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
    """Quality and age of the value, always both."""
    if not shown:
        return "no value yet" if vital.age_s is None else f"none for {wording.ago(vital.age_s)}"
    if vital.validity == "QUESTIONABLE":
        return f"unsure, {wording.ago(vital.age_s)} old"
    return f"valid, {wording.ago(vital.age_s)}"


def _baseline(vital: Vital, decimals: int) -> tuple[str, str]:
    """Difference to the frozen baseline, and the baseline in words."""
    state = vital.baseline_state
    if state == "collecting":
        return "", f"baseline {wording.minutes(vital.baseline_progress_s)} of 10:00"
    if vital.baseline is None or state not in {"ready", "frozen"}:
        return "", "no baseline"
    base = f"{vital.baseline:.{decimals}f}"
    if state == "ready":
        return "", f"baseline {base} ready"
    if vital.delta is None:
        return "", f"baseline {base}"
    return wording.signed(vital.delta, decimals), f"from {base}"


def ecg_view(ecg: Ecg | None) -> EcgView:
    """The strip of the electrocardiogram."""
    if ecg is None:
        return EcgView()
    trust = "" if ecg.quality is None else f", quality {100 * ecg.quality:.0f} %"
    why = f", {plain(ecg.note, 20)}" if ecg.note else ""
    title = f" ECG, last {ecg.seconds:g} s{trust}{why} "
    return EcgView(title=title, low_uv=tuple(ecg.low_uv), high_uv=tuple(ecg.high_uv))
