"""Rules between several keys: what each value allows on its own is in `config_schema`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from alerts.catalogue import CATALOGUE
from alerts.model import Priority
from alerts.spec import Value
from devices.codec import Codec
from devices.model import LOST_PERIODS, STALE_S, Signal
from devices.transports import BUILT_IN
from monitor.config_errors import Path
from monitor.config_layers import Layers, clear_key
from monitor.config_schema import MEASURES, connectable

_MAC = re.compile(r"([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")
_NEED_SITE = {Signal.SKIN_TEMPERATURE, Signal.CLINICAL_TEMPERATURE}
_TEMPERATURES = {
    Signal.SKIN_TEMPERATURE,
    Signal.ROOM_TEMPERATURE,
    Signal.CLINICAL_TEMPERATURE,
}
_HALVES = (
    ("cert_file", "key_file"),
    ("key_file", "cert_file"),
    ("username", "password_file"),
)
"""Keys of a broker's settings, each needed with the other."""
_REQUIRED = {
    "codec": "missing: the sensor's wire format (vigil decode --list)",
    "measures": "missing: what the sensor measures",
    "address": "missing: only the sensor listed here is ever connected",
}


def check(layers: Layers) -> None:
    """Note every conflict between keys of which the user gave at least one."""
    for condition in CATALOGUE:
        _check_condition(layers, condition)
    aliases = {path[1]: layers.origins[path] for path in layers.origins if path[0] == "sensors"}
    for alias, origin in aliases.items():
        _check_sensor(layers, alias, origin)
    _check_addresses(layers, aliases)
    _check_window(layers)
    for table in ("publish", "central"):
        _check_broker(layers, table)


def _check_broker(layers: Layers, table: str) -> None:
    """What is needed to reach a broker is there, and nothing stands without its other half."""
    needed = ("host", "clinic", "room") if layers.values.get((table, "enabled")) else ()
    for key in needed:
        _check_present(layers, (table, key), (table, "enabled"), "needed when enabled = true")
    for key, other in _HALVES:
        if layers.values.get((table, other)):
            _check_present(layers, (table, key), (table, other), f"needed with {other}")
    for key in ("ca_file", "cert_file"):
        origin = _given(layers, (table, key), (table, "tls"))
        if origin and layers.values.get((table, key)) and not layers.values[table, "tls"]:
            value = layers.values[table, key]
            layers.mistakes.value(origin, (table, key), value, "is of no use with tls = false")


def _check_present(layers: Layers, path: Path, cause: Path, why: str) -> None:
    origin = _given(layers, cause, path)
    if origin and not layers.values.get(path):
        layers.mistakes.value(origin, path, "", why)


def _check_window(layers: Layers) -> None:
    """The time of the supplemental dose ends after it begins."""
    begin: Path = ("phases", "supplemental_from_min")
    end: Path = ("phases", "supplemental_until_min")
    origin = _given(layers, end, begin)
    if origin and float(layers.values[end]) < float(layers.values[begin]):
        complaint = f"must not be less than {begin[1]} = {layers.values[begin]:g}"
        layers.mistakes.value(origin, end, layers.values[end], complaint)


def _given(layers: Layers, *paths: Path) -> str:
    """Origin of the user's latest word on these keys; empty if none, or if one was refused."""
    if layers.refused.intersection(paths):
        return ""
    return next((layers.origins[path] for path in paths if path in layers.origins), "")


def _check_condition(layers: Layers, condition: str) -> None:
    table: Path = ("alarms", condition)
    for key in CATALOGUE[condition].defaults:
        clear = clear_key((*table, key))
        if clear in layers.values:
            _check_clear(layers, (*table, key), clear)
    if "escalate_s" in CATALOGUE[condition].defaults:
        _check_escalation(layers, table)


def _check_clear(layers: Layers, limit: Path, clear: Path) -> None:
    """An alarm that clears at or beyond its own limit would chatter."""
    origin = _given(layers, clear, limit)
    defaults = CATALOGUE[limit[1]].defaults
    high = float(defaults[clear[-1]]) < float(defaults[limit[-1]])
    at, clears_at = float(layers.values[limit]), float(layers.values[clear])
    if origin and (clears_at >= at if high else clears_at <= at):
        side = "below" if high else "above"
        layers.mistakes.value(origin, clear, clears_at, f"must be {side} {limit[-1]} = {at}")


