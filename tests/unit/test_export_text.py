"""Exports as CSV, JSON lines and FHIR; what they keep, hide and refuse."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from fhir.resources.R4B.bundle import Bundle

from devices.codecs import waveform
from monitor.errors import ExportError
from monitor.exchange import csv_export, detect, imported
from monitor.exchange.deidentify import deidentify
from monitor.exchange.export import render, save
from monitor.exchange.options import Options
from monitor.exchange.session import SIGNALS, gather
from tests.unit import exported

CLIPS = np.load(Path(__file__).parents[1] / "data" / "mitdb" / "clips.npz")
DAY_NS = 86_400 * 10**9


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    return exported.build(tmp_path_factory.mktemp("export") / "a.db", CLIPS)


@pytest.fixture(scope="module")
def text(recording):
    def _text(fmt, *signals, hidden=False):
        written = render(recording, fmt, signals, None, hidden=hidden)
        return written.files[""].decode()

    return _text


def rows(table):
    return list(csv.DictReader(io.StringIO(table)))


# --- CSV ---


def test_samples_come_back_through_the_plain_csv_import(text, tmp_path):
    signals = ("heart_rate", "skin_temperature", "ecg", "spo2", "blood_pressure", "temperature")
    path = tmp_path / "again.csv"
    path.write_text(text("csv", *signals))
    imported = detect.load([path], options=Options(site="axilla"))
    pieces = [waveform.parse(f.payload) for f in imported.frames if f.source == "csv_ecg"]
    times, uv = exported.ecg(CLIPS)
    assert np.concatenate([piece.values for piece in pieces]).tolist() == uv.tolist()
    assert {piece.rate_hz for piece in pieces} == {exported.RATE}
    assert pieces[-1].sensor_ns == pytest.approx(times[-1], abs=1000)
    assert {spec.alias for spec in imported.sensors} == {
        "csv_heart", "csv_skin", "csv_ecg", "csv_spo2", "csv_cuff", "csv_clinical",
    }  # fmt: skip


def test_readings_stand_as_corrected(text):
    found = rows(text("csv", "temperature", "blood_pressure"))
    assert [tuple(row.values()) for row in found] == [
        ("50", "37.9", "", ""), ("70", "", "145", "85"), ("120", "", "130", "80"),
        ("240", "", "171", "95"),
    ]  # fmt: skip


def test_alarms_entries_and_gaps_are_tables(text):
    alarms = rows(text("csv", "alarms"))
    assert {row["condition"] for row in alarms} >= {"hr_extreme", "bp_high"}
    entries = rows(text("csv", "entries"))
    assert [row["verb"] for row in entries][:2] == ["dose", "temperature"]
    gaps = rows(text("csv", "gaps"))
    assert gaps[0]["signal"] == "heart_rate"


def test_entries_say_what_became_of_them(text):
    became = [(row["verb"], row["became"]) for row in rows(text("csv", "entries"))]
    assert [pair for pair in became if pair[1]] == [
        ("temperature", "corrected"), ("note", "withdrawn"), ("fluids", "corrected"),
    ]  # fmt: skip
    lines = [json.loads(line) for line in text("jsonl", "entries").splitlines()[1:]]
    assert [(line["verb"], line["became"]) for line in lines] == became


def test_no_cell_is_a_formula(tmp_path, recording):
    session = gather(recording)
    for cell in ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"):
        session.gaps = [type(session.gaps[0])(signal="x", start_s=0, end_s=1, reason=cell)]
        (row,) = rows(csv_export.text(session, ["gaps"], "x"))
        assert row["reason"] == "'" + cell.replace("\t", " ").replace("\r", " ")
    assert not any(
        cell.startswith(("=", "@"))
        for row in rows(csv_export.text(gather(recording), ["entries"], "x"))
        for cell in row.values()
    )


def test_a_data_dictionary_lies_beside_the_table(recording, tmp_path):
    out = tmp_path / "v.csv"
    written = render(recording, "csv", ["heart_rate"], out, hidden=False)
    save(written, "csv", out)
    about = json.loads((tmp_path / "v.csv.dictionary.json").read_text())
    assert set(about["columns"]) == {"time_s", "heart_rate[/min]"}
    assert about["start_utc"] == "2024-07-01T21:59:55.250+00:00"
    assert about["zone"] == "Europe/Berlin"
    assert oct(out.stat().st_mode)[-3:] == "600"


@pytest.mark.parametrize("signals", [("beats", "ecg"), ("alarms", "gaps"), ("rr_interval",)])
def test_what_does_not_go_into_one_table_is_refused(recording, signals):
    with pytest.raises(ExportError):
        render(recording, "csv", signals, None, hidden=False)


# --- JSON lines ---


def test_json_lines_hold_every_signal(text):
    found = [json.loads(line) for line in text("jsonl").splitlines()]
    assert found[0]["sensors"][1] == {
        "alias": "skin", "measures": "skin_temperature", "site": "axilla", "method": "",
    }  # fmt: skip
    kinds = {row["signal"] for row in found[1:]}
    assert kinds == set(SIGNALS) - {"rr_interval"}
    uv = [value for row in found[1:] if row["signal"] == "ecg" for value in row["uv"]]
    assert uv == exported.ecg(CLIPS)[1].tolist()


# --- FHIR ---


@pytest.fixture(scope="module")
def bundle(text):
    return json.loads(text("fhir"))


def observations(bundle):
    found = (entry["resource"] for entry in bundle["entry"])
    return [one for one in found if one["resourceType"] == "Observation"]


def codes(observation):
    return {coding["code"] for coding in observation["code"].get("coding", ())}


def test_the_bundle_is_valid(bundle, text):
    Bundle.model_validate(bundle)
    Bundle.model_validate(json.loads(text("fhir", "ecg")))


def test_skin_temperature_is_never_body_temperature(bundle):
    found = observations(bundle)
    (skin,) = (one for one in found if "39106-0" in codes(one))
    assert codes(skin) == {"39106-0", "150388"}
    assert skin["bodySite"] == {"text": "axilla"}
    assert skin["valueSampledData"]["origin"]["code"] == "Cel"
    body = [one for one in found if "8310-5" in codes(one)]
    assert [one["valueQuantity"]["value"] for one in body] == [37.9]
    assert codes(body[0]) == {"8310-5", "188428"}
    assert "valueSampledData" not in body[0]


def test_vitals_have_their_codes_and_units(bundle):
    found = observations(bundle)
    (heart,) = (one for one in found if "8867-4" in codes(one))
    data = heart["valueSampledData"]["data"].split()
    assert (len(data), data[0], data[200]) == (401, "E", "150.0")
    pressures = [one for one in found if "85354-9" in codes(one)]
    parts = [(codes(p), p["valueQuantity"]["value"]) for p in pressures[0]["component"]]
    assert parts == [({"8480-6", "150021"}, 145), ({"8462-4", "150022"}, 85)]
    assert {p["valueQuantity"]["code"] for one in pressures for p in one["component"]} == {"mm[Hg]"}
    (first, *_) = (one for one in found if "59408-5" in codes(one))
    assert first["valueQuantity"]["code"] == "%"


def test_alarms_are_detected_issues(bundle):
    issues = [
        entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "DetectedIssue"
    ]
    assert {one["code"]["text"] for one in issues} >= {"hr_extreme", "bp_high"}
    assert {one["severity"] for one in issues} <= {"low", "moderate", "high"}


def test_what_was_corrected_or_withdrawn_is_no_fact(bundle):
    told = [
        (one["status"], one["valueString"]) for one in observations(bundle) if "valueString" in one
    ]
    (withdrawn,) = (status for status, value in told if "of another room" in value)
    assert withdrawn == "entered-in-error"
    assert [status for status, value in told if "water" in value] == [
        "entered-in-error",
        "corrected",
    ]
    assert not any("withdrawn" in value for _, value in told)


def test_a_recording_without_a_date_is_no_bundle(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time_s,heart_rate[/min]\n0,70\n1,71\n")
    imported.write(detect.load([path]), tmp_path / "a.db")
    with pytest.raises(ExportError, match="knows no date"):
        render(tmp_path / "a.db", "fhir", [], None, hidden=False)


# --- de-identified ---


@pytest.mark.parametrize("fmt", ["jsonl", "fhir"])
def test_nothing_says_who_it_was(text, fmt):
    open_, hidden = text(fmt), text(fmt, hidden=True)
    assert any(secret in open_ for secret in exported.SECRETS)
    assert [secret for secret in exported.SECRETS if secret in hidden] == []
    assert "anxiety" in hidden


def test_a_changed_limit_keeps_its_name_but_not_its_reason(text):
    lines = map(json.loads, text("jsonl", "entries", hidden=True).splitlines()[1:])
    (details,) = (line["details"] for line in lines if line["verb"] == "set_limit")
    assert details == {"condition": "hr_high", "key": "limit_bpm", "value": 120}


def test_dates_move_by_whole_weeks_and_always_the_same(recording):
    first, again, plain = gather(recording), gather(recording), gather(recording)
    deidentify(first)
    deidentify(again)
    moved = plain.start_utc_ns - first.start_utc_ns
    assert moved == plain.start_utc_ns - again.start_utc_ns
    assert moved > 0
    assert moved % (7 * DAY_NS) == 0
    assert [one.t_ns for one in first.entries] == [one.t_ns for one in plain.entries]
    assert first.sensors[0].alias == "sensor-1"


def test_no_gap_is_forgotten(tmp_path):
    path = tmp_path / "a.csv"
    bursts = "".join(f"{t},33.1\n" for t in range(16_000) if t % 40 < 5)
    path.write_text(f"time_s,skin_temperature[Cel]\n{bursts}")
    imported.write(detect.load([path]), tmp_path / "a.db")
    gaps = [gap for gap in gather(tmp_path / "a.db").gaps if gap.signal == "skin_temperature"]
    assert len(gaps) > 350
    assert gaps == sorted(gaps, key=lambda gap: gap.start_s)
