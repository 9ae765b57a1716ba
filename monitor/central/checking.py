"""Messages that are well-formed and still nonsense: refused before anything is made of them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from monitor import feed
from monitor.rooms.messages import CHANGES, POINTS, AlarmChange, Message, Presence, Trend

LONGEST_LIST = 256
"""Entries; the longest list of an honest snapshot is that of its limits, about 40."""
LONGEST_ECG = 4096
LARGEST_NUMBER = 1e9
"""Seconds, packets or whatever: more is no number of a session (30 years)."""
LARGEST_WHOLE = 2**62
"""Of nanoseconds (146 years), counters and identifiers."""
HEART_BPM, SKIN_DEGC = (0.0, 400.0), (-40.0, 100.0)
CONDITION = re.compile(r"[a-z0-9_]{1,40}")
LONGEST_SESSION_S = 7 * 86_400
MOST_BANDS = 16
LONGEST_TEXT = 400
"""Characters; the longest honest text is a clinic's own checklist."""
LONGEST_STEP_S = 3600
MOST_MARKS = 2
"""Combining marks on a letter, as in Vietnamese; more are drawn over the lines above and below."""


def complaint(message: Message) -> str:
    """Why a decoded message cannot be true; empty if it may be."""
    if isinstance(message, feed.Snapshot):
        return _snapshot(message)
    if isinstance(message, Trend):
        return _trend(message)
    if isinstance(message, AlarmChange):
        return _change(message)
    if isinstance(message, Presence) and not 0.0 < message.interval_s <= LARGEST_NUMBER:
        return "number out of range"
    return ""


def _snapshot(snapshot: feed.Snapshot) -> str:
    why = _numbers(snapshot)
    if why:
        return why
    if not _within(snapshot.heart_rate.value, HEART_BPM):
        return "impossible heart rate"
    if not _within(snapshot.skin_temperature.value, SKIN_DEGC):
        return "impossible temperature"
    if snapshot.phase is not None and not _in_order(snapshot.phase.bands):
        return "phases out of order"
    return next(filter(None, (_condition(alarm.condition) for alarm in snapshot.alarms)), "")


def _in_order(bands: list[feed.Band]) -> bool:
    times = [t_s for band in bands for t_s in (band.t0_s, band.t1_s)]
    return len(bands) <= MOST_BANDS and times == sorted(times) and len(set(times)) > len(bands)


def _change(change: AlarmChange) -> str:
    return (
        "number out of range"
        if change.seq < 1
        else _numbers(change) or _condition(change.condition)
    )


def _trend(trend: Trend) -> str:
    points = max(len(trend.heart_rate), len(trend.skin_temperature))
    if points > POINTS or len(trend.changes) > CHANGES:
        return "too long a list"
    end_s = trend.t0_s + points * trend.step_s
    if trend.t0_s < 0 or not 1 <= trend.step_s <= LONGEST_STEP_S or end_s > LONGEST_SESSION_S:
        return "number out of range"
    heart = all(_within(value, HEART_BPM) for value in trend.heart_rate)
    skin = all(_within(value, SKIN_DEGC) for value in trend.skin_temperature)
    if not (heart and skin):
        return "number out of range"
    return next(filter(None, map(_change, trend.changes)), "")


def _within(value: float | None, span: tuple[float, float]) -> bool:
    return value is None or span[0] <= value <= span[1]


def _condition(name: str) -> str:
    return "" if CONDITION.fullmatch(name) else "no name of an alarm condition"


def _numbers(message: msgspec.Struct) -> str:
    """Why a number is too large to be shown, or a list too long to be drawn."""
    for value in _leaves(message):
        if isinstance(value, list | dict):
            if len(value) > LONGEST_LIST:
                return "too long a list"
        elif isinstance(value, int):
            if abs(value) > LARGEST_WHOLE:
                return "number out of range"
        elif isinstance(value, float) and not abs(value) <= LARGEST_NUMBER:
            return "number out of range"
    return ""


def _leaves(message: msgspec.Struct) -> Iterator[object]:
    """Every number, and every list before what is in it: too long a one is not walked through."""
    waiting: list[object] = [message]
    while waiting:
        value = waiting.pop()
        if isinstance(value, feed.Ecg):
            yield _ecg(value)
        elif isinstance(value, msgspec.Struct):
            waiting += (getattr(value, name) for name in value.__struct_fields__)
        elif isinstance(value, list | dict | tuple):
            yield value
            waiting += _items(value)
        elif isinstance(value, int | float):
            yield value


def _items(value: list[object] | dict[object, object] | tuple[object, ...]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value


def _ecg(ecg: feed.Ecg) -> float:
    """The largest number of a strip; infinite for one that cannot be drawn."""
    both = [*ecg.low_uv, *ecg.high_uv]
    if len(both) > LONGEST_ECG or len(ecg.low_uv) != len(ecg.high_uv):
        return math.inf
    numbers = [abs(value) for value in both if value is not None]
    return float(max([*numbers, abs(ecg.seconds), abs(ecg.quality or 0.0)]))


def clean(message: msgspec.Struct) -> None:
    """Make every text in a message plain, in place: one line, printable, of bounded length."""
    for name in message.__struct_fields__:
        value = getattr(message, name)
        if isinstance(value, str | list | dict | msgspec.Struct):
            setattr(message, name, _cleaned(value))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    if isinstance(value, dict):
        return {plain(str(key)): _cleaned(one) for key, one in value.items()}
    if isinstance(value, msgspec.Struct):
        clean(value)
    return value


def plain(text: str) -> str:
    """A text without control, format (bidirectional, zero-width) and unassigned characters."""
    text = text[:LONGEST_TEXT]
    if text.isascii() and text.isprintable():
        return text
    return _unstacked("".join(c if c.isprintable() else " " for c in text))


def _unstacked(text: str) -> str:
    """A text whose letters carry so few marks that none reaches into the lines of other rooms."""
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)
