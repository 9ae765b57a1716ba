"""movisens EdaMove 4 and EcgMove: mean skin temperature of a minute, s16 in 0.01 degC."""

from __future__ import annotations

from functools import partial

from devices.codec import Codec
from devices.codecs import environmental_sensing
from devices.codecs.message import MessageDecoder
from devices.codecs.plausible import judged, unavailable
from devices.model import Measurement, Signal

PERIOD_S = 60.0


def _read(payload: bytes) -> list[Measurement] | None:
    if len(payload) < environmental_sensing.SIZE:
        return None
    degc = environmental_sensing.parse(payload, 100)
    if degc is None:
        return [unavailable(Signal.SKIN_TEMPERATURE, "no reading")]
    return [judged(Signal.SKIN_TEMPERATURE, degc)]


CODEC = Codec(
    name="movisens_skin_temp",
    title="movisens EdaMove 4, EcgMove",
    decoder=partial(MessageDecoder, _read),
    explain=environmental_sensing.explain,
    signals=frozenset({Signal.SKIN_TEMPERATURE}),
    service_uuid="247af432-444c-4211-8b9d-2c8512cfdf4a",
    characteristic_uuid="f89edec6-a336-5262-448d-400ca97a1c57",
    stale_s=2.5 * PERIOD_S,
    period_s=PERIOD_S,
    examples=(bytes.fromhex("2a0d"),),
    sentinels="0x8000",
    tested="computed payloads; byte order as in the maker's other values",
)
