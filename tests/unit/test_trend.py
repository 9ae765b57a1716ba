"""The chart: exact to a dot, gaps never joined, scale that does not jump."""

import math
import sys

import pytest
from rich.cells import cell_len
from rich.style import Style

from monitor.feed_chart import AlarmSpan, Gap, Mark
from tui.plot import HEART_SCALE, SKIN_SCALE, Plot, Story, plot
from tui.series import Series
from tui.widgets.big_number import block_digits
from tui.widgets.trend import DOTS, GAP, LEFT, RIGHT, last_gap, render

NAMES = ("trace", "low", "medium", "high", "limit", "gap", "axis", "marker")
PALETTE = {name: Style(meta={"name": name}) for name in NAMES}


def draw(points, limits=(), markers=(), start=0, height=4, low=0.0, high=15.0, **more):
    """A chart whose dot rows are 0 (value 15, top) to 15 (value 0) at height 4."""
    chart = Plot(points=tuple(points), start=start, low=low, high=high, tick=5.0,
                 limits=tuple(limits), doses=tuple(markers), **more)  # fmt: skip
    width = LEFT + RIGHT + len(points) // 2
    return render(chart, width, height + 1, PALETTE)


def dots(lines):
    """All (dot row, dot column) set in the drawing area."""
    found = set()
    for row, line in enumerate(lines[:-1]):
        for cell, character in enumerate(line.plain[LEFT:-RIGHT]):
            bits = ord(character) - 0x2800
            if 0 <= bits < 256:
                found |= {
                    (row * 4 + y, cell * 2 + x)
                    for y in range(4) for x in range(2) if bits & DOTS[y][x]
                }  # fmt: skip
    return found


def style_at(line, column):
    return next(span.style.meta["name"] for span in line.spans if span.start <= column < span.end)


@pytest.mark.parametrize("value", range(16))
def test_a_value_is_drawn_exactly_on_its_dot(value):
    assert dots(draw([(value, value), None])) == {(15 - value, 0)}


@pytest.mark.parametrize("value", range(16))
def test_a_limit_line_is_drawn_exactly_on_its_dot_row(value):
    assert {row for row, _ in dots(draw([None] * 8, [(value, "high")]))} == {15 - value}


def test_a_column_is_drawn_from_its_lowest_to_its_highest_value():
    assert dots(draw([(3, 6), None])) == {(9, 0), (10, 0), (11, 0), (12, 0)}


def test_neighbours_are_joined_but_never_over_a_gap():
    joined = dots(draw([(2, 2), (9, 9)]))
    assert {row for row, column in joined if column == 1} == set(range(6, 13))
    apart = dots(draw([(2, 2), None, None, (9, 9)]))
    assert apart == {(13, 0), (6, 3)}


def test_columns_without_data_are_shaded_those_before_the_session_are_not():
    lines = draw([None, None, None, None, (5, 5), (5, 5)], start=2)
    assert all(line.plain[LEFT : LEFT + 2] == f" {GAP}" for line in lines[:-1])
    assert GAP not in lines[-1].plain


