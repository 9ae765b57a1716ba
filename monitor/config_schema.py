"""What may stand in the configuration: each section's keys and each key's rule."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from alerts.catalogue import CATALOGUE
from alerts.model import Priority
from alerts.spec import ConditionSpec, Value
from alerts.units import unit_of
from devices import line_settings
from devices.codec import Codec
from devices.codecs.text_line import check_pattern
from devices.model import Signal
from monitor.config_errors import Path, RefusedError, nearest, one_of
from monitor.rooms.topics import MOST_ROOMS, SLUG, SLUG_LONGEST, is_slug, names_of
from monitor.signal.sites import DISTAL_SITES

ALIAS = re.compile(r"[a-z0-9_-]{1,24}")
MEASURES = (
    Signal.HEART_RATE,
    Signal.SKIN_TEMPERATURE,
    Signal.ROOM_TEMPERATURE,
    Signal.CLINICAL_TEMPERATURE,
    Signal.SPO2,
    Signal.BLOOD_PRESSURE,
    Signal.ECG,
    Signal.CORE_ESTIMATE,
    Signal.HUMIDITY,
)
THEMES = ("dark", "night", "day", "high-contrast", "colour-blind", "light")
"""`light` is an older word for `day`."""
PROXIMAL_SITES = ("axilla", "trunk", "chest", "abdomen", "back", "groin", "neck", "forehead")
OTHER_SITES = ("upper_arm", "oral", "ear", "rectal")
OPERATOR, OPERATOR_MAX = r"[\w .-]*", 20
"""Who acts: initials or a role. No form can tell a name; short ones are at least no full names."""
METHODS = ("contact", "infrared", "heat_flux", "pill")
"""How a temperature is taken; readings of two methods do not compare."""
SITES = (*PROXIMAL_SITES, *OTHER_SITES, *sorted(DISTAL_SITES))
"""Where a sensor may sit. A closed list: a misspelt distal site would count as a covered one."""


class Rule(Protocol):
    """What one key accepts."""

    def check(self, value: object) -> Value:
        """The value in its stored form.

        Raises:
            RefusedError: it is not allowed; the message says what is.
        """
        ...


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high`, both included; whole numbers are taken as well."""

    low: float
    high: float
    unit: str = ""

    def check(self, value: object) -> Value:
        """See `Rule.check`. NaN and infinities are outside every range."""
        span = f"{self.low:g} to {self.high:g} {self.unit}".rstrip()
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RefusedError(f"must be a number, {span}")
        if not self.low <= value <= self.high:
            raise RefusedError(f"must be {span}")
        return float(value) + 0.0  # so that -0.0 is stored, and hashed, as 0.0


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def check(self, value: object) -> Value:
        """See `Rule.check`."""
        if not isinstance(value, bool):
            raise RefusedError("must be true or false")
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words; the empty one only if listed in `names`."""

    names: tuple[str, ...]
    optional: bool = False

    def check(self, value: object) -> Value:
        """See `Rule.check`."""
        if isinstance(value, str) and (value in self.names or (self.optional and not value)):
            return str(value)
        raise RefusedError(one_of(value, self.names) + (' or ""' if self.optional else ""))


@dataclass(frozen=True, slots=True)
class Text:
    """Printable text of at most `longest` characters; of a certain form, if `form` is given."""

    longest: int
    form: str = ""
    says: str = "must be printable text"

    def check(self, value: object) -> Value:
        """See `Rule.check`."""
        if not isinstance(value, str):
            raise RefusedError(f"must be text (in quotes), at most {self.longest} characters")
        fits = len(value) <= self.longest and value.isprintable()
        if not fits or (self.form and not re.fullmatch(self.form, value)):
            raise RefusedError(f"{self.says}, at most {self.longest} characters")
        return value


class CodecName:
    """The name of an installed wire format that can be connected to."""

    def check(self, value: object) -> Value:
        """See `Rule.check`."""
        return Choice(tuple(sorted(connectable()))).check(value)


class TransportName:
    """A built-in transport or that of an installed package."""

    def check(self, value: object) -> Value:
        """See `Rule.check`."""
        from devices.transports import names  # noqa: PLC0415 - looks through the plug-ins

        return Choice(names()).check(value)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`, both included."""

    low: int
    high: int

    def check(self, value: object) -> Value:
        """See `Rule.check`."""
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or not self.low <= value <= self.high
        ):
            raise RefusedError(f"must be a whole number, {self.low} to {self.high}")
        return value


@dataclass(frozen=True, slots=True)
class Checked:
    """Text that a function has no complaint about; empty text is always allowed."""

    longest: int
    complaint: Callable[[str], str]

    def check(self, value: object) -> Value:
        """See `Rule.check`."""
        text = str(Text(self.longest).check(value))
        why = self.complaint(text) if text else ""
        if why:
            raise RefusedError(why)
        return text


class Zone:
    """A name of the time zone database, or empty for the computer's own zone."""

    def check(self, value: object) -> Value:
        """See `Rule.check`."""
        import zoneinfo  # noqa: PLC0415 - only needed when a zone is given

        if value == "":
            return ""
        try:
            return zoneinfo.ZoneInfo(value).key if isinstance(value, str) else self._refuse("")
        except (KeyError, ValueError, OSError):
            near = nearest(str(value), zoneinfo.available_timezones())
            return self._refuse(f"; nearest: {near}" if near else "")

    def _refuse(self, hint: str) -> Value:
        raise RefusedError(f'must be a time zone such as "Europe/Berlin", or ""{hint}')


