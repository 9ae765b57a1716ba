"""A report as one HTML page that needs nothing else: no script, no request, no other file.

Everything people and sensors wrote is escaped by the template engine, and cleared of hidden
characters before. Needs Jinja2.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from devices.model import NS_PER_S
from monitor import clock
from monitor.alarm_review import Reviewed
from monitor.report import entries, intervals, limits, words
from monitor.report.model import Judgement, Report
from monitor.report.spans import Span
from monitor.report.traces import Trace
from monitor.report.wall import length

TEMPLATES = Path(__file__).parent / "templates"
FULL_S = 2 * intervals.HALF_S


def render(report: Report, chart: str, made_utc_ns: int) -> str:
    """The page.

    Args:
        report: what it tells.
        chart: the timeline, an `<svg>` element of our own making.
        made_utc_ns: now, nanoseconds since 1970-01-01 UTC.
    """
    import jinja2  # noqa: PLC0415 - an extra
    from markupsafe import Markup  # noqa: PLC0415

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=words.harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _filters(report)
    css = Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))  # noqa: S704 - ours
    return environment.get_template(
        "report.html.j2"
    ).render(
        report=report,
        chart=Markup(chart),  # noqa: S704 - drawn by us, holds no foreign text
        css=css,
        made=clock.utc_text(made_utc_ns)[:19].replace("T", " ") + " UTC",
        **_words(report),
    )


def _filters(report: Report) -> dict[str, Any]:
    wall = report.wall
    return {
        "clock": wall.clock,
        "since": wall.since,
        "length_of": length,
        "length_or_none": lambda s: words.NO_VALUE if s is None else length(s),
        "quantity": words.quantity,
        "title_of": limits.title,
        "valid_pct": _valid_pct,
        "duration": lambda alarm: _duration(alarm, wall.end_ns),
        "judged_for": lambda said: _judged_for(said, wall.end_ns),
        "lasted": lambda span: _lasted(span, wall.end_ns),
        "answer": lambda alarm: _answer(alarm, derived=report.facts.derived),
    }


def _words(report: Report) -> dict[str, Any]:
    long = [gap for gap in report.gaps if gap.length_s >= intervals.BREAK_S]
    return {
        "statement": words.STATEMENT,
        "priorities": words.PRIORITIES,
        "signals": words.SIGNALS,
        "mode": words.MODES.get(report.facts.mode, report.facts.mode),
        "marks": _marks(report),
        "site": _site(report),
        "time_note": _time_note(report),
        "page_head": _page_text("; ".join(mark.partition(":")[0] for mark in _marks(report))),
        "page_foot": _page_text(f"Vigil session report {report.facts.subject}"),
        "long_gaps": long,
        "short_gaps": _short_gaps(report.gaps),
        "entry_text": entries.text,
        "limit_name": limits.name,
        "limit_quantity": limits.quantity,
        "ns": NS_PER_S,
        "full_s": FULL_S,
        "break_s": intervals.BREAK_S,
        "least_s": intervals.LEAST_S,
        "near_min": intervals.NEAREST_S // 60,
    }


def _marks(report: Report) -> list[str]:
    """What nobody may overlook."""
    found = [words.MODES[report.facts.mode]] if report.facts.mode in {"SIM", "IMPORT"} else []
    if report.integrity.findings:
        found.append("INTEGRITY FAILED: this is not the recording as it was written")
    if not report.facts.ended:
        found.append("NOT ENDED: the session is still running, or its engine was killed")
    return found


def _page_text(text: str) -> str:
    """Text for the margin of a printed page, harmless inside a style sheet's quotes."""
    return re.sub(r"[^A-Za-z0-9 _.,:;-]", "?", text)


def _site(report: Report) -> str:
    sites = {s.spec.site for s in report.sensors if s.spec.measures is report.skin.signal}
    named = sorted(site for site in sites if site)
    return f" ({', '.join(named)})" if named else ""


def _time_note(report: Report) -> str:
    wall = report.wall
    if not wall.anchors:
        return "The file gives no date: times are hours, minutes and seconds since its start."
    if not wall.known:
        return (
            f"Recorded at {report.facts.rate:g} times real speed: times are hours, minutes and "
            "seconds of the session."
        )
    zone = f"Times are local ({wall.zone}). "
    changed = "The clocks were changed meanwhile: each time carries its offset from UTC. "
    next_day = "+1 d: on the next day. "
    first, last = wall.at(0), wall.at(wall.end_ns)
    over = first is not None and last is not None and first.date() != last.date()
    dose = "T: since the first dose." if report.doses else ""
    return zone + (changed if wall.changes_offset else "") + (next_day if over else "") + dose


def _short_gaps(gaps: Any) -> list[tuple[str, int, int]]:
    found = []
    for signal, name in words.SIGNALS.items():
        short = [g.length_s for g in gaps if g.signal == signal and g.length_s < intervals.BREAK_S]
        if short:
            found.append((name, len(short), sum(short)))
    return found


def _valid_pct(trace: Trace) -> float:
    missing = int((trace.values != trace.values).sum())
    return 100.0 * (1.0 - missing / trace.values.size)


def _duration(alarm: Reviewed, end_ns: int) -> str:
    if alarm.clear_ns is None:
        return f"{length((end_ns - alarm.onset_ns) / NS_PER_S)}, still on at the end"
    return length((alarm.clear_ns - alarm.onset_ns) / NS_PER_S)


def _lasted(span: Span, end_ns: int) -> str:
    if span.t1_ns is None:
        return f"{length((end_ns - span.t0_ns) / NS_PER_S)}, still on at the end"
    return length((span.t1_ns - span.t0_ns) / NS_PER_S)


def _judged_for(said: Judgement, end_ns: int) -> str:
    end_s = end_ns / NS_PER_S if said.t1_s is None else said.t1_s
    return length(end_s - said.t0_s)


def _answer(alarm: Reviewed, *, derived: bool) -> str:
    if alarm.covered:
        return "under an earlier acknowledgement: it comes and goes"
    if alarm.response_s is None:
        nobody = "by nobody" + (", so it became HIGH" if alarm.unanswered else "")
        return words.NO_VALUE if derived else nobody
    by = f"by {alarm.by} " if alarm.by else ""
    along = f", with {limits.title(alarm.along_with)}" if alarm.along_with else ""
    late = ", after it became HIGH" if alarm.unanswered else ""
    again = f"; reminded {alarm.reminders} times" if alarm.reminders else ""
    return f"{by}after {length(alarm.response_s)}{along}{late}{again}"
