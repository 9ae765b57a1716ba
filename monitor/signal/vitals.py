"""One block of vitals, a row a second: everything alarm conditions may look at."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from monitor.signal.care import Care
from monitor.signal.extremes import Extremes
from monitor.signal.heart_rate import HeartRate
from monitor.signal.skin_temperature import SkinTemperature
from monitor.signal.vasoconstriction import Constriction
from monitor.signal.window import Ticks, Values


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
        distal_site: the skin sensor in use sits where trends say nothing about heat.
        heart_apart_bpm: how far the heart rates of two sensors are apart; NaN where only one
            delivers.
        skin_apart_degc: the same of two settled skin probes at the same site.
        constriction: whether a distal site grew cold while the heart beats fast.
        care: readings by hand or spot sensor, when the last ones were, and standby.
        extremes: of these seconds, where somebody will ask for them often; else None.
    """

    ticks: Ticks
    heart: HeartRate
    skin: SkinTemperature
    heart_baseline_bpm: float | None
    skin_baseline_degc: float | None
    dosed: bool
    distal_site: bool = False
    heart_apart_bpm: Values = field(default_factory=lambda: np.empty(0))
    skin_apart_degc: Values = field(default_factory=lambda: np.empty(0))
    constriction: Constriction = field(default_factory=Constriction)
    care: Care = field(default_factory=Care)
    extremes: Extremes | None = None
