"""Words and symbols of the report."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

NO_VALUE = "--"
STATEMENT = (
    "Vigil is not a medical device and not for sole reliance. It is an adjunct: it never replaces "
    "scheduled vital signs and human observation. Skin temperature is not core temperature, and a "
    "cool skin does not rule out hyperthermia."
)


class PriorityWord(NamedTuple):
    """How a priority is told without colour."""

    symbol: str
    word: str


PRIORITIES = {
    "HIGH": PriorityWord("***", "HIGH"),
    "MEDIUM": PriorityWord("**", "MEDIUM"),
    "LOW": PriorityWord("*", "LOW"),
}
MODES = {
    "LIVE": "live session",
    "SIM": "SIMULATED: not a person's data",
    "IMPORT": "IMPORTED: data recorded by another program",
}
SIGNALS = {"heart_rate": "heart rate", "skin_temperature": "skin temperature"}
UNITS = {"degC": "°C", "degC per 30 min": "°C per 30 min"}


def harmless(value: object) -> object:
    """Text of people and sensors without controls and hidden characters; all else unchanged.

    Bidirectional overrides and zero-width characters would make a file say what it does not.
    """
    if type(value) is not str:
        return value
    spaced = value.expandtabs(1)
    return "".join(c for c in spaced if c == "\n" or unicodedata.category(c)[0] != "C")


def quantity(value: float | None, unit: str) -> str:
    """A value with its unit; `--` for none."""
    if value is None:
        return NO_VALUE
    decimals = 1 if unit.startswith("degC") else 0
    return f"{value:.{decimals}f} {UNITS.get(unit, unit)}".rstrip()
