"""What each row of the catalogue asks of the vitals, as pure functions over a block of seconds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from alerts.settings import Settings
from alerts.spot import Judged
from alerts.sustain import Check, Flags, Values
from devices.model import LOST_PERIODS
from monitor.signal.care import Reading, What
from monitor.signal.hold import Displayed
from monitor.signal.vitals import Vitals

ROUNDING_DEGC = 1e-9
"""Differences of decimal readings are not exact in binary: 32.3 - 31.3 must reach 1.0."""
SETUP_QUIET_S = 300
"""A sensor never seen stays quiet while people set up, at most this long (Philips practice: leads
off stays low-key until a first valid signal)."""
COARSE_FACTOR = 4.0
"""A sensor that shows tenths may rest four times as long before its standing still is odd."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Which signals the configured sensors should deliver, how often, and from what kind of site.

    The periods are those of slow sources, in seconds, else 0.
    """

    heart_rate: bool = True
    skin_temperature: bool = True
    distal_site: bool = False
    heart_period_s: float = 0.0
    skin_period_s: float = 0.0


def _none(vitals: Vitals) -> Flags:
    return np.zeros(vitals.ticks.shape, np.bool_)


def _all(vitals: Vitals) -> Flags:
    return np.ones(vitals.ticks.shape, np.bool_)


def _never(vitals: Vitals, unit: str) -> Check:
    """Nothing to judge: neither onset nor clearing."""
    nothing = _none(vitals)
    return Check(nothing, nothing, nothing, np.full(vitals.ticks.shape, np.nan), np.nan, unit)


def heart_rate_limit(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """P1-P3: displayed heart rate at or above `limit_bpm`."""
    value, limit = vitals.heart.shown.value, settings.number("limit_bpm")
    over, clear = value >= limit, value < settings.number("clear_bpm")
    return Check(over, clear, vitals.heart.shown.valid, value, limit, "bpm", vitals.heart.armed)


def heart_rate_above_baseline(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """P4: displayed heart rate at or above the frozen baseline plus `limit_bpm`."""
    if vitals.heart_baseline_bpm is None:
        return _never(vitals, "bpm")
    value = vitals.heart.shown.value
    limit = vitals.heart_baseline_bpm + settings.number("limit_bpm")
    clear = value < vitals.heart_baseline_bpm + settings.number("clear_bpm")
    over = value >= limit
    return Check(over, clear, vitals.heart.shown.valid, value, limit, "bpm", vitals.heart.armed)


def heart_rate_low(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """P5: displayed heart rate at or below `limit_bpm`; lower for a slow resting heart."""
    value, limit = vitals.heart.shown.value, settings.number("limit_bpm")
    clear_bpm, base = settings.number("clear_bpm"), vitals.heart_baseline_bpm
    if "low_baseline_bpm" in settings.values and base is not None:
        slow = settings.number("limit_low_baseline_bpm")
        if base < settings.number("low_baseline_bpm") and slow < limit:
            limit, clear_bpm = slow, clear_bpm - (limit - slow)
    over, clear = value <= limit, value > clear_bpm
    return Check(over, clear, vitals.heart.shown.valid, value, limit, "bpm", vitals.heart.armed)


def heart_rate_very_low(vitals: Vitals, settings: Settings, expected: Expected) -> Check:
    """P6: displayed heart rate below `limit_bpm`; 40 itself is not extreme in the challenge."""
    check = heart_rate_low(vitals, settings, expected)
    return replace(check, over=check.value < check.limit)


def irregular(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """P7: share of the last minute's intervals that fit no sinus rhythm."""
    if vitals.heart.rhythm is None:
        return _never(vitals, "%")
    value, limit = vitals.heart.rhythm.irregular_pct, settings.number("limit_pct")
    counts = vitals.heart.shown.valid & ~np.isnan(value)
    over, clear = value >= limit, value < settings.number("clear_pct")
    return Check(over, clear, counts, value, limit, "%", vitals.heart.armed)


def _above_baseline(vitals: Vitals) -> Values:
    base = vitals.skin_baseline_degc
    return vitals.skin.shown.value - (np.nan if base is None else base)


