"""What charts show besides the curves: alarm spans, gaps with their reason, marks, phases."""

import pytest

from devices.model import NS_PER_S, Frame, LinkState, SensorSpec, Signal
from monitor.core import Core, Setup
from monitor.gaps import MOST_GAPS, Cause, Causes
from monitor.model import Action, Verb
from monitor.phases import PHASES, PhaseTimes, phase
from monitor.timeline import MOST, Timeline

STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE, site="chest")
WORN, LOOSE = b"\x06", b"\x04"


def beats(first_s, last_s, bpm=80, flags=WORN):
    return [
        Frame(t_ns=s * NS_PER_S + 5, source="strap", payload=flags + bytes([bpm]))
        for s in range(first_s, last_s)
    ]


def action(t_s, verb, **details):
    return Action(t_ns=t_s * NS_PER_S, verb=verb, details=details)


def play(events, until_s, block_s=100_000, links=()):
    """The timeline after these events, in blocks of this length."""
    core, timeline = Core(Setup(sensors=[STRAP])), Timeline()
    for t_s, state in links:
        timeline.link("strap", state, t_s * NS_PER_S)
    events = sorted(events, key=lambda event: event.t_ns)
    for end_s in [*range(block_s, until_s, block_s), until_s]:
        part = [e for e in events if e.t_ns <= end_s * NS_PER_S]
        events = events[len(part) :]
        timeline.take(part, core.step(part, end_s * NS_PER_S), core)
    return timeline


def gaps(timeline):
    return [(g.t0_s, g.t1_s, g.reason) for g in timeline.message().gaps if g.signal == "heart_rate"]


SILENCE = [*beats(1, 60), *beats(100, 160)]
LOST = [(0, LinkState.STREAMING), (70, LinkState.LOST), (95, LinkState.STREAMING)]
AWAY = [
    action(59, Verb.STANDBY, seconds=60, reason="toilet, then water"),
    action(101, Verb.END_STANDBY),
]


@pytest.mark.parametrize(
    ("events", "links", "reason"),
    [
        (SILENCE, (), "no data"),
        (SILENCE, LOST, "link lost"),
        ([*SILENCE, *beats(60, 100, flags=LOOSE)], (), "no contact"),
        ([*SILENCE, *beats(60, 100, flags=LOOSE)], LOST, "link lost"),
        ([*SILENCE, *AWAY], LOST, "standby: toilet, then water"),
    ],
)
@pytest.mark.parametrize("block_s", [1, 7, 1000])
def test_a_gap_has_its_reason_whatever_the_blocks(events, links, reason, block_s):
    first, second = gaps(play(events, 200, block_s, links))[-2:]
    assert first[0] in range(60, 68)  # some seconds of beats are still in the window
    assert first[1:] == (101, reason)
    assert second[1] is None


def test_a_gap_goes_on_until_there_is_a_value_and_a_short_one_is_no_gap():
    found = gaps(play([*beats(1, 30), *beats(36, 60)], 90))
    assert [(start, end) for start, end, _ in found if start > 5] == [(found[-1][0], None)]


def test_causes_that_were_over_before_or_begin_later_do_not_count():
    causes = Causes()
    causes.tell(Cause.LINK, "strap", 10, "link lost")
    causes.tell(Cause.LINK, "strap", 20, "")
    causes.tell(Cause.LINK, "patch", 20, "link silent")
    causes.tell(Cause.SENSOR, "strap", 90, "no contact")
    assert causes.why("strap", 15, 30) == "link lost"
    assert causes.why("strap", 20, 30) == "no data"
    assert causes.why("strap", 20, 95) == "no contact"
    assert causes.why("patch", 50, 60) == "link silent"


def test_an_outage_explains_every_gap():
    timeline = Timeline()
    timeline.outage(60 * NS_PER_S, 100 * NS_PER_S, "engine was not running")
    core = Core(Setup(sensors=[STRAP]))
    timeline.take(SILENCE, core.step(SILENCE, 160 * NS_PER_S), core)
    assert "engine was not running" in [reason for _, _, reason in gaps(timeline)]


def test_alarm_spans_by_priority_and_signal():
    events = [*beats(1, 120), *beats(120, 300, 130), *beats(300, 400, 150), *beats(400, 600)]
    spans = play(events, 600).message().spans
    mine = [(s.condition, s.signal, s.priority) for s in spans if s.condition.startswith("hr_h")]
    assert mine == [("hr_high", "heart_rate", "MEDIUM")]
    (high,) = (s for s in spans if s.condition == "hr_high")
    (extreme,) = (s for s in spans if s.condition == "hr_extreme")
    assert 145 < high.t0_s < 160
    assert high.t0_s < extreme.t0_s < extreme.t1_s <= high.t1_s < 450


