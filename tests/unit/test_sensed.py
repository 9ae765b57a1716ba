"""Sensors that err like sensors: what becomes of the body between skin and packet."""

import numpy as np
import pytest

from devices.model import NS_PER_S, Signal, Validity
from devices.registry import codec
from monitor.cli.main import main
from simulators.kinds import KINDS
from simulators.physiology import Physiology, Plan
from simulators.scenario import FaultKind, LinkFault
from simulators.sensed import Sensed

K = FaultKind
PLAN = Plan(wander_bpm=1.0, artefacts_per_h=0.0, probe_on_s=-3600.0)
PERSON = Physiology(PLAN)
BEGIN, LASTS = 100, 60
SKIN_KINDS = [kind for kind in KINDS.values() if kind.measures is Signal.SKIN_TEMPERATURE]
SILENT = {"fluke", "mic", "etf", "kitsrus"}
"""Formats without a word for "no value"."""


def sensed(kind, by=0.0, share_pct=100.0, site="", lasts=LASTS):
    return Sensed(PERSON, site, (LinkFault(BEGIN, "x", kind, lasts, by, share_pct),))


def test_without_a_fault_it_is_the_body():
    for second in (0, BEGIN + 5):
        assert Sensed(PERSON).heart_at(second) == PERSON.heart_at(second)
        assert Sensed(PERSON).skin_degc(second) == PERSON.skin_degc(second)
    before, after = BEGIN - 1, BEGIN + LASTS
    for kind in K:
        faulty = sensed(kind, by=5.0)
        assert faulty.pulse_bpm(before) == Sensed(PERSON).pulse_bpm(before)
        assert faulty.room_degc(after) == Sensed(PERSON).room_degc(after)


def test_a_strap_off_the_chest_says_so_and_an_armband_does_not():
    off = sensed(K.OFF_BODY)
    strap = [off.heart_at(s) for s in range(BEGIN, BEGIN + LASTS)]
    assert {(one.bpm, len(one.rr_ms), one.contact) for one in strap} == {(0, 0, False)}
    pulses = {off.pulse_bpm(s) for s in range(BEGIN, BEGIN + LASTS)}
    assert len(pulses) == 1
    assert 50 < pulses.pop() < 90


def test_a_probe_off_the_skin_goes_to_the_room_and_warms_up_again():
    off = sensed(K.OFF_BODY, lasts=300)
    skin = PERSON.skin_degc(BEGIN)
    assert off.skin_degc(BEGIN - 1) == pytest.approx(skin, abs=0.3)
    assert off.skin_degc(BEGIN + 299) == pytest.approx(PERSON.room_degc(400), abs=0.3)
    assert 23 < off.skin_degc(BEGIN + 400) < 33
    assert off.skin_degc(BEGIN + 300 + 2400) == pytest.approx(skin, abs=0.3)
    assert off.core_degc(BEGIN + 5) is None


@pytest.mark.parametrize("kind", SKIN_KINDS, ids=lambda kind: kind.name)
def test_every_thermometer_has_its_own_word_for_no_value(kind):
    faulty = Sensed(PERSON, kind.site, (LinkFault(BEGIN, "x", K.NO_VALUE, LASTS),))
    payloads = [payload for payload in kind.says(faulty, BEGIN + 20) if payload]
    assert bool(payloads) == (kind.name not in SILENT)
    decoder = codec(kind.codec).decoder()
    decoder.feed(b"\n" if codec(kind.codec).serial else b"")
    skin = [
        one
        for payload in payloads
        for one in decoder.feed(payload)
        if one.signal in {Signal.TEMPERATURE, Signal.SKIN_TEMPERATURE}
    ]
    assert len(skin) == len(payloads)
    assert all(one.validity is not Validity.VALID for one in skin)


def test_values_that_are_stuck_stay():
    stuck = sensed(K.STUCK)
    seconds = range(BEGIN, BEGIN + LASTS)
    assert len({(h.bpm, *h.rr_ms) for h in map(stuck.heart_at, seconds)}) == 1
    assert len({stuck.skin_degc(s) for s in seconds}) == 1
    assert len({tuple(uv) for s in seconds for _, uv in stuck.ecg(s)}) == 1
    assert len({at_ns for s in seconds for at_ns, _ in stuck.ecg(s)}) == 2 * LASTS


