"""Which silence may keep which alarm from sounding: the whole table, written out once more."""

from itertools import product

import pytest

from alerts.catalogue import CATALOGUE
from alerts.model import ConditionEdge, Edge, Kind, Presence, Priority, RefusedError
from alerts.policy import MAY_SILENCE, Silence
from alerts.signals import AlarmSignals
from alerts.spec import Concern

S = 10**9
LOW, MEDIUM, HIGH = Priority
EXAMPLE = {
    (Concern.PERSON, LOW): "hr_elevated",
    (Concern.PERSON, MEDIUM): "hr_high",
    (Concern.PERSON, HIGH): "hr_extreme",
    (Concern.ROUTINE, LOW): "check_overdue",
    (Concern.ROUTINE, MEDIUM): "check_overdue",
    (Concern.ROUTINE, HIGH): "check_overdue",
    (Concern.SENSOR, LOW): "temp_lost",
    (Concern.SENSOR, MEDIUM): "hr_lost",
    (Concern.SENSOR, HIGH): "all_lost",
    (Concern.SYSTEM, LOW): "sound_or_power",
    (Concern.SYSTEM, MEDIUM): "recording_failing",
    (Concern.SYSTEM, HIGH): "engine_stalled",
}


def may(silence, concern, priority, presence):
    """The rules in words, as they stand in docs/alarms.md."""
    if presence is Presence.ACKNOWLEDGED:
        return False
    if silence in {Silence.ACKNOWLEDGE, Silence.AUDIO_PAUSE}:
        return True
    if silence is Silence.STANDBY:
        if concern is Concern.PERSON:
            return priority is not HIGH
        return concern is not Concern.SYSTEM
    return presence is Presence.ON and concern in {Concern.PERSON, Concern.ROUTINE}


CELLS = list(product(Silence, Concern, Priority, Presence))


def test_the_table_is_complete_and_as_the_words_say():
    assert {cell: may(*cell) for cell in CELLS} == MAY_SILENCE


def brought_to(name, priority, presence):
    """An alarm in a state; None where there is no such state."""
    signals = AlarmSignals()
    signals.edge(ConditionEdge(0, name, Edge.ONSET, priority))
    if presence is Presence.ACKNOWLEDGED:
        signals.acknowledge(S, name, 1, "SM")
    elif presence is not Presence.ON:
        signals.edge(ConditionEdge(S, name, Edge.CLEAR, priority))
    states = [signal.presence for signal in signals.view()]
    return signals if states == [presence] else None


@pytest.mark.parametrize(
    "cell", [c for c in CELLS if c[0] is not Silence.LIMITS], ids=lambda c: "-".join(map(str, c))
)
def test_every_silence_does_what_the_table_says(cell):
    silence, concern, priority, presence = cell
    name = EXAMPLE[concern, priority]
    signals = brought_to(name, priority, presence)
    if signals is None:
        return  # no alarm of this kind comes into this state
    sounded = signals.audible() is not None
    assert sounded == (presence in {Presence.ON, Presence.LATCHED})
    try:
        if silence is Silence.ACKNOWLEDGE:
            signals.acknowledge(2 * S, name, 1, "SM")
        elif silence is Silence.AUDIO_PAUSE:
            signals.pause_audio(2 * S, 120)
        else:
            signals.begin_standby(2 * S, 600, "toilet")
    except RefusedError:
        assert presence is Presence.ACKNOWLEDGED
    silent = signals.audible() is None
    assert silent == (MAY_SILENCE[cell] or not sounded)


def test_the_examples_are_what_they_stand_for():
    for (concern, _), name in EXAMPLE.items():
        assert CATALOGUE[name].concern is concern
        technical = concern in {Concern.SENSOR, Concern.SYSTEM}
        assert CATALOGUE[name].kind is (Kind.TECHNICAL if technical else Kind.PHYSIOLOGICAL)


