"""Where there are no data, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from devices.model import NS_PER_S, LinkState, SensorSpec, Signal
from monitor.report.spans import Span
from monitor.report.traces import Trace
from monitor.sources import sources

Said = Callable[[str, int, int], str]
"""What a sensor said of itself between two session times, ns."""
SAID_FROM_S = 3
"""Shorter gaps are not worth decoding their bytes again."""
REASONS = 2
"""More of them are no help."""
LINK_TAIL_S = 30
"""A lost link empties the display a while later, and fills it a while later again."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds `t0_s` to `t1_s`, both included, without a valid value of `signal`."""

    signal: Signal
    t0_s: int
    t1_s: int
    reason: str

    @property
    def length_s(self) -> int:
        """How long it is, seconds."""
        return self.t1_s - self.t0_s + 1


@dataclass(frozen=True, slots=True)
class Link:
    """A sensor's connection from `t_ns` on."""

    t_ns: int
    source: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known of the reasons for gaps.

    Attributes:
        sensors: the allow-listed ones.
        links: changes of their connections, by time.
        lacks: journal rows of the kind `gap` as (from ns, to ns, source, reason).
        spans: standbys, among others.
        said: what a sensor said meanwhile.
    """

    sensors: Sequence[SensorSpec]
    links: Sequence[Link]
    lacks: Sequence[tuple[int, int, str, str]] = ()
    spans: Sequence[Span] = ()
    said: Said = field(default=lambda _, __, ___: "")

    def aliases(self, signal: Signal) -> tuple[str, ...]:
        """The sensors a vital sign may come from."""
        found = sources(self.sensors)
        return (*found.heart, found.rr) if signal is Signal.HEART_RATE else found.skin


def lack(t_ns: int, body: Mapping[str, Any]) -> tuple[int, int, str, str]:
    """A journal row of the kind `gap`; one that names no span is of that moment."""
    t0_ns, t1_ns = int(body.get("t0_ns", t_ns)), int(body.get("t1_ns", t_ns))
    lost = body.get("entries_lost")
    reason = str(body.get("reason", "")) + (f", {lost} entries lost" if lost else "")
    return t0_ns, t1_ns, str(body.get("source", "")), reason


def gaps(trace: Trace, context: Context) -> list[Gap]:
    """Every stretch of seconds without a valid value."""
    empty = np.isnan(trace.values)
    if not empty.any():
        return []
    edges = np.flatnonzero(np.diff(empty.astype(np.int8), prepend=0, append=0))
    return [
        Gap(trace.signal, t0, t1 - 1, explain(trace, t0, t1 - 1, context))
        for t0, t1 in edges.reshape(-1, 2).tolist()
    ]


def explain(trace: Trace, t0_s: int, t1_s: int, context: Context) -> str:
    """Why these seconds have no value that counts: the most telling of what is on record."""
    aliases = [alias for alias in context.aliases(trace.signal) if alias]
    if not aliases:
        return "no sensor for it in this session"
    ways = (
        _not_recorded(t0_s, t1_s, aliases, context),
        _standby(t0_s, t1_s, context),
        _never(trace, t0_s),
        "probe may have been off the skin" if trace.off[t0_s : t1_s + 1].any() else "",
        "probe was settling" if trace.settling[t0_s : t1_s + 1].any() else "",
        _link(t0_s, t1_s, aliases, context),
    )
    found = [reason for reason in ways if reason][:REASONS]
    return "; ".join(found) or _said(t0_s, t1_s, aliases, context)


def _said(t0_s: int, t1_s: int, aliases: Sequence[str], context: Context) -> str:
    worth = t1_s - t0_s + 1 >= SAID_FROM_S
    for alias in dict.fromkeys(aliases) if worth else ():
        if said := context.said(alias, t0_s * NS_PER_S, (t1_s + 1) * NS_PER_S):
            return f"{alias}: {said}"
    return "no valid value"


def _overlap(t0_s: int, t1_s: int, span: tuple[int, int]) -> bool:
    return span[0] <= (t1_s + 1) * NS_PER_S and t0_s * NS_PER_S <= span[1]


def _not_recorded(t0_s: int, t1_s: int, aliases: Sequence[str], context: Context) -> str:
    fits = [
        reason
        for low, high, source, reason in context.lacks
        if source in ("", *aliases) and _overlap(t0_s, t1_s, (low, high))
    ]
    return "; ".join(dict.fromkeys(fits))


def _standby(t0_s: int, t1_s: int, context: Context) -> str:
    end_ns = (t1_s + 1) * NS_PER_S
    away = [
        span
        for span in context.spans
        if span.what == "standby"
        and _overlap(t0_s, t1_s, (span.t0_ns, span.t1_ns if span.t1_ns is not None else end_ns))
    ]
    return f"standby: {away[0].detail}" if away else ""


def _link(t0_s: int, t1_s: int, aliases: Sequence[str], context: Context) -> str:
    """The trouble of the sensor in use that began last before or within the gap."""
    since_ns, until_ns = (t0_s - LINK_TAIL_S) * NS_PER_S, (t1_s + 1) * NS_PER_S
    for alias in aliases:
        mine = [link for link in context.links if link.source == alias and link.t_ns <= until_ns]
        recent = [link for link in mine if link.t_ns >= since_ns] or mine[-1:]
        bad = [link for link in recent if link.state in _TROUBLE]
        if bad:
            return f"{alias}: {bad[-1].state}" + (f" ({bad[-1].detail})" if bad[-1].detail else "")
    return ""


_TROUBLE = {LinkState.LOST.value, LinkState.STALE.value}


def _never(trace: Trace, t0_s: int) -> str:
    return "" if np.isfinite(trace.values[:t0_s]).any() else "no value had come yet"
