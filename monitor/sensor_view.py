"""One line of the sensor strip: a sensor's link, its own words, and its newest readings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from devices.model import NS_PER_S, LinkState, Signal
from devices.registry import codec
from monitor import feed
from monitor.intake import Source

WARNINGS = {Signal.BATTERY_LOW: "battery low", Signal.AUTO_OFF: "switches itself off"}
_UNITS = {
    Signal.ROOM_TEMPERATURE: "room {:.1f} \N{DEGREE SIGN}C",
    Signal.CLINICAL_TEMPERATURE: "{:.1f} \N{DEGREE SIGN}C",
    Signal.CORE_ESTIMATE: "core estimate {:.1f} \N{DEGREE SIGN}C",
    Signal.HUMIDITY: "{:.0f} % humidity",
    Signal.SPO2: "SpO2 {:.0f} %",
}
UNKNOWN_DBM = -127
"""Not a strength: none is known."""
OLD_S = 60.0
"""A reading older than this is shown with its age."""


def reading(source: Source, now_ns: int) -> str:
    """The newest values of a sensor that are no vital signs, in words."""
    texts = [
        _UNITS[signal].format(value) + _age(t_ns, now_ns)
        for signal, (value, t_ns) in source.readings.items()
        if signal in _UNITS
    ]
    upper, lower = (
        source.readings.get(signal)
        for signal in (Signal.SYSTOLIC_PRESSURE, Signal.DIASTOLIC_PRESSURE)
    )
    if upper and lower:
        texts.append(f"{upper[0]:.0f}/{lower[0]:.0f} mmHg" + _age(upper[1], now_ns))
    return ", ".join(texts)


def _age(t_ns: int, now_ns: int) -> str:
    age_s = (now_ns - t_ns) / NS_PER_S
    return f" ({age_s / 60:.0f} min ago)" if age_s >= OLD_S else ""


def _detail(source: Source, link: tuple[LinkState, str]) -> str:
    """Trouble first, then what the sensor says of itself."""
    spot = codec(source.spec.codec).spot
    state = "" if spot else link[1]
    warned = [words for signal, words in WARNINGS.items() if source.warnings.get(signal)]
    return ", ".join(text for text in (state or source.note, *warned) if text)


def _state(source: Source, state: LinkState) -> str:
    """A sensor of single readings is not lost between them: it waits."""
    waits = codec(source.spec.codec).spot and state is not LinkState.STREAMING
    return LinkState.INITIAL.value if waits else state.value


@dataclass(slots=True)
class Said:
    """What a sensor says of itself, and how strong its signal was, heard when."""

    info: dict[str, object] = field(default_factory=dict)
    signal_dbm: float | None = None
    signal_ns: int = 0

    def take(self, key: str, value: object, now_ns: int) -> bool:
        """Take one thing; whether it is for the record: new, and no passing strength of signal."""
        if key == "signal":
            # -127 is what bleak says for BlueZ where it knows no strength (bluezdbus/scanner.py).
            known = isinstance(value, int | float) and value > UNKNOWN_DBM
            self.signal_dbm = float(cast("float", value)) if known else None
            self.signal_ns = now_ns
            return False
        new = self.info.get(key) != value
        self.info[key] = value
        return new


def sensor_view(
    source: Source,
    link: tuple[LinkState, str],
    said: Said,
    now_ns: int,
    *,
    standing_by: bool = False,
) -> feed.Sensor:
    """One line of the sensor strip."""
    battery = said.info.get("battery", source.battery_pct)
    age_s = None if source.last_ns is None else max(0, now_ns - source.last_ns) / NS_PER_S
    return feed.Sensor(
        alias=source.spec.alias,
        title=codec(source.spec.codec).title,
        state=_state(source, link[0]),
        simulated=source.spec.simulated or bool(said.info.get("simulated")),
        measures=source.spec.measures.value,
        site=source.spec.site,
        battery_pct=float(battery) if isinstance(battery, int | float) else None,
        contact=source.contact,
        signal_dbm=said.signal_dbm,
        signal_age_s=None
        if said.signal_dbm is None
        else max(0, now_ns - said.signal_ns) / NS_PER_S,
        age_s=age_s,
        packets=source.packets,
        malformed=source.malformed,
        detail=_detail(source, link),
        spot=codec(source.spec.codec).spot,
        standing_by=standing_by,
        reading=reading(source, now_ns),
    )
