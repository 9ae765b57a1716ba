"""Which temperature samples can be true: the guard before the window median.

What is refused is counted and named. Nothing true is refused for long: a level that lasts is
taken after a few samples, whatever it is, because a guard that never gives in hides a real change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from devices.model import NS_PER_S
from monitor.signal.hold import Codes
from monitor.signal.latest import Latest, Rows
from monitor.signal.window import NEVER_NS, Ticks, Times, Values

LOWEST_DEGC, HIGHEST_DEGC = 5.0, 50.0
"""What a probe on a person, or beside one in a room, can read. Own choice: wide of the 24 to 37 of
skin (clinical section 2), of any room, and of 43 at which contact burns (IEC 60601-1)."""
SENTINELS_DEGC = frozenset({85.0, 0.0, -0.6, -127.0})
"""DS18B20 thermometers say 85 after power-on, 0 and -0.6 with a loose wire, -127 without one
(w1thermsensor#49, ds18b20#14, otb-iot#11)."""
STEP_DEGC = 1.5
"""Between two samples. A bare bead that falls off cools by about 1 in the first second, a taped
probe by a few tenths."""
STEP_DEGC_PER_S = 0.5
"""The same for samples further apart: in a minute a probe can be anywhere."""
RELOCK_SAMPLES = 3
RELOCK_S = 2.0
"""A new level counts when this many samples over this long agree, and are not the same number."""
REPEAT_S = 10.0
"""The very same number again and again after a jump looks like an error code; a thermometer that
shows tenths does that too, so that it counts after 10 s all the same."""
REASON_KEPT_S = 60
"""A reason is shown this long, or nobody could read it."""


class Reason(IntEnum):
    """Why a sample was refused; `word` is for the screen."""

    NONE = 0
    NOT_A_NUMBER = 1
    REVERSED = 2
    SENTINEL = 3
    RANGE = 4
    JUMP = 5

    @property
    def word(self) -> str:
        """A word or two; "" for none."""
        return _WORDS[self]


_WORDS = {
    Reason.NONE: "",
    Reason.NOT_A_NUMBER: "no number",
    Reason.REVERSED: "out of order",
    Reason.SENTINEL: "error code",
    Reason.RANGE: "impossible",
    Reason.JUMP: "jump",
}


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """What is left of a block.

    Attributes:
        t_ns: times of the samples that may be true, not decreasing.
        values: their temperatures, degrees Celsius.
        raw_t_ns: times of all finite samples that came in order, refused or not.
        raw: their values.
        rejected: at each tick, how many samples were refused so far.
        reason: at each tick, the `Reason` of the last refusal if it is recent.
    """

    t_ns: Times
    values: Values
    raw_t_ns: Times
    raw: Values
    rejected: Ticks
    reason: Codes


class SampleGuard:
    """Follows one probe, sample by sample."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Reason, 0)
        """How many samples were taken (NONE) and refused, by reason."""
        self._t_ns = NEVER_NS
        self._level, self._level_ns = math.nan, NEVER_NS
        """The last sample taken."""
        self._next, self._next_ns, self._next_from_ns = math.nan, NEVER_NS, NEVER_NS
        """The newest sample of what may become the next level, and when that began."""
        self._agreeing = 0
        self._varied = False
        self._late = False
        """Samples out of order came since the last one in order."""
        self._last = (0, int(Reason.NONE), NEVER_NS)
        """How many were refused, why the last one was, and when."""
        self._latest = Latest(self._last)

    def step(self, t_ns: Times, values: Values, ticks: Ticks) -> Screened:
        """Take samples in order of arrival, and the ticks that passed.

        Samples out of order have no time of their own: they count with the next one in order.
        """
        codes, rows = self._judge_all(t_ns, values)
        in_order = codes != Reason.REVERSED
        count, why, refused_ns = self._latest.step(t_ns[in_order], rows, ticks).T
        recent = ticks * NS_PER_S - refused_ns <= REASON_KEPT_S * NS_PER_S
        raw = in_order & np.isfinite(values)
        taken = codes == Reason.NONE
        reason = np.where(recent, why, 0).astype(np.int8)
        return Screened(t_ns[taken], values[taken], t_ns[raw], values[raw], count, reason)

    def _judge_all(self, t_ns: Times, values: Values) -> tuple[Codes, Rows]:
        if self._plain(t_ns, values):
            return self._take_all(t_ns, values)
        codes, rows = [], []
        for at_ns, value in zip(t_ns.tolist(), values.tolist(), strict=True):
            code = self._judge(at_ns, value)
            codes.append(code)
            self.counts[code] += 1
            if code is not Reason.REVERSED:
                rows.append(self._last)
        return np.array(codes, np.int8), np.array(rows, np.int64).reshape(-1, 3)

    def _plain(self, t_ns: Times, values: Values) -> bool:
        """Whether nothing at all is remarkable: the common case, a whole block at once."""
        if not values.size or self._late or t_ns[0] < self._t_ns or (np.diff(t_ns) < 0).any():
            return False
        if not ((values >= LOWEST_DEGC) & (values <= HIGHEST_DEGC)).all():
            return False
        before = float(values[0]) if math.isnan(self._level) else self._level
        return bool((np.abs(np.diff(values, prepend=before)) <= STEP_DEGC).all())

    def _take_all(self, t_ns: Times, values: Values) -> tuple[Codes, Rows]:
        self.counts[Reason.NONE] += values.size
        self._t_ns = int(t_ns[-1])
        self._take(self._t_ns, float(values[-1]))
        return np.zeros(values.shape, np.int8), np.tile(np.array([self._last]), (values.size, 1))

    def _judge(self, t_ns: int, value: float) -> Reason:
        if t_ns < self._t_ns:
            self._late = True
            self._last = (self._last[0] + 1, Reason.REVERSED, self._last[2])
            return Reason.REVERSED
        self._t_ns = t_ns
        if self._late:
            self._late = False
            self._last = (*self._last[:2], t_ns)
        code = _impossible(value) or self._follow(t_ns, value)
        if code:
            self._last = (self._last[0] + 1, code, t_ns)
        return code

    def _follow(self, t_ns: int, value: float) -> Reason:
        # Time since the last possible sample, taken or not: refusing must not widen the limit.
        since_s = (t_ns - (self._next_ns if self._agreeing else self._level_ns)) / NS_PER_S
        near = math.isnan(self._level) or _near(value - self._level, since_s)
        if near or self._lasts(t_ns, value, since_s):
            self._take(t_ns, value)
            return Reason.NONE
        return Reason.JUMP

    def _take(self, t_ns: int, value: float) -> None:
        self._level, self._level_ns = value, t_ns
        self._agreeing, self._varied = 0, False

    def _lasts(self, t_ns: int, value: float, since_s: float) -> bool:
        """Whether the level jumped to has lasted long enough to be true."""
        if self._agreeing and _near(value - self._next, since_s):
            self._agreeing += 1
            self._varied |= value != self._next
        else:
            self._agreeing, self._varied, self._next_from_ns = 1, False, t_ns
        self._next, self._next_ns = value, t_ns
        lasted_s = (t_ns - self._next_from_ns) / NS_PER_S
        enough = self._varied and self._agreeing >= RELOCK_SAMPLES and lasted_s >= RELOCK_S
        return enough or lasted_s >= REPEAT_S


def _impossible(value: float) -> Reason:
    if not math.isfinite(value):
        return Reason.NOT_A_NUMBER
    if value in SENTINELS_DEGC:
        return Reason.SENTINEL
    return Reason.NONE if LOWEST_DEGC <= value <= HIGHEST_DEGC else Reason.RANGE


def _near(step_degc: float, seconds: float) -> bool:
    return abs(step_degc) <= max(STEP_DEGC, STEP_DEGC_PER_S * seconds)
