"""What one sensor feels of a person: the body at its site."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from devices.model import NS_PER_S
from simulators.physiology import HeartSecond, Physiology
from simulators.wire_gatt import ECG_HZ


@dataclass(frozen=True, slots=True)
class Sensed:
    """A person as one sensor feels them.

    Attributes:
        person: the truth.
        site: where the sensor sits.
    """

    person: Physiology
    site: str = ""

    def heart_at(self, second: int) -> HeartSecond:
        """Heart rate and intervals."""
        return self.person.heart_at(second)

    def ecg(self, second: int) -> tuple[tuple[int, list[int]], ...]:
        """Frames of that second: the sensor's clock at the last sample (ns), and microvolts."""
        first = second * ECG_HZ
        times_s = (first + np.arange(ECG_HZ)) / ECG_HZ
        uv = np.rint(self.person.ecg_uv(times_s, first)).astype(int).tolist()
        half = ECG_HZ // 2
        return tuple(
            (round((first + stop) * NS_PER_S / ECG_HZ), uv[start:stop])
            for start, stop in ((0, half), (half, ECG_HZ))
        )

    def skin_degc(self, second: int) -> float:
        """Skin temperature at its site."""
        return self.person.skin_degc(second, self.site)

    def core_degc(self, second: int) -> float | None:
        """What a core sensor estimates; None if it has nothing to estimate from."""
        core = self.person.core_degc(second)
        return None if math.isnan(core) else core

    def room_degc(self, second: int) -> float:
        """Air temperature."""
        return self.person.room_degc(second)

    def pressure_mmhg(self, second: int) -> tuple[int, int]:
        """A cuff's reading."""
        return self.person.pressure_mmhg(second)
