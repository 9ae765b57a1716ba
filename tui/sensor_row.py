"""One sensor's row in the strip. Pure; no Textual."""

from __future__ import annotations

from monitor.feed import Sensor
from tui import wording
from tui.views import SensorView
from tui.wording import plain

_LINK_TONES = {"streaming": "normal", "initial": "warn", "connecting": "warn"}
LOW_BATTERY_PCT = 15.0
"""Rule X8 of the clinical reference."""
CONTACT = {None: "", True: "contact", False: "NO CONTACT"}


def sensor_view(sensor: Sensor) -> SensorView:
    """One sensor in words."""
    battery = "" if sensor.battery_pct is None else f"{sensor.battery_pct:.0f} %"
    columns = (
        CONTACT[sensor.contact],
        f"battery {battery}" if battery else "",
        wording.signal(sensor.signal_dbm, sensor.signal_age_s),
        f"last packet {wording.ago(sensor.age_s)}",
    )
    more = [
        f"{sensor.malformed} malformed" if sensor.malformed else "",
        plain(sensor.reading, 60),
        "stand-by" if sensor.standing_by else "",
        plain(sensor.detail, 60),
    ]
    low = sensor.battery_pct is not None and sensor.battery_pct <= LOW_BATTERY_PCT
    tone = _LINK_TONES.get(sensor.state, "bad")
    return SensorView(
        name=plain(sensor.alias, 24),
        simulated=sensor.simulated,
        state=plain(sensor.state, 12),
        tone="warn" if tone == "normal" and (low or sensor.contact is False) else tone,
        columns=columns,
        brief=(columns[0], battery, wording.ago(sensor.age_s)),
        more=", ".join(fact for fact in more if fact),
    )
