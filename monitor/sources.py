"""Which sensor each vital sign may be taken from, in the order they are configured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices.model import SensorSpec, Signal


@dataclass(frozen=True, slots=True)
class Sources:
    """Aliases by what they are used for; the first is the primary, the others stand by.

    Attributes:
        heart: sensors of the heart rate; electrocardiograms come last.
        rr: whose RR intervals belong to the first of `heart`; the same sensor, or an imported
            series of intervals of its own.
        skin: sensors of the skin temperature.
        room: the room's thermometer, "" if none.
        ecg: those of `heart` that send an electrocardiogram.
        clinical: clinical thermometers.
        pressure: meters of blood pressure.
    """

    heart: tuple[str, ...]
    rr: str
    skin: tuple[str, ...]
    room: str
    ecg: tuple[str, ...] = ()
    clinical: tuple[str, ...] = ()
    pressure: tuple[str, ...] = ()

    def signals(self) -> Mapping[str, frozenset[Signal]]:
        """What is taken from each sensor for the vital signs."""
        wanted = [(alias, Signal.HEART_RATE) for alias in self.heart]
        wanted += [(alias, Signal.RR_INTERVAL) for alias in (*self.heart[1:], self.rr)]
        wanted += [(alias, Signal.ECG) for alias in self.ecg]
        wanted += [(alias, Signal.SKIN_TEMPERATURE) for alias in self.skin]
        wanted += [(alias, Signal.CLINICAL_TEMPERATURE) for alias in self.clinical]
        wanted += [(alias, Signal.SYSTOLIC_PRESSURE) for alias in self.pressure]
        wanted += [(alias, Signal.DIASTOLIC_PRESSURE) for alias in self.pressure]
        wanted.append((self.room, Signal.ROOM_TEMPERATURE))
        aliases = {alias for alias, _ in wanted if alias}
        return {a: frozenset(signal for alias, signal in wanted if alias == a) for a in aliases}


def sources(sensors: Sequence[SensorSpec]) -> Sources:
    """The sensors of each vital sign; one person's rate and intervals are never mixed."""

    def all_of(wanted: Signal) -> tuple[str, ...]:
        return tuple(sensor.alias for sensor in sensors if sensor.measures is wanted)

    rates, intervals = all_of(Signal.HEART_RATE), all_of(Signal.RR_INTERVAL)
    ecg = all_of(Signal.ECG)
    heart = (rates or intervals[:1]) + ecg
    rr = next(iter(intervals), heart[0] if heart else "")
    room = next(iter(all_of(Signal.ROOM_TEMPERATURE)), "")
    return Sources(
        heart,
        rr,
        all_of(Signal.SKIN_TEMPERATURE),
        room,
        ecg,
        all_of(Signal.CLINICAL_TEMPERATURE),
        all_of(Signal.BLOOD_PRESSURE),
    )
