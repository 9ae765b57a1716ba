"""Bursts are measured from their samples, as an ear or a test house would."""

import numpy as np
import pytest

from alerts.annunciator.tones import RATE_HZ, Sound, burst, cycle, pulse_ranges, render, repeat_s
from alerts.model import Priority

PRIORITIES = list(Priority)
PULSES = {Priority.HIGH: 10, Priority.MEDIUM: 3, Priority.LOW: 2}


def loud_runs_s(samples, level):
    """Start and end, in seconds, of every stretch whose envelope is above `level` of the peak."""
    window = round(0.005 * RATE_HZ)
    size = np.abs(samples.astype(float))
    padded = np.pad(size, window // 2)
    envelope = np.lib.stride_tricks.sliding_window_view(padded, window).max(axis=1)
    loud = np.concatenate([[0], envelope > level * size.max(), [0]]).astype(int)
    edges = np.flatnonzero(np.diff(loud)) / RATE_HZ
    return edges[::2], edges[1::2]


def components(pulse):
    """Frequencies and levels, in dB below the strongest, of the peaks between 150 Hz and 4 kHz."""
    spectrum = np.abs(np.fft.rfft(pulse * np.hanning(len(pulse))))
    spectrum = np.maximum(spectrum, spectrum.max() * 1e-9)
    hz = np.fft.rfftfreq(len(pulse), 1 / RATE_HZ)
    inner = spectrum[1:-1]
    peaks = 1 + np.flatnonzero((inner > spectrum[:-2]) & (inner >= spectrum[2:]))
    peaks = peaks[(hz[peaks] >= 150) & (hz[peaks] <= 4000)]
    return hz[peaks], 20 * np.log10(spectrum[peaks] / spectrum.max())


@pytest.mark.parametrize("priority", PRIORITIES)
def test_a_burst_has_the_number_of_pulses_of_its_priority(priority):
    starts, _ = loud_runs_s(burst(priority), 0.1)
    assert len(starts) == PULSES[priority]


@pytest.mark.parametrize(
    ("priority", "pulse_s", "spacing_s", "silence_s"),
    [
        (Priority.HIGH, (0.080, 0.150), (0.050, 0.125), (0.015, 0.080)),
        (Priority.MEDIUM, (0.130, 0.250), (0.125, 0.250), (0.040, 0.100)),
        (Priority.LOW, (0.125, 0.250), (0.125, 0.250), (0.040, 0.100)),
    ],
)
def test_pulses_and_spacings_lie_in_the_published_ranges(priority, pulse_s, spacing_s, silence_s):
    starts, ends = loud_runs_s(burst(priority), 0.9)
    lengths, spacings = ends - starts, starts[1:] - ends[:-1]
    assert lengths.min() >= pulse_s[0]
    assert lengths.max() <= pulse_s[1]
    within_group = [0, 1, 3, 5, 6, 8] if priority is Priority.HIGH else slice(None)
    assert spacings[within_group].min() >= spacing_s[0]
    assert spacings[within_group].max() <= spacing_s[1]
    starts, ends = loud_runs_s(burst(priority), 0.02)
    silences = (starts[1:] - ends[:-1])[within_group]
    assert silences.min() >= silence_s[0]
    assert silences.max() <= silence_s[1]


def test_high_is_three_and_two_twice():
    starts, ends = loud_runs_s(burst(Priority.HIGH), 0.5)
    gaps = starts[1:] - ends[:-1]
    assert np.flatnonzero(gaps > 0.2).tolist() == [2, 4, 7]
    assert gaps[4] > gaps[2] == pytest.approx(gaps[7], abs=0.002)


@pytest.mark.parametrize(
    ("priority", "least_s", "most_s"),
    [(Priority.HIGH, 2.55, 3.8), (Priority.MEDIUM, 2.6, 4.0), (Priority.LOW, 15.0, 16.0)],
)
def test_silence_between_bursts(priority, least_s, most_s):
    silence_s = repeat_s(priority) - len(burst(priority)) / RATE_HZ
    assert least_s <= silence_s <= most_s
    assert len(cycle(Sound[priority.name])) == round(repeat_s(priority) * RATE_HZ)


@pytest.mark.parametrize("sound", Sound)
def test_every_pulse_has_four_components_within_15_db(sound):
    samples = render(sound)
    for first, end in pulse_ranges(sound):
        hz, level_db = components(samples[first:end])
        assert (level_db >= -15).sum() >= 4
        strongest = np.sort(hz[np.argsort(level_db)[-4:]])
        assert 150 <= strongest[0] <= 1000


@pytest.mark.parametrize("sound", Sound)
def test_loud_without_clipping_and_without_clicks(sound):
    samples = render(sound).astype(int)
    assert 0.7 * 32_767 < np.abs(samples).max() < 32_767
    for first, end in pulse_ranges(sound):
        assert abs(samples[first]) < 400
        assert abs(samples[end - 1]) < 400


def test_no_two_sounds_share_length_or_pitch():
    lengths = {len(render(sound)) for sound in Sound}
    pitches = set()
    for sound in Sound:
        hz, level_db = components(render(sound)[slice(*pulse_ranges(sound)[0])])
        pitches.add(round(hz[level_db.argmax()], -1))
    assert len(lengths) == len(pitches) == len(Sound)


def test_failure_never_pauses():
    size = np.abs(cycle(Sound.FAILURE).astype(int))
    quiet = np.lib.stride_tricks.sliding_window_view(size, round(0.03 * RATE_HZ)).max(axis=1)
    assert quiet.min() > 0.2 * size.max()


def test_any_rate_gives_the_same_length_in_seconds():
    for priority in PRIORITIES:
        seconds = len(burst(priority, 48_000)) / 48_000
        assert seconds == pytest.approx(len(burst(priority)) / RATE_HZ, abs=1e-3)