def test_bias_and_drift_move_the_values():
    biased, drifting = sensed(K.BIAS, by=20.0), sensed(K.DRIFT, by=60.0)
    at, end = BEGIN + 10, BEGIN + LASTS - 1
    assert biased.heart_at(at).bpm == PERSON.heart_at(at).bpm + 20
    mean = 60_000 / np.mean([rr for s in range(BEGIN, end) for rr in biased.heart_at(s).rr_ms])
    assert mean == pytest.approx(90, abs=3)
    assert biased.skin_degc(at) == pytest.approx(PERSON.skin_degc(at) + 20)
    assert drifting.skin_degc(BEGIN) == PERSON.skin_degc(BEGIN)
    assert drifting.skin_degc(end) == pytest.approx(PERSON.skin_degc(end) + 59 / 60)


@pytest.mark.parametrize("every", [3, 4])
def test_late_beats_come_together_and_none_is_lost(every):
    late = sensed(K.LATE_BEATS, by=float(every))
    counts = [len(late.heart_at(s).rr_ms) for s in range(BEGIN, BEGIN + LASTS)]
    assert all((count > 0) == ((n + 1) % every == 0) for n, count in enumerate(counts))
    came = [rr for s in range(BEGIN - 5, BEGIN + LASTS + 5) for rr in late.heart_at(s).rr_ms]
    sent = [rr for s in range(BEGIN - 5, BEGIN + LASTS + 5) for rr in PERSON.heart_at(s).rr_ms]
    assert came == sent
    assert late.heart_at(BEGIN).bpm == PERSON.heart_at(BEGIN).bpm


def test_more_intervals_than_a_packet_holds_are_sent_in_the_next():
    late = sensed(K.LATE_BEATS, by=20.0)
    decoder = codec("hrs_2a37").decoder()
    payloads = KINDS["strap"].says(late, BEGIN + 19)
    assert len(payloads) > 1
    assert max(map(len, payloads)) <= 20
    rr = [m for p in payloads for m in decoder.feed(p) if m.signal is Signal.RR_INTERVAL]
    assert len(rr) == len(late.heart_at(BEGIN + 19).rr_ms)


def test_dry_electrodes_flicker_and_miscount():
    dry = sensed(K.DRY, share_pct=50.0, lasts=1000)
    said = [dry.heart_at(s) for s in range(BEGIN, BEGIN + 1000)]
    none = np.mean([not one.contact for one in said])
    wrong = np.mean(
        [len(o.rr_ms) > len(PERSON.heart_at(BEGIN + n).rr_ms) for n, o in enumerate(said)]
    )
    assert none == pytest.approx(0.33, abs=0.05)
    assert wrong == pytest.approx(0.17, abs=0.06)
    assert said == [dry.heart_at(s) for s in range(BEGIN, BEGIN + 1000)]


def test_a_fast_clock_stamps_ahead_and_takes_more_samples():
    fast, true = sensed(K.CLOCK, by=1000.0, lasts=7200), Sensed(PERSON)
    ahead_ns = fast.ecg(BEGIN + 3600)[-1][0] - true.ecg(BEGIN + 3600)[-1][0]
    assert ahead_ns / NS_PER_S == pytest.approx(3.6, abs=0.01)
    count = sum(len(uv) for s in range(BEGIN, BEGIN + 100) for _, uv in fast.ecg(s))
    assert count == 13_013
    stamps = [at_ns for s in range(BEGIN, BEGIN + 100) for at_ns, _ in fast.ecg(s)]
    sizes = [len(uv) for s in range(BEGIN, BEGIN + 100) for _, uv in fast.ecg(s)]
    assert np.diff(stamps) / NS_PER_S * 130 == pytest.approx(sizes[1:], abs=1e-3)
    same = (np.concatenate([uv for _, uv in one.ecg(3700)])[:130] for one in (fast, true))
    assert np.corrcoef(*same)[0, 1] > 0.85  # the very beats, on another grid of samples


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ('kind = "late_beats", lasts = 60', "by: must be 1 to 30 of a fault 'late_beats'"),
        ('kind = "battery", by = 200', "by = 200: must be 0 to 100 of a fault 'battery'"),
        ('kind = "off_bodi"', 'kind = "off_bodi": must be one of '),
    ],
)
def test_a_mistake_about_a_sensor_is_told(tmp_path, capsys, fault, told):
    path = tmp_path / "x.toml"
    path.write_text(
        f'title = "x"\nlasts = 600\nfaults = [\n  {{ at = 100, sensor = "strap", {fault} }},\n]\n'
    )
    assert main(["scenario", "check", str(path)]) == 2
    err = capsys.readouterr().err
    assert f"{path}:4: faults[0].{told}" in err
