"""What a dashboard is told: the newest state of the core, in the words of the feed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from alerts.settings import Settings
from monitor import ecg_strip, feed
from monitor.core import Core
from monitor.history import History
from monitor.intake import Source
from monitor.signal.baseline import BASELINE_MIN_S, Baseline
from monitor.signal.hold import Displayed, Quality
from monitor.signal.vitals import Vitals
from monitor.signal.window import Values

ABSOLUTE_HEART = ("hr_elevated", "hr_high", "hr_extreme")


def finite(value: float) -> float | None:
    """The value for JSON, None for NaN and infinity."""
    return round(float(value), 3) if math.isfinite(value) else None


def _vital(shown: Displayed, baseline: Baseline, slope: float) -> feed.Vital:
    value = finite(shown.value[-1])
    base = baseline.value if baseline.state == "frozen" else baseline.offered
    frozen = baseline.value
    return feed.Vital(
        value=value,
        validity=Quality(int(shown.quality[-1])).name,
        age_s=finite(shown.age_s[-1]),
        baseline=base,
        baseline_state=baseline.state,
        baseline_progress_s=min(baseline.progress_s, BASELINE_MIN_S),
        delta=None if value is None or frozen is None else round(value - frozen, 2),
        slope_10min=finite(slope),
    )


def _limit(settings: Mapping[str, Settings], name: str, key: str, base: float = 0.0) -> float:
    return base + settings[name].number(key)


def heart_limits(core: Core) -> dict[str, float]:
    """Heart-rate limits in force, bpm, by condition."""
    rows = core.settings
    limits = {name: _limit(rows, name, "limit_bpm") for name in ABSOLUTE_HEART if name in rows}
    base = core.heart_baseline.value
    if base is not None and "hr_above_baseline" in rows:
        limits["hr_above_baseline"] = _limit(rows, "hr_above_baseline", "limit_bpm", base)
    return limits


def skin_limits(core: Core) -> dict[str, float]:
    """Skin-temperature limits in force, degC, by condition."""
    rows, base = core.settings, core.skin_baseline.value
    limits = {"skin_high": _limit(rows, "skin_high", "limit_degc")} if "skin_high" in rows else {}
    if base is not None and not core.measure.distal_site:
        relative = [name for name in ("skin_rise", "skin_rise_fast") if name in rows]
        limits |= {name: _limit(rows, name, "limit_degc", base) for name in relative}
    return limits


def setup_view(core: Core, steps: Sequence[str]) -> feed.Setup | None:
    """The checklist before the dose; None when there is none, or no longer."""
    if core.doses_ns or not steps:
        return None
    return feed.Setup(
        steps=list(steps),
        marks=dict(core.setup_marks),
        heart=core.expected.heart_rate,
        skin=core.expected.skin_temperature,
    )


def heart_view(core: Core, vitals: Vitals, history: History) -> feed.Vital:
    """The heart-rate panel."""
    vital = _vital(vitals.heart.shown, core.heart_baseline, history.heart_slope_bpm)
    vital.limits = heart_limits(core)
    vital.plus_minus = _last(vitals.heart.plus_minus_bpm) if vital.value is not None else None
    if vitals.heart.rhythm is not None:
        rhythm = vitals.heart.rhythm
        vital.irregular_pct, vital.corrected_pct = map(_last, rhythm[:2])
        vital.rmssd_ms, vital.sdnn_ms = map(_last, rhythm[2:])
    source = core.intake.sources.get(core.measure.heart_source)
    if source is not None:
        vital.site = source.spec.site
        vital.note = source.note
    return vital


def _last(values: Values) -> float | None:
    return finite(values[-1]) if values.size else None


def ecg_view(core: Core, vitals: Vitals, now_ns: int) -> feed.Ecg | None:
    """The strip of the electrocardiogram; None without a sensor that sends one."""
    aliases = [alias for alias in core.measure.ecg if core.intake.sources[alias].strip]
    if not aliases:
        return None
    low, high = ecg_strip.extremes(core.intake.sources[aliases[0]].strip, now_ns)
    return feed.Ecg(
        seconds=ecg_strip.STRIP_S,
        low_uv=low,
        high_uv=high,
        quality=_last(vitals.heart.ecg_quality) if core.measure.heart_source in aliases else None,
        note=core.measure.ecg_reason(),
    )


def skin_view(core: Core, vitals: Vitals) -> feed.Vital:
    """The skin-temperature panel."""
    slopes = vitals.skin.slope_degc_per_10min
    slope = float(slopes[-1]) if slopes.size else math.nan
    vital = _vital(vitals.skin.shown, core.skin_baseline, slope)
    vital.limits = skin_limits(core)
    source = core.intake.sources.get(core.measure.skin_source)
    if source is not None:
        vital.site, vital.method = source.spec.site, source.spec.method
        vital.note = _skin_note(vitals, source)
    return vital


def _skin_note(vitals: Vitals, source: Source) -> str:
    if vitals.skin.suspect[-1]:
        return "probe off?"
    if vitals.skin.shown.value.size and not vitals.skin.settled[-1]:
        return source.note or "settling"
    return source.note
