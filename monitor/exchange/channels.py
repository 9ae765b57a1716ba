"""Channels of recorders (WFDB, EDF): which are used, what they measure, and their frames."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.codecs.sample import encode
from devices.codecs.waveform import UV_PER_MV
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor.errors import ImportFormatError
from monitor.exchange.ecg_column import HIGHEST_MV, pieces
from monitor.exchange.imported import file_sensor
from monitor.exchange.options import Options
from monitor.exchange.plausibility import check_ecg, swapped
from monitor.exchange.units import Scale, allowed, scale
from monitor.signal.qrs_design import HIGHEST_HZ, LOWEST_HZ

NAMES = {
    "hr": Signal.HEART_RATE,
    "heartrate": Signal.HEART_RATE,
    "pulse": Signal.HEART_RATE,
    "pr": Signal.HEART_RATE,
    "rr": Signal.RR_INTERVAL,
    "rrinterval": Signal.RR_INTERVAL,
    "spo2": Signal.SPO2,
    "sao2": Signal.SPO2,
    "skintemperature": Signal.SKIN_TEMPERATURE,
    "tempskin": Signal.SKIN_TEMPERATURE,
    "tskin": Signal.SKIN_TEMPERATURE,
    "skintemp": Signal.SKIN_TEMPERATURE,
    "roomtemperature": Signal.ROOM_TEMPERATURE,
    "nbpsys": Signal.SYSTOLIC_PRESSURE,
    "nbpdias": Signal.DIASTOLIC_PRESSURE,
}
"""Name of a channel, in lower case letters and digits -> what it measures. A bare "temp" is not
here: skin is not core, and a name that does not say which is not guessed at."""
ECG_NAMES = (
    "i", "ii", "iii", "avr", "avl", "avf", "v", "v1", "v2", "v3", "v4", "v5", "v6", "ecg",
    "ekg", "ml", "mli", "mlii", "mliii", "mcl", "mcl1", "mv2", "d3", "d4", "cm2", "cm4", "cm5",
)  # fmt: skip
"""Leads, as WFDB and EDF files name them."""
_USABLE = {
    Signal.HEART_RATE, Signal.RR_INTERVAL, Signal.SPO2, Signal.SKIN_TEMPERATURE, Signal.ECG,
    Signal.ROOM_TEMPERATURE, Signal.CLINICAL_TEMPERATURE, Signal.SYSTOLIC_PRESSURE,
    Signal.DIASTOLIC_PRESSURE,
}  # fmt: skip
_PRESSURES = {Signal.SYSTOLIC_PRESSURE, Signal.DIASTOLIC_PRESSURE}
SLOWEST_WAVEFORM_HZ = 25.0
"""A channel faster than this that is no ECG is a wave (pleth, pressure), not a series of values."""


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """One channel of a file.

    Attributes:
        name: as the file has it.
        unit: as the file has it.
        rate_hz: samples a second.
        values: in `unit`; NaN where there is no sample.
        start_ns: session time of the first sample.
    """

    name: str
    unit: str
    rate_hz: float
    values: NDArray[np.float64]
    start_ns: int = 0

    def times(self) -> NDArray[np.int64]:
        """Session time of each sample; exact over hours, where adding up periods would drift."""
        index = np.arange(self.values.size, dtype=np.float64)
        return self.start_ns + np.rint(index * (NS_PER_S / self.rate_hz)).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """A channel that is used, and what it measures."""

    channel: Channel
    signal: Signal
    unit: Scale


def measures(channel: Channel) -> Signal | None:
    """What a channel measures by its name; None if that cannot be told."""
    words = channel.name.lower().replace("-", " ").split()
    name = "".join(char for char in channel.name.lower() if char.isalnum())
    if name in NAMES:
        return NAMES[name]
    volts = scale(Signal.ECG, channel.unit) is not None
    if volts and (name in ECG_NAMES or (words and words[0] in {"ecg", "ekg"})):
        return Signal.ECG
    return None


def pick(where: str, channels: Sequence[Channel], wanted: Sequence[str]) -> list[Picked]:
    """The channels to use: those asked for, else the first of each signal in the file's order.

    Raises:
        ImportFormatError: one asked for is not there, or its unit is none of the signal's; or
            nothing can be used.
    """
    asked = [_asked(where, channels, text) for text in wanted]
    found: dict[Signal, Picked] = {}
    by_name = [(c, kind) for c in channels if (kind := measures(c)) is not None]
    for channel, signal in asked or by_name:
        if signal in found or (not asked and _is_wave(channel, signal)):
            continue
        unit = scale(signal, channel.unit)
        if unit is None:
            raise ImportFormatError(
                f"{where}: channel {channel.name!r} is in {channel.unit or 'no unit'!r}; "
                f"{signal.value} may be in {allowed(signal)}"
            )
        found[signal] = Picked(channel, signal, unit)
    if not found:
        raise ImportFormatError(
            f"{where}: no channel is known as a signal of ours; it holds {listing(channels)}; "
            "--channel NAME=SIGNAL says what one is"
        )
    return list(found.values())


def _is_wave(channel: Channel, signal: Signal) -> bool:
    return signal is not Signal.ECG and channel.rate_hz > SLOWEST_WAVEFORM_HZ


def _asked(where: str, channels: Sequence[Channel], text: str) -> tuple[Channel, Signal]:
    name, _, kind = text.rpartition("=") if "=" in text else (text, "", "")
    channel = next((c for c in channels if c.name.lower() == name.strip().lower()), None)
    if channel is None:
        raise ImportFormatError(f"{where}: no channel {name!r}; it holds {listing(channels)}")
    signal: Signal | None
    if kind:
        usable = sorted(s.value for s in _USABLE)
        if kind not in usable:
            near = difflib.get_close_matches(kind, usable, n=1, cutoff=0)[0]
            raise ImportFormatError(
                f"--channel {text}: no signal {kind!r}; the nearest is {near} "
                f"(known: {', '.join(usable)})"
            )
        signal = Signal(kind)
    else:
        signal = measures(channel) or (Signal.ECG if scale(Signal.ECG, channel.unit) else None)
    if signal is None:
        raise ImportFormatError(
            f"{where}: what channel {name!r} measures is not known; say it: --channel {name}=SIGNAL"
        )
    return channel, signal


def listing(channels: Sequence[Channel]) -> str:
    """The channels of a file, for messages."""
    return ", ".join(f"{c.name} ({c.unit or 'no unit'}, {c.rate_hz:g} Hz)" for c in channels)


def left_out(where: str, channels: Sequence[Channel], picked: Sequence[Picked]) -> list[str]:
    """A warning that names what is not imported; none if all is."""
    used = {id(one.channel) for one in picked}
    rest = [channel for channel in channels if id(channel) not in used]
    return [f"{where}: left out: {listing(rest)}"] if rest else []


def sensors(picked: Sequence[Picked], prefix: str, file: str, options: Options) -> list[SensorSpec]:
    """One sensor for each channel; the two pressures are one cuff's."""
    specs: dict[str, SensorSpec] = {}
    for one in picked:
        kind = Signal.BLOOD_PRESSURE if one.signal in _PRESSURES else one.signal
        alias = f"{prefix}_{kind.value}"[:24]
        specs[alias] = file_sensor(alias, kind, file, options.site)
    return list(specs.values())


