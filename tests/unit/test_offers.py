"""Limits offered from the confirmed baseline: never set, always inside the bounds."""

import pytest

from alerts.change import changed
from alerts.offers import offers
from alerts.settings import defaults, resolve
from monitor import alarm_view
from tests.unit.test_core import NO_SKIN, dose, heart, run

ROWS = resolve()


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [
        (None, {}),
        (70.0, {}),
        (55.0, {"hr_elevated": 95.0, "hr_high": 110.0}),
        (80.0, {"hr_elevated": 120.0, "hr_high": 130.0}),
        (120.0, {"hr_elevated": 120.0, "hr_high": 130.0}),
        (30.0, {"hr_elevated": 90.0, "hr_high": 95.0}),
    ],
)
def test_what_is_offered(baseline, expected):
    assert offers(baseline, ROWS) == expected


@pytest.mark.parametrize("age", [0.0, 30.0, 75.0])
@pytest.mark.parametrize("baseline", range(30, 160, 7))
def test_an_offer_is_always_one_that_is_accepted(baseline, age):
    rows = resolve(age_years=age)
    for name, limit in offers(float(baseline), rows).items():
        new = changed(defaults(), rows, age, (name, "limit_bpm", limit))
        assert resolve(new, age)[name].number("limit_bpm") == limit


def test_it_is_shown_and_not_set():
    core, output = run(heart([56.0] * 900), [dose(700)], until_s=899, sensors=NO_SKIN)
    assert core.settings == core.configured
    shown = {limit.condition: limit.offered for limit in alarm_view.limits(core) if limit.offered}
    assert shown == {"hr_elevated": 95.0, "hr_high": 110.0}
    assert output.vitals


def test_before_the_dose_it_is_offered_from_the_baseline_as_it_stands():
    ready, _ = run(heart([56.0] * 900), until_s=899, sensors=NO_SKIN)
    shown = {limit.condition: limit.offered for limit in alarm_view.limits(ready) if limit.offered}
    assert shown == {"hr_elevated": 95.0, "hr_high": 110.0}
    early, _ = run(heart([56.0] * 300), until_s=299, sensors=NO_SKIN)
    assert all(limit.offered is None for limit in alarm_view.limits(early))


def test_a_dose_without_baseline_takes_the_offers_away():
    core, _ = run(heart([56.0] * 900), [dose(700, confirm=False)], until_s=899, sensors=NO_SKIN)
    assert all(limit.offered is None for limit in alarm_view.limits(core))
