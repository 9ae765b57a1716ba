"""The timeline as an SVG drawing: heart rate, temperature, alarms, entries, gaps. Needs matplotlib.

It prints in black and white: priorities are lanes with their symbols, kinds are fill and outline,
signals are panels. Nothing untrusted is drawn into it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from devices.model import NS_PER_S, Signal
from monitor.report import chart_lanes
from monitor.report.chart_data import envelope, limit_steps, spread, ticks
from monitor.report.intervals import BREAK_S
from monitor.report.model import Report
from monitor.report.traces import Trace
from monitor.report.words import PRIORITIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_IN = (10.2, 5.7)
STYLE: Any = {
    "svg.fonttype": "none",  # text stays text: small, searchable, read by screen readers
    "svg.hashsalt": "vigil",  # the same recording gives the same bytes
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],  # it comes with matplotlib; the page has its own
    "font.size": 8.0,
    "axes.linewidth": 0.6,
    "axes.edgecolor": "#444444",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.5,
}
SCALES = {Signal.HEART_RATE: (35.0, 150.0), Signal.SKIN_TEMPERATURE: (30.0, 40.0)}
"""The same in every report, so that sessions compare; wider where the data are."""
LIMITS: Mapping[Signal, Mapping[str, str]] = {
    Signal.HEART_RATE: dict.fromkeys(
        ("hr_extreme", "hr_high", "hr_elevated", "hr_low", "hr_very_low"), ""
    ),
    Signal.SKIN_TEMPERATURE: {
        "temp_critical": " clinical",
        "temp_high": " clinical",
        "skin_high": " skin",
    },
}
"""Limits of the vital sign itself; those relative to a baseline are in the table."""

GAP_SHARE = 0.004
"""A short gap must still be seen: share of the width."""
LABEL_SHARE = {Signal.HEART_RATE: 0.06, Signal.SKIN_TEMPERATURE: 0.1}
"""Height of a line of text as a share of the panel's."""


def draw(report: Report) -> str:
    """The drawing as an `<svg>` element that points nowhere else."""
    import matplotlib as mpl  # noqa: PLC0415 - heavy, and an extra
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    out = io.StringIO()
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE_IN)
        FigureCanvasSVG(figure)
        _panels(figure, report)
        figure.savefig(out, format="svg", metadata={"Date": None})
    return _inline(out.getvalue())


def _inline(svg: str) -> str:
    """What belongs into a page: no prolog, no metadata, no fixed size, the page's own font."""
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    head, rest = svg.split(">", 1)
    head = re.sub(r' (width|height|xmlns(:xlink)?|version)="[^"]*"', "", head)
    rest = re.sub(r"font: ([\d.]+)px 'DejaVu Sans'[^;\"]*", r"font-size: \1px", rest)
    return f'{head} role="img" aria-label="Timeline of the session">{rest}'


def _panels(figure: Figure, report: Report) -> None:
    heights = [3.2, 2.2, *([1.0] if report.pressures else []), 1.0, 0.9]
    panels: Sequence[Axes] = list(
        figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    )
    _vital(panels[0], report, report.heart, "Heart rate, bpm")
    _vital(panels[1], report, report.skin, "Temperature, °C")
    chart_lanes.clinical(panels[1], report)
    if report.pressures:
        chart_lanes.pressures(panels[2], report)
    chart_lanes.alarms(panels[-2], report)
    chart_lanes.entries(panels[-1], report)
    for panel in panels:
        for dose in report.doses:
            panel.axvline(dose.t_ns / NS_PER_S, color="black", linewidth=1.1)
    for number, dose in enumerate(report.doses, 1):
        at = (dose.t_ns / NS_PER_S, 1.0)
        chart_lanes.name(panels[0], f"dose {number}", at, ("data", "axes fraction"), (3, -8))
    _time(panels, report)
    figure.align_ylabels(panels)
    figure.subplots_adjust(left=0.085, right=0.895, top=0.945, bottom=0.055, hspace=0.12)


def _vital(axes: Axes, report: Report, trace: Trace, label: str) -> None:
    shown = envelope(trace.values)
    _gaps(axes, report, trace.signal)
    axes.fill_between(shown.t_s, shown.low, shown.high, color="#8c8c8c", linewidth=0)
    axes.plot(shown.t_s, shown.middle, color="black", linewidth=0.9)
    axes.plot(shown.t_s[shown.lonely], shown.middle[shown.lonely], "k.", markersize=2)
    low, high = SCALES[trace.signal]
    finite = trace.values[np.isfinite(trace.values)]
    axes.set_ylim(min([low, *(finite - 1)]), max([high, *(finite + 1)]))
    axes.set_ylabel(label)
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.5)
    if not finite.size:
        axes.text(0.5, 0.5, "no valid value", transform=axes.transAxes, ha="center")
    _limits(axes, report, trace.signal)


def _gaps(axes: Axes, report: Report, signal: Signal) -> None:
    least_s = GAP_SHARE * report.wall.end_ns / NS_PER_S
    for gap in report.gaps:
        if gap.signal is signal and gap.length_s >= BREAK_S:
            t1_s = gap.t0_s + max(gap.length_s, least_s)
            axes.axvspan(
                gap.t0_s, t1_s, facecolor="#ececec", edgecolor="#666666", hatch="////", lw=0
            )


def _limits(axes: Axes, report: Report, signal: Signal) -> None:
    low, high = axes.get_ylim()
    named: list[tuple[float, str]] = []
    for condition, more in LIMITS[signal].items():
        steps = limit_steps(report.in_force, condition, report.wall.end_ns / NS_PER_S)
        for step in steps:
            axes.hlines(step.value, step.t0_s, step.t1_s, color="black", lw=0.7, ls=(0, (5, 3)))
        if steps and low <= steps[-1].value <= high:
            symbol = PRIORITIES[steps[-1].priority].symbol
            named.append((steps[-1].value, f"{symbol} {steps[-1].value:g}{more}"))
    for (_, text), y in zip(
        named, spread([y for y, _ in named], (high - low) * LABEL_SHARE[signal]), strict=True
    ):
        chart_lanes.name(axes, text, (1.0, y), ("axes fraction", "data"), (4, -3))


def _time(panels: Sequence[Axes], report: Report) -> None:
    """Below: since the dose, or the start. Above: by the clock on the wall, where it is known."""
    end_s = max(report.wall.end_ns / NS_PER_S, 1.0)
    zero_s = report.doses[0].t_ns / NS_PER_S if report.doses else 0.0
    below = ticks(zero_s, end_s)
    short = end_s < 20 * 60
    labels = [_short(report.wall.since(round(t_s * NS_PER_S)), seconds=short) for t_s in below]
    panels[-1].set_xlim(0, end_s)
    panels[-1].set_xticks(below, labels)
    first = report.wall.at(0)
    if report.wall.known and first is not None:
        midnight_s = -(first.hour * 3600 + first.minute * 60 + first.second)
        above = ticks(float(midnight_s), end_s)
        top = panels[0].secondary_xaxis("top")
        top.set_xticks(
            above, [report.wall.clock(round(t_s * NS_PER_S))[: 8 if short else 5] for t_s in above]
        )


def _short(since: str, *, seconds: bool) -> str:
    return since if seconds else since.rpartition(":")[0]
