"""The alarm-signal state machine: operator and condition tables."""

import pytest

from alerts.model import ConditionEdge, Edge, Presence, Priority, RefusedError
from alerts.signals import AlarmSignals

S = 10**9
HIGH, MEDIUM, LOW = Priority.HIGH, Priority.MEDIUM, Priority.LOW


def edge(condition, kind=Edge.ONSET, t_s=0, priority=HIGH):
    return ConditionEdge(t_s * S, condition, kind, priority)


def presence(signals, condition):
    return next((s.presence for s in signals.view() if s.condition == condition), None)


@pytest.mark.parametrize(
    ("condition", "priority", "after_clear", "sounds"),
    [
        ("hr_extreme", HIGH, Presence.LATCHED, HIGH),
        ("skin_high", HIGH, Presence.LATCHED, HIGH),
        ("hr_high", MEDIUM, Presence.RETURNED, None),
        ("hr_above_baseline", MEDIUM, Presence.RETURNED, None),
        ("hr_elevated", LOW, None, None),
        ("hr_lost", HIGH, None, None),
        ("temp_lost", MEDIUM, None, None),
        ("unattended", MEDIUM, None, None),
    ],
)
def test_clearing_unacknowledged(condition, priority, after_clear, sounds):
    signals = AlarmSignals()
    signals.edge(edge(condition, priority=priority))
    assert presence(signals, condition) is Presence.ON
    assert signals.audible() is priority
    signals.edge(edge(condition, Edge.CLEAR, 60, priority))
    assert presence(signals, condition) is after_clear
    assert signals.audible() is sounds


@pytest.mark.parametrize("condition", ["hr_extreme", "hr_high", "hr_lost"])
def test_clearing_acknowledged_is_off_at_once(condition):
    signals = AlarmSignals()
    signals.edge(edge(condition))
    signals.acknowledge(S, condition, 1, "SM")
    assert presence(signals, condition) is Presence.ACKNOWLEDGED
    assert signals.audible() is None
    signals.edge(edge(condition, Edge.CLEAR, 60))
    assert signals.view() == ()


def test_a_latched_alarm_sounds_until_acknowledged():
    signals = AlarmSignals()
    signals.edge(edge("hr_extreme"))
    signals.edge(edge("hr_extreme", Edge.CLEAR, 60))
    assert signals.audible() is HIGH
    signals.acknowledge(61 * S, "hr_extreme", 1, "SM")
    assert signals.view() == ()
    assert signals.audible() is None


def test_acknowledging_names_the_occurrence_seen():
    signals = AlarmSignals()
    signals.edge(edge("hr_extreme"))
    signals.edge(edge("hr_extreme", Edge.CLEAR, 60))
    signals.edge(edge("hr_extreme", t_s=90))
    with pytest.raises(RefusedError, match="look again"):
        signals.acknowledge(91 * S, "hr_extreme", 1, "SM")
    assert presence(signals, "hr_extreme") is Presence.ON
    signals.acknowledge(92 * S, "hr_extreme", 2, "SM")
    with pytest.raises(RefusedError, match="already"):
        signals.acknowledge(93 * S, "hr_extreme", 2, "SM")
    with pytest.raises(RefusedError, match="no alarm"):
        signals.acknowledge(93 * S, "hr_high", 1, "SM")


def test_escalation_undoes_the_acknowledgement():
    signals = AlarmSignals()
    signals.edge(edge("hr_lost", priority=MEDIUM))
    signals.acknowledge(S, "hr_lost", 1, "SM")
    signals.edge(edge("hr_lost", Edge.ESCALATE, 90, HIGH))
    (signal,) = signals.view()
    assert (signal.presence, signal.priority, signal.occurrence) == (Presence.ON, HIGH, 2)
    assert signal.onset_ns == 0
    assert signals.audible() is HIGH


def test_severe_hides_mild_of_the_same_signal_only():
    signals = AlarmSignals()
    for name, priority in [("hr_elevated", LOW), ("skin_rise", LOW), ("hr_extreme", HIGH)]:
        signals.edge(edge(name, priority=priority))
    hidden = {s.condition for s in signals.view() if s.hidden}
    assert hidden == {"hr_elevated"}
    assert signals.view()[0].condition == "hr_extreme"


