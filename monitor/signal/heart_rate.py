"""Displayed heart rate: of the beats, or the sensor's own number where they do not serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from monitor.signal.beat_rate import BeatRate, BeatRateStage
from monitor.signal.beats import Beats
from monitor.signal.ecg_beats import EcgBeats
from monitor.signal.ecg_pieces import Piece, Pieces
from monitor.signal.frozen import Frozen
from monitor.signal.hold import BLANK_PERIODS, WINDOW_PERIODS, Displayed, Flags, Hold
from monitor.signal.rhythm import Rhythm, RhythmStage
from monitor.signal.rr_beats import RrBeats
from monitor.signal.signal_quality import EcgQuality
from monitor.signal.window import NEVER_NS, Ticks, Times, Values, WindowMedian

RATE_WINDOW_S = 5.0
"""Median of the last 5 s of the strap's 1 Hz number: a step is shown after about 2.5 s, bursts of
up to 2 s are ignored; the strap itself has averaged already."""
RATE_PLUS_MINUS_BPM = 1.0
"""A sensor's own number is a whole number, and its average of some seconds."""
BLANK_AFTER_S = 10.0
"""A stale heart rate is the hazard: nothing is shown after 10 s (clinical table, X1)."""
LOST_AFTER_S = 30.0
ARM_AFTER_S = 30
"""Heart-rate limits arm after this much valid data (GE B20 practice; clinical rule 1)."""
APART_BPM, APART_SHARE, APART_S = 10.0, 0.15, 10
"""Beats and the sensor's number further apart than this, for longer than the number lags behind a
step: one is wrong."""
MENDED_MOST, MENDED_DOUBTFUL = 0.5, 0.2
"""Beats of which more than this share had to be mended are not used; not against the sensor's own
number either, if more than the lower share."""
UNBROKEN_LEAST = 12
"""Intervals in a row that beats need to overrule the sensor's number: fragments between gaps, as
optical sensors send them, are often wrong."""
STILL_PACKETS = 15
"""Fewer identical packets are chance (clinical table, X4)."""
STILL_ALONE_PACKETS = 120
"""A rate without intervals, or intervals without a rate, may rest for longer; a chart's minute
values may for an hour."""
QUALITY_LEAST = 0.2
"""Below this quality of the ECG its beats are not used."""


@dataclass(frozen=True, slots=True, eq=False)
class HeartRate:
    """Displayed heart rate, bpm, at each tick, and whether limits are armed.

    Attributes:
        shown: the rate.
        armed: whether its limits are.
        plus_minus_bpm: half of its 95 % interval; NaN where nothing is shown.
        rhythm: regularity of the beats it comes from.
        ecg_quality: 0 to 1 over the last 10 s; NaN where there is no ECG.
        still_s: how long rate and intervals have both been identical, packet by packet.
        rate_still_s: the same of either alone, where the other is not sent.
    """

    shown: Displayed
    armed: Flags
    plus_minus_bpm: Values = field(default_factory=lambda: np.empty(0))
    rhythm: Rhythm | None = None
    ecg_quality: Values = field(default_factory=lambda: np.empty(0))
    still_s: Values = field(default_factory=lambda: np.empty(0))
    rate_still_s: Values = field(default_factory=lambda: np.empty(0))

    def cut(self, part: slice) -> HeartRate:
        """Some of the ticks."""
        rhythm = None if self.rhythm is None else Rhythm(*(row[part] for row in self.rhythm))
        return HeartRate(
            self.shown.cut(part),
            self.armed[part],
            self.plus_minus_bpm[part],
            rhythm,
            self.ecg_quality[part],
            self.still_s[part],
            self.rate_still_s[part],
        )