def skin_rise(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """S1: site skin above its frozen baseline; at covered proximal sites only."""
    base = vitals.skin_baseline_degc
    if base is None or vitals.distal_site:
        return _never(vitals, "degC")
    delta = _above_baseline(vitals)
    over = delta >= settings.number("limit_degc") - ROUNDING_DEGC
    clear = delta < settings.number("clear_degc") - ROUNDING_DEGC
    counts = vitals.skin.shown.valid & ~vitals.skin.suspect
    limit = base + settings.number("limit_degc")
    value = vitals.skin.shown.value
    # A baseline comes from settled data; warming up towards it raises nothing above it.
    return Check(over, clear, counts, value, limit, "degC")


def skin_rise_fast(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """S2: far above baseline, or rising fast; without a baseline the rate alone decides."""
    if vitals.distal_site:
        return _never(vitals, "degC")
    delta, rise = _above_baseline(vitals), vitals.skin.rise_30min_degc
    limits = settings.number("limit_degc"), settings.number("limit_degc_per_30min")
    clears = settings.number("clear_degc"), settings.number("clear_degc_per_30min")
    far, fast = delta >= limits[0] - ROUNDING_DEGC, rise >= limits[1] - ROUNDING_DEGC
    clear = ~(delta >= clears[0] - ROUNDING_DEGC) & ~(rise >= clears[1] - ROUNDING_DEGC)
    counts = vitals.skin.shown.valid & ~vitals.skin.suspect
    value = np.where(fast | np.isnan(delta), rise, delta)
    limit = np.where(fast | np.isnan(delta), limits[1], limits[0])
    return Check(far | fast, clear, counts, value, limit, "degC")


def skin_high(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """S3: skin at or above `limit_degc`, at any site, settled or not: skin can rule heat in."""
    value, limit = vitals.skin.shown.value, settings.number("limit_degc")
    clear = (value < settings.number("clear_degc")) & ~vitals.skin.suspect
    return Check(value >= limit, clear, vitals.skin.shown.valid, value, limit, "degC")


def skin_cold_heart_fast(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """S4: a distal site far below its frozen baseline while the heart beats far above its own."""
    base, pattern = vitals.skin_baseline_degc, vitals.constriction
    if base is None or not pattern.holds.size:
        return _never(vitals, "degC")
    limit = base - settings.number("limit_degc")
    value = vitals.skin.shown.value
    return Check(pattern.holds, ~pattern.holds, pattern.usable, value, limit, "degC")


def _lost(vitals: Vitals, settings: Settings, shown: Displayed, period_s: float) -> Check:
    after_s = max(settings.number("sustain_s"), LOST_PERIODS * period_s)
    seen = np.isfinite(shown.age_s)
    since_s = np.where(seen, shown.age_s, vitals.ticks)
    armed = seen | vitals.dosed | (vitals.ticks >= SETUP_QUIET_S)
    over = armed & (since_s >= after_s)
    over |= armed & shown.scarce
    clear = shown.valid & ~shown.scarce
    return Check(over, clear, _all(vitals), since_s, after_s, "s", may_escalate=~shown.valid)


def heart_rate_lost(vitals: Vitals, settings: Settings, expected: Expected) -> Check:
    """X1: no valid heart rate; HIGH only after the dose."""
    if not expected.heart_rate:
        return _never(vitals, "s")
    check = _lost(vitals, settings, vitals.heart.shown, expected.heart_period_s)
    return check if vitals.dosed else replace(check, may_escalate=_none(vitals))


def temperature_lost(vitals: Vitals, settings: Settings, expected: Expected) -> Check:
    """X2: no valid skin temperature."""
    if not expected.skin_temperature:
        return _never(vitals, "s")
    return _lost(vitals, settings, vitals.skin.shown, expected.skin_period_s)


def probe_off(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """X3: the probe looks off the skin; ends after a stable time back on it."""
    suspect, value = vitals.skin.suspect, vitals.skin.shown.value
    lowest = float("nan") if vitals.distal_site else settings.number("limit_degc")
    # A fall, or the room's temperature, is a reason without that limit.
    limit: Values = np.where(value < lowest, lowest, np.nan)
    return Check(suspect, ~suspect, vitals.skin.shown.valid, value, limit, "degC")


def _apart(vitals: Vitals, settings: Settings, apart: Values, unit: str) -> Check:
    if not apart.size:
        return _never(vitals, unit)
    limit = settings.number(f"limit_{unit.lower()}")
    clear = apart < settings.number(f"clear_{unit.lower()}")
    return Check(apart >= limit, clear, ~np.isnan(apart), apart, limit, unit)


def heart_sensors_disagree(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """Two heart-rate sensors at once, far apart: one of them is wrong."""
    return _apart(vitals, settings, vitals.heart_apart_bpm, "bpm")


def skin_sensors_disagree(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """Two settled skin probes at the same site, far apart: one of them is wrong."""
    return _apart(vitals, settings, vitals.skin_apart_degc, "degC")


def sensor_frozen(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """X4: a sensor repeats the very same data."""
    heart, rate = vitals.heart.still_s, vitals.heart.rate_still_s
    skin = vitals.skin.frozen_s
    if not (heart.size and skin.size):
        return _never(vitals, "s")
    keys = ("frozen_s", "rate_frozen_s", "skin_frozen_s")
    limits = np.array([[settings.number(key)] for key in keys]) * np.ones(skin.size)
    limits[2] *= np.where(vitals.skin.fine, 1.0, COARSE_FACTOR)
    still = np.stack((heart, rate, skin))
    worst, columns = (still / limits).argmax(axis=0), np.arange(skin.size)
    value: Values = still[worst, columns]
    limit: Values = limits[worst, columns]
    over = value >= limit
    return Check(over, ~over, _all(vitals), value, limit, "s")


def all_lost(vitals: Vitals, settings: Settings, expected: Expected) -> Check:
    """X5: neither heart rate nor skin temperature after the dose."""
    if not (expected.heart_rate and expected.skin_temperature and vitals.dosed):
        return _never(vitals, "s")
    after_s = max(
        settings.number("sustain_s"),
        LOST_PERIODS * max(expected.heart_period_s, expected.skin_period_s),
    )
    ages = np.minimum(vitals.heart.shown.age_s, vitals.skin.shown.age_s)
    since_s = np.where(np.isfinite(ages), ages, vitals.ticks)
    fresh = vitals.heart.shown.valid | vitals.skin.shown.valid
    clear = fresh & (ages < after_s)
    return Check(since_s >= after_s, clear, _all(vitals), since_s, after_s, "s")


def check_overdue(vitals: Vitals, settings: Settings, _: Expected) -> Check:
    """R1: blood pressure or clinical temperature is due."""
    care = vitals.care
    if not care.since_dose_s.size:
        return _never(vitals, "s")
    every = settings.number("pressure_every_s"), settings.number("temperature_every_s")
    late = np.stack((care.since_pressure_s - every[0], care.since_temperature_s - every[1]))
    worst = np.argmax(np.nan_to_num(late, nan=-np.inf), axis=0)
    columns = np.arange(worst.size)
    within = care.since_dose_s <= settings.number("until_s")
    over = within & ((late[worst, columns] >= 0) | care.missing)
    limit: Values = np.array(every)[worst]
    return Check(over, ~over, _all(vitals), late[worst, columns] + limit, limit, "s")


def standby_overdue(vitals: Vitals, _: Settings, __: Expected) -> Check:
    """Not back from standby at the time agreed."""
    late_s: Values = (vitals.ticks - vitals.care.standby_until_s).astype(np.float64)
    over = late_s >= 0
    return Check(over, ~over, _all(vitals), late_s, 0.0, "s")


Condition = Callable[[Vitals, Settings, Expected], Check]
CHECKS: Mapping[str, Condition] = {
    "hr_elevated": heart_rate_limit,
    "hr_high": heart_rate_limit,
    "hr_extreme": heart_rate_limit,
    "hr_above_baseline": heart_rate_above_baseline,
    "hr_low": heart_rate_low,
    "hr_very_low": heart_rate_very_low,
    "rr_irregular": irregular,
    "skin_rise": skin_rise,
    "skin_rise_fast": skin_rise_fast,
    "skin_high": skin_high,
    "skin_cold_hr_high": skin_cold_heart_fast,
    "hr_lost": heart_rate_lost,
    "temp_lost": temperature_lost,
    "probe_off": probe_off,
    "data_frozen": sensor_frozen,
    "all_lost": all_lost,
    "check_overdue": check_overdue,
    "standby_overdue": standby_overdue,
    "hr_sensors_disagree": heart_sensors_disagree,
    "skin_sensors_disagree": skin_sensors_disagree,
}
"""Conditions judged second by second; others by readings, or reported by the system itself."""


def _temperature(reading: Reading, settings: Settings) -> Judged:
    """T1-T3: at or above the limit, or far above the confirmed baseline of the same site."""
    limit = settings.number("limit_degc")
    far = "rise_degc" in settings.values and (
        reading.rise >= settings.number("rise_degc") - ROUNDING_DEGC
    )
    over = reading.value >= limit - ROUNDING_DEGC or far
    if "clear_degc" not in settings.values:
        return Judged(reading.at_s, over, not over, reading.value, limit, "degC")
    hysteresis = limit - settings.number("clear_degc")
    near = reading.rise >= settings.number("rise_degc") - hysteresis - ROUNDING_DEGC
    clear = reading.value < limit - hysteresis - ROUNDING_DEGC and not near
    if far and reading.value < limit:
        limit = reading.value - reading.rise + settings.number("rise_degc")
    return Judged(reading.at_s, over, clear, reading.value, limit, "degC")


def _pressure(reading: Reading, settings: Settings) -> Judged:
    """B1, B2: either pressure at or above its limit; in a crisis, symptoms."""
    systolic, diastolic = settings.number("limit_mmhg"), settings.number("limit_diastolic_mmhg")
    symptoms = reading.symptoms and settings.spec.manual_clear
    high, low = reading.value >= systolic, reading.diastolic >= diastolic
    over = high or low or symptoms
    clear = not over and reading.complete
    if low and not high:
        return Judged(reading.at_s, over, clear, reading.diastolic, diastolic, "mmHg")
    systolic = math.nan if symptoms and not high else systolic  # no limit is the reason
    return Judged(reading.at_s, over, clear, reading.value, systolic, "mmHg")


Judge = Callable[[Reading, Settings], Judged]
SPOTS: Mapping[str, tuple[What, Judge, int]] = {
    "temp_elevated": (What.TEMPERATURE, _temperature, 2),
    "temp_high": (What.TEMPERATURE, _temperature, 2),
    "temp_critical": (What.TEMPERATURE, _temperature, 1),
    "bp_high": (What.PRESSURE, _pressure, 1),
    "bp_crisis": (What.PRESSURE, _pressure, 1),
}
"""Conditions judged reading by reading, and how many readings below the clear limit end them."""
