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
    "center_309_45b": "devices.codecs.center_309:CODEC",
    "center_30x_8b": "devices.codecs.center_30x:CODEC",
    "hrs_2a37": "devices.codecs.heart_rate:CODEC",
    "hts_2a1c": "devices.codecs.health_thermometer:CODEC",
    "sample": "devices.codecs.sample:CODEC",
}
"""Also entry points, but named here so that a checkout works that was never installed."""

FIELDS = {
    "ieee11073_float": "devices.codecs.ieee11073:explain_float",
    "ieee11073_sfloat": "devices.codecs.ieee11073:explain_sfloat",
}
"""Number formats inside payloads: they can be explained, no sensor speaks them alone."""

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
