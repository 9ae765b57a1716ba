"""The answers of `vigil reanalyse` for people: lines of alarms, tables, a chart of a sweep."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from alerts.catalogue import CATALOGUE
from alerts.model import Priority
from devices.model import NS_PER_S
from monitor.alarm_difference import WHAT, Difference
from monitor.cli.output import clock_text, print_text
from monitor.episodes import Episode, OverLimit
from monitor.exactness import Exactness
from monitor.reanalysis import Analysis
from monitor.what_if import Answer, Point, Question

if TYPE_CHECKING:
    from rich.table import Table

BLOCKS = " ▏▎▍▌▋▊▉█"
BAR = 12
"""Characters of the longest bar."""
WIDTH = 100
"""Columns of a table where no terminal says how wide it is."""


def line(alarm: Episode) -> str:
    """One alarm as a line of text."""
    end = "still on" if alarm.clear_s is None else clock_text(alarm.clear_s)
    value = "" if alarm.value is None else f"  {alarm.value:.4g} {alarm.unit}"
    limit = "" if alarm.limit is None else f" (limit {alarm.limit:.4g})"
    span = f"{clock_text(alarm.onset_s)} - {end}"
    return f"{span:21s} {alarm.priority:6s} {alarm.condition}{value}{limit}"


def print_one(answer: Answer, *, compare: bool) -> None:
    """One recording: its alarms, how they were answered, what differs."""
    result = answer.analysis
    print_text(f"{result.recording}  {clock_text(result.duration_s)}")
    for alarm in result.alarms:
        print_text(f"  {line(alarm)}")
    per_hour = ", ".join(f"{name} {n:g}" for name, n in result.burden_per_hour.items())
    print_text(f"  alarms per hour: {per_hour}")
    if answered := _answered(answer):
        print_text(f"  acknowledged when recorded: {answered}")
    if compare and not answer.differences:
        print_text("  no differences")
    for found in answer.differences:
        print_text(f"  {found.what + ':':8s} {_difference(found)}")
    if answer.exactness is not None:
        for text in _exactness(answer.exactness, result):
            print_text(f"  {text}")
    if compare:
        print_table(_compared([answer]))


def _exactness(found: Exactness, result: Analysis) -> Iterator[str]:
    """Whether the record is derived again to the last bit, and else where not."""
    count = f"{found.seconds} s of vitals, {found.transitions} alarm transitions"
    if found.exact:
        yield f"exact: {count}, each bit as recorded"
        return
    yield f"NOT exact: recorded by {result.recorded_software}, derived by {result.software}"
    yield f"  {found.seconds_differ} s of vitals and {found.transitions_differ} transitions differ"
    for second in found.first_seconds:
        sides = [row and row[1:] for row in (second.recorded, second.derived)]
        yield f"  {clock_text(second.t_s)} vitals: recorded {sides[0]}, derived {sides[1]}"
    for change in found.first_transitions:
        yield f"  {clock_text(change.t_ns / NS_PER_S)} {change.side} only: {change.body}"


def _answered(answer: Answer) -> str:
    """How the alarms of each priority were answered."""
    return ", ".join(
        f"{r.priority} {r.acknowledged} of {r.alarms}"
        + ("" if r.median_s is None else f" after {r.median_s:g} s (longest {r.longest_s:g} s)")
        for r in answer.analysis.response_times
        if r.alarms
    )


def _difference(found: Difference) -> str:
    """The alarm as it is now, and what it was."""
    now, was = found.after or found.before, found.before
    if now is None:
        return found.condition
    if was is None or was is now:
        return line(now)
    return f"{line(now)}; was {' '.join(line(was).split())}"


def print_all(answers: Sequence[Answer], question: Question) -> None:
    """What several recordings come to together, and the chart of a sweep."""
    if not answers:
        return
    count = "1 recording" if len(answers) == 1 else f"{len(answers)} recordings"
    total = f"{count}, {_hours(answers):.1f} h"
    if question.compare and len(answers) > 1:
        print_text(f"{total} together")
        print_table(_compared(answers))
    if question.sweep:
        print_text(f"{question.sweep.key} over {total}")
        print_table(_swept(answers, question.sweep.condition))
        print_text(f"without alarm: time over the limit of {question.sweep.condition} without it")


def print_table(table: Table) -> None:
    """A table, in the characters standard output can show; nothing in it is markup."""
    from rich.console import Console  # noqa: PLC0415 - only where a table is asked for

    width = None if sys.stdout.isatty() else WIDTH
    console = Console(file=sys.stdout, width=width, markup=False, highlight=False, emoji=False)
    console.print(table)


def _table(*columns: str) -> Table:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left", no_wrap=True)
    return table


def _hours(answers: Iterable[Answer]) -> float:
    return sum(answer.analysis.duration_s for answer in answers) / 3600


def _compared(answers: Sequence[Answer]) -> Table:
    """By condition: alarms before and now, what differs, time over the limit without alarm."""
    kinds = [what for what in WHAT if any(d.what == what for a in answers for d in a.differences)]
    table = _table("", "alarms", *kinds, "over limit, no alarm")
    now = [alarm for a in answers for alarm in a.analysis.alarms]
    old = [alarm for a in answers if a.before for alarm in a.before.alarms]
    for name in CATALOGUE:
        counts = [sum(alarm.condition == name for alarm in alarms) for alarms in (old, now)]
        silent = [_silent(overs, name) for overs in _overs(answers)]
        if any(counts) or any(silent):
            what = Counter(d.what for a in answers for d in a.differences if d.condition == name)
            numbers = (str(what[kind] or "") for kind in kinds)
            table.add_row(name, _change(counts, str), *numbers, _change(silent, clock_text))
    for priority in (*(p.name for p in reversed(Priority)), "ALL"):
        rates = [
            sum(priority in {a.priority, "ALL"} for a in alarms) / (_hours(answers) or 1)
            for alarms in (old, now)
        ]
        table.add_row(f"{priority} per hour", _change(rates, "{:.2f}".format), *[""] * len(kinds))
    return table


def _overs(answers: Sequence[Answer]) -> list[list[dict[str, OverLimit]]]:
    before = [answer.before.over_limit_s for answer in answers if answer.before]
    return [before, [answer.analysis.over_limit_s for answer in answers]]


def _silent(overs: Iterable[dict[str, OverLimit]], name: str) -> int:
    return sum(over[name].without_alarm for over in overs if name in over)


def _change(pair: Sequence[Any], text: Callable[[Any], str]) -> str:
    before, now = (text(one) for one in pair)
    return now if before == now else f"{before} -> {now}"


def _swept(answers: Sequence[Answer], name: str) -> Table:
    """By value: alarms of the condition with a bar, all alarms an hour, time without alarm."""
    table = _table("value", "alarms", name, "all per h", "without alarm", "")
    table.columns[2].justify = table.columns[-1].justify = "left"
    columns = list(zip(*(answer.points for answer in answers), strict=True))
    counts = [sum(point.alarms.get(name, 0) for point in points) for points in columns]
    silent = [_silent((point.over_limit_s for point in points), name) for points in columns]
    for points, alarms, seconds in zip(columns, counts, silent, strict=True):
        table.add_row(
            _value(points),
            str(alarms),
            bar(alarms, max(counts)),
            f"{_all(points) / (_hours(answers) or 1):.2f}",
            clock_text(seconds),
            bar(seconds, max(silent)),
        )
    return table


def _value(points: Sequence[Point]) -> str:
    """The value asked for, and behind it what another rule lowered it to everywhere."""
    in_force = {point.in_force for point in points}
    number = in_force.pop() if len(in_force) == 1 else None
    same = number is None or number == float(points[0].value)
    return points[0].value if same else f"{points[0].value} ({number:g})"


def _all(points: Iterable[Point]) -> int:
    return sum(sum(point.alarms.values()) for point in points)


def bar(value: float, most: float, width: int = BAR) -> str:
    """A bar of `width` characters at most; plain ASCII where the output is not UTF-8."""
    share = value / most if most else 0.0
    if "utf" not in (sys.stdout.encoding or "").lower():
        return "#" * round(share * width)
    eighths = round(share * width * 8)
    return "█" * (eighths // 8) + BLOCKS[eighths % 8].strip()
