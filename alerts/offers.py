"""Limits offered from a person's own confirmed baseline; nothing changes by itself."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.settings import Settings

STEP_BPM = 5.0
OFFSETS_BPM: Mapping[str, float] = {"hr_elevated": 40.0, "hr_high": 55.0}
"""Limit minus resting rate. The person's own early values chose limits as clinicians did, with
fewer alarms (Poole 2019, children); the offsets are ours, to be confirmed by a clinician: the
drug's usual rise of 23 to 30 bpm stays below them. `hr_low` knows slow hearts by itself."""
BELOW_EXTREME_BPM: Mapping[str, float] = {"hr_elevated": 20.0, "hr_high": 10.0}
"""An offer stays this far below `hr_extreme`, which is never moved."""
KEY = "limit_bpm"


def offers(baseline_bpm: float | None, settings: Mapping[str, Settings]) -> dict[str, float]:
    """`limit_bpm` offered, by condition; only those that differ by a step from what is in force."""
    if baseline_bpm is None:
        return {}
    found = {}
    for name, offset in OFFSETS_BPM.items():
        if name not in settings:
            continue
        low, high = settings[name].spec.bounds[KEY]
        if "hr_extreme" in settings:
            high = min(high, settings["hr_extreme"].number(KEY) - BELOW_EXTREME_BPM[name])
        limit = min(max(STEP_BPM * round((baseline_bpm + offset) / STEP_BPM), low), high)
        if abs(limit - settings[name].number(KEY)) >= STEP_BPM:
            found[name] = limit
    return found
