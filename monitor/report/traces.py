"""A vital sign second by second, and the seconds in which there was none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.model import Signal, Validity
from monitor.recording.reader import VitalsColumns
from monitor.recording.writer import vitals_rows
from monitor.signal.vitals import Vitals

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
SETTLING, PROBE_OFF = "settling", "probe off?"
"""Notes of the recorded skin temperature (docs/recording.md)."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One vital sign, an element a second from session time 0.

    Attributes:
        signal: which one.
        unit: of the values, as printed.
        decimals: with which it is printed.
        values: valid values; NaN elsewhere. A held value is none, nor is that of a probe that
            may be off the skin.
        settling: the probe was still taking the skin's temperature; no mean is made of it.
        off: the probe may have been off the skin.
    """

    signal: Signal
    unit: str
    decimals: int
    values: Values
    settling: Flags
    off: Flags

    @property
    def counts(self) -> Flags:
        """Seconds that count for a mean."""
        good: Flags = ~np.isnan(self.values) & ~self.settling
        return good


def columns(vitals: Iterable[Vitals]) -> VitalsColumns:
    """Vitals derived now in the form of recorded ones."""
    rows = [row for block in vitals for row in vitals_rows(block)]
    t_s, bpm, bpm_validity, degc, validity, note = zip(*rows, strict=True) if rows else [()] * 6
    return VitalsColumns(
        np.array(t_s, np.int64),
        np.array(bpm, np.float64),
        np.array(bpm_validity, np.str_),
        np.array(degc, np.float64),
        np.array(validity, np.str_),
        np.array(note, np.str_),
    )


def traces(vitals: VitalsColumns, end_s: int) -> tuple[Trace, Trace]:
    """Heart rate and skin temperature; seconds that are not on record have no value.

    Args:
        vitals: as recorded or derived.
        end_s: last second of the session.
    """
    seconds = vitals.t_s[vitals.t_s <= end_s]
    kept = slice(0, seconds.size)

    def spread(values: Values) -> Values:
        whole = np.full(end_s + 1, np.nan)
        whole[seconds] = values[kept]
        return whole

    def flags(holds: Flags) -> Flags:
        whole = np.zeros(end_s + 1, np.bool_)
        whole[seconds] = holds[kept]
        return whole

    off = flags(vitals.skin_note == PROBE_OFF)
    heart = spread(
        np.where(vitals.heart_rate_validity == Validity.VALID.value, vitals.heart_rate_bpm, np.nan)
    )
    skin = spread(np.where(vitals.skin_validity == Validity.VALID.value, vitals.skin_degc, np.nan))
    skin[off] = np.nan
    never = np.zeros(end_s + 1, np.bool_)
    return (
        Trace(Signal.HEART_RATE, "bpm", 0, heart, never, never),
        Trace(Signal.SKIN_TEMPERATURE, "°C", 1, skin, flags(vitals.skin_note == SETTLING), off),
    )