def serial_address(address: str) -> str:
    """Why a `usb:` address is malformed; empty if it is not, or is another kind of address."""
    if not address.startswith("usb:"):
        return ""
    from devices.serial_ports import check  # noqa: PLC0415 - brings pyserial

    return check(address)


def connectable() -> dict[str, Codec]:
    """Installed wire formats found on the air or on a serial line, by name."""
    from devices.registry import codecs  # noqa: PLC0415 - looks through the installed plug-ins

    found = codecs().items()
    return {name: codec for name, codec in found if codec.transport}


def rooms_complaint(text: str) -> str:
    """Why a text is no list of rooms; empty if it is."""
    names = names_of(text)
    if len(names) <= MOST_ROOMS and all(is_slug(name) for name in names):
        return ""
    return f'must be up to {MOST_ROOMS} rooms such as "room-1, room-2", each of a-z 0-9 and -'


def _slug() -> Rule:
    says = "must be letters a-z, digits and -, beginning with a letter or digit"
    return Text(SLUG_LONGEST, f"({SLUG})?", says)


BROKER: dict[str, Rule] = {
    "host": Text(253, r"[A-Za-z0-9.:_-]*", "must be a host name or address"),
    "port": Whole(1, 65535),
    "tls": Flag(),
    "username": Text(64),
    **dict.fromkeys(("password_file", "ca_file", "cert_file", "key_file"), Text(1000)),
}
"""How to reach an MQTT broker: part of `[publish]` and `[central]`."""
SECTIONS: dict[str, dict[str, Rule]] = {
    "session": {
        "subject": Text(24, "[A-Za-z0-9_-]*", "must be a code of letters, digits, - and _"),
        "age_years": Number(0.0, 120.0, "years"),
        "operator": Text(OPERATOR_MAX, OPERATOR, "must be initials or a role, never a name"),
        "zone": Zone(),
    },
    "recording": {"directory": Text(1000)},
    "sound": {"enabled": Flag(), "check": Flag(), "remote_command": Text(400)},
    "screen": {"theme": Choice(THEMES)},
    "setup": dict.fromkeys(("wizard", "checklist", "baseline", "limits", "self_test"), Flag()),
    "phases": {
        "peak_min": Number(5.0, 120.0, "min"),
        "descent_min": Number(120.0, 600.0, "min"),
        "supplemental_from_min": Number(30.0, 240.0, "min"),
        "supplemental_until_min": Number(30.0, 300.0, "min"),
    },
    "publish": {
        "enabled": Flag(),
        **BROKER,
        "clinic": _slug(),
        "room": _slug(),
        "interval_s": Number(1.0, 10.0, "s"),
        "notes": Flag(),
        "remote_acknowledge": Flag(),
    },
    "central": {
        **BROKER,
        "clinic": _slug(),
        "station": _slug(),
        "rooms": Checked(2000, rooms_complaint),
        "stale_s": Number(5.0, 60.0, "s"),
        "remote_acknowledge": Flag(),
    },
    "checklists": {name: Text(400) for name in CATALOGUE},
}
SCALE = re.compile(r"(-?\d{1,4}(?:\.\d)?) to (-?\d{1,4}(?:\.\d)?)")


def scale_complaint(text: str) -> str:
    """Why a text is not the range of a score; empty if it is."""
    match = SCALE.fullmatch(text)
    if match and float(match[1]) < float(match[2]):
        return ""
    return 'must be the lowest and the highest value, such as "0 to 10", or "" for no such score'


SENSOR: dict[str, Rule] = {
    "codec": CodecName(),
    "measures": Choice(tuple(str(signal) for signal in MEASURES)),
    "site": Choice(SITES, optional=True),
    "method": Choice(METHODS, optional=True),
    "transport": TransportName(),
    "address": Checked(200, serial_address),
    "stale_s": Number(2.0, 3600.0, "s"),
    "period_s": Number(0.0, 120.0, "s"),
    "channel": Whole(1, 64),
    "pattern": Checked(200, check_pattern),
    "line": Checked(60, line_settings.check),
    "adapter": Text(8, r"(hci\d{1,2})?", "must be like hci0"),
    "pair": Flag(),
}


def _alarm_rule(spec: ConditionSpec, key: str) -> Rule:
    if key == "priority" and spec.latching:
        return Choice((Priority.HIGH.name,))
    if key in {"priority", "escalate_priority"}:
        return Choice(tuple(Priority.__members__))
    if isinstance(spec.defaults[key], bool):
        return Flag()
    return Number(*spec.bounds[key], unit_of(key))


ALARMS: dict[str, dict[str, Rule]] = {
    spec.id: {key: _alarm_rule(spec, key) for key in spec.defaults} for spec in CATALOGUE.values()
}
SCORE = Checked(24, scale_complaint)
"""The rule of each `[scores]` name."""
SECTION_NAMES = (*SECTIONS, "sensors", "alarms", "scores")


def rules(path: Path) -> Mapping[str, Rule]:
    """The keys of the table at `path`; empty if there is no such table."""
    match path:
        case ("sensors", _):
            return SENSOR
        case ("alarms", condition):
            return ALARMS.get(condition, {})
        case ("scores",):
            return defaultdict(lambda: SCORE)
        case (section,):
            return SECTIONS.get(section, {})
        case _:
            return {}


def all_keys() -> list[Path]:
    """Every key there is; sensors stand under the alias `<alias>`."""
    plain = [(name, key) for name, keys in SECTIONS.items() for key in keys]
    alarms = [("alarms", name, key) for name, keys in ALARMS.items() for key in keys]
    return [*plain, *(("sensors", "<alias>", key) for key in SENSOR), *alarms]
