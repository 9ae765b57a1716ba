"""What sensors said while there was no valid value of theirs: the bytes are on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from devices.model import Frame, SensorSpec, Signal, Validity
from devices.registry import codecs
from monitor.recording.reader import Recording

MOST_FRAMES = 300
"""So many tell why; an electrocardiogram has many."""


def why(
    recording: Recording, specs: Sequence[SensorSpec], alias: str, t0_ns: int, t1_ns: int
) -> str:
    """The commonest reason a sensor gave in this time; "silent" if it sent nothing, "" if none."""
    spec = next((spec for spec in specs if spec.alias == alias), None)
    if spec is None:
        return ""
    frames = [frame for frame in recording.frames(t0_ns, t1_ns) if frame.source == alias]
    if not any(frame.payload for frame in frames):
        return "silent"
    counts = Counter(_reasons(spec, frames))
    return counts.most_common(1)[0][0] if counts else ""


def _reasons(spec: SensorSpec, frames: Sequence[Frame]) -> Iterator[str]:
    known = codecs().get(spec.codec)
    if known is None:
        return
    decoder = known.new_decoder(spec)
    for frame in islice(frames, MOST_FRAMES):
        for said in decoder.feed(frame.payload):
            if said.signal is Signal.CONTACT and said.value == 0:
                yield "no skin contact"
            elif said.validity is not Validity.VALID and said.reason:
                yield said.reason
