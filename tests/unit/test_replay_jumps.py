"""Jumps in a replay: wherever they come from, the state is that of playing from the start."""

import math

import msgspec
import pytest

from devices.model import NS_PER_S
from monitor import feed
from monitor.clock import ScaledClock
from monitor.exchange import detect, imported
from monitor.exchange.options import Options
from monitor.recording.reader import Recording
from monitor.replay import LEAD_S, SAVE_S, Replay

LENGTH_S = 2 * SAVE_S + 300
RACES_S = (400, SAVE_S + 200, 2 * SAVE_S + 100)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Three times a heart that races for two minutes; an ECG in the first minute."""
    folder = tmp_path_factory.mktemp("jumps")
    rows = ["time_s,heart_rate[/min],skin_temperature[Cel],ecg[mV]"]
    for second in range(LENGTH_S):
        bpm = 150 if any(0 <= second - race < 120 for race in RACES_S) else 72
        rows.append(f"{second},{bpm + second % 2},{34 + math.sin(second / 300):.2f},0.0")
        if second < 60:
            rows += [f"{second + i / 100},,,{1.2 * (i == 30)}" for i in range(1, 100)]
    (folder / "long.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    imported.write(
        detect.load([folder / "long.csv"], options=Options(site="axilla")), folder / "long.db"
    )
    return folder / "long.db"


@pytest.fixture
def player(recorded):
    with Recording.open(recorded) as recording:
        session = feed.Session(session_id="x", mode="REPLAY", rate=0.0)
        replay = Replay(recording, ScaledClock(rate=0.0), session)
    for _ in replay.survey():
        pass
    return replay


async def ask(player, verb, **details):
    return await player.command(feed.Command(id=1, verb=verb, details=details))


def seen(player):
    """All a dashboard is told but the number of the snapshot."""
    snapshot = msgspec.structs.replace(player.snapshot(), seq=0)
    return snapshot, player.history.heart_bpm, player.log.all, player.timeline.message()


async def test_a_jump_from_anywhere_is_like_playing_from_the_start(recorded, player):
    targets = [2 * SAVE_S + 200, 450, SAVE_S + 250, SAVE_S - 1, 2 * SAVE_S, 0, LENGTH_S, 455]
    for t_s in targets:
        await ask(player, "seek", t_s=t_s)
        with Recording.open(recorded) as recording:
            session = feed.Session(session_id="x", mode="REPLAY", rate=0.0)
            other = Replay(recording, ScaledClock(rate=0.0), session)
        # Not surveyed: nothing but the beginning is remembered.
        for _ in range(2):
            other.clock.jump_to(min(t_s * NS_PER_S, other._end_ns))
            other.tick()
        assert seen(player) == seen(other), t_s


async def test_events_after_and_before_and_none(player):
    player.clock.jump_to(0)
    player.tick()
    places = []
    while (await ask(player, "next_event")).ok:
        places.append(player.last_ns / NS_PER_S)
    assert len(places) >= len(RACES_S)
    for race in RACES_S:
        assert any(race < place + LEAD_S < race + 120 for place in places)
    back = [player.last_ns / NS_PER_S]
    while (await ask(player, "previous_event")).ok:
        back.append(player.last_ns / NS_PER_S)
    assert back == places[::-1]
    refused = await ask(player, "previous_event")
    assert (refused.ok, refused.message) == (False, "there is none")


async def test_shortly_after_an_event_before_means_the_one_before_that(player):
    player.clock.jump_to(0)
    player.tick()
    for _ in range(2):
        await ask(player, "next_event")
    first = player._marks_ns[0] - int(LEAD_S * NS_PER_S)
    player.clock.jump_to(player.last_ns + 2 * NS_PER_S)
    player.tick()
    await ask(player, "previous_event")
    assert player.last_ns == first


@pytest.mark.parametrize("verb", ["note", "dose", "temperature", "fluids", "acknowledge"])
async def test_live_controls_are_off(player, verb):
    reply = await ask(player, verb, text="x")
    assert (reply.ok, "off" in reply.message) == (False, True)


async def test_what_plays_does_not_wait_for_the_survey(recorded):
    with Recording.open(recorded) as recording:
        session = feed.Session(session_id="x", mode="REPLAY", rate=0.0)
        early = Replay(recording, ScaledClock(rate=0.0), session)
    reply = await ask(early, "next_event")
    assert (reply.ok, reply.message) == (False, "none yet; still looking")
    await ask(early, "seek", t_s=SAVE_S + 250)
    before = seen(early)
    looking = early.survey()
    next(looking)
    assert (await ask(early, "previous_event")).ok  # found in the first part
    list(looking)
    await ask(early, "seek", t_s=SAVE_S + 250)
    assert seen(early) == before