def test_trace_takes_the_colour_of_the_limit_it_is_above():
    limits = [(4, "low"), (8, "medium"), (12, "high")]
    values = [3, 4, 7, 8, 11, 12, 15]
    lines = draw([point for v in values for point in ((v, v), None)], limits)
    tones = []
    for index, value in enumerate(values):
        tones.append(style_at(lines[(15 - value) // 4], LEFT + index))
    assert tones == ["trace", "low", "low", "medium", "medium", "high", "high"]


def test_a_value_just_below_a_limit_on_the_same_dot_is_not_coloured():
    lines = draw([(11.8, 11.8), None], [(12.0, "high")])
    assert style_at(lines[0], LEFT) == "trace"


def test_limits_and_doses_are_labelled():
    lines = draw([(5, 5)] * 8, [(12, "high")], markers=[3])
    assert lines[0].plain.endswith(" 12  ")
    assert lines[-1].plain[LEFT + 1] == "▲"
    assert {(row, 3) for row in range(16)} <= dots(lines)


def test_every_line_has_the_full_width():
    assert {len(line.plain) for line in draw([(5, 5)] * 8, [(12, "high")])} == {LEFT + 4 + RIGHT}


@pytest.mark.parametrize(
    ("value", "label"), [(110.3, "110"), (35.45, "35.5"), (38.0, "38"), (124.0, "124")]
)
def test_a_limit_of_many_digits_pushes_no_row_out_of_place(value, label):
    lines = draw([(value, value)] * 8, [(value, "high")], low=30.0, high=130.0)
    assert {len(line.plain) for line in lines} == {LEFT + 4 + RIGHT}
    assert any(line.plain.endswith(f" {label:<{RIGHT - 1}}") for line in lines)


def test_a_wide_letter_in_a_reason_pushes_no_row_out_of_place():
    lines = draw([None] * 60, gaps=((0, 59, "\u65e5\u672c lost"),))
    assert {cell_len(line.plain) for line in lines} == {LEFT + 30 + RIGHT}


def series(values):
    made = Series()
    made.load(0, values)
    return made


def test_bins_keep_the_extremes_and_do_not_shimmer():
    values = [60.0 + second % 7 for second in range(1200)]
    values[1000] = 150.0
    before, _, step = series(values).points(600, 100)
    after, _, _ = series([*values, *[62.0] * step]).points(600, 100)
    assert step == 6
    assert max(high for _, high in before) == 150.0
    assert before[1:] == after[:-1]


def test_a_bin_with_one_valid_second_is_no_gap():
    values = [math.nan if second % 6 else 70.0 for second in range(600)]
    points, start, _ = series(values).points(600, 100)
    assert start == 0
    assert points == ((70.0, 70.0),) * 100


def test_a_young_session_starts_at_the_right_place():
    points, start, _ = series([70.0] * 60).points(600, 100)
    assert start == 90
    assert [point is None for point in points] == [True] * 90 + [False] * 10


def test_skipped_seconds_are_a_gap_and_a_replay_can_be_taken_back():
    made = series([70.0] * 3)
    made.put(5, 71.0)
    made.put(6, None)
    points, _, _ = made.points(10, 10)
    assert [point and point[0] for point in points[3:]] == [70, 70, 70, None, None, 71, None]
    made.cut(2)
    assert len(made) == 2


@pytest.mark.parametrize(
    ("scale", "values", "expected"),
    [
        (HEART_SCALE, [70.0, 90.0], (40, 160)),
        (HEART_SCALE, [70.0, 161.0], (40, 180)),
        (HEART_SCALE, [38.0, 70.0], (20, 160)),
        (SKIN_SCALE, [34.0, 34.1], (33, 39)),
        (SKIN_SCALE, [24.6, 34.1], (24, 39)),
        (SKIN_SCALE, [], (33, 39)),
    ],
)
def test_scale_widens_by_whole_ticks_only(scale, values, expected):
    chart = plot(series(values), scale, 0, (40, 12))
    assert (chart.low, chart.high) == expected
    assert chart.high - chart.low >= 4


def test_a_limit_outside_the_usual_range_is_shown():
    assert plot(series([70.0]), HEART_SCALE, 0, (40, 12), ((170.0, "high"),)).high == 180


def test_session_axis_counts_from_the_dose():
    story = Story(marks=(Mark(t_s=1800.0, kind="dose"),))
    chart = plot(series([70.0] * 7200), HEART_SCALE, 2, (60, 12), (), story)
    texts = [text for _, text in chart.labels]
    assert "T+0:00" in texts
    assert "T+1:00" in texts
    assert texts[-1] == "now"
    (marker,) = chart.doses
    assert marker == dict(zip(texts, (column for column, _ in chart.labels), strict=True))["T+0:00"]


def span(priority, t0_s, t1_s=None):
    return AlarmSpan(signal="heart_rate", condition="x", priority=priority, t0_s=t0_s, t1_s=t1_s)


def test_alarms_are_bars_as_high_as_they_are_urgent():
    worst = ["", "", "low", "low", "medium", "high", "", ""]
    lines = draw([(5, 5)] * 8, alarms=tuple(worst))
    assert len(lines) == 5
    assert lines[-2].plain[LEFT:-RIGHT] == " ▂█ "
    assert style_at(lines[-2], LEFT + 2) == "high"


def test_the_worst_of_overlapping_alarms_is_drawn_and_one_that_holds_goes_to_the_end():
    spans = (span("LOW", 0, 500), span("HIGH", 100, 200), span("MEDIUM", 550))
    chart = plot(series([70.0] * 600), HEART_SCALE, 0, (50, 12), (), Story(spans=spans))
    assert [chart.alarms[second // 6] for second in (0, 99, 100, 200, 220, 500)] == [
        "low", "high", "high", "high", "low", "low",
    ]  # fmt: skip
    assert (chart.alarms[88], chart.alarms[-1]) == ("", "medium")


def test_alarms_out_of_sight_take_no_room():
    over = Story(spans=(span("HIGH", 5, 90),))
    chart = plot(series([70.0] * 5000), HEART_SCALE, 0, (50, 12), (), over)
    assert chart.alarms == ()


WIDE_GAP = [(5, 5), (5, 5), *[None] * 28, (5, 5), (5, 5)]


def test_a_gap_says_its_reason_inside_where_there_is_room():
    lines = draw(WIDE_GAP, gaps=((2, 29, "link lost"),))
    assert f"{GAP} link lost {GAP}" in lines[2].plain
    narrow = draw([(5, 5), (5, 5), *[None] * 6, (5, 5), (5, 5)], gaps=((2, 7, "link lost"),))
    assert not any("link" in line.plain for line in narrow)


def test_a_gap_too_narrow_for_its_reason_says_it_in_the_title():
    chart = plot(
        series([*[70.0] * 500, *[math.nan] * 30, *[70.0] * 70]), HEART_SCALE, 0, (50, 12), (),
        Story(gaps=(Gap(signal="heart_rate", t0_s=500, t1_s=530, reason="no contact"),)),
    )  # fmt: skip
    assert last_gap(chart) == "no contact"
    assert last_gap(plot(series([70.0]), HEART_SCALE, 0, (50, 12))) == ""


def test_marks_of_people_stand_on_the_axis():
    marks = (Mark(t_s=300.0, kind="note"), Mark(t_s=306.0, kind="blood_pressure"))
    chart = plot(series([70.0] * 600), HEART_SCALE, 0, (50, 12), (), Story(marks=marks))
    assert chart.marks == ((50, "n"), (51, "b"))
    lines = draw([(5, 5)] * 8, marks=((3, "n"),))
    assert lines[-1].plain[LEFT + 1] == "n"


def test_what_was_put_before_is_nothing_new():
    made = series([70.0, 34.9])
    before = made.version
    made.put(1, 34.9)
    assert made.version == before
    made.put(1, 35.0)
    assert made.version > before


def test_eight_hours_take_little_memory():
    made = series([70.1] * 28_800)
    assert sys.getsizeof(made._values) < 150_000
    assert made.points(28_800, 100)[0][0] == (70.1, 70.1)


def test_big_digits():
    assert block_digits("1.-") == [
        "    ██",
        "    ██",
        "    ██      ██████",
        "    ██",
        "    ██  ██",
    ]