def _check_escalation(layers: Layers, table: Path) -> None:
    """An alarm may only become more urgent, and only after it began."""
    later, onset = (*table, "escalate_s"), (*table, "sustain_s")
    origin = _given(layers, later, onset)
    if origin and float(layers.values[later]) < float(layers.values[onset]):
        complaint = f"must not be less than sustain_s = {layers.values[onset]}"
        layers.mistakes.value(origin, later, layers.values[later], complaint)
    top, first = (*table, "escalate_priority"), (*table, "priority")
    origin = _given(layers, top, first)
    if origin and Priority[str(layers.values[top])] < Priority[str(layers.values[first])]:
        complaint = f"must not be less urgent than priority = {layers.values[first]}"
        layers.mistakes.value(origin, top, layers.values[top], complaint)


def _check_sensor(layers: Layers, alias: str, origin: str) -> None:
    table: Path = ("sensors", alias)
    for key, complaint in _REQUIRED.items():
        path = (*table, key)
        if not layers.values.get(path) and path not in layers.refused:
            layers.mistakes.key(origin, path, complaint)
    measures, site = layers.values.get((*table, "measures")), (*table, "site")
    if measures in _NEED_SITE and not layers.values.get(site) and site not in layers.refused:
        layers.mistakes.key(origin, site, "missing: a temperature means nothing without its site")
    _check_period(layers, table, origin)
    codec = connectable().get(str(layers.values.get((*table, "codec"))))
    if codec:
        _check_codec(layers, table, codec)


def _check_period(layers: Layers, table: Path, origin: str) -> None:
    """A link must not be rebuilt for the pauses its sensor always makes."""
    stale = (*table, "stale_s")
    least_s = LOST_PERIODS * float(layers.values.get((*table, "period_s"), 0.0))
    codec = connectable().get(str(layers.values.get((*table, "codec"))))
    given = layers.values.get(stale, codec.stale_s if codec else STALE_S)
    if float(given) < least_s and stale not in layers.refused:
        complaint = f"must be at least {least_s:g} s, {LOST_PERIODS:g} times period_s"
        layers.mistakes.value(layers.origins.get(stale, origin), stale, given, complaint)


def _check_codec(layers: Layers, table: Path, codec: Codec) -> None:
    transport, measures = (*table, "transport"), (*table, "measures")
    needs, given = codec.transport, layers.values.get(transport)
    if given in BUILT_IN and given != needs:
        complaint = f'must be "{needs}" for codec "{codec.name}"'
        layers.mistakes.value(layers.origins.get(transport, ""), transport, given, complaint)
    wanted = layers.values.get(measures)
    possible = sorted(_measurable(codec))
    if wanted is not None and wanted not in possible:
        complaint = f'codec "{codec.name}" measures {", ".join(possible) or "none of these"}'
        layers.mistakes.value(layers.origins.get(measures, ""), measures, wanted, complaint)
    for key, complaint in _misplaced(codec, layers.values, table):
        path = (*table, key)
        layers.mistakes.value(layers.origins.get(path, ""), path, layers.values[path], complaint)


def _misplaced(
    codec: Codec, values: Mapping[Path, Value], table: Path
) -> Iterator[tuple[str, str]]:
    """Keys that say something this wire format has no use for, and why."""
    serial = codec.transport == "serial"
    if int(float(values.get((*table, "channel"), 1))) > codec.channels:
        yield "channel", f'must be 1 to {codec.channels} for codec "{codec.name}"'
    if values.get((*table, "pattern")) and not codec.patterned:
        yield "pattern", f'codec "{codec.name}" takes no pattern'
    if values.get((*table, "line")) and not serial:
        yield "line", f'codec "{codec.name}" has no serial line'
    for key in ("adapter", "pair"):
        if values.get((*table, key)) and serial:
            yield key, f'codec "{codec.name}" is not Bluetooth'


def _measurable(codec: Codec) -> Iterator[str]:
    """What a sensor of this wire format can be said to measure."""
    any_temperature = Signal.TEMPERATURE in codec.signals
    for signal in MEASURES:
        temperature = signal in _TEMPERATURES and any_temperature
        if temperature or signal in codec.signals:
            yield str(signal)


def _check_addresses(layers: Layers, aliases: dict[str, str]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for path, value in layers.values.items():
        if path[0] != "sensors" or path[-1] != "address" or not value:
            continue
        address = str(value).upper() if _MAC.fullmatch(str(value)) else str(value)
        first = seen.setdefault((address, _part(layers, path[:-1])), path[1])
        if first != path[1] and {first, path[1]} & aliases.keys():
            origin = aliases.get(path[1]) or aliases[first]
            layers.mistakes.value(origin, path, value, f"is already that of sensors.{first}")


def _part(layers: Layers, table: Path) -> str:
    """Which part of a device a sensor uses: Bluetooth values share a link, a port has one owner."""
    codec = connectable().get(str(layers.values.get((*table, "codec"))))
    return codec.characteristic_uuid or codec.name if codec and codec.transport == "ble" else ""
