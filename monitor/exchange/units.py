"""Units of files into Vigil's own, exactly or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from devices.model import Signal


class Scale(NamedTuple):
    """`ours = (theirs - zero) * times / by`; one rounding, and none where both are 1."""

    times: float = 1.0
    by: float = 1.0
    zero: float = 0.0

    def of(self, value: float) -> float:
        """A value in Vigil's unit."""
        return (value - self.zero) * self.times / self.by


OURS: Mapping[Signal, str] = {
    Signal.HEART_RATE: "/min",
    Signal.RR_INTERVAL: "ms",
    Signal.SKIN_TEMPERATURE: "Cel",
    Signal.ROOM_TEMPERATURE: "Cel",
    Signal.CLINICAL_TEMPERATURE: "Cel",
    Signal.CORE_ESTIMATE: "Cel",
    Signal.ECG: "mV",
    Signal.SPO2: "%",
    Signal.SYSTOLIC_PRESSURE: "mm[Hg]",
    Signal.DIASTOLIC_PRESSURE: "mm[Hg]",
    Signal.MEAN_PRESSURE: "mm[Hg]",
}
"""UCUM code of each signal's own unit."""
SCALES: Mapping[str, Mapping[str, Scale]] = {
    "/min": {"/min": Scale(), "{beats}/min": Scale(), "Hz": Scale(60), "/s": Scale(60)},
    "ms": {"ms": Scale(), "s": Scale(1000), "us": Scale(by=1000)},
    "Cel": {"Cel": Scale(), "[degF]": Scale(5, 9, 32), "K": Scale(zero=273.15)},
    "mV": {"mV": Scale(), "uV": Scale(by=1000), "nV": Scale(by=1_000_000), "V": Scale(1000)},
    "%": {"%": Scale(), "1": Scale(100)},
    # 1 mmHg is 133.322 387 415 Pa (BIPM, SI brochure, conventional millimetre of mercury).
    "mm[Hg]": {"mm[Hg]": Scale(), "kPa": Scale(1000, 133.322387415)},
}
"""Our unit -> UCUM code of theirs -> how it is turned into ours."""
_SPELT: Mapping[str, str] = {
    "bpm": "/min", "beats/min": "/min", "1/min": "/min", "pm": "/min",
    "msec": "ms", "sec": "s", "seconds": "s", "usec": "us",
    "degc": "Cel", "°c": "Cel", "deg c": "Cel", "c": "Cel", "celsius": "Cel", "degreec": "Cel",
    "degf": "[degF]", "°f": "[degF]", "deg f": "[degF]", "f": "[degF]", "kelvin": "K",
    "mmhg": "mm[Hg]", "percent": "%",
    "\u00b5v": "uV", "\u03bcv": "uV", "microvolt": "uV", "millivolt": "mV",
}  # fmt: skip
"""How devices spell a unit, in lower case -> its UCUM code."""


def scale(signal: Signal, unit: str, *, ucum_only: bool = False) -> Scale | None:
    """How values in `unit` become the signal's own; None if they cannot.

    Args:
        signal: what is measured.
        unit: as the file has it.
        ucum_only: take UCUM codes only, not what devices write.
    """
    known = SCALES.get(OURS.get(signal, ""), {})
    code = unit.strip()
    if code in known or ucum_only:
        return known.get(code)
    return known.get(_SPELT.get(code.lower(), ""))


def allowed(signal: Signal) -> str:
    """The units a signal may come in, for messages."""
    return ", ".join(SCALES.get(OURS.get(signal, ""), {}))
