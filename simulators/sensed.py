"""What one sensor feels of a person: the body at its site, with the sensor's own errors."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from devices.model import NS_PER_S
from simulators.noise import Floats, Noise
from simulators.physiology import AMPLIFIER_UV, HeartSecond, Physiology
from simulators.scenario import FaultKind, LinkFault
from simulators.warmth import WARM_UP_S
from simulators.wire_gatt import ECG_HZ

PPM = 1e-6
S_PER_H = 3600.0
IDLE_BPM = (58, 84)
"""An optical sensor off the body finds a pulse in the light of the room: plausible and constant."""
COOLING_S = 45.0
"""Time constant of a probe in air; own choice."""
DRY_SHARE, DRY_UV = 0.25, 220.0
"""Height of the waves on dry electrodes, and their noise; own choice."""


@dataclass(frozen=True, slots=True)
class Sensed:
    """A person as one sensor feels them.

    Attributes:
        person: the truth.
        site: where the sensor sits.
        faults: of this sensor; those of its link are left to others.
    """

    person: Physiology
    site: str = ""
    faults: tuple[LinkFault, ...] = ()

    def _fault(self, kind: FaultKind, second: int) -> LinkFault | None:
        return next((f for f in self.faults if f.kind is kind and f.covers(second)), None)

    def _when(self, second: int) -> int:
        """The second whose values it sends."""
        stuck = self._fault(FaultKind.STUCK, second)
        return second if stuck is None else int(stuck.t_s)

    def _off(self, second: int) -> float:
        """How far its values are off."""
        off = 0.0
        for fault in self.faults:
            if fault.covers(second) and fault.kind is FaultKind.BIAS:
                off += fault.by_s
            elif fault.covers(second) and fault.kind is FaultKind.DRIFT:
                off += fault.by_s * (second - fault.t_s) / S_PER_H
        return off

    def _noise(self, stream: str) -> Noise:
        return Noise(self.person.plan.seed, f"sensed {stream} {self.site}")

    def heart_at(self, second: int) -> HeartSecond:
        """Heart rate and intervals, of a sensor that knows whether it feels skin."""
        if self._fault(FaultKind.OFF_BODY, second):
            return HeartSecond(0, [], contact=False)
        if self._fault(FaultKind.NO_VALUE, second):
            return HeartSecond(0, [])
        heart = self._biased(self.person.heart_at(self._when(second)), self._off(second))
        if late := self._fault(FaultKind.LATE_BEATS, second):
            heart = replace(heart, rr_ms=self._held_back(late, second))
        if (dry := self._fault(FaultKind.DRY, second)) and heart.bpm:
            return self._on_dry(dry, heart, second)
        return heart

    def _biased(self, heart: HeartSecond, off_bpm: float) -> HeartSecond:
        fast = 1.0 + PPM * sum(f.by_s for f in self.faults if f.kind is FaultKind.CLOCK)
        if heart.bpm == 0 or (off_bpm == 0.0 and fast == 1.0):
            return heart
        bpm = max(1, round(heart.bpm + off_bpm))
        return replace(heart, bpm=bpm, rr_ms=[rr * fast * heart.bpm / bpm for rr in heart.rr_ms])

    def _held_back(self, late: LinkFault, second: int) -> list[float]:
        """Intervals since the last ones were sent, if it is time to send them."""
        every, since = max(1, round(late.by_s)), second - int(late.t_s)
        if (since + 1) % every and self._fault(FaultKind.LATE_BEATS, second + 1):
            return []
        first = int(late.t_s) + since - since % every
        return [rr for s in range(first, second + 1) for rr in self.person.heart_at(s).rr_ms]

    def _on_dry(self, dry: LinkFault, heart: HeartSecond, second: int) -> HeartSecond:
        what, where = self._noise("dry").uniform(2 * second, 2).tolist()
        if what * 100.0 >= dry.share_pct:
            return heart
        if what * 150.0 < dry.share_pct:
            return HeartSecond(0, [], contact=False)
        cut = 0.3 + 0.4 * where
        return replace(heart, rr_ms=[p for rr in heart.rr_ms for p in (rr * cut, rr * (1 - cut))])

    def pulse_bpm(self, second: int) -> int | None:
        """Pulse rate of an optical sensor, which cannot tell skin from none; None: it has none."""
        if self._fault(FaultKind.NO_VALUE, second):
            return None
        if self._fault(FaultKind.OFF_BODY, second):
            low, high = IDLE_BPM
            return low + int((high - low) * self._noise("idle").uniform(0, 1)[0])
        pulse_bpm = self.person.pulse_bpm(self._when(second))
        return max(1, round(pulse_bpm + self._off(second))) if pulse_bpm else None

    def ecg(self, second: int) -> tuple[tuple[int, list[int]], ...]:
        """Frames of that second: the sensor's clock at the last sample (ns), and microvolts."""
        first, stop = self._samples_by(second), self._samples_by(second + 1)
        times_s = np.arange(first, stop) / ECG_HZ - self._gained_s(second)
        uv = np.rint(self._volts(times_s, first, second)).astype(int).tolist()
        half = len(uv) // 2
        return tuple(
            (round((first + end) * NS_PER_S / ECG_HZ), uv[begin:end])
            for begin, end in ((0, half), (half, len(uv)))
        )

    def _samples_by(self, second: int) -> int:
        """How many samples it has taken by then."""
        return math.floor((second + self._gained_s(second)) * ECG_HZ + 0.5)

    def _gained_s(self, second: int) -> float:
        """How far its clock is ahead."""
        clocks = (fault for fault in self.faults if fault.kind is FaultKind.CLOCK)
        return sum(
            PPM * fault.by_s * min(max(second - fault.t_s, 0.0), fault.duration_s)
            for fault in clocks
        )

    def _volts(self, times_s: Floats, first: int, second: int) -> Floats:
        if self._fault(FaultKind.STUCK, second) or self._fault(FaultKind.NO_VALUE, second):
            return np.zeros_like(times_s)
        if self._fault(FaultKind.OFF_BODY, second):
            return AMPLIFIER_UV * self._noise("open").normal(first, times_s.size)
        clean = self.person.ecg_uv(times_s, first)
        dry = self._fault(FaultKind.DRY, second)
        if dry is None or self._noise("dry").uniform(2 * second, 1)[0] * 100.0 >= dry.share_pct:
            return clean
        return DRY_SHARE * clean + DRY_UV * self._noise("electrode").normal(first, times_s.size)

    def skin_degc(self, second: int) -> float | None:
        """Skin temperature at its site; None if it has none."""
        if self._fault(FaultKind.NO_VALUE, second):
            return None
        at = self._when(second)
        skin = self.person.skin_degc(at, self.site)
        return skin + self._in_air(at, skin) + self._off(second)

    def _in_air(self, second: int, skin: float) -> float:
        """How far a probe that is off the skin, or was, is from its temperature."""
        for fault in self.faults:
            if fault.kind is not FaultKind.OFF_BODY or second < fault.t_s:
                continue
            off_s = min(second - fault.t_s, fault.duration_s)
            on_s = max(0.0, second - fault.t_s - fault.duration_s)
            cooled = 1.0 - math.exp(-off_s / COOLING_S)
            if on_s < 10.0 * WARM_UP_S:
                return (self.person.room_degc(second) - skin) * cooled * math.exp(-on_s / WARM_UP_S)
        return 0.0

    def core_degc(self, second: int) -> float | None:
        """What a core sensor estimates; None if it has nothing to estimate from."""
        core = self.person.core_degc(self._when(second))
        if math.isnan(core) or self._fault(FaultKind.OFF_BODY, second):
            return None
        return None if self._fault(FaultKind.NO_VALUE, second) else core + self._off(second)

    def room_degc(self, second: int) -> float | None:
        """Air temperature; None if the thermometer has none."""
        if self._fault(FaultKind.NO_VALUE, second):
            return None
        return self.person.room_degc(self._when(second)) + self._off(second)

    def pressure_mmhg(self, second: int) -> tuple[int, int]:
        """A cuff's reading."""
        return self.person.pressure_mmhg(self._when(second))
