"""Recordings and imports played out by simulated sensors: the alarms of their own re-analysis."""

import asyncio
import csv
from pathlib import Path

import numpy as np
import pytest

from alerts.catalogue import CATALOGUE
from alerts.model import Edge, Kind
from devices.model import NS_PER_S, Signal
from devices.registry import codec
from monitor import reanalysis
from monitor.cli.main import main
from monitor.clock import ManualClock
from monitor.errors import ConfigError, RecordingError
from monitor.exchange import detect, imported
from monitor.exchange.options import Options
from simulators.kinds import named
from simulators.library import scenario
from simulators.playing import Heard, frames, play
from simulators.recorded import person_of
from simulators.room import Room
from simulators.scenario_file import load

DATA = Path(__file__).parents[1] / "data"
WITHIN_S = 5
"""A sensor says in whole beats a minute, a second later, what the recording says in fractions: an
alarm may begin and end that much earlier or later."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("recorded")


def made(folder, source, **options):
    path = folder / f"{Path(source).stem}{len(options)}.db"
    if not path.exists():
        imported.write(detect.load([source], None, Options(**options)), path)
    return path


def mitdb(folder, name, minutes=4):
    """Minutes of an arrhythmic clip, one after the other, as a plain CSV of ECG."""
    path = folder / f"mitdb-{name}.csv"
    with np.load(DATA / "mitdb" / "clips.npz") as clips:
        ecg_mv = np.tile(clips[f"uv_{name}"], minutes) / 1000
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time_s", "ecg[mV]"])
        rows.writerows((f"{i / 130:.6f}", value) for i, value in enumerate(ecg_mv))
    return made(folder, path)


def of_the_person(found):
    """Condition, second and kind of each edge of a physiological condition."""
    return [e for e in found if CATALOGUE[e[0]].kind is Kind.PHYSIOLOGICAL]


def played(path):
    onsets = [e for e in play(scenario(str(path))).edges if e.edge is Edge.ONSET]
    return of_the_person([(e.condition, e.t_ns / NS_PER_S) for e in onsets])


def derived(path):
    return of_the_person([(a.condition, a.onset_s) for a in reanalysis.analyse(path).alarms])


def assert_alike(path):
    ours, theirs = sorted(played(path)), sorted(derived(path))
    assert [name for name, _ in ours] == [name for name, _ in theirs]
    for (name, ours_s), (_, theirs_s) in zip(ours, theirs, strict=True):
        assert abs(ours_s - theirs_s) <= WITHIN_S, name
    return [name for name, _ in theirs]


@pytest.mark.parametrize(
    ("subject", "alarms"),
    [
        ("S02", ["hr_elevated", "hr_high"]),
        ("S12", []),
        ("S20", ["hr_elevated", "hr_extreme", "hr_high"]),
    ],
)
def test_a_wrist_recording_raises_the_alarms_of_its_reanalysis(folder, subject, alarms):
    assert assert_alike(made(folder, DATA / "empatica" / subject)) == alarms


def test_an_arrhythmic_electrocardiogram_does_too(folder):
    assert assert_alike(mitdb(folder, "203")) == ["rr_irregular"]


def test_our_own_recording_does_too_but_for_what_people_entered():
    path = DATA / "recordings" / "session.db"
    entered = {"bp_high", "bp_crisis"}
    theirs = sorted(name for name, _ in derived(path) if name not in entered)
    assert sorted(name for name, _ in played(path)) == theirs == sorted(set(theirs))


def test_a_recording_at_another_rate_is_sent_at_the_sensors(folder):
    """Every sample of 130 Hz as it is; another rate comes out as beats at the same times."""
    path = mitdb(folder, "203")
    person = person_of(path)
    with np.load(DATA / "mitdb" / "clips.npz") as clips:
        whole = clips["uv_203"].round()
    waves = [codec("polar_ecg").waveform(p) for s in range(1, 11) for p in person.ecg(s)]
    sent = np.concatenate([wave.values for wave in waves])
    assert np.array_equal(sent, whole[: sent.size])
    assert sent.size == pytest.approx(1300, abs=2)


def test_the_sensors_are_those_the_recording_can_feed(folder):
    at_wrist = made(folder, DATA / "empatica" / "S12")
    assert scenario(str(at_wrist)).sensors == ("strap", "wrist")
    covered = made(folder, DATA / "empatica" / "S12", site="axilla")
    assert scenario(str(covered)).sensors == ("strap", "patch")
    assert scenario(str(mitdb(folder, "203"))).sensors == ("ecg",)


GAPPED = [*range(60), *range(120, 180)]


def gapped(folder):
    path = folder / "gapped.csv"
    rows = "".join(f"{t},{70 + t % 7},{1e3 * 60 / (70 + t % 7):.1f},34.0\n" for t in GAPPED)
    path.write_text(
        "time_s,heart_rate[/min],rr_interval[ms],skin_temperature[Cel]\n" + rows, encoding="utf-8"
    )
    return made(folder, path)


def test_a_gap_in_the_recording_is_silence_and_it_does_not_loop(folder):
    path = gapped(folder)
    file = folder / "gap.toml"
    file.write_text('title = "x"\nrecording = "gapped0.db"\nlasts = 300\n')
    heard = frames(load(file))
    at_s = {f.t_ns // NS_PER_S for f in heard if f.source == "strap"}
    assert at_s == set(GAPPED)
    warm = sorted(f.t_ns // NS_PER_S for f in heard if f.source == "patch")
    assert not [t for t in warm if 64 < t < 120 or t > 183]
    assert scenario(str(path)).duration_s == 180


def test_faults_and_operator_lie_on_top(folder):
    gapped(folder)
    file = folder / "fault.toml"
    file.write_text("""title = "x"
