"""Times of imported files: zones, midnight, daylight saving, and what is refused."""

import pytest

from monitor.errors import ImportFormatError
from monitor.exchange import detect
from monitor.exchange.options import Options

S = 1_000_000_000
BERLIN = "Europe/Berlin"


@pytest.fixture
def load(tmp_path):
    def _load(*moments, zone=""):
        rows = "".join(f"{moment},97\n" for moment in moments)
        path = tmp_path / "a.csv"
        path.write_text(f"time,spo2[%]\n{rows}")
        return detect.load([path], options=Options(zone=zone))

    return _load


def seconds(imported):
    return [frame.t_ns // S for frame in imported.frames]


def test_midnight_is_nothing_special(load):
    imported = load("2024-03-01T23:59:59Z", "2024-03-02T00:00:00Z", "2024-03-02T00:00:01Z")
    assert seconds(imported) == [0, 1, 2]


def test_times_without_a_zone_are_utc_and_that_is_said(load):
    imported = load("2024-03-01T10:00:00", "2024-03-01T10:00:01")
    assert (imported.start_utc_ns, imported.zone) == (1_709_287_200 * S, "UTC")
    assert ["taken as UTC" in w for w in imported.warnings] == [True]


def test_a_zone_of_the_user_counts(load):
    imported = load("2024-03-01T11:00:00", "2024-03-01T11:00:01", zone=BERLIN)
    assert (imported.start_utc_ns, imported.zone) == (1_709_287_200 * S, BERLIN)
    assert imported.warnings == []


def test_a_constant_offset_is_recorded_as_a_zone(load):
    assert load("2024-03-01T11:00:00+02:00").zone == "Etc/GMT-2"
    assert load("2024-03-01T11:00:00-05:00").zone == "Etc/GMT+5"
    assert load("2024-03-01T11:00:00+05:30").zone == "UTC"


def test_an_hour_that_is_there_twice_goes_on(load):
    times = ("02:59:58", "02:59:59", "02:00:00", "02:00:01", "03:00:00")
    imported = load(*(f"2024-10-27T{t}" for t in times), zone=BERLIN)
    assert seconds(imported) == [0, 1, 2, 3, 3602]
    assert ["twice" in w and "line 2" in w for w in imported.warnings] == [True]


def test_an_hour_that_is_left_out_takes_no_time(load):
    imported = load("2024-03-31T01:59:59", "2024-03-31T03:00:00", zone=BERLIN)
    assert seconds(imported) == [0, 1]


def test_an_offset_that_changes_is_an_instant_all_the_same(load):
    imported = load("2024-10-27T02:59:59+02:00", "2024-10-27T02:00:00+01:00")
    assert seconds(imported) == [0, 1]
    (said,) = imported.warnings
    assert "line 3" in said
    assert "+02:00 to +01:00" in said


@pytest.mark.parametrize(
    ("moments", "zone", "words"),
    [
        (("2024-03-31T02:30:00",), BERLIN, ["line 2", "does not exist", BERLIN]),
        (("2024-10-27T02:59:59", "2024-10-27T02:00:00"), "", ["line 3", "--zone"]),
        (("2024-10-27T10:59:59", "2024-10-27T09:00:00"), "", ["line 3", "backwards"]),
        (("2024-03-01T10:00:00Z", "2024-03-01T10:00:01"), "", ["line 3", "mixed time zones"]),
        (("2024-03-01T10:00:00", "2024-03-01T10:00:01Z"), "", ["line 3", "mixed time zones"]),
        (("2024-03-01T10:00:00Z", "2024-03-01T11:00:01+02:00"), "", ["line 3", "offset differs"]),
        (("2024-03-01T10:00:00",), "Berlin", ["'Berlin' is no time zone"]),
        (("2024-03-01T10:00:00Z", "2024-03-09T10:00:00Z"), "", ["line 3", "7 days"]),
        (("2024-02-30T10:00:00Z",), "", ["line 2", "not an ISO 8601"]),
    ],
)
def test_what_cannot_be_told_is_refused(load, moments, zone, words):
    with pytest.raises(ImportFormatError) as caught:
        load(*moments, zone=zone)
    assert [word for word in words if word not in str(caught.value)] == []


def test_a_date_that_no_recording_can_name_is_left_out(load):
    imported = load("2704-05-04T10:00:00Z")
    assert imported.start_utc_ns is None
    assert "2262" in imported.warnings[-1]