def frames(where: str, picked: Sequence[Picked], prefix: str) -> tuple[list[Frame], list[str]]:
    """Every sample as frames, not in order yet; and warnings.

    Raises:
        ImportFormatError: an electrocardiogram has a rate, or values, it cannot have.
    """
    made: list[Frame] = []
    warnings: list[str] = []
    for one in picked:
        kind = Signal.BLOOD_PRESSURE if one.signal in _PRESSURES else one.signal
        alias = f"{prefix}_{kind.value}"[:24]
        if one.signal is Signal.ECG:
            made += _ecg(where, one, alias, warnings)
        else:
            made += _samples(one, alias)
    warnings += _check_pressures(where, picked)
    return made, warnings


def _check_pressures(where: str, picked: Sequence[Picked]) -> list[str]:
    """Refuse two pressures of which most pairs are the wrong way round; tell single ones."""
    found = {one.signal: one for one in picked if one.signal in _PRESSURES}
    if len(found) < len(_PRESSURES):
        return []
    upper, lower = (
        dict(zip(one.channel.times().tolist(), one.channel.values.tolist(), strict=True))
        for one in (found[Signal.SYSTOLIC_PRESSURE], found[Signal.DIASTOLIC_PRESSURE])
    )
    scales = found[Signal.SYSTOLIC_PRESSURE].unit, found[Signal.DIASTOLIC_PRESSURE].unit
    pairs = [(t, scales[0].of(upper[t]), scales[1].of(lower[t])) for t in upper.keys() & lower]
    measured = [(t, high, low) for t, high, low in pairs if high > 0 and low > 0]
    wrong = sorted(pair for pair in measured if swapped(*pair[1:]))
    if not wrong:
        return []
    t_ns, high, low = wrong[0]
    told = (
        f"{where}: {len(wrong)} of {len(measured)} blood pressures have a diastolic that is not "
        f"below the systolic, the first {t_ns / NS_PER_S:.3f} s from the start ({high:g}/{low:g})"
    )
    if 2 * len(wrong) > len(measured):
        raise ImportFormatError(f"{told}: are the channels swapped?")
    return [f"{told}; taken as they are"]


def _ecg(where: str, one: Picked, alias: str, warnings: list[str]) -> list[Frame]:
    channel = one.channel
    if not LOWEST_HZ <= channel.rate_hz <= HIGHEST_HZ:
        raise ImportFormatError(
            f"{where}: channel {channel.name} has {channel.rate_hz:g} samples a second; an ECG may "
            f"have {LOWEST_HZ:g} to {HIGHEST_HZ:g}"
        )
    there = np.isfinite(channel.values)
    # A new array: `Scale.of` on an array is the same arithmetic as on one number.
    millivolts = np.asarray(one.unit.of(channel.values[there]))  # type: ignore[arg-type]
    if not millivolts.size:
        return []
    if float(np.abs(millivolts).max()) > HIGHEST_MV:
        raise ImportFormatError(f"{where}: channel {channel.name} has values that are no ECG")
    values = np.rint(millivolts * UV_PER_MV).astype(np.int32)
    warnings += check_ecg(where, f"channel {channel.name}", values)
    return pieces(channel.times()[there], values, channel.rate_hz, alias)


def _samples(one: Picked, alias: str) -> Iterator[Frame]:
    pairs = zip(one.channel.times().tolist(), one.channel.values.tolist(), strict=True)
    for t_ns, value in pairs:
        # 0 and NaN are how recorders say that they have no value of these.
        if value == value and value != 0.0:  # noqa: PLR0124 - NaN
            yield Frame(t_ns=t_ns, source=alias, payload=encode(one.signal, one.unit.of(value)))
