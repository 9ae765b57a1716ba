"""Beats from an electrocardiogram: real clips, hostile pieces, compiled and plain."""

from pathlib import Path

import numpy as np
import pytest

from devices.model import Signal, Waveform
from monitor.signal import fast, qrs_kernel, rate_kernel, rr_kernel
from monitor.signal.accelerate import accelerate
from monitor.signal.beat_rate import BeatRateStage
from monitor.signal.beats import Beats
from monitor.signal.ecg_beats import EcgBeats
from monitor.signal.ecg_pieces import Continuity, Piece
from monitor.signal.qrs_design import design
from monitor.signal.rhythm import RhythmStage
from monitor.signal.signal_quality import EcgQuality

CLIPS = np.load(Path(__file__).parents[1] / "data" / "mitdb" / "clips.npz")
HZ = 130.0
NS = 1_000_000_000


def pieces(uv, hz=HZ, frame=73, start_s=0.0, clock=True):
    found = []
    for at in range(0, len(uv), frame):
        part = np.asarray(uv[at : at + frame], np.int32)
        t_ns = round((start_s + (at + part.size - 1) / hz) * NS)
        found.append(Piece(t_ns, Waveform(Signal.ECG, hz, part, t_ns + 1 if clock else None)))
    return found


def beats_s(uv, **options):
    return EcgBeats().step(pieces(uv, **options))[0].at_ns / NS


def errors(found, truth, end_s=59.5):
    """Annotated beats not found, and found ones that are none, within 150 ms."""
    truth = truth[truth < end_s]
    near = [np.min(np.abs(found - t)) <= 0.15 for t in truth]
    real = [np.min(np.abs(truth - t)) <= 0.15 for t in found if t < end_s]
    return near.count(False), real.count(False)


@pytest.mark.parametrize(
    ("record", "missed", "extra"), [("100", 0, 0), ("108", 0, 1), ("203", 13, 3), ("232", 0, 8)]
)
def test_real_beats_are_found(record, missed, extra):
    """P waves as tall as in 108; 203, the hardest record, from a cold start (107 beats, many
    ectopic); 232 begins in a pause, whose P waves are taken for beats until three QRS came."""
    wrong = errors(beats_s(CLIPS[f"uv_{record}"]), CLIPS[f"beats_{record}"])
    assert wrong[0] <= missed
    assert wrong[1] <= extra