def test_deescalation_never_alarms_again():
    signals = AlarmSignals()
    signals.edge(edge("hr_high", priority=MEDIUM))
    signals.edge(edge("hr_extreme", t_s=5))
    changes = signals.acknowledge(6 * S, "hr_extreme", 1, "SM")
    assert [(c.condition, c.detail) for c in changes] == [
        ("hr_extreme", ""),
        ("hr_high", "with hr_extreme"),
    ]
    signals.edge(edge("hr_extreme", Edge.CLEAR, 60))
    assert presence(signals, "hr_high") is Presence.ACKNOWLEDGED
    assert signals.audible() is None


def test_audio_pause_ends_by_the_clock():
    signals = AlarmSignals()
    signals.edge(edge("hr_extreme"))
    signals.pause_audio(10 * S, 120)
    assert signals.audible() is None
    assert signals.pause_remaining_s(40 * S) == 90
    assert presence(signals, "hr_extreme") is Presence.ON
    assert signals.advance(130 * S - 1) == []
    (change,) = signals.advance(200 * S)
    assert (change.what, change.t_ns) == ("audio_resumed", 130 * S)
    assert signals.audible() is HIGH


@pytest.mark.parametrize("kind", [Edge.ONSET, Edge.ESCALATE])
def test_audio_pause_is_broken_by_any_new_or_higher_condition(kind):
    signals = AlarmSignals()
    signals.edge(edge("hr_lost", priority=MEDIUM))
    signals.pause_audio(0, 120)
    new = "hr_lost" if kind is Edge.ESCALATE else "temp_lost"
    changes = signals.edge(edge(new, kind, 5, LOW))
    assert changes[-1].what == "audio_resumed"
    assert signals.pause_remaining_s(5 * S) is None


def test_a_clearing_condition_does_not_break_the_pause():
    signals = AlarmSignals()
    signals.edge(edge("hr_high", priority=MEDIUM))
    signals.pause_audio(0, 120)
    signals.edge(edge("hr_high", Edge.CLEAR, 5, MEDIUM))
    assert signals.pause_remaining_s(5 * S) == 115


@pytest.mark.parametrize("seconds", [0, -1, 120.1, 1e9, float("nan"), float("inf")])
def test_audio_pause_is_bounded(seconds):
    with pytest.raises(RefusedError, match="120"):
        AlarmSignals().pause_audio(0, seconds)


@pytest.mark.parametrize(
    ("condition", "priority", "after_s"),
    [
        ("hr_extreme", HIGH, 180),
        ("hr_lost", HIGH, 180),
        ("hr_high", MEDIUM, 900),
        ("hr_elevated", LOW, 900),
        ("unattended", MEDIUM, 900),
        ("sound_or_power", LOW, None),
    ],
)
def test_an_acknowledged_condition_that_still_holds_reminds(condition, priority, after_s):
    signals = AlarmSignals()
    signals.edge(edge(condition, priority=priority))
    signals.acknowledge(10 * S, condition, 1, "SM")
    if after_s is None:
        assert signals.advance(8 * 3600 * S) == []
        return
    assert signals.advance((10 + after_s) * S - 1) == []
    (change,) = signals.advance((30 + after_s) * S)
    assert (change.what, change.t_ns) == ("reminder", (10 + after_s) * S)
    assert signals.audible() is priority
    signals.acknowledge((40 + after_s) * S, condition, 1, "SM")
    assert signals.audible() is None


def test_latching_follows_the_priority_in_force():
    signals = AlarmSignals()
    signals.edge(edge("hr_high", priority=HIGH))
    signals.edge(edge("hr_high", Edge.CLEAR, 60, HIGH))
    assert presence(signals, "hr_high") is Presence.LATCHED


def test_resume_by_the_operator():
    signals = AlarmSignals()
    signals.edge(edge("hr_extreme"))
    signals.pause_audio(0, 120)
    (change,) = signals.resume_audio(S)
    assert change.detail == "operator"
    assert signals.audible() is HIGH
    assert signals.resume_audio(S) == []
