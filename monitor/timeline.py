"""What charts show besides the curves: alarm spans, gaps with their reason, marks. All bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import partial

import numpy as np

from alerts.model import Transition
from devices.model import NS_PER_S, LinkState, Signal
from monitor import feed
from monitor.core import Core, Event, Output
from monitor.feed_chart import AlarmSpan, Mark
from monitor.gaps import ANY, Cause, Causes, Gaps
from monitor.ledger import withdraws
from monitor.model import Action, Verb
from monitor.signal.skin_samples import Reason
from monitor.signal.vitals import Vitals

MOST = 300
"""Alarm spans and marks kept; the record keeps all."""
TEXT_MAX = 80
HEART, SKIN = Signal.HEART_RATE.value, Signal.SKIN_TEMPERATURE.value
_LINKS = {
    LinkState.LOST: "link lost",
    LinkState.STALE: "link silent",
    LinkState.CONNECTING: "connecting",
    LinkState.INITIAL: "connecting",
    LinkState.STREAMING: "",
}
_SKIN_CONDITIONS = {"temp_lost", "probe_off"}


def signal_of(condition: str) -> str:
    """The chart a condition belongs to; "" for none."""
    if condition.startswith(("hr_", "rr_")):
        return HEART
    return SKIN if condition.startswith("skin_") or condition in _SKIN_CONDITIONS else ""


class Timeline:
    """Grows with every step of the core; `revision` counts up when there is something new."""

    def __init__(self) -> None:
        self.revision = 0
        self._causes = Causes()
        self._heart, self._skin = Gaps(HEART), Gaps(SKIN)
        self._open: dict[str, AlarmSpan] = {}
        self._spans: deque[AlarmSpan] = deque(maxlen=MOST)
        self._marks: deque[Mark] = deque(maxlen=MOST)
        self._versions: dict[tuple[str, object], Mark] = {}
        """The mark of each entry as it stands, by verb and time of its newest version."""

    def link(self, alias: str, state: LinkState, t_ns: int) -> None:
        """A sensor's link changed."""
        self._causes.tell(Cause.LINK, alias, t_ns, _LINKS.get(state, state.value))

    def outage(self, t0_ns: int, t1_ns: int, reason: str) -> None:
        """No engine ran between these times."""
        self._causes.tell(Cause.ENGINE, ANY, t0_ns, reason)
        self._causes.tell(Cause.ENGINE, ANY, t1_ns, "")

    def take(self, events: Iterable[Event], output: Output, core: Core) -> None:
        """Take one step: its events and what the core made of them."""
        refused = {id(action) for action, _ in output.refused}
        for event in events:
            if isinstance(event, Action) and id(event) not in refused:
                self._mark(event)
        for change in output.transitions:
            self._alarm(change)
        for source in core.intake.sources.values():
            while source.troubles:
                self._causes.tell(Cause.SENSOR, source.spec.alias, *source.troubles.popleft())
        for vitals in output.vitals:
            self._gaps(vitals, core.measure.heart_source, core.measure.skin_source)

    def _mark(self, action: Action) -> None:
        """Mark an entry; a correction changes its mark in place, a withdrawal takes it away."""
        mark, earlier_ns = mark_of(action), action.details.get("corrects")
        if mark is None:
            return
        self.revision += 1
        before = self._versions.pop((mark.kind, earlier_ns), None)
        if before is not None:
            mark.t_s = before.t_s
            self._marks = deque((m for m in self._marks if m is not before), MOST)
        self._versions[mark.kind, action.t_ns] = mark
        if not withdraws(action):
            self._marks.append(mark)

    def _alarm(self, change: Transition) -> None:
        if not change.condition:
            if change.what == "standby":
                reason = change.detail.rpartition(", ")[0]
                text = f"standby: {reason}"[:TEXT_MAX]
                self._causes.tell(Cause.STANDBY, ANY, change.t_ns, text)
            elif change.what == "standby_settled":
                self._causes.tell(Cause.STANDBY, ANY, change.t_ns, "")
            return
        if change.what not in {"onset", "escalate", "unanswered", "clear"}:
            return
        at_s = change.t_ns / NS_PER_S
        before = self._open.pop(change.condition, None)
        if before is not None:
            before.t1_s = at_s
            self._spans.append(before)
        if change.what != "clear" and change.priority is not None:
            self._open[change.condition] = AlarmSpan(
                signal=signal_of(change.condition),
                condition=change.condition,
                priority=change.priority.name,
                t0_s=at_s,
            )
        self.revision += 1

    def _gaps(self, vitals: Vitals, heart: str, skin: str) -> None:
        reasons = vitals.skin.reason
        for at in np.flatnonzero(np.diff(reasons, prepend=0)).tolist() if reasons.size else ():
            t_ns = int(vitals.ticks[at]) * NS_PER_S
            word = Reason(int(reasons[at])).word
            text = f"readings refused: {word}" if word else ""
            self._causes.tell(Cause.REFUSED, skin, t_ns, text)
        why = self._causes.why
        self.revision += self._heart.step(
            vitals.ticks, vitals.heart.shown.valid, partial(why, heart)
        ) + self._skin.step(vitals.ticks, vitals.skin.shown.valid, partial(why, skin))

    def message(self) -> feed.Timeline:
        """For the feed, oldest first."""
        return feed.Timeline(
            spans=[*self._spans, *self._open.values()],
            gaps=[*self._heart.view(), *self._skin.view()],
            marks=sorted(self._marks, key=lambda mark: mark.t_s),
        )


def _told(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def mark_of(action: Action) -> Mark | None:
    """An operator action as a mark on the chart; None for one that is none."""
    told = {key: _told(value) for key, value in action.details.items()}
    text = {
        Verb.NOTE: told.get("text", ""),
        Verb.BLOOD_PRESSURE: f"{told.get('systolic', '')}/{told.get('diastolic', '')} mmHg",
        Verb.TEMPERATURE: f"{told.get('degc', '')} degC {told.get('site', '')}",
        Verb.STANDBY: told.get("reason", ""),
        Verb.DOSE: told.get("label", "dose"),
    }.get(action.verb)
    if text is None:
        return None
    return Mark(t_s=action.t_ns / NS_PER_S, kind=action.verb.value, text=text[:TEXT_MAX])
