"""The language of `vigil sessions find`."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.archive.expression import All, Comparison, Either, Lasting, parse, signals
from monitor.errors import QueryError

HIGH = Comparison("heart_rate", ">", 140.0)
WARM = Comparison("skin_temperature", ">=", 37.5)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("heart_rate > 140", HIGH),
        ("  heart_rate[/min]>140.0 ", HIGH),
        ("heart_rate > 140 for 60 s", Lasting(HIGH, 60)),
        ("heart_rate > 140 FOR 1.5 min", Lasting(HIGH, 90)),
        ("heart_rate > 140 for 2 h", Lasting(HIGH, 7200)),
        ("heart_rate > 140 and skin_temperature >= 37.5", All((HIGH, WARM))),
        ("(heart_rate > 140 and skin_temperature >= 37.5) for 9 s", Lasting(All((HIGH, WARM)), 9)),
        ("heart_rate > 140 and (skin_temperature >= 37.5 for 9 s)", All((HIGH, Lasting(WARM, 9)))),
        (
            "heart_rate > 140 for 9 s or skin_temperature >= 37.5 and heart_rate > 140",
            Either((Lasting(HIGH, 9), All((WARM, HIGH)))),
        ),
        ("skin_temperature < -1", Comparison("skin_temperature", "<", -1.0)),
    ],
)
def test_what_is_read(text, node):
    assert parse(text) == node


@pytest.mark.parametrize(
    ("text", "problem", "at"),
    [
        ("", "name of a signal", 0),
        ("heart_rat > 140", "did you mean heart_rate?", 0),
        ("pulse > 140", "known are heart_rate,", 0),
        ("heart_rate = 140", "one of > >= < <=", 11),
        ("heart_rate > x", "a number", 13),
        ("heart_rate[bpm] > 1", "heart_rate is in [/min]", 10),
        ("heart_rate > 140 for 60", "unit of time", 23),
        ("heart_rate > 140 for 0 s", "whole seconds, at least 1", 21),
        ("heart_rate > 140 for 0.5 s", "whole seconds, at least 1", 21),
        ("(heart_rate > 140", "')' is missing", 17),
        ("heart_rate > 140)", "the end was expected", 16),
        ("heart_rate > 140 heart_rate > 1", "the end was expected", 17),
        ("heart_rate > 140 and", "name of a signal", 20),
        ("heart_rate > 140 and skin_temperature > 37 for 60 s", "what does 'for' belong to?", 17),
        ("heart_rate > 140 or skin_temperature > 37 for 60 s", "what does 'for' belong to?", 17),
        ("heart_rate > 140; DROP TABLE vitals", "the end was expected", 16),
    ],
)
def test_a_mistake_is_shown_at_its_place(text, problem, at):
    with pytest.raises(QueryError) as caught:
        parse(text)
    said, shown, caret = str(caught.value).split("\n")
    assert problem in said
    assert shown == f"  {text}"
    assert caret.index("^") == at + 2


def test_which_signals_are_asked_about():
    assert signals(parse("heart_rate > 1 for 2 s or spo2 < 90 and heart_rate < 3")) == {
        "heart_rate",
        "spo2",
    }


@given(st.text(st.sampled_from("heart_rate <>=()[]andorfor 0123456789.smin-\n\t"), max_size=60))
def test_any_text_is_an_expression_or_a_told_mistake(text):
    with contextlib.suppress(QueryError):
        parse(text)
