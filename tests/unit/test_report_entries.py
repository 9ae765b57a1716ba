"""Entries as they stand, and how they stood before."""

import pytest

from monitor.report.entries import Told, entries, readings, text


def told(t_ns, verb, by="ab", refused="", **details):
    return Told(t_ns=t_ns, verb=verb, by=by, details=details, refused=refused)


def test_a_correction_stands_in_the_place_of_what_it_corrects():
    first = told(10, "blood_pressure", systolic=218.0, diastolic=81.0)
    second = told(30, "blood_pressure", by="cd", systolic=128.0, diastolic=81.0, corrects=10)
    (entry,) = entries([first, told(20, "acknowledge"), second])
    assert (entry.t_ns, entry.by, entry.details["systolic"]) == (10, "ab", 128.0)
    (before,) = entry.earlier
    assert (before.details["systolic"], before.until_ns, before.by) == (218.0, 30, "cd")
    (reading,) = readings([entry], "blood_pressure")
    assert (reading.t_ns, reading.value, reading.diastolic) == (10, 128.0, 81.0)


@pytest.mark.parametrize("of", [10, 20], ids=["the first", "the newest"])
def test_a_correction_of_a_correction(of):
    (entry,) = entries([
        told(10, "note", text="one"),
        told(20, "note", text="two", corrects=10),
        told(30, "note", text="three", corrects=of),
    ])  # fmt: skip
    assert entry.t_ns == 10
    assert [version.details["text"] for version in entry.earlier] == ["one", "two"]
    assert entry.details == {"text": "three"}


def test_what_was_taken_back_is_no_reading():
    (entry,) = entries([
        told(10, "temperature", degc=39.9, site="ear"),
        told(20, "temperature", corrects=10, withdrawn=True),
    ])  # fmt: skip
    assert entry.withdrawn
    assert entry.earlier[0].details["degc"] == 39.9
    assert readings([entry], "temperature") == []


def test_what_was_refused_is_no_entry_and_corrects_nothing():
    (entry,) = entries([
        told(10, "note", text="one"),
        told(20, "note", text="two", corrects=10, refused="why not"),
        told(30, "temperature", degc=99.0, refused="must be 34 to 43 degC"),
    ])  # fmt: skip
    assert entry.details["text"] == "one"
    assert entry.earlier == ()


def test_a_correction_of_what_is_not_on_record_is_kept_and_says_so():
    (entry,) = entries([told(20, "fluids", ml=200, what="water", corrects=7)])
    assert entry.t_ns == 20
    assert "not on record" in entry.remark


TEXTS = {
    "dose": ({"label": "dose", "confirm_baseline": True}, "dose, baseline confirmed"),
    "dose ": ({"label": "supplemental"}, "supplemental dose"),
    "note": ({"text": "sat up"}, "sat up"),
    "temperature": ({"degc": 36.9, "site": "ear", "method": "infrared"}, "36.9 °C, ear, infrared"),
    "blood_pressure": (
        {"systolic": 182.0, "diastolic": 101.0, "symptoms": True, "text": "headache"},
        "182/101 mmHg, with symptoms: headache",
    ),
    "fluids": ({"ml": 250, "what": "water"}, "250 ml water"),
    "score": ({"name": "SUDS", "value": 4}, "SUDS: 4"),
    "something": ({"new_key": 3.5, "flag": True}, "new key: 3.5, flag: yes"),
    "temperature ": ({}, "-- °C"),
    "fluids ": ({"ml": 100.0, "what": "tea", "where": "bed"}, "100 ml tea, where: bed"),
}


@pytest.mark.parametrize("verb", TEXTS)
def test_entries_in_words(verb):
    details, expected = TEXTS[verb]
    assert text(verb.strip(), details) == expected
