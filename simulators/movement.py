"""Movement of a simulated person, and what it does to electrodes: bursts of seconds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulators.noise import Floats, Noise
from simulators.person import Activity

BURST_S = (2.0, 8.0)
"""Length of a movement burst; about one in 15 min (the clinical reference's synthetic set)."""
ACTIVE_PER_H = 120.0
"""Bursts of somebody who walks about; own choice."""
JUMP_BPM = (35.0, 70.0)
SPLIT, MISSED = 0.45, 0.25
"""Of the beats in a burst: shares in which a strap counts one too many, or misses one."""
SHAKEN_UV, SHAKEN_HZ = 900.0, 2.1
"""Of an electrocardiogram: the electrodes move; own choice."""
MUSCLE_UV = 150.0


class Movement:
    """When a person of that seed moves, and how an ECG strap takes it."""

    def __init__(self, seed: int, bursts_per_h: float, activities: Sequence[Activity] = ()) -> None:
        self._per_h, self._activities = bursts_per_h, activities
        self._burst = Noise(seed, "burst")
        self._beat = Noise(seed, "miscounted")
        self._muscle = Noise(seed, "muscle")

    def jump_bpm(self, second: int) -> float:
        """What movement adds to the strap's number; 0 when the person lies still."""
        up = any(a.t_s <= second < a.t_s + a.duration_s for a in self._activities)
        per_h = ACTIVE_PER_H if up else self._per_h
        if per_h <= 0.0:
            return 0.0
        slot_s = 3600.0 / per_h
        slot = int(second // slot_s)
        start, length, size, down = self._burst.uniform(4 * slot, 4)
        shortest, longest = BURST_S
        lasts_s = shortest + length * (longest - shortest)
        begins_s = slot * slot_s + start * (slot_s - longest)
        if not begins_s <= second < begins_s + lasts_s:
            return 0.0
        smallest, largest = JUMP_BPM
        jump = smallest + float(size) * (largest - smallest)
        return -jump / 2.0 if down < 0.25 else jump

    def miscounted(self, second: int, rr_ms: list[float]) -> list[float]:
        """Intervals of a shaken strap: beats too many anywhere, and beats missed."""
        found: list[float] = []
        for number, rr in enumerate(rr_ms):
            what, where = self._beat.uniform(16 * second + 2 * number, 2).tolist()
            if what < SPLIT:
                cut = 0.25 + 0.5 * where
                found += [rr * cut, rr * (1.0 - cut)]
            elif what < SPLIT + MISSED and found:
                found[-1] += rr
            else:
                found.append(rr)
        return found

    def shaken_uv(self, t_s: Floats, first_sample: int) -> Floats:
        """What a burst adds to an electrocardiogram, microvolts."""
        moving = np.array([self.jump_bpm(second) != 0.0 for second in np.floor(t_s).tolist()])
        swing = SHAKEN_UV * np.sin(2.0 * np.pi * SHAKEN_HZ * t_s + 2.0 * np.sin(1.7 * t_s))
        muscle = MUSCLE_UV * self._muscle.normal(first_sample, t_s.size)
        return np.where(moving, swing + muscle, 0.0)
