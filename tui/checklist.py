"""The checklist before the dose, made from the newest snapshot alone. No Textual here.

Nothing is remembered by a screen: a new one, or a new engine, shows the same steps as before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from monitor.feed import Limit, Sensor, Setup, Snapshot, Vital
from tui import wording
from tui.wording import plain

DONE, SKIPPED, OPEN = "done", "skipped", "open"
NEEDED_S = 600.0
"""Valid data a baseline needs (clinical rule 2)."""
KEY = "g"


@dataclass(frozen=True, slots=True, kw_only=True)
class BarView:
    """How far a baseline is: 0 to 1, and in words."""

    label: str
    share: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step: how it stands, and why."""

    name: str
    title: str
    state: str = OPEN
    """done, skipped or open."""
    line: str = ""
    waiting: bool = False
    """Open, and nothing to be done for it now but to wait."""
    bars: tuple[BarView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistView:
    """All steps in order, and where one stands."""

    steps: tuple[StepView, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing is open any more."""
        return all(step.state != OPEN for step in self.steps)

    @property
    def line(self) -> str:
        """In a line, for the session screen."""
        if self.ready:
            return f"Setup: ready for the dose ({KEY})"
        settled = sum(step.state != OPEN for step in self.steps)
        left = ", ".join(step.title.lower() for step in self.steps if step.state == OPEN)
        return f"Setup {settled} of {len(self.steps)}, open: {left} ({KEY})"

    @property
    def next(self) -> int:
        """Place of the first step that somebody can do something for."""
        places = [i for i, step in enumerate(self.steps) if step.state == OPEN]
        return next((i for i in places if not self.steps[i].waiting), (places or [0])[0])


def checklist(snapshot: Snapshot | None) -> ChecklistView | None:
    """The checklist of this snapshot; None when there is none, or no longer."""
    if snapshot is None or snapshot.setup is None:
        return None
    setup = snapshot.setup
    steps = tuple(_marked(_STEPS[n](snapshot, setup), setup) for n in setup.steps if n in _STEPS)
    return ChecklistView(steps=steps)


def offered(snapshot: Snapshot) -> list[Limit]:
    """Limits that the baseline offers and that are not in force."""
    return [limit for limit in snapshot.limits if limit.offered is not None]


def _marked(step: StepView, setup: Setup) -> StepView:
    """What is done is done; else the operator's word counts."""
    mark = setup.marks.get(step.name, OPEN)
    if step.state != OPEN or mark == OPEN:
        return step
    return replace(step, state=mark, waiting=False)


def _sensors(snapshot: Snapshot, _: Setup) -> StepView:
    troubles = [f"{plain(s.alias, 24)} {why}" for s in snapshot.sensors if (why := trouble(s))]
    missing = [name for name, there in _expected(snapshot).items() if not there]
    lacks = f"; no {' or '.join(missing)} sensor" if missing else ""
    fine = f"{len(snapshot.sensors)} deliver{'s' if len(snapshot.sensors) == 1 else ''}{lacks}"
    return StepView(
        name="sensors",
        title="Sensors",
        state=OPEN if troubles or not snapshot.sensors else DONE,
        line=", ".join(troubles) or (fine if snapshot.sensors else "none listed"),
    )


def _expected(snapshot: Snapshot) -> dict[str, bool]:
    setup = snapshot.setup or Setup(steps=[])
    return {"heart-rate": setup.heart, "skin-temperature": setup.skin}


def trouble(sensor: Sensor) -> str:
    """Why a sensor is not as it should be before a session; empty when it is."""
    if sensor.state == "initial":  # a cuff or an ear thermometer speaks when somebody measures
        return "" if sensor.spot else "not linked yet"
    if sensor.state != "streaming":
        return plain(sensor.state, 12)
    return "has NO CONTACT" if sensor.contact is False else ""


def _sound(snapshot: Snapshot, _: Setup) -> StepView:
    audio = snapshot.audio
    words = {True: "heard", False: "NOT heard: louder, then try again", None: "not checked yet"}
    line = words[audio.confirmed] if audio.available else f"NO SOUND {plain(audio.detail, 40)}"
    state = DONE if audio.confirmed and audio.available else OPEN
    return StepView(name="sound", title="Sound check", state=state, line=line.strip())


def _baseline(snapshot: Snapshot, setup: Setup) -> StepView:
    bars = tuple(
        bar(label, vital)
        for label, vital, there in (
            ("heart", snapshot.heart_rate, setup.heart),
            ("skin", snapshot.skin_temperature, setup.skin),
        )
        if there
    )
    if not bars:
        return StepView(
            name="baseline", title="Baseline", state=SKIPPED, line="no sensor to take one from"
        )
    done = all(one.share >= 1.0 for one in bars)
    line = ", ".join(f"{one.label} {one.text}" for one in bars)
    state = DONE if done else OPEN
    return StepView(
        name="baseline", title="Baseline", state=state, line=line, waiting=not done, bars=bars
    )


def bar(label: str, vital: Vital) -> BarView:
    """How far the baseline of a vital sign is."""
    if vital.baseline_state in {"ready", "frozen"} and vital.baseline is not None:
        unit = "bpm" if label == "heart" else "degC"
        return BarView(label=label, share=1.0, text=wording.quantity(vital.baseline, unit))
    share = min(max(vital.baseline_progress_s / NEEDED_S, 0.0), 0.99)
    of = f"{wording.minutes(vital.baseline_progress_s)} of {wording.minutes(NEEDED_S)}"
    return BarView(label=label, share=share, text=of)


def _limits(snapshot: Snapshot, setup: Setup) -> StepView:
    made = StepView(name="limits", title="Limits")
    left = len(offered(snapshot))
    if left:
        return replace(made, line=f"{left} offer{'s' * (left > 1)} from the baseline")
    if snapshot.heart_rate.baseline_state == "ready":
        return replace(made, state=DONE, line=_changed(snapshot))
    if not setup.heart:
        return replace(made, state=SKIPPED, line="no heart-rate sensor: as configured")
    skipped = "baseline" not in setup.steps or setup.marks.get("baseline") == SKIPPED
    if skipped:
        return replace(made, state=SKIPPED, line="without a baseline: as configured")
    return replace(made, waiting=True, line="offered when the baseline is there")


def _changed(snapshot: Snapshot) -> str:
    changed = sum(limit.value != limit.default for limit in snapshot.limits)
    return f"{changed} changed for this session" if changed else "as configured, they fit"


def _self_test(snapshot: Snapshot, _: Setup) -> StepView:
    words = {True: "passed", False: "FAILED", None: "not done yet"}
    state = DONE if snapshot.self_tested else OPEN
    line = words[snapshot.self_tested]
    return StepView(name="self_test", title="Self-test", state=state, line=line)


_STEPS: Mapping[str, Callable[[Snapshot, Setup], StepView]] = {
    "sensors": _sensors,
    "sound": _sound,
    "baseline": _baseline,
    "limits": _limits,
    "self_test": _self_test,
}
