"""How the wizard looks for sensors."""

from __future__ import annotations

from typing import Protocol

from devices.model import SensorSpec
from monitor import feed, finding
from monitor.finding import Candidate
from monitor.preview import Preview


class Look(Protocol):
    """A look at one sensor; see `monitor.preview.Preview`."""

    async def run(self) -> None:
        """Link and listen until cancelled."""

    def sensor(self) -> feed.Sensor:
        """What it says of itself."""

    def value(self) -> float | None:
        """Its newest usable value."""


class Finder(Protocol):
    """What the wizard needs to find sensors."""

    async def air(self) -> list[Candidate]:
        """Bluetooth sensors; raises `TransportError`."""

    async def lines(self) -> list[Candidate]:
        """Serial ports, not asked."""

    async def ask(self, line: Candidate) -> Candidate:
        """A port with what it answered."""

    def preview(self, spec: SensorSpec) -> Look:
        """A look at one sensor."""


class RealFinder:
    """Looks on the air and on the lines of this computer."""

    async def air(self) -> list[Candidate]:
        """See `Finder`."""
        return await finding.on_air()

    async def lines(self) -> list[Candidate]:
        """See `Finder`."""
        return await finding.lines()

    async def ask(self, line: Candidate) -> Candidate:
        """See `Finder`."""
        return await finding.asked(line)

    def preview(self, spec: SensorSpec) -> Look:
        """See `Finder`."""
        return Preview(spec)
