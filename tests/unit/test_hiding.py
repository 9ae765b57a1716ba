"""Severe hides mild: what that means for acknowledgement, audio pause and priorities set anew."""

from alerts.model import ConditionEdge, Edge, Presence, Priority
from alerts.signals import AlarmSignals

S = 10**9
HIGH, MEDIUM, LOW = Priority.HIGH, Priority.MEDIUM, Priority.LOW


def edge(condition, t_s, priority, kind=Edge.ONSET):
    return ConditionEdge(t_s * S, condition, kind, priority)


def racing():
    """A fast rise: the severe row holds first, its sustain is the shortest."""
    signals = AlarmSignals()
    signals.edge(edge("hr_extreme", 15, HIGH))
    return signals


def test_de_escalation_never_alarms_after_the_severe_one_was_acknowledged():
    signals = racing()
    signals.acknowledge(20 * S, "hr_extreme", 1, "SM")
    changes = signals.edge(edge("hr_high", 30, MEDIUM))
    assert [(c.what, c.detail) for c in changes] == [
        ("onset", ""),
        ("acknowledge", "with hr_extreme"),
    ]
    signals.edge(edge("hr_extreme", 90, HIGH, Edge.CLEAR))
    (left,) = signals.view()
    assert (left.condition, left.presence, left.hidden) == (
        "hr_high",
        Presence.ACKNOWLEDGED,
        False,
    )
    assert signals.audible() is None


def test_a_row_that_escalates_behind_an_acknowledged_severe_one_stays_seen():
    signals = AlarmSignals()
    signals.edge(edge("temp_elevated", 0, LOW))
    signals.edge(edge("temp_high", 0, HIGH))
    signals.acknowledge(20 * S, "temp_high", 1, "SM")
    signals.edge(edge("temp_elevated", 300, MEDIUM, Edge.ESCALATE))
    signals.edge(edge("temp_high", 600, HIGH, Edge.CLEAR))
    assert signals.audible() is None


def test_what_was_not_acknowledged_comes_out_when_the_severe_one_ends():
    signals = racing()
    signals.edge(edge("hr_high", 30, MEDIUM))
    signals.edge(edge("hr_extreme", 90, HIGH, Edge.CLEAR))
    assert {s.condition: s.presence for s in signals.sounding()} == {
        "hr_extreme": Presence.LATCHED,
        "hr_high": Presence.ON,
    }


def test_a_milder_row_behind_the_severe_one_ends_no_audio_pause():
    signals = racing()
    signals.pause_audio(20 * S, 120)
    signals.edge(edge("hr_high", 30, MEDIUM))
    assert signals.audible() is None
    signals.edge(edge("temp_lost", 40, LOW))
    assert signals.audible() is HIGH


def test_a_row_made_more_urgent_than_the_severe_one_is_not_hidden_by_it():
    signals = AlarmSignals()
    signals.edge(edge("hr_elevated", 0, HIGH))
    signals.edge(edge("hr_high", 10, MEDIUM))
    assert signals.audible() is HIGH
    signals.acknowledge(20 * S, "hr_high", 1, "SM")
    assert [s.condition for s in signals.sounding()] == ["hr_elevated"]
