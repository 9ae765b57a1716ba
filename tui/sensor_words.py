"""What is known of a sensor, and what is not, in words. No Textual here."""

from __future__ import annotations

from monitor.feed import Sensor
from tui import wording
from tui.wording import plain

UNTRIED = "No kind of sensor was tried on the device itself: compare with another instrument."


def facts(sensor: Sensor) -> list[tuple[str, str]]:
    """Name and value of each fact; what a sensor does not say is said to be unknown."""
    return [
        ("link", _link(sensor)),
        ("contact", contact(sensor)),
        ("battery", _battery(sensor)),
        ("also says", plain(sensor.reading, 60)),
        ("unreadable", f"{sensor.malformed} of its messages" if sensor.malformed else ""),
        ("note", plain(sensor.detail, 80)),
    ]


def _link(sensor: Sensor) -> str:
    if not sensor.packets:
        said = f"{plain(sensor.state, 12)}, nothing received yet"
        return "waits for a reading" if sensor.spot else said
    return f"{plain(sensor.state, 12)}, last packet {wording.ago(sensor.age_s)} ago"


def contact(sensor: Sensor) -> str:
    """Whether it touches skin: three answers, and the one that is still to come."""
    if sensor.contact is not None:
        return "yes" if sensor.contact else "NO"
    return "this sensor cannot tell" if sensor.packets else "not known yet"


def _battery(sensor: Sensor) -> str:
    return "unknown" if sensor.battery_pct is None else f"{sensor.battery_pct:.0f} %"


def lines(sensor: Sensor) -> list[str]:
    """The facts as lines of text."""
    return [f"{name:<11}{value}" for name, value in facts(sensor) if value]


def line(sensor: Sensor) -> str:
    """The facts in one line."""
    first, *others = [(name, value) for name, value in facts(sensor) if value]
    return "; ".join([first[1], *(f"{name} {value}" for name, value in others)])
