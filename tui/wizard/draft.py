"""What the wizard has learnt so far, kept in a private file until it is used. No Textual here."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import platformdirs

from devices.model import SensorSpec
from devices.registry import codecs
from monitor import config, config_writer
from monitor.clock import NS_PER_S, utc_ns
from monitor.config_errors import RefusedError
from monitor.config_layers import SET
from monitor.config_schema import ALIAS, SECTIONS
from monitor.errors import ConfigError
from monitor.plan import write_private

PAGES = ("person", "sensors", "finish")
PERSON_S = 12 * 3600.0
"""Kept answers about a person older than this are another person's."""
SIMULATED = ("strap", "core")
"""Sensors of a look round without any: one for each vital sign."""
_NAME = re.compile(r"[A-ZÄÖÜ]?[^\W\d_]{2,}([-_][A-ZÄÖÜ][^\W\d_]+)?")
_CODE = re.compile(r"[A-Z]{2,4}")


class Draft(msgspec.Struct, kw_only=True):
    """Answers so far; `page` is where the wizard goes on."""

    subject: str = ""
    age_years: float = 0.0
    operator: str = ""
    sensors: list[SensorSpec] = []
    simulate: list[str] = []
    """Kinds of sensors to simulate inside the engine instead."""
    page: str = PAGES[0]

    @property
    def complete(self) -> bool:
        """Whether a session can be started."""
        return bool(self.sensors or self.simulate)

    def overrides(self) -> list[str]:
        """The answers as `--set` texts: they are checked like any configuration."""
        person = [f"session.{key}={value}" for key, value in _person(self)]
        return [*person, *(text for spec in self.sensors for text in _sensor(spec))]

    def used(self) -> Draft:
        """What is kept for the next person: the sensors. Nobody is recorded as somebody else."""
        return Draft(operator=self.operator, sensors=self.sensors)

    def with_sensor(self, spec: SensorSpec, instead_of: str = "") -> Draft:
        """With one more sensor, or with it in the place of another.

        Raises:
            ConfigError: it does not fit, alone or beside the others.
        """
        if not ALIAS.fullmatch(spec.alias):
            raise ConfigError("its name in Vigil: 1 to 24 of the characters a-z 0-9 _ -")
        if not spec.address:
            raise ConfigError("its address is missing: nothing else would be connected")
        if spec.measures in config_writer.SITE_NEEDED and not spec.site:
            raise ConfigError("say where it sits: a temperature means nothing without its site")
        others = [one for one in self.sensors if one.alias != instead_of]
        if any(one.alias == spec.alias for one in others):
            raise ConfigError(f"{spec.alias}: another sensor has this name")
        made = msgspec.structs.replace(self, sensors=[*others, spec], simulate=[])
        checked(made)
        return made


def _person(draft: Draft) -> list[tuple[str, str]]:
    words = {"subject": draft.subject, "operator": draft.operator}
    found = [(key, config_writer.quoted(word)) for key, word in words.items() if word]
    return [*found, ("age_years", f"{draft.age_years:g}")] if draft.age_years else found


def _sensor(spec: SensorSpec) -> list[str]:
    keys = {"codec": spec.codec, "measures": spec.measures.value, "address": spec.address}
    keys |= {"site": spec.site} if spec.site else {}
    return [f"sensors.{spec.alias}.{k}={config_writer.quoted(v)}" for k, v in keys.items()]


def checked(draft: Draft) -> config.Config:
    """The draft as a configuration.

    Raises:
        ConfigError: something in it is not allowed.
    """
    try:
        return config.load(None, draft.overrides())
    except ConfigError as error:
        raise ConfigError(str(error).replace(f"{SET}: ", "")) from error


def usual_file() -> Path:
    """Where an unfinished draft is kept."""
    return Path(platformdirs.user_state_dir("vigil")) / "setup.json"


def load(path: Path) -> tuple[Draft, str]:
    """The draft in a file, and what is to be said about it; an unreadable one is begun anew.

    Who the session is about is asked again after some hours: it may be somebody else.
    """
    try:
        draft = msgspec.json.decode(path.read_bytes(), type=Draft)
        age_s = utc_ns() / NS_PER_S - path.stat().st_mtime
    except FileNotFoundError:
        return Draft(), ""
    except (OSError, msgspec.DecodeError, UnicodeError) as error:
        return Draft(), f"The unfinished setup in {path} cannot be read ({error}): begun anew."
    lost = [one.alias for one in draft.sensors if one.codec not in codecs()]
    draft.sensors = [one for one in draft.sensors if one.codec in codecs()]
    draft.page = draft.page if draft.page in PAGES else PAGES[0]
    said = [f"No longer known and left out: {', '.join(lost)}."] if lost else []
    person = draft.subject or draft.age_years
    if person and age_s > PERSON_S:
        said.append("The person's answers were from another day: please give them again.")
        draft = draft.used()
    elif person:
        said.append("These answers were kept from before: is this the right person?")
    return draft, " ".join(said)


def save(path: Path, draft: Draft) -> str:
    """Keep a draft, readable by its user only; says why it could not be kept, or nothing."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, msgspec.json.encode(draft))
    except OSError as error:
        return f"These answers cannot be kept in {path}: {error.strerror or error}."
    return ""


def refused(key: str, value: object) -> str:
    """Why a value of the table [session] is not allowed; empty if it is."""
    try:
        SECTIONS["session"][key].check(value)
    except RefusedError as error:
        return str(error)
    return ""


def age_of(text: str) -> float | None:
    """The age typed in, years; None if it is none. Empty means: not given."""
    with contextlib.suppress(ValueError):
        age = float(text.replace(",", ".") or 0)
        return None if refused("age_years", age) else age
    return None


def like_a_name(code: str) -> bool:
    """Whether a code looks like a person's name: letters only, and no abbreviation."""
    return _NAME.fullmatch(code) is not None and _CODE.fullmatch(code) is None


def write(path: Path, draft: Draft, *, person: bool) -> None:
    """Write the sensors, and the person if asked for, as the user's configuration.

    What the file holds already stays.

    Raises:
        ConfigError: the file says otherwise already, or would not be valid; it is untouched.
    """
    before = config.load(path) if path.exists() else config.Config()
    fresh = _fresh(path, before, draft.sensors)
    tables = [config_writer.table(spec) for spec in fresh]
    if person and (answers := _person(draft)):
        if any(key.startswith("session.") for key in before.origins):
            raise ConfigError(f"{path}: has a [session] already; change it there")
        tables.insert(0, "".join(["[session]\n", *(f"{k} = {v}\n" for k, v in answers)]))
    if not tables:
        raise ConfigError(f"{path}: holds all of this already")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from error
    config_writer.append(path, "\n".join(tables))


def _fresh(path: Path, before: config.Config, specs: Sequence[SensorSpec]) -> list[SensorSpec]:
    fresh = []
    for spec in specs:
        there = before.sensors.get(spec.alias)
        if there is None:
            fresh.append(spec)
        elif replace(spec, stale_s=there.stale_s, period_s=there.period_s) != there:
            raise ConfigError(f"{path}: sensors.{spec.alias}: is another sensor there already")
    return fresh
