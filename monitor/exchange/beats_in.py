"""Times of beats, by annotation or by another detector, as the RR intervals between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from devices.codecs.sample import encode
from devices.model import Frame, Signal

NS_PER_MS = 1_000_000


def rr_frames(beats_ns: Sequence[int], alias: str) -> list[Frame]:
    """One frame a beat but the first, arriving with the beat that ends its interval.

    Args:
        beats_ns: session times of the beats, increasing.
        alias: of the sensor.
    """
    return [
        Frame(
            t_ns=later,
            source=alias,
            payload=encode(Signal.RR_INTERVAL, (later - earlier) / NS_PER_MS),
        )
        for earlier, later in pairwise(beats_ns)
    ]
