"""The alarm-signal machine against an independent model that knows only the rules in words.

The model counts seconds, one by one, where the machine compares times.
"""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alerts.catalogue import CATALOGUE
from alerts.model import ConditionEdge, Edge, Presence, Priority, RefusedError
from alerts.signals import AlarmSignals
from alerts.spec import Concern

S = 10**9
LOW, MEDIUM, HIGH = Priority
OF_HEART = {"hr_elevated", "hr_high", "hr_extreme"}
OF_SKIN = {"skin_rise", "skin_high"}
MASKS = {"hr_lost": OF_HEART, "temp_lost": OF_SKIN, "all_lost": OF_HEART | OF_SKIN}
HIDES = {
    "hr_high": {"hr_elevated"},
    "hr_extreme": {"hr_elevated", "hr_high"},
    "skin_high": {"skin_rise"},
    "all_lost": {"hr_lost", "temp_lost"},
}
ABOUT = {"unattended": "system", "check_overdue": "routine"} | dict.fromkeys(MASKS, "sensor")
NAMES = [*sorted(OF_HEART), *sorted(OF_SKIN), *MASKS, "unattended", "check_overdue"]
ESCALATES = {"hr_lost": HIGH, "temp_lost": MEDIUM, "check_overdue": MEDIUM}


@dataclass
class Alarm:
    """What the model remembers of one condition."""

    priority: Priority
    holds: bool = False
    acked: bool = False
    owed: bool = False
    """Over, unacknowledged, still on the screen."""
    unanswered: bool = False
    clock: int = 0
    over_s: int = 0
    occurrences: int = 0
    onsets: list = field(default_factory=list)
    chatters: bool = False

    @property
    def there(self):
        return self.holds or self.owed or (self.acked and self.chatters)

    @property
    def shown(self):
        return HIGH if self.unanswered else self.priority


class Model:
    """The rules in words."""

    def __init__(self):
        base = {name: Priority[CATALOGUE[name].defaults["priority"]] for name in NAMES}
        self.alarms = {name: Alarm(priority) for name, priority in base.items()}
        self.base = base
        self.now = 0
        self.pause = 0
        self.away = False
        self.settle = 0

    def about(self, name):
        return ABOUT.get(name, "person")

    def raised(self, name, priority, *, onset):
        alarm = self.alarms[name]
        alarm.occurrences += 1
        if onset:
            alarm.onsets.append(self.now)
            alarm.onsets = [t for t in alarm.onsets if self.now - t <= 600]
        was_seen = alarm.acked and not alarm.holds
        alarm.priority, alarm.holds, alarm.owed, alarm.unanswered = priority, True, False, False
        alarm.chatters = len(alarm.onsets) >= 4 and priority is not HIGH
        if alarm.chatters and was_seen and onset:
            return
        alarm.acked, alarm.clock = False, 0
        severe = [n for n in HIDES if self.alarms[n].holds and name in self.behind(n)]
        if severe:
            alarm.acked = any(self.alarms[n].acked for n in severe)
            return
        self.end_pause()

    def behind(self, severe):
        """What it hides: nothing more urgent than itself."""
        top = self.alarms[severe].shown
        return {m for m in HIDES.get(severe, ()) if self.alarms[m].shown <= top}

    def cleared(self, name):
        alarm = self.alarms[name]
        alarm.holds, alarm.over_s = False, 0
        if alarm.acked:
            alarm.acked = alarm.chatters
            return
        person = self.about(name) == "person" and alarm.priority is not LOW
        alarm.owed = person or alarm.chatters

    def end_pause(self):
        if self.pause:
            self.pause = 0
            self.restart(0)

    def restart(self, clock):
        for alarm in self.alarms.values():
            if alarm.there and not alarm.acked:
                alarm.clock = clock

    def second(self):
        hidden = self.hidden()
        self.now += 1
        if self.pause:
            self.pause -= 1
            if not self.pause:
                self.restart(0)
                for alarm in self.alarms.values():
                    if alarm.there and not alarm.acked:
                        alarm.clock = -1  # this second was paused too
        if self.settle:
            self.settle -= 1
        for name, alarm in self.alarms.items():
            if name not in hidden or alarm.clock < 0:
                alarm.clock += 1
            self.due(name, alarm, name in hidden)

    def due(self, name, alarm, hidden):
        if not alarm.holds and alarm.there:
            alarm.over_s += 1
            fades = alarm.acked or self.about(name) != "person" or alarm.priority is LOW
            if fades and alarm.over_s >= 120:
                alarm.acked = alarm.owed = False
        if not alarm.holds or hidden:
            return
        if alarm.acked:
            info = self.about(name) in {"sensor", "system"} and alarm.shown is LOW
            if not info and alarm.clock >= (180 if alarm.shown is HIGH else 900):
                alarm.acked, alarm.clock = False, 0
        elif alarm.shown is MEDIUM and self.about(name) != "routine":
            waited = not self.pause and alarm.clock >= 180
            alarm.unanswered, alarm.clock = waited, 0 if waited else alarm.clock

    def acknowledged(self, name):
        covered = {name} | (self.behind(name) if self.alarms[name].holds else set())
        for one in covered:
            alarm = self.alarms[one]
            if not alarm.there or alarm.acked:
                continue
            alarm.clock, alarm.owed = 0, False
            alarm.acked = alarm.holds

    def expected(self):
        states = {}
        for name, alarm in self.alarms.items():
            if alarm.acked and alarm.there:
                states[name] = Presence.ACKNOWLEDGED
            elif alarm.holds:
                states[name] = Presence.ON
            elif alarm.owed:
                latched = alarm.priority is HIGH and self.about(name) == "person"
                states[name] = Presence.LATCHED if latched else Presence.RETURNED
        return states

    def held(self, name):
        alarm, about = self.alarms[name], self.about(name)
        if not (self.away or self.settle) or alarm.acked or about == "system":
            return False
        return about != "person" or alarm.priority is not HIGH

    def lost_behind(self, lost):
        for name in MASKS.get(lost, ()) if self.alarms[lost].holds else ():
            alarm = self.alarms[name]
            urgent = alarm.shown is HIGH and not alarm.acked
            if alarm.holds and not (urgent and (self.alarms[lost].acked or self.held(lost))):
                yield name

    def hidden(self):
        there = {name for name, alarm in self.alarms.items() if alarm.there}
        holding = {name for name, alarm in self.alarms.items() if alarm.holds}
        mild = {m for name in holding for m in self.behind(name)}
        masked = {m for lost in MASKS for m in self.lost_behind(lost)}
        return ((mild | masked) & there) | {name for name in there if self.held(name)}

    def audible(self):
        if self.pause:
            return None
        heard = [HIGH][:0]
        for name, presence in self.expected().items():
            if presence in {Presence.ON, Presence.LATCHED} and name not in self.hidden():
                behind = [self.alarms[m].shown for m in self.lost_behind(name)]
                heard.append(max([self.alarms[name].shown, *behind]))
        return max(heard, default=None)


