"""Units, as keys of the configuration carry them in their names."""

from __future__ import annotations

_UNITS = {
    "s": "s",
    "years": "years",
    "bpm": "bpm",
    "baseline_bpm": "bpm",
    "low_baseline_bpm": "bpm",
    "pct": "%",
    "degc": "degC",
    "degc_per_30min": "degC per 30 min",
    "mmhg": "mmHg",
    "diastolic_mmhg": "mmHg",
    "every_s": "s",
    "frozen_s": "s",
}


def unit_of(key: str) -> str:
    """The unit a key carries in its name: `limit_bpm` -> `bpm`."""
    return _UNITS.get(key.partition("_")[2], "")