class HeartRateStage:
    """Blocks of samples in, displayed heart rate at 1 Hz out.

    `period_s`: seconds between the rates of a slow source (a chart's minute values), else 0.
    """

    def __init__(self, period_s: float = 0.0) -> None:
        self._rate = WindowMedian(max(RATE_WINDOW_S, WINDOW_PERIODS * period_s))
        self._rr_beats = RrBeats()
        self.ecg = EcgBeats()
        self._quality = EcgQuality()
        self._beats = BeatRateStage()
        self._rhythm = RhythmStage()
        blank_s = max(BLANK_AFTER_S, BLANK_PERIODS * period_s)
        self._hold = Hold(blank_s, max(LOST_AFTER_S, blank_s))
        self._rate_frozen, self._rr_frozen = Frozen(blank_s), Frozen(blank_s)
        self._newest_ns = NEVER_NS
        self._valid_s = self._apart_s = 0
        self.found = Beats.none()
        """The beats of the newest block."""

    def step(
        self,
        rate: tuple[Times, Values],
        rr: tuple[Times, Values],
        ticks: Ticks,
        pieces: Sequence[Piece | Pieces] = (),
    ) -> HeartRate:
        """Take valid rates (bpm), RR intervals (ms), each as (times, values), or pieces of ECG."""
        bpm, _, rate_ns = self._rate.step(*rate, ticks)
        if pieces:
            self.found, noise = self.ecg.step(pieces)
            self._quality.add(pieces, self.found.known_ns, noise)
        else:
            self.found = self._rr_beats.step(*rr)
        beats = self._beats.step(self.found, ticks)
        rhythm = self._rhythm.step(self.found, ticks)
        quality = self._quality.step(ticks)
        use = self._use_beats(bpm, beats, quality)
        fresh = np.where(use, beats.bpm, bpm)
        shown = self._hold.step(fresh, self._newest(use, beats.newest_ns, rate_ns), ticks)
        plus_minus = _plus_minus(bpm, beats, use)
        still = self._still(rate, rr, ticks)
        return HeartRate(shown, self._arm(shown.valid), plus_minus, rhythm, quality, *still)

    def _still(
        self, rate: tuple[Times, Values], rr: tuple[Times, Values], ticks: Ticks
    ) -> tuple[Values, Values]:
        """How long the data have stood still: with their intervals, and of the rate alone."""
        bpm = self._rate_frozen.step(*rate, ticks)
        beats = self._rr_frozen.step(*_packets(*rr), ticks)
        both = (bpm.samples >= STILL_PACKETS) & (beats.samples >= STILL_PACKETS)
        one = np.where(bpm.samples == 0, beats.seconds, bpm.seconds)
        alone = ((bpm.samples == 0) | (beats.samples == 0)) & (
            bpm.samples + beats.samples >= STILL_ALONE_PACKETS
        )
        together = np.minimum(bpm.seconds, beats.seconds)
        return np.where(both, together, 0.0), np.where(alone, one, 0.0)

    def _use_beats(self, bpm: Values, beats: BeatRate, quality: Values) -> Flags:
        """Where the beats decide; they lead the sensor's number at a step by seconds."""
        usable = ~np.isnan(beats.bpm) & (beats.mended <= MENDED_MOST) & ~(quality < QUALITY_LEAST)
        apart = usable & (np.abs(beats.bpm - bpm) > np.maximum(APART_BPM, APART_SHARE * bpm))
        wrong = np.array([self._is_apart(one) for one in apart.tolist()], np.bool_)
        doubtful = (wrong & (beats.mended > MENDED_DOUBTFUL)) | (beats.unbroken < UNBROKEN_LEAST)
        use: Flags = usable & ~(apart & doubtful)
        return use

    def _is_apart(self, apart: bool) -> bool:
        self._apart_s = self._apart_s + 1 if apart else 0
        return self._apart_s > APART_S

    def _newest(self, use: Flags, beats_ns: Times, rate_ns: Times) -> Times:
        """Time of the newest sample that ever counted: a thin window must not make it older."""
        used = np.where(use, np.maximum(beats_ns, rate_ns), rate_ns)
        newest = np.maximum.accumulate(np.maximum(used, self._newest_ns))
        if newest.size:
            self._newest_ns = int(newest[-1])
        return newest

    def _arm(self, valid: Flags) -> Flags:
        seconds = self._valid_s + np.cumsum(valid, dtype=np.int64)
        if valid.size:
            self._valid_s = min(int(seconds[-1]), ARM_AFTER_S)
        return seconds >= ARM_AFTER_S


def _packets(t_ns: Times, rr_ms: Values) -> tuple[Times, Values]:
    """The intervals of each packet as one number: packets with the same ones give the same."""
    if not t_ns.size:
        return t_ns, rr_ms
    first = np.flatnonzero(np.diff(t_ns, prepend=NEVER_NS))
    place = np.arange(t_ns.size) - np.repeat(first, np.diff(first, append=t_ns.size))
    return t_ns[first], np.add.reduceat(rr_ms * (1.0 + np.sqrt(place)), first)


def _plus_minus(bpm: Values, beats: BeatRate, use: Flags) -> Values:
    """Half the 95 % interval; two numbers that differ are at least half the difference unsure."""
    own = np.where(use, beats.plus_minus_bpm, np.where(np.isnan(bpm), np.nan, RATE_PLUS_MINUS_BPM))
    return np.fmax(own, np.where(np.isnan(own), np.nan, np.abs(beats.bpm - bpm) / 2))