class Machine(RuleBasedStateMachine):
    @initialize()
    def start(self):
        self.signals, self.model = AlarmSignals(), Model()

    @property
    def now(self):
        return self.model.now * S

    @rule(seconds=st.sampled_from([1, 5, 59, 60, 119, 120, 121, 179, 180, 600, 900]))
    def time_passes(self, seconds):
        for _ in range(seconds):
            self.model.second()
        self.signals.advance(self.now)

    @rule(name=st.sampled_from(NAMES), elevated=st.sampled_from(Priority))
    def condition_begins(self, name, elevated):
        if not self.model.alarms[name].holds:
            priority = elevated if name == "hr_elevated" else self.model.base[name]
            self.signals.edge(ConditionEdge(self.now, name, Edge.ONSET, priority))
            self.model.raised(name, priority, onset=True)

    @rule(name=st.sampled_from(sorted(ESCALATES)))
    def condition_escalates(self, name):
        alarm = self.model.alarms[name]
        if alarm.holds and alarm.priority < ESCALATES[name]:
            self.signals.edge(ConditionEdge(self.now, name, Edge.ESCALATE, ESCALATES[name]))
            self.model.raised(name, ESCALATES[name], onset=False)

    @rule(name=st.sampled_from(NAMES))
    def condition_clears(self, name):
        if self.model.alarms[name].holds:
            priority = self.model.alarms[name].priority
            self.signals.edge(ConditionEdge(self.now, name, Edge.CLEAR, priority))
            self.model.cleared(name)

    @rule(name=st.sampled_from(["hr_elevated", "hr_high", "hr_lost", "temp_lost", "hr_extreme"]))
    def condition_flickers(self, name):
        for _ in range(4):
            self.condition_begins(name, self.model.base[name])
            self.condition_clears(name)

    @rule(name=st.sampled_from(NAMES), stale=st.booleans())
    def operator_acknowledges(self, name, stale):
        occurrence = self.model.alarms[name].occurrences - stale
        states = self.model.expected()
        legal = not stale and name in states and states[name] is not Presence.ACKNOWLEDGED
        try:
            self.signals.acknowledge(self.now, name, occurrence, "SM")
        except RefusedError:
            assert not legal
        else:
            assert legal
            self.model.acknowledged(name)

    @rule(seconds=st.integers(1, 120))
    def operator_pauses(self, seconds):
        self.signals.pause_audio(self.now, seconds)
        self.model.pause = seconds

    @rule()
    def operator_resumes(self):
        self.signals.resume_audio(self.now)
        self.model.end_pause()

    @rule(seconds=st.integers(60, 1800))
    def person_leaves(self, seconds):
        try:
            self.signals.begin_standby(self.now, seconds, "toilet")
        except RefusedError:
            assert self.model.away
        else:
            assert not self.model.away
            self.model.away, self.model.settle = True, 0

    @rule()
    def person_returns(self):
        try:
            self.signals.end_standby(self.now)
        except RefusedError:
            assert not self.model.away
        else:
            assert self.model.away
            self.model.away, self.model.settle = False, 60

    @invariant()
    def agrees(self):
        view, model = self.signals.view(), self.model
        assert {s.condition: s.presence for s in view} == model.expected()
        assert {s.condition for s in view if s.hidden} == model.hidden()
        assert self.signals.audible() is model.audible()
        assert (self.signals.pause_remaining_s(self.now) or 0) == model.pause
        assert 0.5 <= self.signals.loudness(self.now) <= 1.0


def test_the_model_knows_the_same_rows_as_the_catalogue():
    for name in NAMES:
        spec = CATALOGUE[name]
        assert spec.masks & set(NAMES) == MASKS.get(name, set())
        assert spec.hides & set(NAMES) == HIDES.get(name, set())
        assert spec.concern is Concern(ABOUT.get(name, "person"))


Machine.TestCase.settings = settings(deadline=None, max_examples=60, stateful_step_count=40)
TestAlarmSignals = Machine.TestCase
