"""Colours: readable, calm, told apart by everyone; flashing within the field's bounds."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config_schema import THEMES as CONFIGURED
from tui.flash import FASTEST_HZ, Flash
from tui.themes import COLOUR_BLIND, NIGHT, THEMES

PAIRS = [("on-high", "high-fill"), ("on-medium", "medium-fill"), ("on-low", "low-fill")]
LMS = ((17.8824, 43.5161, 4.11935), (3.45565, 27.1554, 3.86714), (0.0299566, 0.184309, 1.46709))
BACK = (
    (0.0809444479, -0.130504409, 0.116721066),
    (-0.0102485335, 0.0540193266, -0.113614708),
    (-0.000365296938, -0.00412161469, 0.693511405),
)
SEEN = {
    "protan": ((0, 2.02344, -2.52581), (0, 1, 0), (0, 0, 1)),
    "deutan": ((1, 0, 0), (0.494207, 0, 1.24827), (0, 0, 1)),
}
"""Vienot, Brettel and Mollon 1999: how dichromats see, in the space of the cones."""


def rgb(text):
    return tuple(int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))


def linear(colour):
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)


def luminance(text):
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(rgb(text)), strict=True))


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def times(matrix, vector):
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def seen_by(kind, text):
    return times(BACK, times(SEEN[kind], times(LMS, linear(rgb(text)))))


def colours(theme):
    own = (theme.foreground, theme.background, theme.surface, theme.panel, theme.primary)
    return [c for c in (*own, theme.success, *theme.variables.values()) if c.startswith("#")]


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_nothing_is_green(theme):
    for text in colours(theme):
        red, green, blue = rgb(text)
        assert green <= max(red, blue) + 0.02, text


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_alarms_and_numbers_can_be_read(theme):
    for ink, paper in PAIRS:
        assert contrast(theme.variables[ink], theme.variables[paper]) >= 4.5, (ink, paper)
    assert contrast(theme.variables["number"], theme.background) >= 5
    assert contrast(theme.foreground, theme.background) >= 4
    assert contrast(theme.variables["faint"], theme.background) >= 2.4


def test_the_night_is_red_and_dim_and_its_alarms_are_the_brightest():
    quiet = [NIGHT.foreground, *(NIGHT.variables[n] for n in ("trace", "faint", "number", "line"))]
    assert all(rgb(c)[0] >= 2 * max(rgb(c)[1:]) for c in quiet)
    assert max(map(luminance, quiet)) < 0.25
    assert luminance(NIGHT.variables["high"]) > luminance(NIGHT.foreground)


@pytest.mark.parametrize("kind", SEEN)
def test_priorities_differ_for_people_who_see_fewer_colours(kind):
    shown = [seen_by(kind, COLOUR_BLIND.variables[n]) for n in ("high", "medium", "low", "number")]
    for one, other in itertools.combinations(shown, 2):
        assert sum(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.3


def test_every_configured_theme_exists():
    assert set(CONFIGURED) == set(THEMES)


@given(
    st.sampled_from(["high", "lost", "medium"]),
    st.lists(st.floats(0.001, 1.0), min_size=20, max_size=200),
)
def test_no_flash_is_faster_than_the_field_allows(tone, waits):
    flash, now_s, turned, before = Flash(), 0.0, [], True
    for wait in waits:
        now_s += wait
        lit = flash.lit(tone, now_s)
        if lit != before:
            turned.append(now_s)
        before = lit
    assert all(b - a >= 1 / (2 * FASTEST_HZ) for a, b in itertools.pairwise(turned))


@pytest.mark.parametrize(("tone", "turns"), [("high", 40), ("medium", 10), ("low", 0), ("calm", 0)])
def test_flash_at_a_steady_redraw(tone, turns):
    flash = Flash()
    lit = [flash.lit(tone, quarter / 4) for quarter in range(41)]
    assert sum(a != b for a, b in itertools.pairwise(lit)) == turns
