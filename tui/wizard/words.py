"""What the wizard says. No Textual here."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from alerts.settings import lowered
from devices.model import SensorSpec, Signal
from devices.registry import codecs
from devices.transport import Reason, TransportError
from monitor import config, feed
from monitor.finding import Candidate
from monitor.preview import words as quantity
from monitor.signal.sites import DISTAL_SITES
from monitor.sources import sources
from tui.sensor_words import facts
from tui.wording import STATEMENT, plain

TITLES = ("Person", "Sensors", "Start")
SILENT_S = 12.0
"""A sensor that has sent nothing for so long is worth a word."""
AIR = {
    Reason.NO_BLUETOOTH: "No Bluetooth: no adapter, or its service does not run. Plug one in",
    Reason.BLUETOOTH_OFF: "Bluetooth is switched off. Switch it on in the system's settings",
    Reason.NO_PERMISSION: "No permission to use Bluetooth. `vigil doctor` names what mends it",
}
NOTHING = (
    "No sensor found. Is it worn, and switched on? A strap wakes up on wet skin. One that a phone "
    "is connected to cannot be seen: close the phone's app."
)
CHOOSE = "Enter: look at a sensor, and use it. n: go on."
NO_SENSOR = "No sensor yet. Go back (Esc): scan, enter one by hand, or try simulated ones."


def head(number: int) -> str:
    """The first line: where the wizard is."""
    parts = [f"[{t}]" if i == number else t for i, t in enumerate(TITLES)]
    return f"Vigil setup   {'  >  '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Scan:
    """How far the search is."""

    listening: bool = False
    asking: str = ""
    """The serial port being asked now."""
    trouble: TransportError | None = None
    found: tuple[Candidate, ...] = ()
    lines: tuple[Candidate, ...] = ()
    """Serial ports, asked or not."""
    asked: frozenset[str] = field(default_factory=frozenset)
    """Addresses of the ports that were asked."""
    looked: bool = False

    def with_line(self, line: Candidate) -> Scan:
        """With what one port has answered."""
        lines = tuple(line if one.address == line.address else one for one in self.lines)
        return replace(self, lines=lines, asked=self.asked | {line.address}, asking="")

    @property
    def known(self) -> tuple[Candidate, ...]:
        """What can be used."""
        return tuple(one for one in (*self.found, *self.lines) if one.codec)

    @property
    def unasked(self) -> tuple[Candidate, ...]:
        """Ports that nobody has asked yet."""
        return tuple(one for one in self.lines if one.address not in self.asked)


def status(scan: Scan) -> list[str]:
    """What the search has to say."""
    said = []
    if scan.listening:
        said.append("Listening for Bluetooth sensors, 8 s ...")
    if scan.asking:
        said.append(f"Asking {plain(scan.asking, 40)} what it is; that can take a minute ...")
    if scan.trouble is not None:
        why = AIR.get(scan.trouble.reason, f"Bluetooth: {plain(str(scan.trouble), 120)}")
        said.append(f"{why}. Then r. Serial sensors work without it.")
    said += [text for line in scan.lines if (text := _line_trouble(line, scan))]
    if scan.unasked and not scan.asking:
        count = len(scan.unasked)
        said.append(f"{count} serial port{'s' * (count > 1)} not asked yet: p asks (harmless).")
    if scan.looked and not scan.listening and not scan.asking and not scan.known:
        said.append(NOTHING if scan.trouble is None else "No sensor found.")
    others = sum(not one.codec for one in scan.found)
    if others and not scan.listening:
        said.append(f"{others} other Bluetooth device{'s' * (others > 1)} of no known kind.")
    return said


def _line_trouble(line: Candidate, scan: Scan) -> str:
    if line.trouble:
        return f"{plain(line.device, 40)}: {plain(line.trouble, 80)} (vigil doctor says more)"
    silent = line.address in scan.asked and not line.codec
    return f"{plain(line.device, 40)}: no known thermometer answered." if silent else ""


def chosen_row(spec: SensorSpec, *, simulated: bool = False) -> str:
    """A sensor that will be used."""
    sim = "SIMULATED " if simulated else ""
    return f"use    {spec.alias:<15.15}{measured(spec):<26.26}{sim}{plain(spec.address, 40)}"


def measured(spec: SensorSpec) -> str:
    """What it measures, and where."""
    name = spec.measures.value.replace("_", " ")
    return f"{name}, {spec.site.replace('_', ' ')}" if spec.site else name


def found_row(one: Candidate, *, simulated: bool = False) -> str:
    """A sensor that was found."""
    sim = "SIMULATED " if simulated else ""
    title = codecs()[one.codec].title
    heard = "" if one.signal_dbm is None else f"{one.signal_dbm} dBm"
    says = ", ".join(part for part in (heard, *one.values) if part)
    return f"found  {plain(one.name, 20) or '(no name)':<21}{sim}{title:.28}  {plain(says, 40)}"


def port_row(one: Candidate) -> str:
    """A serial port that was not asked."""
    named = "" if one.name in one.device else plain(one.name, 24)
    called = f"{plain(one.device, 40)} {named}"
    return f"port   {called:<45.45}  Enter asks what it is"


def live(sensor: feed.Sensor, measures: Signal, value: float | None, waited_s: float) -> list[str]:
    """What a sensor that is being looked at says."""
    shown = "--" if value is None or not math.isfinite(value) else quantity(measures, value)
    lines = [f"{measures.value.replace('_', ' '):<22}{shown}"]
    lines += [f"{name:<22}{said}" for name, said in facts(sensor) if said]
    if not sensor.packets and waited_s >= SILENT_S:
        lines.append(_nothing(sensor))
    return lines


def _nothing(sensor: feed.Sensor) -> str:
    if sensor.state in {"connecting", "lost"}:
        return "No link yet. Is it near, worn, and free of other apps? It goes on trying."
    return "Linked, but it sends nothing. Is it worn, and switched on? It can be used all the same."


def site_words(site: str) -> str:
    """A site, and what is special about it."""
    name = site.replace("_", " ")
    return f"{name} (distal: its trend raises no alarm)" if site in DISTAL_SITES else name


def summary(
    settings: config.Config, simulate: Sequence[str], fake: Collection[str], recordings: str
) -> list[str]:
    """All that the session will start with, and what it will lack."""
    session = settings.session
    age = f"{session.age_years:g} years" if session.age_years else "not given"
    lines = [
        f"Person      {session.subject or 'no code'}, age {age}",
        f"Operator    {plain(session.operator, 40) or 'not given'}",
        *(
            f"Sensor      {spec.alias}: {measured(spec)}{', SIMULATED' * (spec.alias in fake)}"
            for spec in settings.sensors.values()
        ),
        *(f"Sensor      {kind}, SIMULATED inside Vigil" for kind in simulate),
        f"Recording   in {recordings}",
        "            readable by you only; nothing leaves this computer",
    ]
    if settings.sensors:
        lines += lacking(settings.sensors.values())
    return lines + lowered(settings.alarms, session.age_years)


def lacking(specs: Iterable[SensorSpec]) -> list[str]:
    """Vital signs that nobody will watch."""
    found = sources(list(specs))
    names = {"heart rate": found.heart, "skin temperature": found.skin}
    missing = [name for name, aliases in names.items() if not aliases]
    return [f"NO SENSOR for {name}: it is not watched, and raises no alarm." for name in missing]


PERSON = (
    "The code of the person in your own list, such as P-017. Never a name: the code stands on the "
    "screen and in the recording."
)
SITE = "Where it sits (needed for skin and clinical temperature); Enter: the places"
AGE = "Age in years; empty: not given. It lowers the highest heart-rate limits."
OPERATOR = "Who watches: initials or a role, no name. Noted with every entry."
NAME_HINT = "This looks like a name. Use a code from your own list instead."
AFTER = (
    "Then, on the session screen: sound check, baseline (10 minutes at rest), limits, self-test. "
    f"{STATEMENT}"
)
