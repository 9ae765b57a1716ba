"""A look at one sensor before the session: its link, its values, and nothing recorded."""

from __future__ import annotations

import math

from devices.model import NS_PER_S, Frame, LinkState, SensorSpec, Signal
from devices.supervisor import Supervisor
from devices.transports import transport
from monitor import feed
from monitor.clock import ScaledClock, monotonic_ns
from monitor.intake import Intake
from monitor.sensor_view import Said, sensor_view

FRESH_S = 10.0
"""A value older than this is not shown as the present one; of a slow sensor, its own periods."""


class Preview:
    """Keeps a link to one sensor while `run` runs; the same link, decoder and words as a session.

    Args:
        spec: the sensor as it would be configured.
    """

    def __init__(self, spec: SensorSpec) -> None:
        self.spec = spec
        self._clock = ScaledClock(monotonic_ns())
        self._intake = Intake([spec])
        self._link = (LinkState.INITIAL, "")
        self._said = Said()
        self._value: tuple[float, int] | None = None

    async def run(self) -> None:
        """Link and listen, again after every loss, until cancelled; then the link is closed."""
        link = transport(self.spec)
        await Supervisor(
            self.spec, link, self._clock, self._take, self._on_state, self._on_info
        ).run()

    def sensor(self) -> feed.Sensor:
        """What the session screen would say of it now."""
        source = self._intake.sources[self.spec.alias]
        return sensor_view(source, self._link, self._said, self._clock.now_ns())

    def value(self) -> float | None:
        """Its newest usable value, in the unit of what it measures; None when it is too old.

        Of an electrocardiogram: the height of its newest piece, mV.
        """
        if self._value is None:
            return None
        value, t_ns = self._value
        fresh_s = max(FRESH_S, self.spec.stale_s)
        return value if self._clock.now_ns() - t_ns <= fresh_s * NS_PER_S else None

    def _take(self, frame: Frame) -> None:
        _, (main,) = self._intake.step([frame])
        if main is not None and math.isfinite(main):
            self._value = (main, frame.t_ns)

    def _on_state(self, _: str, state: LinkState, detail: str) -> None:
        self._link = (state, detail)

    def _on_info(self, _: str, key: str, value: object) -> None:
        self._said.take(key, value, self._clock.now_ns())


UNITS = {
    Signal.HEART_RATE: "{:.0f} bpm",
    Signal.SPO2: "{:.0f} %",
    Signal.HUMIDITY: "{:.0f} %",
    Signal.BLOOD_PRESSURE: "{:.0f} mmHg systolic",
    Signal.ECG: "{:.2f} mV high",
}


def words(measures: Signal, value: float) -> str:
    """A value with its unit."""
    return UNITS.get(measures, "{:.1f} \N{DEGREE SIGN}C").format(value)