recording = "gapped0.db"
operator = [{ at = 10, do = "note", text = "played" }]
faults = [{ at = 20, sensor = "strap", kind = "away", lasts = 20 }]
""")
    at_s = {f.t_ns // NS_PER_S for f in frames(load(file)) if f.source == "strap"}
    assert at_s == set(GAPPED) - set(range(20, 40))


def test_values_come_as_bytes_of_the_real_sensors(folder):
    """Rate, interval and temperature of the recording in heart-rate and thermometer payloads."""
    sensors = {a: Heard(a, kind) for a, kind in named(("strap", "patch")).items()}
    room = Room(scenario(str(gapped(folder))), ManualClock(), dict(sensors))
    room.second(8)
    read = {
        m.signal: m.value
        for heard in sensors.values()
        for frame in heard.frames
        for m in codec(heard.kind.codec).decoder().feed(frame.payload)
    }
    assert read[Signal.HEART_RATE] == 71
    assert read[Signal.RR_INTERVAL] == pytest.approx(60_000 / 71, abs=1)
    assert read[Signal.TEMPERATURE] == pytest.approx(34.0)
    assert Signal.CONTACT not in read  # the recording does not say


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('recording = "none.db"', '2: recording = "none.db": '),
        ('recording = "gapped0.db"\nperson = { rest_bpm = 60 }', "3: person: a recording stands"),
        ('recording = "gapped0.db"\nsensors = ["cuff"]', "sensors[0]"),
        ("seed = 3", "lasts: missing"),
    ],
)
def test_a_mistake_is_told(folder, lines, told):
    gapped(folder)
    file = folder / "mistake.toml"
    file.write_text(f'title = "x"\n{lines}\n')
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert told in str(caught.value)


def test_what_is_no_recording_is_told(folder, tmp_path):
    with pytest.raises(RecordingError, match="cannot be read"):
        scenario(str(tmp_path / "none.db"))
    (tmp_path / "x.csv").write_text("time_s,heart_rate[/min]\n0,70\n")
    with pytest.raises(ConfigError, match="vigil import"):
        scenario(str(tmp_path / "x.csv"))
    assert main(["scenario", "check", str(made(folder, DATA / "empatica" / "S12"))]) == 0


def test_it_is_the_same_in_real_time_order(folder):
    """A room stepped by its own clock sends what the player at full speed sends."""
    made_ = scenario(str(gapped(folder)))
    clock = ManualClock()
    strap = Heard("strap", named(("strap",))["strap"])
    room = Room(made_, clock, {"strap": strap})

    async def run():
        playing = asyncio.create_task(room.run())
        for _ in range(int(made_.duration_s) + 1):
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            clock.advance(1)
        await playing

    asyncio.run(run())
    quick = [f.payload for f in frames(made_) if f.source == "strap"]
    assert [f.payload for f in strap.frames] == quick
