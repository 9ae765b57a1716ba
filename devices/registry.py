"""Which wire formats there are: our own, and those of installed packages.

A package adds one with an entry point of the group `vigil.codecs` whose name is the codec's.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable
from functools import cache
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from devices.codec import Codec

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "vigil.codecs"

BUILT_IN = {
    "appa55ii": "devices.codecs.appa_55ii:CODEC",
    "ascii_t_h": "devices.codecs.text_line:CODEC",
    "atc1441": "devices.codecs.room_tags:ATC",
    "bluemaestro_tempo": "devices.codecs.room_tags:BLUE_MAESTRO",
    "bps_2a35": "devices.codecs.blood_pressure:CODEC",
    "bthome_v2": "devices.codecs.room_tags:BTHOME",
    "center_309_45b": "devices.codecs.center_309:CODEC",
    "center_30x_8b": "devices.codecs.center_30x:CODEC",
    "core_2101": "devices.codecs.core_temp:CODEC",
    "core_adv_0bf6": "devices.codecs.core_temp:ADVERTISEMENT",
    "ess_2a1f": "devices.codecs.environmental_sensing:COARSE",
    "ess_2a6e": "devices.codecs.environmental_sensing:CODEC",
    "etf1828": "devices.codecs.etf_1828:CODEC",
    "fluke_152x": "devices.codecs.fluke_152x:CODEC",
    "govee_h5074": "devices.codecs.room_tags:GOVEE_5074",
    "govee_h5075": "devices.codecs.room_tags:GOVEE_5075",
    "hrs_2a37": "devices.codecs.heart_rate:CODEC",
    "htronic_tsm125": "devices.codecs.htronic:CODEC",
    "hts_2a1c": "devices.codecs.health_thermometer:CODEC",
    "hts_2a1e": "devices.codecs.health_thermometer:INTERMEDIATE",
    "kitsrus_k145": "devices.codecs.kitsrus:CODEC",
    "lutron_16": "devices.codecs.lutron:CODEC",
    "mic985xx": "devices.codecs.mic_985xx:CODEC",
    "movisens_skin_temp": "devices.codecs.movisens:CODEC",
    "ms6514_18b": "devices.codecs.mastech_ms6514:CODEC",
    "omega_hh506": "devices.codecs.omega_hh506:CODEC",
    "plx_2a5e": "devices.codecs.pulse_oximeter:SPOT",
    "plx_2a5f": "devices.codecs.pulse_oximeter:CODEC",
    "polar_adv_006b": "devices.codecs.polar:ADVERTISEMENT",
    "polar_ecg": "devices.codecs.polar:ECG_CODEC",
    "polar_ppi": "devices.codecs.polar:PPI_CODEC",
    "polar_skin_temperature": "devices.codecs.polar:SKIN_CODEC",
    "pvvx_custom": "devices.codecs.room_tags:PVVX",
    "ruuvi_df5": "devices.codecs.room_tags:RUUVI",
    "sample": "devices.codecs.sample:CODEC",
    "ut32x_19b": "devices.codecs.unit_ut32x:CODEC",
    "waveform": "devices.codecs.waveform:CODEC",
    "xiaomi_mibeacon": "devices.codecs.room_tags:MIBEACON",
}
"""Also entry points, but named here so that a checkout works that was never installed."""

FIELDS = {
    "bps_2a36": "devices.codecs.blood_pressure:explain",
    "bas_2a19": "devices.codecs.small_values:explain_battery",
    "core_cp_2102": "devices.codecs.core_temp:explain_control",
    "cts_2a2b": "devices.codecs.date_time:explain_current_time",
    "date_time_2a08": "devices.codecs.date_time:explain",
    "dis_string": "devices.codecs.small_values:explain_text",
    "ds18b20_raw": "devices.codecs.text_line:explain_raw",
    "hrs_2a38": "devices.codecs.small_values:explain_code",
    "hts_2a1d": "devices.codecs.small_values:explain_code",
    "hts_2a21": "devices.codecs.small_values:explain_interval",
    "ieee11073_float": "devices.codecs.ieee11073:explain_float",
    "ieee11073_sfloat": "devices.codecs.ieee11073:explain_sfloat",
    "plx_2a60": "devices.codecs.pulse_oximeter:explain_features",
    "polar_pmd_cp": "devices.codecs.polar_control:explain",
    "polar_pmd_data": "devices.codecs.polar_frame:explain",
}
"""What is part of a payload, or read once: it can be explained, no sensor streams it."""

_log = logging.getLogger(__name__)


class UnknownCodecError(LookupError):
    """There is no usable wire format of that name.

    Attributes:
        name: what was asked for.
        nearest: the most similar name there is, "" if none is similar.
    """

    def __init__(self, name: str, known: list[str], trouble: str = "") -> None:
        self.name = name
        self.nearest = next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.5)), "")
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else "."
        unknown = f"no format {name!r}{hint} Known: {', '.join(sorted(known))}"
        super().__init__(f"format {name!r} cannot be used: {trouble}" if trouble else unknown)


def codec(name: str) -> Codec:
    """The wire format of that name.

    Raises:
        UnknownCodecError: there is none, or the package that has it is broken.
    """
    if name in BUILT_IN:
        return _built_in(name)
    entry = _third_party().get(name)
    if entry is None:
        raise UnknownCodecError(name, [*BUILT_IN, *_third_party()])
    found = _load(entry)
    if isinstance(found, str):
        raise UnknownCodecError(name, [*BUILT_IN], found)
    return found


def codecs() -> dict[str, Codec]:
    """Every usable wire format by name. Broken packages are left out and logged."""
    found = {name: _built_in(name) for name in BUILT_IN}
    for name, entry in _third_party().items():
        loaded = _load(entry)
        if isinstance(loaded, Codec):
            found[name] = loaded
        else:
            _log.warning("format %r cannot be used: %s", name, loaded)
    return found


def problems() -> dict[str, str]:
    """Why which installed formats cannot be used; empty when all is well."""
    loaded = {name: _load(entry) for name, entry in _third_party().items()}
    return {name: trouble for name, trouble in loaded.items() if isinstance(trouble, str)}


def explain(name: str, payload: bytes) -> dict[str, object]:
    """Every field of one payload as JSON-ready values; `{"error": ...}` if it is malformed.

    Args:
        name: a codec, or one of `FIELDS`.
        payload: the bytes of one message.

    Raises:
        UnknownCodecError: there is no such format.
    """
    if name in FIELDS:
        field: Callable[[bytes], dict[str, object]] = resolve_name(FIELDS[name])
        return field(payload)
    try:
        return codec(name).explain(payload)
    except UnknownCodecError as error:
        if name in _third_party():
            raise
        raise UnknownCodecError(name, [*BUILT_IN, *FIELDS, *_third_party()]) from error


@cache
def _built_in(name: str) -> Codec:
    found: Codec = resolve_name(BUILT_IN[name])
    return found


def _third_party() -> dict[str, EntryPoint]:
    # Costs some 20 ms to import and is of no use to somebody with a usual sensor.
    from importlib.metadata import entry_points  # noqa: PLC0415 - see above

    return {e.name: e for e in entry_points(group=GROUP) if e.name not in BUILT_IN}


def _load(entry: EntryPoint) -> Codec | str:
    """The codec, or why there is none."""
    try:
        found = entry.load()
    except Exception as error:  # noqa: BLE001 - foreign code, must not take ours down
        return f"{entry.value}: {type(error).__name__}: {error}"
    if not isinstance(found, Codec):
        return f"{entry.value} is not a devices.codec.Codec"
    if found.name != entry.name:
        return f"{entry.value} is named {found.name!r}, its entry point {entry.name!r}"
    return found