def test_standby_lets_everything_sound_again_a_minute_after_the_return():
    signals = AlarmSignals()
    signals.begin_standby(0, 300, "toilet")
    signals.edge(ConditionEdge(30 * S, "hr_lost", Edge.ONSET, MEDIUM))
    assert signals.audible() is None
    signals.end_standby(200 * S)
    signals.advance(259 * S)
    assert signals.audible() is None
    (change,) = signals.advance(260 * S)
    assert (change.what, change.t_ns) == ("standby_settled", 260 * S)
    assert signals.audible() is MEDIUM
    # Nobody could answer while it was held back: three minutes from now on.
    assert [c.what for c in signals.advance(439 * S)] == []
    assert [c.what for c in signals.advance(440 * S)] == ["unanswered"]


@pytest.mark.parametrize(
    ("seconds", "reason", "words"),
    [(59, "toilet", "1 to 30"), (1801, "toilet", "1 to 30"), (600, "  ", "reason")],
)
def test_standby_has_a_reason_and_bounds(seconds, reason, words):
    with pytest.raises(RefusedError, match=words):
        AlarmSignals().begin_standby(0, seconds, reason)


def test_a_lost_link_is_as_urgent_as_what_it_hides_and_is_acknowledged_for_itself_only():
    signals = AlarmSignals()
    signals.edge(ConditionEdge(0, "hr_extreme", Edge.ONSET, HIGH))
    signals.edge(ConditionEdge(30 * S, "hr_lost", Edge.ONSET, MEDIUM))
    first, behind = signals.view()
    assert (first.condition, first.priority) == ("hr_lost", HIGH)
    assert (behind.condition, behind.masked_by, behind.hidden) == ("hr_extreme", "hr_lost", True)
    signals.acknowledge(40 * S, "hr_lost", 1, "SM")
    assert signals.view()[0].condition == "hr_extreme"
    assert signals.audible() is HIGH


def test_the_clock_of_a_masked_alarm_stands_still():
    signals = AlarmSignals()
    signals.edge(ConditionEdge(0, "hr_high", Edge.ONSET, MEDIUM))
    signals.acknowledge(0, "hr_high", 1, "SM")
    signals.edge(ConditionEdge(100 * S, "hr_lost", Edge.ONSET, MEDIUM))
    signals.acknowledge(101 * S, "hr_lost", 1, "SM")
    signals.edge(ConditionEdge(600 * S, "hr_lost", Edge.CLEAR, MEDIUM))
    assert signals.advance(1399 * S) == []
    assert [(c.what, c.t_ns // S) for c in signals.advance(1400 * S)] == [("reminder", 1400)]


def test_chatter_is_one_alarm_with_a_count_and_one_acknowledgement():
    signals, told = AlarmSignals(), []
    for n in range(8):
        told += signals.edge(ConditionEdge(60 * n * S, "hr_lost", Edge.ONSET, MEDIUM))
        if n == 3:
            occurrence = signals.view()[0].occurrence
            signals.acknowledge((60 * n + 1) * S, "hr_lost", occurrence, "SM")
        signals.advance((60 * n + 30) * S)
        signals.edge(ConditionEdge((60 * n + 30) * S, "hr_lost", Edge.CLEAR, MEDIUM))
        assert n < 3 or signals.audible() is None
    assert told[-1].detail == "8 times in 10 min"
    assert [s.repeats for s in signals.view()] == [8]
    signals.advance((60 * 7 + 30 + 120) * S)
    assert signals.view() == ()


def test_high_alarms_are_never_summarised():
    signals = AlarmSignals()
    for n in range(6):
        signals.edge(ConditionEdge(60 * n * S, "hr_extreme", Edge.ONSET, HIGH))
        assert signals.audible() is HIGH
        signals.acknowledge((60 * n + 1) * S, "hr_extreme", n + 1, "SM")
        signals.edge(ConditionEdge((60 * n + 30) * S, "hr_extreme", Edge.CLEAR, HIGH))


def test_the_sound_rises_while_nobody_answers():
    signals = AlarmSignals()
    signals.edge(ConditionEdge(0, "hr_extreme", Edge.ONSET, HIGH))
    levels = [signals.loudness(t * S) for t in (0, 10, 20, 30, 300)]
    assert levels == [0.7, 0.8, 0.9, 1.0, 1.0]
    signals.pause_audio(300 * S, 60)
    signals.advance(360 * S)
    assert signals.loudness(360 * S) == 0.7
