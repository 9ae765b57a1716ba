"""What goes wrong between a sensor and its listener: bytes in, a list of bytes with times out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from simulators.noise import Noise
from simulators.scenario import FaultKind, LinkFault

Due = list[tuple[float, bytes]]
"""Payloads, each with the session second at which it comes."""
STORM_S = 3
"""Seconds between two breaks of a link in a storm that does not say."""
FULL_PCT = 88
"""A sensor's charge before it falls; see `simulators.peripheral.common_services`."""


class Linked(Protocol):
    """A sensor's end of its link."""

    def drop(self) -> None:
        """Break the link at once; it can be had again."""

    def away(self) -> None:
        """Leave radio range, or be unplugged."""

    def back(self) -> None:
        """Come back."""

    def quiet(self, on: bool) -> None:
        """Stay linked and send nothing, or send again."""

    def battery(self, percent: int) -> None:
        """Tell another charge."""


def _lose(fault: LinkFault, second: int, payload: bytes, noise: Noise) -> Due:
    """A share of the packets never comes."""
    lost = noise.uniform(second, 1)[0] * 100.0 < fault.share_pct
    return [] if lost else [(second, payload)]


def _delay(fault: LinkFault, second: int, payload: bytes, _: Noise) -> Due:
    """Each packet comes late."""
    return [(second + round(fault.by_s), payload)]


def _burst(fault: LinkFault, second: int, payload: bytes, _: Noise) -> Due:
    """Packets are held back and come all at once, every `by_s` seconds."""
    begin, every = int(fault.t_s), max(1, round(fault.by_s))
    return [(begin + ((second - begin) // every + 1) * every, payload)]


def _stall(fault: LinkFault, _: int, payload: bytes, __: Noise) -> Due:
    """Packets are held back until the fault is over, and come then."""
    return [(int(fault.t_s + fault.duration_s), payload)]


def _duplicate(_: LinkFault, second: int, payload: bytes, __: Noise) -> Due:
    """Each packet comes twice."""
    return [(second, payload)] * 2


def _reorder(fault: LinkFault, second: int, payload: bytes, _: Noise) -> Due:
    """Of two packets the later one comes first."""
    late = (second - int(fault.t_s)) % 2 == 0
    return [(second + 1.5 if late else second, payload)]


def _corrupt(fault: LinkFault, second: int, payload: bytes, noise: Noise) -> Due:
    """In a share of the packets one byte becomes another."""
    share, where, what = noise.uniform(3 * second, 3)
    if not payload or share * 100.0 >= fault.share_pct:
        return [(second, payload)]
    at, flip = int(where * len(payload)), 1 + int(what * 255)
    return [(second, payload[:at] + bytes([payload[at] ^ flip]) + payload[at + 1 :])]


def _split(_: LinkFault, second: int, payload: bytes, __: Noise) -> Due:
    """Each packet comes in two parts."""
    half = len(payload) // 2
    return [(second, payload[:half]), (second, payload[half:])]


ON_BYTES: Mapping[FaultKind, Callable[[LinkFault, int, bytes, Noise], Due]] = {
    FaultKind.LOSE: _lose,
    FaultKind.DELAY: _delay,
    FaultKind.BURST: _burst,
    FaultKind.STALL: _stall,
    FaultKind.DUPLICATE: _duplicate,
    FaultKind.REORDER: _reorder,
    FaultKind.CORRUPT: _corrupt,
    FaultKind.SPLIT: _split,
}
"""Kind of fault -> (fault, second, payload, noise) -> what comes of the payload, and when."""


@dataclass(slots=True)
class Passage:
    """The way of one sensor's bytes: what it sends goes in, what arrives comes out.

    Args:
        faults: of this sensor.
        seed: of the noise.
    """

    faults: Sequence[LinkFault]
    seed: int = 1
    _held: Due = field(default_factory=list)
    _last: bytes | None = None

    def send(self, second: int, payload: bytes) -> None:
        """Send a payload at that second."""
        active = [f for f in self.faults if f.covers(second)]
        if self._last is None or not any(f.kind is FaultKind.FREEZE for f in active):
            self._last = payload
        due: Due = [(second, self._last)]
        for number, fault in enumerate(active):
            if fault.kind in ON_BYTES:
                noise = Noise(self.seed, f"fault {fault.sensor} {fault.kind} {number}")
                change = ON_BYTES[fault.kind]
                due = [out for _, one in due for out in change(fault, second, one, noise)]
        self._held += due

    def arriving(self, second: int) -> list[bytes]:
        """What comes at that second or was to come before, in the order of its times."""
        now = sorted((d for d in self._held if d[0] <= second), key=lambda item: item[0])
        self._held = [item for item in self._held if item[0] > second]
        return [payload for _, payload in now if payload]


class Links:
    """Applies link faults; one that starts in the middle finds the faults of that moment."""

    def __init__(self, faults: Sequence[LinkFault], sensors: Mapping[str, Linked]) -> None:
        self._faults = faults
        self._sensors = sensors
        self._gone: frozenset[str] = frozenset()
        self._quiet: frozenset[str] = frozenset()
        self._charge: dict[str, int] = {}

    def apply(self, second: int) -> None:
        """Bring all links into the state of that second."""
        gone = self._under(FaultKind.AWAY, second)
        for alias in gone - self._gone:
            self._sensors[alias].away()
        for alias in self._gone - gone:
            self._sensors[alias].back()
        quiet = self._under(FaultKind.QUIET, second)
        for alias in quiet ^ self._quiet:
            self._sensors[alias].quiet(on=alias in quiet)
        self._gone, self._quiet = gone, quiet
        for alias in self._dropped(second):
            self._sensors[alias].drop()
        for fault in self._faults:
            if fault.kind is FaultKind.BATTERY and fault.sensor in self._sensors:
                self._discharge(fault, second)

    def _discharge(self, fault: LinkFault, second: int) -> None:
        """Tell the charge when it has changed by a percent."""
        part = min(1.0, (second - fault.t_s) / max(1.0, fault.duration_s))
        charge = round(FULL_PCT + part * (fault.by_s - FULL_PCT))
        if part >= 0.0 and charge != self._charge.get(fault.sensor, FULL_PCT):
            self._charge[fault.sensor] = charge
            self._sensors[fault.sensor].battery(charge)

    def _under(self, kind: FaultKind, second: int) -> frozenset[str]:
        covered = (f for f in self._faults if f.kind is kind and f.covers(second))
        return frozenset(f.sensor for f in covered if f.sensor in self._sensors)

    def _dropped(self, second: int) -> Iterable[str]:
        for fault in self._faults:
            since = second - int(fault.t_s)
            once = fault.kind is FaultKind.DROP and since == 0
            every = round(fault.by_s) or STORM_S
            again = fault.kind is FaultKind.STORM and fault.covers(second) and since % every == 0
            if (once or again) and fault.sensor in self._sensors:
                yield fault.sensor
