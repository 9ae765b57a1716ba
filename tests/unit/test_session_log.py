"""The log of an engine, and the whole of it at the screen's end."""

from devices.model import NS_PER_S, SensorSpec, Signal
from monitor import feed
from monitor.alarm_view import checks
from monitor.clock import ScaledClock
from monitor.core import Core, Setup
from monitor.engine import Engine
from monitor.model import Verb
from monitor.replay import NoSound
from monitor.session_log import LONGEST, NEWEST, SessionLog
from tests.unit.test_engine import Record
from tests.unit.test_readings import act, degc
from tui.log_book import LogBook

STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE)


def line(t_s, text="x"):
    return feed.LogLine(t_s=t_s, kind="system", text=text)


def engine():
    session = feed.Session(session_id="x", mode="SIM")
    return Engine(
        Core(Setup(sensors=[STRAP])), ScaledClock(rate=0.0), session, Record(), NoSound(),
        watched=False,
    )  # fmt: skip


def test_lines_of_one_step_are_in_the_order_of_time_and_numbers_never_repeat():
    log = SessionLog()
    log.extend([line(3), line(1), line(2)])
    log.clear()
    log.extend([line(5)])
    assert [(one.n, one.t_s) for one in log.all] == [(4, 5)]


def test_the_log_is_bounded():
    log = SessionLog()
    for i in range(LONGEST + 10):
        log.append(line(i))
    assert (len(log.all), len(log.newest)) == (LONGEST, NEWEST)


SLIP = degc(10, 39.6)
ACTIONS = [
    act(5, Verb.NOTE, text="tea"),
    SLIP,
    act(20, Verb.TEMPERATURE, degc=36.9, site="ear", corrects=SLIP.t_ns),
    act(25, Verb.NOTE, text="music"),
    act(26, Verb.NOTE, text="tea"),
]


def stepped():
    whole = engine()
    whole.clock.jump_to(60 * NS_PER_S)
    whole.absorb(ACTIONS, 60 * NS_PER_S)
    return whole


def test_a_resumed_engine_has_the_same_log():
    first = stepped()
    again = engine()
    output = again.core.step(ACTIONS, 60 * NS_PER_S)
    again.restore(ACTIONS, output, 60 * NS_PER_S)
    assert again.log.all == first.log.all
    assert [one.t_s for one in first.log.all] == sorted(one.t_s for one in first.log.all)


def test_the_book_knows_what_stands_from_the_log_and_from_snapshots():
    whole, late = stepped(), LogBook()
    late.load(whole.log.all)
    early = LogBook()
    early.extend(whole.log.all[:3])
    early.extend(whole.log.newest)
    for book in (late, early):
        assert [one.n for one in book.lines] == [one.n for one in whole.log.all]
        assert [e.details["degc"] for e in book.standing("temperature")] == [36.9]
        assert book.recent("note", "text", 8) == ["tea", "music"]
        struck = [one.entry.t_ns for one in book.lines if book.is_replaced(one)]
        assert struck == [SLIP.t_ns]


def test_a_refused_entry_is_told_but_is_no_entry():
    whole = engine()
    whole.absorb([act(5, Verb.TEMPERATURE, degc=50, site="ear")], 10 * NS_PER_S)
    (told,) = whole.log.all
    assert "refused" in told.text
    assert told.entry is None


def test_greeting_brings_the_log():
    messages = [feed.decode_downlink(part) for part in stepped().greeting()]
    logs = [message for message in messages if isinstance(message, feed.Log)]
    assert len(logs[0].lines) == len(stepped().log.all)


def test_checks_tell_what_the_gate_needs():
    core = Core(Setup(sensors=[STRAP], scales={"distress": (0.0, 10.0)}))
    ear = act(10, Verb.TEMPERATURE, degc=36.9, site="ear", method="infrared")
    drinks = [act(t, Verb.FLUIDS, ml=200, what="water") for t in (20, 30)]
    score = act(40, Verb.SCORE, name="distress", value=4)
    core.step([ear, *drinks, score], 60 * NS_PER_S)
    seen = checks(core)
    assert (seen.temperature, seen.site, seen.method) == ("36.9 ear", "ear", "infrared")
    assert (seen.fluids_ml, seen.fluids_s) == (400.0, 30.0)
    assert seen.scores == {"distress": (4.0, 40.0)}
    assert (seen.pressure_every_s, seen.temperature_every_s) == (1800.0, 3600.0)
