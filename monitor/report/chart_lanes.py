"""The lower panels of the timeline: readings, alarms, entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.model import Kind
from devices.model import NS_PER_S
from monitor.report.model import Report
from monitor.report.spans import STANDBY
from monitor.report.words import PRIORITIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LANE = 0.8
LANES = {"readings": ("blood_pressure", "temperature"), "notes": ("note",),
         "intake": ("fluids", "score")}  # fmt: skip
LEAST_SHARE = 0.0015
"""An alarm of a second must still be seen: share of the width."""


def name(
    axes: Axes,
    text: str,
    at: tuple[float, float],
    coordinates: tuple[str, str],
    offset: tuple[float, float],
) -> None:
    """Write a few words beside a point, `offset` printer's points away."""
    axes.annotate(text, at, offset, coordinates, "offset points")


def clinical(axes: Axes, report: Report) -> None:
    """Readings of a clinical thermometer, in the temperature's panel."""
    t_s = [reading.t_ns / NS_PER_S for reading in report.temperatures]
    degc = [reading.value for reading in report.temperatures]
    axes.plot(t_s, degc, "kD", markersize=3.5, markerfacecolor="white")
    low, high = axes.get_ylim()
    axes.set_ylim(min([low, *(value - 0.5 for value in degc)]), max([high, *degc]))


def pressures(axes: Axes, report: Report) -> None:
    """Blood pressures as bars from diastolic to systolic."""
    for reading in report.pressures:
        t_s = reading.t_ns / NS_PER_S
        axes.plot([t_s, t_s], [reading.diastolic, reading.value], "k_-", lw=0.9, markersize=5)
    top = max([160.0, *(reading.value + 10 for reading in report.pressures)])
    axes.set_ylim(min([40.0, *(r.diastolic - 10 for r in report.pressures)]), top)
    axes.set_ylabel("BP, mmHg")
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.5)


def alarms(axes: Axes, report: Report) -> None:
    """A lane a priority: the person above, filled; the equipment below, outlined."""
    end_s = max(report.wall.end_ns / NS_PER_S, 1.0)
    names = list(reversed(PRIORITIES))
    halves = ((Kind.PHYSIOLOGICAL, 0.03, "#333333"), (Kind.TECHNICAL, -LANE / 2, "white"))
    for lane, priority in enumerate(names):
        for kind, below, face in halves:
            bars = [
                _bar(alarm.onset_ns, alarm.clear_ns, end_s)
                for alarm in report.alarms
                if alarm.priority == priority and alarm.kind == kind.value
            ]
            span = (lane + below, LANE / 2 - 0.03)
            axes.broken_barh(bars, span, facecolor=face, edgecolor="#333333", lw=0.6)
    _lanes(axes, [f"{PRIORITIES[name].symbol} {name}" for name in names], "Alarms")


def _bar(t0_ns: int, t1_ns: int | None, end_s: float) -> tuple[float, float]:
    t0_s = t0_ns / NS_PER_S
    t1_s = end_s if t1_ns is None else t1_ns / NS_PER_S
    return t0_s, max(t1_s - t0_s, LEAST_SHARE * end_s)


def entries(axes: Axes, report: Report) -> None:
    """A mark for each entry, a bar for each standby."""
    end_s = max(report.wall.end_ns / NS_PER_S, 1.0)
    for lane, verbs in enumerate(LANES.values(), 1):
        t_s = [e.t_ns / NS_PER_S for e in report.entries if e.verb in verbs and not e.withdrawn]
        axes.plot(t_s, [lane] * len(t_s), "k|", markersize=6)
    away = [_bar(s.t0_ns, s.t1_ns, end_s) for s in report.spans if s.what == STANDBY]
    axes.broken_barh(away, (-LANE / 2, LANE), facecolor="white", edgecolor="#333333", hatch="....")
    _lanes(axes, ["standby", *LANES], "Entries")


def _lanes(axes: Axes, names: list[str], label: str) -> None:
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_ylabel(label)
    axes.tick_params(axis="y", length=0)
