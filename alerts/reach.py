"""Can a limit be reached anywhere in a block? From its extremes alone, without judging seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alerts.checks import ROUNDING_DEGC
from alerts.settings import Settings
from monitor.signal.extremes import Extremes
from monitor.signal.vitals import Vitals


def _heart_high(at: Extremes, _: Vitals, settings: Settings) -> bool:
    return at.highest_bpm >= settings.number("limit_bpm")


def _heart_low(at: Extremes, _: Vitals, settings: Settings) -> bool:
    # For a slow resting heart the limit is lower, which reaches less.
    return at.lowest_bpm <= settings.number("limit_bpm")


def _heart_above_baseline(at: Extremes, vitals: Vitals, settings: Settings) -> bool:
    base = vitals.heart_baseline_bpm
    return base is not None and at.highest_bpm >= base + settings.number("limit_bpm")


def _irregular(at: Extremes, _: Vitals, settings: Settings) -> bool:
    return at.highest_irregular_pct >= settings.number("limit_pct")


def _skin_rise(at: Extremes, vitals: Vitals, settings: Settings) -> bool:
    base = vitals.skin_baseline_degc
    if base is None or vitals.distal_site:
        return False
    return at.highest_degc - base >= settings.number("limit_degc") - ROUNDING_DEGC


def _skin_high(at: Extremes, _: Vitals, settings: Settings) -> bool:
    return at.highest_degc >= settings.number("limit_degc")


_REACHES: Mapping[str, Callable[[Extremes, Vitals, Settings], bool]] = {
    "hr_elevated": _heart_high,
    "hr_high": _heart_high,
    "hr_extreme": _heart_high,
    "hr_above_baseline": _heart_above_baseline,
    "hr_low": _heart_low,
    "hr_very_low": _heart_low,
    "rr_irregular": _irregular,
    "skin_rise": _skin_rise,
    "skin_high": _skin_high,
}


def reachable(name: str, vitals: Vitals, settings: Settings) -> bool:
    """False only if no second of the block can be over the condition's limit with valid data."""
    reaches = _REACHES.get(name)
    if vitals.extremes is None or reaches is None:
        return True
    return reaches(vitals.extremes, vitals, settings)
