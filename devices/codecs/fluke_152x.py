"""Fluke and Hart 1521, 1522, 1504 reference thermometers: text lines `label: value unit ...`."""

from __future__ import annotations

import re
from functools import partial

from devices.codec import Codec, SerialSettings
from devices.codecs.lines import LineDecoder, first_line
from devices.codecs.thermometer import measure
from devices.model import Measurement, Signal

_LINE = re.compile(
    r"(?:(?P<label>\w+):)?\s*(?P<value>[-+]?\d+(?:\.\d+)?)\s*(?P<unit>[CFKRO])?(?:\s.*)?"
)
LIVE = "t"


def _fields(line: str) -> dict[str, object] | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    return {"label": match["label"], "value": float(match["value"]), "unit": match["unit"]}


def explain(payload: bytes) -> dict[str, object]:
    """Label (null on the 1504), value and unit (C, F, K; R and O are ohms) of one line."""
    return _fields(first_line(payload)) or {"error": "not a reading"}


def _read(line: str) -> list[Measurement] | None:
    fields = _fields(line)
    if fields is None:
        return None
    label = fields["label"]
    # min:, max: and hldN: are memories of the instrument.
    why = "" if label in {None, LIVE} else "hold" if str(label).startswith("hld") else str(label)
    return [measure(fields["value"], str(fields["unit"]), why[:16])]


CODEC = Codec(
    name="fluke_152x",
    title="Fluke and Hart 1521, 1522, 1504 reference thermometers",
    # "25.745 C" may be the end of "t: 125.745 C": the first line is never used.
    decoder=partial(LineDecoder, _read, partial_first=True),
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE}),
    serial=SerialSettings(baud=2400, poll=b"t\r\n"),
    examples=(b"t: 36.553 C\r\n", b"hld6: 26.553 C\r\n"),
    sentinels="labels but `t` (min, max, hldN); ohms",
    tested="third-party payloads",
)
