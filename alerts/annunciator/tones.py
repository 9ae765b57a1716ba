"""Alarm bursts, synthesised once with numpy: what each priority sounds like.

The shape follows IEC 60601-1-8 as far as it is publicly reported; nothing here claims compliance,
which depends on the loudspeaker and the room as well. Sources (reference study, section 3):

- 10, 3 and 1-2 pulses for HIGH (3+2, pause, 3+2), MEDIUM and LOW: a monitor maker's manual.
- HIGH pulse 80-150 ms, silence 15-80 ms, 2.55-3.8 s between bursts; MEDIUM pulse from 130 ms,
  silence 40-100 ms, repeated after 2.6-4.0 s; LOW after 16 s: a tone-generator maker's data sheet.
- At least four components between 150 Hz and 4 kHz within 15 dB of each other, one of them between
  150 Hz and 1 kHz: two makers of sounders, describing the standard.
- As commonly reported, unverified: HIGH pulse 75-200 ms with 50-125 ms spacing and 2.5-15 s between
  bursts; MEDIUM and LOW pulse 125-250 ms; MEDIUM 2.5-30 s, LOW more than 15 s between bursts.

Here a pulse is the plateau of full loudness, its spacing runs from plateau to plateau (fall,
silence, rise) and the rest of the spacing is silence. The values lie inside all of the above.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from alerts.model import Priority

RATE_HZ = 44_100
"""Samples a second; what every sound card takes."""

HARMONICS = (1.0, 0.8, 0.65, 0.5)
"""Amplitudes of the fundamental and its harmonics: 6 dB apart at most, all below 4 kHz."""

PEAK = 0.9 * 32_767
"""Loudest sample: as loud as it goes with room for the sound server's resampling."""


class Sound(StrEnum):
    """What the sound process can repeat. The names are its commands."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    FAILURE = "FAILURE"
    """The engine is gone: sounded by a dashboard, never by the engine."""
    ROOM = "ROOM"
    """A central station hears nothing of a room: sounded by that station alone."""
    TEST = "TEST"
    """For a person to confirm that they hear it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Timing and pitch of one burst.

    Attributes:
        pulse_s: plateau of each pulse.
        fade_s: linear rise before the plateau, and fall after it.
        spacings_s: from each plateau's end to the next plateau's start.
        pitches_hz: fundamentals, taken in turn by the pulses.
        repeat_s: from the start of a burst to the start of the next.
    """

    pulse_s: float
    fade_s: float
    spacings_s: tuple[float, ...]
    pitches_hz: tuple[float, ...]
    repeat_s: float

    def starts_s(self) -> list[float]:
        """When each pulse begins to rise, from the start of the burst."""
        starts = [0.0]
        for spacing_s in self.spacings_s:
            starts.append(starts[-1] + self.pulse_s + spacing_s)
        return starts

    def length_s(self) -> float:
        """One pulse with its rise and fall."""
        return self.pulse_s + 2 * self.fade_s


_THREE_AND_TWO = (0.10, 0.10, 0.32, 0.10)
"""Third to fourth: twice the spacing and a pulse, so that 3+2 is heard as a rhythm."""

PATTERNS = {
    Sound.HIGH: Pattern(0.12, 0.018, (*_THREE_AND_TWO, 0.5, *_THREE_AND_TWO), (784.0,), 6.0),
    Sound.MEDIUM: Pattern(0.18, 0.03, (0.15, 0.15), (587.0,), 4.0),
    Sound.LOW: Pattern(0.18, 0.03, (0.15,), (440.0,), 16.0),
    # No silence at all: a two-tone warble cannot be mistaken for a burst of any priority.
    Sound.FAILURE: Pattern(0.23, 0.01, (0.02,), (880.0, 587.0), 0.5),
    # Two slow falling tones: no alarm of a room has pulses so long or changes its pitch.
    Sound.ROOM: Pattern(0.45, 0.04, (0.12,), (698.0, 466.0), 5.0),
    # One long pulse, as no alarm has.
    Sound.TEST: Pattern(0.9, 0.05, (), (523.0,), 2.0),
}


def _pulse(pattern: Pattern, pitch_hz: float, rate: int) -> NDArray[np.float64]:
    t_s = np.arange(round(pattern.length_s() * rate)) / rate
    wave = np.zeros(len(t_s))
    for order, amplitude in enumerate(HARMONICS, start=1):
        wave += amplitude * np.sin(2 * np.pi * order * pitch_hz * t_s)
    edges_s = np.minimum(t_s, t_s[-1] - t_s)
    faded: NDArray[np.float64] = wave / np.abs(wave).max() * np.minimum(edges_s / pattern.fade_s, 1)
    return faded


def pulse_ranges(sound: Sound, rate: int = RATE_HZ) -> list[tuple[int, int]]:
    """First and one-past-last sample of each pulse of a burst, rise and fall included."""
    pattern = PATTERNS[sound]
    length = round(pattern.length_s() * rate)
    firsts = [round(start_s * rate) for start_s in pattern.starts_s()]
    return [(first, first + length) for first in firsts]


def render(sound: Sound, rate: int = RATE_HZ) -> NDArray[np.int16]:
    """One burst, mono, without the silence after it."""
    pattern = PATTERNS[sound]
    ranges = pulse_ranges(sound, rate)
    burst_ = np.zeros(ranges[-1][1])
    for number, (first, end) in enumerate(ranges):
        pitch_hz = pattern.pitches_hz[number % len(pattern.pitches_hz)]
        burst_[first:end] = _pulse(pattern, pitch_hz, rate)
    return np.round(burst_ * PEAK).astype(np.int16)


def cycle(sound: Sound, rate: int = RATE_HZ) -> NDArray[np.int16]:
    """One burst and the silence up to the next: play it round and round."""
    samples = np.zeros(round(PATTERNS[sound].repeat_s * rate), np.int16)
    one = render(sound, rate)
    samples[: len(one)] = one
    return samples


def burst(priority: Priority, rate: int = RATE_HZ) -> NDArray[np.int16]:
    """The alarm burst of a priority, mono."""
    return render(Sound[priority.name], rate)


def repeat_s(priority: Priority) -> float:
    """Seconds from the start of a burst to the start of the next."""
    return PATTERNS[Sound[priority.name]].repeat_s
