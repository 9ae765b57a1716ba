"""The sensors of a session: which they were, what they said of themselves, how often they left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devices.codec import Codec
from devices.model import NS_PER_S, LinkState, SensorSpec
from devices.registry import codecs
from monitor.report.gaps import Link

IDENTITY = ("manufacturer", "model", "hardware", "software", "serial", "location")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One sensor.

    Attributes:
        spec: as it was configured.
        title: its wire format in words.
        identity: maker, model and so on, as it said.
        firmware: as it said, "" if it did not.
        battery: (first, last) charge it told, percent; None if it did not.
        losses: how often its connection was lost after it had once delivered.
        lost_s: for how long altogether, seconds.
        longest_s: the longest of them.
    """

    spec: SensorSpec
    title: str
    identity: Mapping[str, str]
    firmware: str
    battery: tuple[float, float] | None
    losses: int
    lost_s: float
    longest_s: float


def links(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Link]:
    """Changes of connections from journal rows (t_ns, body) of the kind `link`."""
    return [
        Link(t_ns, str(body["source"]), str(body["state"]), str(body.get("detail", "")))
        for t_ns, body in rows
    ]


def sensors(
    specs: Sequence[SensorSpec],
    changes: Sequence[Link],
    said: Sequence[Mapping[str, Any]],
    end_ns: int,
) -> list[Sensor]:
    """Every sensor of the session.

    Args:
        specs: the allow-listed sensors.
        changes: of all connections, by time.
        said: bodies of the journal rows of the kind `sensor`, by time.
        end_ns: of the session: a loss that was not mended ends here.
    """
    known = codecs()
    return [_sensor(spec, known.get(spec.codec), changes, said, end_ns) for spec in specs]


def _sensor(
    spec: SensorSpec,
    codec: Codec | None,
    changes: Sequence[Link],
    said: Sequence[Mapping[str, Any]],
    end_ns: int,
) -> Sensor:
    mine = [body for body in said if body.get("source") == spec.alias]
    told = {**spec.identity, **{str(body["key"]): body["value"] for body in mine}}
    charges = [float(body["value"]) for body in mine if _is_charge(body)]
    losses_s = lost([link for link in changes if link.source == spec.alias], end_ns)
    return Sensor(
        spec=spec,
        title=spec.codec if codec is None else codec.title,
        identity={key: str(told[key]) for key in IDENTITY if told.get(key) not in (None, "")},
        firmware=str(told.get("firmware", "")),
        battery=(charges[0], charges[-1]) if charges else None,
        losses=len(losses_s),
        lost_s=sum(losses_s),
        longest_s=max(losses_s, default=0.0),
    )


def _is_charge(body: Mapping[str, Any]) -> bool:
    return body.get("key") == "battery" and isinstance(body.get("value"), int | float)


def lost(changes: Sequence[Link], end_ns: int) -> list[float]:
    """Lengths, seconds, of the losses of one sensor's connection, once it had delivered."""
    found: list[float] = []
    since_ns: int | None = None
    delivered = False
    for link in changes:
        if link.state == LinkState.STREAMING.value:
            if since_ns is not None:
                found.append((link.t_ns - since_ns) / NS_PER_S)
            since_ns, delivered = None, True
        elif delivered and since_ns is None:
            since_ns = link.t_ns
    return found if since_ns is None else [*found, (end_ns - since_ns) / NS_PER_S]
