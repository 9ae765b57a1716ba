"""Readings of clinical thermometers and blood-pressure meters, out of the stream of samples."""

from __future__ import annotations

import math
from collections.abc import Sequence

from devices.model import NS_PER_S, SensorSpec, Signal
from devices.registry import codec
from monitor.intake import Samples, Taken
from monitor.signal.care import CareStage, MinuteMedian
from monitor.signal.window import Ticks
from monitor.sources import Sources

_NOTHING = Samples()
_Pairs = list[tuple[int, float]]


class SpotSensors:
    """Turns samples into readings: single ones as they are, a stream's as medians of a minute."""

    def __init__(self, sensors: Sequence[SensorSpec], found: Sources) -> None:
        specs = {sensor.alias: sensor for sensor in sensors}
        self._sites = {alias: specs[alias].site for alias in found.clinical}
        self._streams = {
            alias: MinuteMedian() for alias in found.clinical if not codec(specs[alias].codec).spot
        }
        self._pressure = found.pressure

    def step(self, taken: Taken, ticks: Ticks, care: CareStage) -> None:
        """Hand new readings to `care`."""
        for alias, site in self._sites.items():
            for t_s, degc in self._temperatures(alias, _pairs(taken, alias), ticks):
                care.temperature(t_s, degc, site)
        for alias in self._pressure:
            upper = dict(_pairs(taken, alias, Signal.SYSTOLIC_PRESSURE))
            lower = dict(_pairs(taken, alias, Signal.DIASTOLIC_PRESSURE))
            for t_ns in sorted(upper.keys() | lower.keys()):
                found = upper.get(t_ns, math.nan), lower.get(t_ns, math.nan)
                care.pressure(_second(t_ns), *found)

    def _temperatures(self, alias: str, pairs: _Pairs, ticks: Ticks) -> _Pairs:
        if alias not in self._streams:
            return [(_second(t_ns), degc) for t_ns, degc in pairs]
        return self._streams[alias].step(pairs, int(ticks[-1]) if ticks.size else -1)


def _pairs(taken: Taken, alias: str, signal: Signal = Signal.CLINICAL_TEMPERATURE) -> _Pairs:
    samples = taken.get(alias, {}).get(signal, _NOTHING)
    return list(zip(samples.t_ns, samples.values, strict=True))


def _second(t_ns: int) -> int:
    """The first second at or after this time."""
    return -(-t_ns // NS_PER_S)
