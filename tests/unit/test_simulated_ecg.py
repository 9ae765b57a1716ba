"""The simulated electrocardiogram: our own detector finds the very beats of the simulated heart."""

import numpy as np
import pytest

from devices.codecs.polar import read_waveform
from devices.model import NS_PER_S
from monitor.signal.ecg_beats import EcgBeats
from monitor.signal.ecg_pieces import Piece
from simulators import wire_gatt
from simulators.physiology import ContactLoss, Physiology, Plan, Rhythm
from simulators.sensed import Sensed

SECONDS = 60
STILL = {"wander_bpm": 1.0, "artefacts_per_h": 0.0}


def found(person, seconds=SECONDS):
    """Beats found in the frames, each of which comes with its last sample."""
    sensed, stage = Sensed(person, "chest"), EcgBeats()
    pieces = [
        Piece(at_ns, read_waveform(wire_gatt.pmd_ecg(at_ns, uv)))
        for second in range(seconds)
        for at_ns, uv in sensed.ecg(second)
    ]
    return stage.step(pieces)[0]


def signal(person, second):
    return np.concatenate([uv for _, uv in Sensed(person, "chest").ecg(second)])


def off_s(true_s, beats):
    """How far each true beat is off its nearest found one, beside a constant lag, seconds."""
    apart = beats.at_ns[:, None] / NS_PER_S - true_s[None, :]
    nearest = apart[np.abs(apart).argmin(axis=0), np.arange(true_s.size)]
    return np.abs(nearest - np.median(nearest))


@pytest.mark.parametrize("bpm", [36, 60, 100, 150, 190, 215])
def test_the_detector_finds_the_beats_of_any_rate(bpm):
    person = Physiology(Plan(rest_bpm=bpm, **STILL))
    beats = found(person)
    true_s = person.beats_s(3, SECONDS - 1)
    assert off_s(true_s, beats).max() < 0.05
    assert 60_000 / np.nanmean(beats.rr_ms) == pytest.approx(60 / np.diff(true_s).mean(), rel=0.01)


@pytest.mark.parametrize("premature", [0, 2, 3])
def test_the_detector_finds_beats_of_other_rhythms(premature):
    person = Physiology(Plan(rest_bpm=80, rhythms=(Rhythm(0.0, 1e4, premature),), **STILL))
    beats = found(person)
    true_s = person.beats_s(3, SECONDS - 1)
    assert (off_s(true_s, beats) < 0.05).mean() > 0.98
    assert np.diff(true_s).std() > 0.15 * np.diff(true_s).mean()


def test_intervals_of_the_strap_are_those_of_the_electrocardiogram():
    person = Physiology(Plan(**STILL))
    strap = [rr for second in range(5, 50) for rr in person.heart_at(second).rr_ms]
    true_s = person.beats_s(4, 50)
    true_ms = np.diff(true_s)[-len(strap) :] * 1000.0
    assert strap[1:] == pytest.approx(true_ms[1:].tolist(), abs=1e-6)


def test_electrodes_off_the_chest_send_noise():
    person = Physiology(Plan(contact_losses=(ContactLoss(20.0, 100.0),), **STILL))
    on, off = (signal(person, second) for second in (19, 20))
    assert np.ptp(on) > 900
    assert 20 < np.ptp(off) < 80


def test_the_signal_does_not_depend_on_what_was_asked_before():
    one, two = (Sensed(Physiology(Plan()), "chest") for _ in range(2))
    forward = [one.ecg(second) for second in (0, 1, 500, 700)]
    backward = [two.ecg(second) for second in (700, 500, 1, 0)]
    assert backward[::-1] == forward
