"""The course of a recording: its material by kind, checks before the dose, restarts and holes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.settings import resolve
from devices.model import SensorSpec
from monitor import stored
from monitor.journal import limits_body
from monitor.recording.reader import Recording
from monitor.report.entries import Told, told
from monitor.report.gaps import lack
from monitor.report.limits import InForce
from monitor.report.model import Check, Event
from monitor.training import TRAINING

Bodies = list[tuple[int, Mapping[str, Any]]]
_CHECKS = {"sound_check": ("heard", "sound check"), "self_test": ("passed", "self-test")}
_SETUP = "setup"
"""What the operator said of a step of the checklist before the dose."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the parts of a report are made of.

    Attributes:
        specs: the allow-listed sensors.
        journal: (session time in ns, body) by kind.
        actions: of the operator, refused ones too.
        end_ns: session time of the end.
    """

    specs: Sequence[SensorSpec]
    journal: Mapping[str, Bodies]
    actions: Sequence[Told]
    end_ns: int

    def rows(self, kind: str) -> Bodies:
        """Journal rows of one kind."""
        return self.journal.get(kind, [])


def material(recording: Recording) -> Material:
    """Read what is not bulk."""
    journal: dict[str, Bodies] = {}
    for row in recording.journal():
        journal.setdefault(row.kind, []).append((row.t_ns, row.body))
    return Material(recording.sensors(), journal, told(journal.get("action", [])), recording.end_ns)


def in_force(recording: Recording, found: Material) -> list[InForce]:
    """Limits by the time from which they held; an import was never judged but by the defaults."""
    states = [InForce(t_ns, body.get("alarms", {})) for t_ns, body in found.rows("limits")]
    if states:
        return states
    setup = stored.setup(recording)
    return [InForce(0, limits_body(resolve(setup.alarms, setup.age_years))["alarms"])]


def checks(actions: Iterable[Told]) -> list[Check]:
    """Steps before the dose, self-tests and sound checks with their results."""
    done = [action for action in actions if not action.refused]
    return [_check(action) for action in done if action.verb in (*_CHECKS, _SETUP)]


def _check(action: Told) -> Check:
    if action.verb == _SETUP:
        step, state = (str(action.details.get(key, "")) for key in ("step", "state"))
        return Check(action.t_ns, f"setup: {step.replace('_', ' ')}", state, action.by, "")
    key, title = _CHECKS[action.verb]
    saw = [f"{name}: {value}" for name, value in action.details.items() if name != key]
    result = "passed" if action.details.get(key) else "FAILED"
    return Check(action.t_ns, title, result, action.by, "; ".join(saw))


def events(found: Material) -> list[Event]:
    """Starts, restarts, clock jumps, holes, and changes of the sensor in use."""
    told_ = [Event(t_ns, _session(body)) for t_ns, body in found.rows("session")]
    told_ += [Event(t_ns, f"data missing: {lack(t_ns, b)[3]}") for t_ns, b in found.rows("gap")]
    told_ += [Event(t_ns, _switch(body)) for t_ns, body in found.rows("source")]
    return sorted(told_, key=lambda event: event.t_ns)


def _switch(body: Mapping[str, Any]) -> str:
    signal = str(body["signal"]).replace("_", " ")
    return f"{signal} now from {body['after']} (was {body['before']})"


def _session(body: Mapping[str, Any]) -> str:
    if body.get("event") == "clock_jump":
        return f"the computer's clock jumped by {float(body.get('jump_s', 0.0)):+.1f} s"
    if body.get("event") == TRAINING:
        return f"training: {body.get('title', '')}"
    by = f" by {body['software']}" if body.get("software") else ""
    return f"recording {body.get('event', '')}{by}"
