"""What the checklist's steps do: each opens its window and sends what the operator decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from monitor.feed import Limit, Snapshot
from monitor.model import Verb
from tui.checklist import DONE, OPEN, SKIPPED, StepView, checklist, offered
from tui.screens import checklist as window
from tui.screens import setup_steps as ask
from tui.screens.self_test import Details, SelfTestScreen, Tester


class Host(Protocol):
    """What the steps need of the session screen."""

    drawn: Snapshot | None
    tester: Tester | None

    def command(self, verb: str, **details: str | float | bool) -> None:
        """Send a command."""

    def push_screen(self, screen: Any, callback: Callable[[Any], None] | None = None) -> Any:
        """Show a window."""

    def notify(self, message: str, *, severity: Any = ..., markup: bool = ...) -> None:
        """Say something."""

    def action_sound_check(self) -> None:
        """Ask whether the sound is heard."""

    def action_dose(self) -> None:
        """Ask about the dose."""

    def action_acknowledge(self) -> None:
        """Acknowledge."""

    def action_pause(self) -> None:
        """Pause the sound."""


def open_checklist(host: Host) -> None:
    """Show the checklist, if there is one."""
    if checklist(host.drawn) is None:
        host.notify("No checklist: it ends with the dose, or is switched off.", markup=False)
        return
    outside = {"acknowledge": host.action_acknowledge, "pause": host.action_pause}

    def closed(answer: str | None) -> None:
        if answer == window.DOSE:
            host.action_dose()

    screen = window.ChecklistScreen(
        lambda: checklist(host.drawn),
        lambda name: _open(host, name),
        lambda step: _skip(host, step),
        lambda action: outside[action](),
    )
    host.push_screen(screen, closed)


def _mark(host: Host, step: str, state: str) -> None:
    host.command(Verb.SETUP.value, step=step, state=state)


def _skip(host: Host, step: StepView) -> None:
    """Skip a step, or take it up again; what is done stays done."""
    if step.state == OPEN:
        _mark(host, step.name, SKIPPED)
    elif host.drawn is not None and host.drawn.setup and step.name in host.drawn.setup.marks:
        _mark(host, step.name, OPEN)


def _open(host: Host, name: str) -> None:
    if name == "sound":
        host.action_sound_check()
    elif name == "limits":
        _limits(host)
    elif name == "self_test":
        _self_test(host)
    else:
        makes = {"sensors": ask.sensors_question, "baseline": ask.baseline_question}

        def answered(answer: str | None) -> None:
            if answer == ask.SKIP:
                _mark(host, name, SKIPPED)

        host.push_screen(makes[name](lambda: host.drawn), answered)


def _limits(host: Host) -> None:
    seen = host.drawn
    if seen is None:
        return
    offers = offered(seen)

    def answered(answer: str | None) -> None:
        if answer == ask.KEEP:
            _mark(host, "limits", DONE)
        elif answer == ask.SKIP:
            _mark(host, "limits", SKIPPED)
        elif answer:
            _take(host, offers[int(answer)], seen.heart_rate.baseline)

    host.push_screen(ask.limits_question(seen), answered)


def _take(host: Host, limit: Limit, baseline: float | None) -> None:
    def record(values: dict[str, str] | None) -> None:
        if values is not None and limit.offered is not None:
            named = {"condition": limit.condition, "key": limit.key}
            host.command(
                Verb.SET_LIMIT.value, **named, value=limit.offered, reason=values["reason"]
            )

    host.push_screen(ask.reason_form(limit, baseline), record)


def _self_test(host: Host) -> None:
    if host.tester is None:
        host.notify("Not from here: vigil selftest, in another terminal.", markup=False)
        return

    def record(details: Details | None) -> None:
        if details is not None:
            host.command(Verb.SELF_TEST.value, **details)

    host.push_screen(SelfTestScreen(host.tester), record)
