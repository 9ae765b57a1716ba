"""The alarm-signal machine against an independent model that knows only the rules in words."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from alerts.catalogue import CATALOGUE
from alerts.model import ConditionEdge, Edge, Kind, Presence, Priority
from alerts.signals import AlarmSignals, RefusedError

S = 10**9
NAMES = ["hr_elevated", "hr_high", "hr_extreme", "skin_rise", "skin_high", "hr_lost", "unattended"]
ESCALATES = {"hr_lost": Priority.HIGH}


def base_priority(name):
    return Priority[CATALOGUE[name].defaults["priority"]]


class Model:
    """What the rules say, kept as flags instead of states."""

    def __init__(self):
        self.holds = {}  # name -> priority while the condition holds
        self.seen = {}  # acknowledged while it holds: name -> when
        self.owed = {}  # over, but still owed an acknowledgement: name -> priority
        self.count = dict.fromkeys(NAMES, 0)
        self.paused_until = None

    def raised(self, name, priority):
        self.holds[name] = priority
        self.seen.pop(name, None)
        self.owed.pop(name, None)
        self.count[name] += 1
        self.paused_until = None

    def cleared(self, name):
        priority = self.holds.pop(name)
        unseen = self.seen.pop(name, None) is None
        physiological = CATALOGUE[name].kind is Kind.PHYSIOLOGICAL
        if unseen and physiological and priority > Priority.LOW:
            self.owed[name] = priority

    def remind(self, now):
        for name, at in list(self.seen.items()):
            high = self.holds[name] is Priority.HIGH
            physiological = CATALOGUE[name].kind is Kind.PHYSIOLOGICAL
            speaks = physiological or self.holds[name] > Priority.LOW
            if speaks and now - at >= (180 if high else 900) * S:
                del self.seen[name]

    def acknowledged(self, name, now):
        covered = {name}
        if name in self.holds:
            covered |= CATALOGUE[name].hides
        for one in covered:
            if one in self.holds:
                self.seen.setdefault(one, now)
            self.owed.pop(one, None)

    def expected(self):
        states = {}
        for name in self.holds:
            states[name] = Presence.ACKNOWLEDGED if name in self.seen else Presence.ON
        for name in self.owed:
            high = self.owed[name] is Priority.HIGH
            states[name] = Presence.LATCHED if high else Presence.RETURNED
        return states

    def hidden(self):
        return {mild for name in self.holds for mild in CATALOGUE[name].hides}

    def audible(self):
        if self.paused_until is not None:
            return None
        unseen = {n: p for n, p in self.holds.items() if n not in self.seen}
        latched = {n: p for n, p in self.owed.items() if p is Priority.HIGH}
        heard = (unseen | latched).items()
        return max((p for n, p in heard if n not in self.hidden()), default=None)


class Machine(RuleBasedStateMachine):
    @initialize()
    def start(self):
        self.signals, self.model, self.now = AlarmSignals(), Model(), 0

    @rule(seconds=st.integers(0, 600))
    def time_passes(self, seconds):
        self.now += seconds * S
        self.signals.advance(self.now)
        until = self.model.paused_until
        if until is not None and self.now >= until:
            self.model.paused_until = None
        self.model.remind(self.now)

    @rule(name=st.sampled_from(NAMES))
    def condition_begins(self, name):
        if name not in self.model.holds:
            priority = base_priority(name)
            self.signals.edge(ConditionEdge(self.now, name, Edge.ONSET, priority))
            self.model.raised(name, priority)

    @precondition(lambda self: self.model.holds.get("hr_lost") is Priority.MEDIUM)
    @rule()
    def link_loss_escalates(self):
        self.signals.edge(ConditionEdge(self.now, "hr_lost", Edge.ESCALATE, Priority.HIGH))
        self.model.raised("hr_lost", Priority.HIGH)

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data())
    def condition_clears(self, data):
        name = data.draw(st.sampled_from(sorted(self.model.holds)))
        priority = self.model.holds[name]
        self.signals.edge(ConditionEdge(self.now, name, Edge.CLEAR, priority))
        self.model.cleared(name)

    @rule(name=st.sampled_from(NAMES), stale=st.booleans())
    def operator_acknowledges(self, name, stale):
        occurrence = self.model.count[name] - stale
        states = self.model.expected()
        legal = not stale and name in states and states[name] is not Presence.ACKNOWLEDGED
        try:
            self.signals.acknowledge(self.now, name, occurrence, "SM")
        except RefusedError:
            assert not legal
        else:
            assert legal
            self.model.acknowledged(name, self.now)

    @rule(seconds=st.integers(1, 120))
    def operator_pauses(self, seconds):
        self.signals.pause_audio(self.now, seconds)
        self.model.paused_until = self.now + seconds * S

    @rule()
    def operator_resumes(self):
        self.signals.resume_audio(self.now)
        self.model.paused_until = None

    @invariant()
    def agrees(self):
        view = self.signals.view()
        assert {s.condition: s.presence for s in view} == self.model.expected()
        hidden = self.model.hidden()
        assert {s.condition for s in view if s.hidden} == hidden & set(self.model.expected())
        assert self.signals.audible() is self.model.audible()
        remaining = self.signals.pause_remaining_s(self.now)
        assert (remaining is None) == (self.model.paused_until is None)
        assert remaining is None or 0 < remaining <= 120


Machine.TestCase.settings = settings(deadline=None, max_examples=60, stateful_step_count=40)
TestAlarmSignals = Machine.TestCase
