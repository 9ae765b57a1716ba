"""One block of vitals, a row a second: everything alarm conditions may look at."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.signal.heart_rate import HeartRate
from monitor.signal.skin_temperature import SkinTemperature
from monitor.signal.window import Ticks


@dataclass(frozen=True, slots=True, eq=False)
class Vitals:
    """Vitals at consecutive seconds.

    Attributes:
        ticks: seconds of session time.
        heart: displayed heart rate and whether its limits are armed.
        skin: displayed skin temperature and trend.
        heart_baseline_bpm: frozen baseline in force, None if none.
        skin_baseline_degc: frozen baseline in force, None if none.
        dosed: the first dose has been recorded.
    """

    ticks: Ticks
    heart: HeartRate
    skin: SkinTemperature
    heart_baseline_bpm: float | None
    skin_baseline_degc: float | None
    dosed: bool