def test_a_span_goes_on_while_the_condition_holds():
    spans = play(beats(1, 300, 130), 300).message().spans
    of = [(s.priority, s.t1_s is None) for s in spans if s.condition == "hr_high"]
    assert of == [("MEDIUM", False), ("HIGH", True)]  # nobody answered it


def test_marks_are_of_actions_that_were_done():
    events = [
        action(5, Verb.DOSE, label="dose"),
        action(6, Verb.NOTE, text="x" * 300),
        action(7, Verb.BLOOD_PRESSURE, systolic=128.0, diastolic=81.0),
        action(8, Verb.BLOOD_PRESSURE, systolic=900.0, diastolic=81.0),
        action(9, Verb.PAUSE_AUDIO, seconds=60),
    ]
    marks = play(events, 20).message().marks
    assert [(m.t_s, m.kind) for m in marks] == [(5, "dose"), (6, "note"), (7, "blood_pressure")]
    assert marks[1].text == "x" * 80
    assert marks[2].text == "128/81 mmHg"


def test_revision_counts_what_is_new_and_only_that():
    core, timeline = Core(Setup(sensors=[STRAP])), Timeline()

    def step(events, until_s):
        before = timeline.revision
        timeline.take(events, core.step(events, until_s * NS_PER_S), core)
        return timeline.revision - before

    step(beats(1, 30), 30)
    assert step(beats(31, 60), 60) == 0
    assert step([action(61, Verb.NOTE, text="tea")], 61) == 1


def test_memory_is_bounded():
    events = [action(s, Verb.NOTE, text="n") for s in range(1, MOST + 50)]
    assert len(play(events, 1000).message().marks) == MOST
    short = [f for s in range(1, 30 * (MOST_GAPS + 20), 30) for f in beats(s, s + 3)]
    assert len(gaps(play(short, 30 * (MOST_GAPS + 20), 3600))) <= MOST_GAPS + 1


@pytest.mark.parametrize(
    ("minutes", "doses_min", "name"),
    [
        (0, [0], "onset"), (44, [0], "onset"), (45, [0], "peak"), (239, [0], "peak"),
        (240, [0], "descent"), (2000, [0], "descent"), (100, [0, 120], "peak"),
        (120, [0, 120], "supplemental"), (359, [0, 120], "supplemental"),
        (360, [0, 120], "descent"), (31, [0, 30], "supplemental"),
    ],
)  # fmt: skip
def test_phase_by_the_clock(minutes, doses_min, name):
    doses_s = [600 + at * 60 for at in doses_min if at <= minutes]
    found = phase(600 + minutes * 60, doses_s, PHASES)
    assert found.name == name
    bands = found.bands
    assert [b.t1_s for b in bands[:-1]] == [b.t0_s for b in bands[1:]]
    assert bands[0].t0_s == 600
    assert all(band.t0_s < band.t1_s for band in bands)


def test_before_the_dose_there_is_no_phase_and_the_window_ends_with_the_second():
    assert phase(100, [], PHASES) is None
    assert phase(100, [100], PHASES).window == (5500, 9100)
    assert phase(200, [100, 150], PHASES).window is None


def test_a_clinic_sets_its_own_phases():
    times = PhaseTimes(peak_min=30, descent_min=300)
    assert [band.t0_s / 60 for band in phase(0, [0], times).bands] == [0, 30, 300]


def test_a_corrected_entry_is_marked_where_it_was_measured_and_a_withdrawn_one_nowhere():
    core, timeline = Core(Setup(sensors=[])), Timeline()
    slip = action(10, Verb.TEMPERATURE, degc=39.7, site="ear")
    tea = action(20, Verb.NOTE, text="tea")
    better = action(40, Verb.TEMPERATURE, degc=36.9, site="ear", corrects=slip.t_ns)
    gone = action(50, Verb.NOTE, corrects=tea.t_ns, withdrawn=True)
    best = action(60, Verb.TEMPERATURE, degc=36.8, site="ear", corrects=better.t_ns)
    for one in (slip, tea, better, gone, best):
        timeline.take([one], core.step([one], one.t_ns), core)
    (mark,) = timeline.message().marks
    assert (mark.t_s, mark.text) == (10.0, "36.8 degC ear")
