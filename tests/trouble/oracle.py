"""Which alarms the bytes that arrived must raise: a simple judge that shares no code with Vigil.

A second counts when every packet in it can be read, says yes or nothing about contact, and is not
the packet of the second before. It is over a limit when the strap's number and all its intervals
are, with a margin. A condition must be on, at each second, when it and all seconds since the
condition's longest delay (docs/alarms.md) were over; while limits arm, that much later.
"""

import struct
from collections import defaultdict
from dataclasses import dataclass

NS_PER_S = 1_000_000_000
MARGIN_BPM, LESS_BPM, MARGIN_DEGC = 5.0, 1.0, 0.1
ARMED_S = 42
"""Limits arm after 30 valid seconds, of a number that shows after some ten."""
RATES = {
    "hr_elevated": (110 + MARGIN_BPM, +1, 65),
    "hr_high": (125 + MARGIN_BPM, +1, 35),
    "hr_extreme": (140 + MARGIN_BPM, +1, 20),
    "hr_low": (42 - LESS_BPM, -1, 26),
    "hr_very_low": (40 - LESS_BPM, -1, 21),
}
"""Limit (the lower one, where the baseline decides) and margin, side, delay at most."""
BREATH_BPM = 4.0
PLAUSIBLE = (30.5, 215)
SKIN_HIGH_DEGC, SKIN_DELAY_S, SKIN_EVERY_S = 38.0, 81, 9
HR_SILENT_S, SKIN_SILENT_S = 31 + 12, 61 + 20


@dataclass
class Packet:
    """A heart-rate payload."""

    payload: bytes
    bpm: int = 0
    rr_ms: tuple = ()
    good: bool = False

    @property
    def rates(self):
        return [self.bpm, *(60_000 / rr for rr in self.rr_ms)]


def packet(payload):
    """Flags, rate, contact, intervals; without energy, which the simulated strap never sends."""
    found = Packet(payload)
    if len(payload) < 2 or payload[0] & 0x09 or payload[0] & 0x06 == 0x04:
        return found
    rest = payload[2:]
    if bool(rest) != bool(payload[0] & 0x10) or len(rest) % 2:
        return found
    raw = struct.unpack(f"<{len(rest) // 2}H", rest)
    found.bpm, found.rr_ms = payload[1], tuple(max(r, 1) / 1.024 for r in raw)
    found.good = all(PLAUSIBLE[0] <= rate <= PLAUSIBLE[1] for rate in found.rates)
    return found


def by_second(frames, alias):
    found = defaultdict(list)
    for frame in frames:
        if frame.source == alias:
            found[frame.t_ns // NS_PER_S].append(frame.payload)
    return found


def runs(flags):
    """(first, last) of each unbroken run of true flags."""
    begin = None
    for i, flag in enumerate([*flags, False]):
        if flag and begin is None:
            begin = i
        elif not flag and begin is not None:
            yield begin, i - 1
            begin = None


def must_alarm(frames, lasts_s):
    """Condition -> seconds at which it must be on."""
    due = defaultdict(set)
    heard = by_second(frames, "strap")
    said = [[packet(p) for p in heard.get(s, [])] for s in range(lasts_s)]
    before = [[], *said]
    valid = [
        bool(now) and all(p.good for p in now) and [p.payload for p in now] != old
        for now, old in zip(said, ([p.payload for p in o] for o in before), strict=False)
    ]
    for first, last in runs(valid):
        for name, (limit, side, delay_s) in RATES.items():
            over = [all(_beyond(p, limit, side) for p in said[s]) for s in range(first, last + 1)]
            for begin, end in runs(over):
                arming_s = max(0, ARMED_S - begin)
                due[name] |= set(range(first + begin + delay_s + arming_s, first + end + 1))
    return due | _skin(frames) | _silences(frames, lasts_s, valid)


def _beyond(one, limit, side):
    """Number and intervals; a slow heart's intervals breathe, which its mean does not show."""
    loose = 0 if side > 0 else BREATH_BPM
    within = all(side * (rate - limit) >= -loose for rate in one.rates[1:])
    return side * (one.bpm - limit) >= 0 and within


def degrees(payload):
    """A Temperature Measurement in degrees Celsius, without time; NaN if it is anything else."""
    if len(payload) != 6 or payload[0] != 0x04:
        return float("nan")
    mantissa = int.from_bytes(payload[1:4], "little", signed=True)
    exponent = int.from_bytes(payload[4:5], "little", signed=True)
    return mantissa * 10.0**exponent if -10 < exponent < 10 else float("nan")


def _skin(frames):
    """A probe at or above the limit, reading after reading."""
    due, since_ns, before_ns, before = set(), None, None, None
    for frame in (f for f in frames if f.source == "patch"):
        value, t_ns = degrees(frame.payload), frame.t_ns
        late = before_ns is None or t_ns - before_ns > SKIN_EVERY_S * NS_PER_S
        if not SKIN_HIGH_DEGC + MARGIN_DEGC <= value <= 44 or frame.payload == before:
            since_ns = None
        elif since_ns is None or late:
            since_ns = t_ns
        before_ns, before = t_ns, frame.payload
        if since_ns is not None:
            due |= set(range(-(-since_ns // NS_PER_S) + SKIN_DELAY_S, t_ns // NS_PER_S + 1))
    return {"skin_high": due}


def _silences(frames, lasts_s, valid):
    """Nothing at all from a sensor that has been heard well before."""
    due = defaultdict(set)
    for name, alias, patience_s in (
        ("hr_lost", "strap", HR_SILENT_S),
        ("temp_lost", "patch", SKIN_SILENT_S),
    ):
        heard = by_second(frames, alias)
        known = [s for s in range(lasts_s) if (valid[s] if alias == "strap" else s in heard)]
        start = known[0] if known else lasts_s
        quiet = [s > start and s not in heard for s in range(lasts_s)]
        for begin, end in runs(quiet):
            due[name] |= set(range(begin + patience_s, end + 1))
    return due