@pytest.mark.parametrize("hz", [100, 250, 500, 720, 1000])
def test_any_rate_finds_the_same_beats(hz):
    clip = CLIPS["uv_100"]
    t = np.arange(int(60 * hz)) / hz
    found = beats_s(np.interp(t, np.arange(clip.size) / HZ, clip), hz=float(hz), frame=hz // 2)
    assert errors(found, CLIPS["beats_100"]) == (0, 0)


def test_a_rate_nobody_can_detect_in_is_refused():
    with pytest.raises(ValueError, match="60 Hz"):
        design(60.0)
    stage = EcgBeats()
    assert stage.step(pieces(CLIPS["uv_100"], hz=60.0))[0].at_ns.size == 0
    assert stage.continuity.reason == "sampling rate"


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("times", [0.3, 3.0])
def test_polarity_and_amplitude_do_not_matter(sign, times):
    uv = np.rint(CLIPS["uv_100"] * sign * times)
    assert errors(beats_s(uv), CLIPS["beats_100"]) == (0, 0)


def test_wander_pops_and_mains_do_not_matter():
    uv = CLIPS["uv_100"].astype(float)
    t = np.arange(uv.size) / HZ
    uv += 1500 * np.sin(2 * np.pi * 0.3 * t) + 60 * np.sin(2 * np.pi * 50 * t)
    for pop_s in (10.1, 25.3, 41.7):
        after = t >= pop_s
        uv[after] += 3000 * np.exp(-(t[after] - pop_s) / 0.15)
    missed, extra = errors(beats_s(np.rint(uv)), CLIPS["beats_100"])
    assert missed <= 1
    assert extra <= 3  # one a pop


def test_delay_is_bounded():
    """At one sample a frame, so that no frame adds to it; all but the ones learnt from."""
    beats, _ = EcgBeats().step(pieces(CLIPS["uv_100"], frame=1))
    delay_s = (beats.known_ns - beats.at_ns) / NS
    assert np.percentile(delay_s[3:], 99) <= 0.2


def test_nothing_is_found_in_nothing():
    assert beats_s(np.zeros(1300)).size == 0
    assert beats_s(np.empty(0)).size == 0


def test_intervals_come_from_samples_not_from_arrival():
    jittered = pieces(CLIPS["uv_100"])
    late = np.random.default_rng(1).integers(0, NS // 3, len(jittered))
    for piece, ns in zip(jittered, late.tolist(), strict=True):
        piece.t_ns += ns
    plain, _ = EcgBeats().step(pieces(CLIPS["uv_100"]))
    found, _ = EcgBeats().step(jittered)
    np.testing.assert_array_equal(found.rr_ms, plain.rr_ms)
    assert (np.diff(found.at_ns) > 0).all()


def test_no_interval_spans_a_gap():
    first, second = CLIPS["uv_100"][:2600], CLIPS["uv_100"][5200:]
    parts = [*pieces(first), *pieces(second, start_s=40.0)]
    beats, _ = EcgBeats().step(parts)
    assert np.count_nonzero(np.isnan(beats.rr_ms)) == 2
    assert np.nanmax(beats.rr_ms) < 1200


REASONS = [
    (np.full(100, 7), "flat"),
    (np.empty(0), "empty"),
    (np.tile([-4000] * 30 + [4000] * 30, 2), "clipped"),
]


@pytest.mark.parametrize(("values", "reason"), REASONS)
def test_bad_pieces_are_gaps_with_a_reason(values, reason):
    judge = Continuity()
    good = pieces(CLIPS["uv_100"][:219])
    bad = Piece(5 * NS, Waveform(Signal.ECG, HZ, np.array(values, np.int32), 5 * NS))
    after = Piece(6 * NS, Waveform(Signal.ECG, HZ, good[0].wave.values, 6 * NS))
    assert [judge.step(one) for one in good] == [False, True, True]
    assert judge.step(bad) is None
    assert judge.reason == reason
    assert judge.refused == {reason: 1}
    assert judge.step(after) is False
    assert judge.reason == ""


def test_reversed_time_is_a_gap():
    one, two = pieces(CLIPS["uv_100"][:146])
    judge = Continuity()
    judge.step(two)
    assert judge.step(one) is None
    assert judge.reason == "time reversed"


def test_a_lost_frame_is_a_gap_by_the_sensors_clock():
    one, _, three = pieces(CLIPS["uv_100"][:219])
    judge = Continuity()
    assert [judge.step(one), judge.step(three)] == [False, False]


def test_late_frames_without_a_clock_still_join():
    parts = pieces(CLIPS["uv_100"][:219], clock=False)
    parts[1].t_ns += NS
    judge = Continuity()
    assert [judge.step(part) for part in parts] == [False, True, True]


def test_quality_tells_signal_from_noise():
    def at_end(uv):
        parts = pieces(uv)
        beats, noise = EcgBeats().step(parts)
        quality = EcgQuality()
        quality.add(parts, beats.known_ns, noise)
        return quality.step(np.array([20]))[0]

    clean = CLIPS["uv_100"][: 130 * 20]
    noise = np.rint(np.random.default_rng(3).normal(0, 100, clean.size))
    assert at_end(clean) > 0.9
    assert at_end(noise) < 0.5 < at_end(clean)
    assert at_end(clean[: 130 * 14]) == pytest.approx(0.4, abs=0.1)


@pytest.mark.parametrize(("sigma_uv", "usable"), [(50, True), (130, True), (400, False)])
def test_beats_are_not_looked_for_in_the_noise_of_dry_electrodes(sigma_uv, usable):
    noise = np.random.default_rng(5).normal(0, sigma_uv, 130 * 20)
    parts = pieces(np.rint(CLIPS["uv_100"][: noise.size] * 0.25 + noise))
    judge = Continuity()
    for part in parts:
        judge.step(part)
    assert judge.refused == ({} if usable else {"noisy": len(parts)})
    assert np.array_equal([part.usable for part in parts], [usable] * len(parts))


def test_compiled_and_plain_give_the_same_bits(monkeypatch):
    pytest.importorskip("numba", reason="the extra `fast` is not installed: NOT COMPARED")
    monkeypatch.setattr(fast, "_compiled", {})
    runs = []
    for compiled in (False, True):
        if compiled:
            assert accelerate()
            # Compiled before it is used: not a second of it may fall into the engine's loop.
            assert len(fast.kernel_of(qrs_kernel.scan).signatures) == 1
        stage = EcgBeats()
        runs.append([stage.step([part]) for part in pieces(CLIPS["uv_203"])])
    for (plain, noise), (quick, quick_noise) in zip(*runs, strict=True):
        np.testing.assert_array_equal(plain.at_ns, quick.at_ns)
        np.testing.assert_array_equal(plain.rr_ms, quick.rr_ms)
        np.testing.assert_array_equal(noise, quick_noise)
    assert len(fast.kernel_of(qrs_kernel.scan).signatures) == 1


def test_rates_and_rhythm_are_the_same_bits_compiled_or_plain(monkeypatch):
    pytest.importorskip("numba", reason="the extra `fast` is not installed: NOT COMPARED")
    monkeypatch.setattr(fast, "_compiled", {})
    rng = np.random.default_rng(5)
    rr = np.where(rng.random(900) < 0.05, rng.uniform(250, 2600, 900), rng.normal(800, 40, 900))
    rr[rng.random(900) < 0.01] = np.nan
    at = np.cumsum(np.nan_to_num(rr, nan=2000.0) * 1e6).astype(np.int64)
    runs = []
    for compiled in (False, True):
        if compiled:
            assert accelerate()
        rate, rhythm, found = BeatRateStage(), RhythmStage(), []
        for first in range(0, 700, 50):
            ticks = np.arange(first, first + 50)
            part = (at // NS >= first) & (at // NS < first + 50)
            beats = Beats(at[part], at[part], rr[part])
            found += [*rate.step(beats, ticks), *rhythm.step(beats, ticks)]
        runs.append(found)
    for plain, quick in zip(*runs, strict=True):
        np.testing.assert_array_equal(plain, quick)
    for kernel in (rate_kernel.follow, rr_kernel.judge):
        assert len(fast.kernel_of(kernel).signatures) == 1


def test_it_may_be_compiled_in_mid_stream(monkeypatch):
    pytest.importorskip("numba", reason="the extra `fast` is not installed: NOT COMPARED")
    monkeypatch.setattr(fast, "_compiled", {})
    parts = pieces(CLIPS["uv_203"])
    whole, _ = EcgBeats().step(pieces(CLIPS["uv_203"]))
    stage = EcgBeats()
    first, _ = stage.step(parts[:50])
    accelerate()
    second, _ = stage.step(parts[50:])
    np.testing.assert_array_equal(np.concatenate((first.rr_ms, second.rr_ms)), whole.rr_ms)


def shifted(parts, by_ns):
    """The same pieces by a clock that is ahead."""
    return [
        Piece(one.t_ns, Waveform(Signal.ECG, HZ, one.wave.values, one.wave.sensor_ns + by_ns))
        for one in parts
    ]


def test_a_frame_that_comes_twice_loses_nothing():
    parts = pieces(CLIPS["uv_100"])
    twice = [piece for one in parts for piece in (one, Piece(one.t_ns, one.wave))]
    plain, _ = EcgBeats().step(parts)
    found, _ = EcgBeats().step(twice)
    np.testing.assert_array_equal(found.rr_ms, plain.rr_ms)


def test_a_clock_that_is_set_back_does_not_end_the_signal():
    """Also one frame with a time far ahead, as a damaged one may have."""
    parts = pieces(CLIPS["uv_100"])
    for ahead in (slice(0, 20), slice(20, 21)):
        judge = Continuity()
        stamped = [*parts]
        stamped[ahead] = shifted(parts[ahead], 3_600 * NS)
        judged = [judge.step(one) for one in stamped]
        lost = judged.count(None)
        assert 3.0 * HZ / 73 <= lost + 1 <= 3.0 * HZ / 73 + 2
        assert judged[-1] is True


def test_electrodes_off_are_no_beats_and_back_on_they_are_at_once():
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 9, 60 * int(HZ))
    clip = CLIPS["uv_100"].astype(float)
    uv = np.rint(np.concatenate([clip, noise, clip])).astype(np.int32)
    engine = EcgBeats()
    beats, _ = engine.step(pieces(uv))
    at_s = beats.at_ns / NS
    off_s, on_s = clip.size / HZ, (clip.size + noise.size) / HZ
    assert engine.continuity.refused["too small"]
    assert not ((at_s > off_s + 7) & (at_s < on_s)).any()
    before = np.count_nonzero((at_s > 3) & (at_s < off_s - 1))
    again = np.count_nonzero((at_s > on_s + 3) & (at_s < on_s + off_s - 1))
    assert again == before
