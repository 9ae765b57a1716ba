"""The steps of the checklist that are questions: sensors, baseline, offered limits."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text

from monitor.feed import Limit, Snapshot
from tui import wording
from tui.checklist import BarView, StepView, checklist, offered, trouble
from tui.screens.form import Field, Form
from tui.screens.question import Answer, Question
from tui.sensor_words import UNTRIED, line
from tui.wording import plain

SKIP, KEEP = "skip", "keep"
BAR_CELLS = 24
AT_REST = (
    "Ten minutes of valid values at rest. It goes on while this window is closed, and is fixed "
    "when you record the dose (key d). If skipped, the alarms that compare with it will say "
    '"no baseline".'
)
Newest = Callable[[], Snapshot | None]
_SKIP = Answer(("s",), "s  Skip this step", SKIP)


def sensors_question(newest: Newest) -> Question:
    """What each sensor says of itself now."""
    return Question("Sensors", lambda: _sensors(newest()), (_SKIP,))


def _sensors(snapshot: Snapshot | None) -> Text:
    blocks = []
    for sensor in snapshot.sensors if snapshot else []:
        why = trouble(sensor)
        mark = f"   {why}" if why else ""
        simulated = " SIMULATED" if sensor.simulated else ""
        head = f"{plain(sensor.alias, 24)}{simulated}  {plain(sensor.title, 60)}{mark}"
        blocks.append(f"{head}\n  {line(sensor)}")
    help_ = "Wet a strap's electrodes; press a probe to dry skin and cover it. " + UNTRIED
    return Text("\n".join([*blocks, "", help_]))


def baseline_question(newest: Newest) -> Question:
    """How far the baselines are."""
    return Question("Baseline", lambda: _baseline(newest()), (_SKIP,))


def _baseline(snapshot: Snapshot | None) -> Text:
    view = checklist(snapshot)
    step = _step(view.steps if view else (), "baseline")
    notes = [] if snapshot is None else [snapshot.heart_rate.note, snapshot.skin_temperature.note]
    bars = [drawn(one) for one in step.bars]
    said = ", ".join(plain(note, 40) for note in notes if note)
    lines = [*(bars or [step.line]), f"Now: {said}" if said else "", AT_REST]
    return Text("\n".join(lines))


def _step(steps: tuple[StepView, ...], name: str) -> StepView:
    found = (step for step in steps if step.name == name)
    return next(found, StepView(name=name, title="", line="The setup is over."))


def drawn(bar: BarView) -> str:
    """A bar of text: full blocks, then light ones, and the words."""
    full = int(bar.share * BAR_CELLS)
    return f"{bar.label:<6}{'█' * full}{'░' * (BAR_CELLS - full)}  {bar.text}"


def limits_question(snapshot: Snapshot) -> Question:
    """The limits that the baseline offers, to be taken one by one, or left."""
    offers = offered(snapshot)
    base = snapshot.heart_rate.baseline
    rest = "" if base is None else f"Resting heart rate {base:.0f} bpm. "
    text = Text(
        f"{rest}Nothing changes by itself: choose an offer to take it, with your reason, "
        "for this session only. It is a proposal by a fixed rule and needs a clinician's judgement."
        if offers
        else f"{rest}No offer: the limits in force are within 5 bpm of what the baseline suggests, "
        "or the baseline is not there yet. Key i shows and changes every limit."
    )
    answers = [
        Answer((str(place),), f"{place}  {_offer(limit)}", str(place - 1))
        for place, limit in enumerate(offers, start=1)
    ]
    keep = Answer(("k",), "k  Keep the others as they are", KEEP)
    return Question("Limits", lambda: text, (*answers, keep if offers else _SKIP))


def _offer(limit: Limit) -> str:
    unit = wording.UNITS.get(limit.unit, limit.unit)
    return f"{limit.title}: {limit.value:g} -> {limit.offered:g} {unit}"


def reason_form(limit: Limit, baseline: float | None) -> Form:
    """Ask why this offer is taken."""
    usual = "" if baseline is None else f"resting heart rate {baseline:.0f} bpm"
    note = f"{_offer(limit)}, for this session only."
    return Form(f"Limit {limit.condition}", [Field("reason", "why?", usual)], note)
