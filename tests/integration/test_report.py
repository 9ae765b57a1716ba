"""Reports of real recordings: every part is there, nothing foreign acts, nothing is lost."""

import os
import re
import stat
from pathlib import Path

import pytest

from monitor.cli.main import main
from monitor.exchange import detect, imported
from monitor.recording import chain
from monitor.recording.schema import Mode
from monitor.report import build
from monitor.report.summary import summarise
from tests.integration import report_case as case
from tests.integration.report_page import Page

E4 = Path(__file__).parents[1] / "data" / "empatica"
S = case.S


def page_of(path, every_s=1800):
    return Page(build.build(path, every_s)[1])


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = case.full(tmp_path_factory.mktemp("report") / "session.db")
    report, text = build.build(path, 1800)
    return path, report, text, Page(text)


SKELETON = """
h1 Session report
#summary
h2 Summary
#timeline
h2 Timeline
#intervals
h2 Intervals
th Mark | Time | Heart rate, bpm | Skin temperature, °C (axilla) | Blood pressure, mmHg
  | Clinical temperature, °C
#alarms
h2 Alarms
th Priority | Alarms | An hour | Acknowledged | Median response | Longest
h3 In order
th Onset | Priority | Alarm | Duration | Value | Limit | Acknowledged
#entries
h2 Entries
th Time | Entry | Content | By
h3 Refused
th Time | Action | Content | By | Why refused
h3 Standby and audio pauses
th From | What | Duration | Asked for | By | Ended by
#gaps
h2 Gaps
th From | Duration | Signal | Reason
#limits
h2 Limits
h3 Changes in the session
th Time | Alarm | Key | Old | New | By | Why
h3 In force at the start
th Alarm | Priority | Limits | Held for | Ends after
#sensors
h2 Sensors
th Sensor | Measures | Identity | Firmware | Battery | Losses
h3 Checks before the dose, self-test, sound check
th Time | Check | Result | By | Seen
#record
h2 The recording
h3 Course
th Time | What happened
h3 Integrity
"""


def golden():
    for line in SKELETON.replace("\n  |", " |").strip().splitlines():
        tag, _, rest = line.partition(" ")
        yield from [f"th {cell}" for cell in rest.split(" | ")] if tag == "th" else [line]


def test_the_page_has_the_parts_it_should_have(whole):
    assert whole[3].skeleton == list(golden())


TOLD = [
    "P-017",
    "2025-06-15 17:06:40 UTC+02:00 (Europe/Oslo)",
    "not a medical device and not for sole reliance",
    "1 *** HIGH, 1 ** MEDIUM, 0 * LOW; 1.0 an hour",
    "by ab after 12 s",  # acknowledged
    "by nobody",
    "218/81 mmHg until 17:32:40, put right by cd 128/81 mmHg",
    "must be 34 to 43 degC",
    "200 ml water",
    "SUDS: 4",
    "strap: lost (out of range)",
    "moves with it: athlete <i>",
    "athlete <i>",
    "standby 3 min 20 s toilet, 10 min ab cd",
    "audio pause 1 min 00 s 60 s ab time is over",
    "1, 1 min 35 s longest 1 min 35 s",  # losses
    "88 to 88 %",
    "self-test FAILED",
    "sound check passed",
    "setup: baseline done",
    "sound: no device",
    "none was changed, added, removed or reordered",
]


@pytest.mark.parametrize("words", TOLD)
def test_the_page_tells(whole, words):
    assert words in whole[3].text


def test_the_interval_table(whole):
    rows = {row.mark.label: row for row in whole[1].intervals}
    assert list(rows) == [
        *("before the dose", "dose + 30 min", "dose + 1 h 00 min"),
        *("before the supplemental dose", "dose + 1 h 30 min", "discharge"),
    ]
    before, gap = rows["before the dose"], rows["dose + 30 min"]
    assert before.heart.seconds == 61
    assert (before.pressure.value, before.pressure.source) == (133.0, "sensor")
    assert before.temperature is None  # the one there is was taken after the dose
    assert gap.heart.value is None
    assert gap.heart.reason.startswith("strap: lost (out of range)")
    assert gap.skin.value == pytest.approx(34.15)
    assert rows["discharge"].mark.t_ns == 7170 * S


def test_foreign_text_is_text(whole):
    page = whole[3]
    assert not page.tags & {"script", "img", "link", "iframe", "object", "embed", "base", "form"}
    assert "b" not in page.tags
    outward = [p for p in page.pointers if not (p[2] or "").startswith("#")]
    assert outward == [("meta", "http-equiv", "Content-Security-Policy")]
    styles = " ".join(style or "" for style in page.styles)
    assert re.findall(r"url\((?!#)[^)]*\)|@import", styles) == []
    assert page.text.count('<script>fetch("https://evil.example/")</script>') == 2  # note, firmware
    assert "{{ 7*7 }}" in page.text
    assert not re.search("[\u202e\u200b\x1b]", whole[2])
    assert '"><b>name from the air' in page.text


def test_the_page_is_never_told_by_colour_alone(whole):
    assert "*** HIGH" in whole[3].text
    colours = set(re.findall(r"#[0-9a-f]{6}\b|#[0-9a-f]{3}\b", whole[2]))
    assert all(len({c[i : i + len(c) // 3] for i in range(1, len(c), len(c) // 3)}) == 1
               for c in colours)  # fmt: skip


def test_the_report_of_the_same_recording_is_the_same(whole):
    again = build.build(whole[0], 1800)[1]
    assert re.sub(r"\d\d:\d\d UTC", "", again) == re.sub(r"\d\d:\d\d UTC", "", whole[2])


def test_a_tampered_recording_says_so_everywhere(tmp_path, capsys):
    import sqlite3  # noqa: PLC0415

    path = case.full(tmp_path / "session.db")
    with sqlite3.connect(path) as database:
        database.execute("DROP TRIGGER journal_no_update")
        change = "UPDATE journal SET body = replace(body, '218', '118')"
        (row,) = database.execute(f"{change} WHERE body LIKE '%218%' RETURNING seq").fetchone()
    database.close()
    assert main(["report", str(path), "-o", str(tmp_path / "r.html")]) == 1
    page = Page((tmp_path / "r.html").read_text())
    assert any(mark.startswith("INTEGRITY FAILED") for mark in page.marks)
    assert f"journal, row {row}" in page.text
    assert "is not as it was written" in capsys.readouterr().err


def test_an_import_has_no_doses_and_alarmed_nobody(tmp_path):
    imported.write(detect.load([E4 / "S20"]), tmp_path / "S20.db")
    page = page_of(tmp_path / "S20.db")
    assert page.marks == ["IMPORTED: data recorded by another program"]
    assert "Nobody was alarmed." in page.text
    assert "none on record" in page.text
    report = summarise(tmp_path / "S20.db")
    assert [a.condition for a in report.alarms] == ["hr_high", "hr_extreme", "hr_elevated"]
    assert report.intervals[0].mark.label == "start"
    assert report.intervals[-1].mark.label == "end"


def test_a_simulation_says_so(tmp_path):
    made = case.recorder(tmp_path / "sim.db", mode=Mode.SIM)
    made.close(10 * S)
    page = page_of(tmp_path / "sim.db")
    assert page.marks == ["SIMULATED: not a person's data"]


def test_thirty_seconds_without_anything(tmp_path):
    made = case.recorder(tmp_path / "short.db")
    made.vitals_rows(case.vitals(31))
    made.close(30 * S)
    report = summarise(tmp_path / "short.db")
    assert {row.mark.label: row.heart.seconds for row in report.intervals} == {
        "start": 31,
        "end": 31,
    }
    page = page_of(tmp_path / "short.db")
    assert page.marks == []
    for words in ("No alarm.", "No limit was changed", "No gap", "none on record"):
        assert words in page.text


def test_an_empty_recording(tmp_path):
    made = case.recorder(tmp_path / "empty.db", sensors=())
    made.close(0)
    assert "No sensor is on record." in page_of(tmp_path / "empty.db").text


def test_a_killed_session_is_told_as_far_as_it_went(tmp_path):
    made = case.recorder(tmp_path / "killed.db")
    made.vitals_rows(case.vitals(100))
    made.close()  # without an end, as a kill leaves it
    made = case.Recorder(tmp_path / "killed.db")
    made.anchor(t_ns=200 * S, utc_ns=case.DAY + 200 * S, zone="Europe/Oslo", monotonic_ns=9)
    span = {"t0_ns": 99 * S, "t1_ns": 200 * S}
    body = {"source": "", "reason": "engine was not running", **span}
    made.journal(200 * S, "gap", body)
    made.vitals_rows([row._replace(t_s=row.t_s + 201) for row in case.vitals(60)])
    made.close()
    page = page_of(tmp_path / "killed.db")
    assert [mark.partition(":")[0] for mark in page.marks] == ["NOT ENDED"]
    assert "last on record" in page.text
    gaps = summarise(tmp_path / "killed.db").gaps
    assert [(gap.t0_s, gap.t1_s, gap.reason) for gap in gaps] == [
        (100, 200, "engine was not running")
    ] * 2


def test_over_midnight_and_the_change_of_the_clocks(tmp_path):
    evening = 1_761_423_000 * S  # 2025-10-25 22:10 in Oslo; clocks go back at 03:00
    made = case.recorder(tmp_path / "night.db", utc_ns=evening)
    case.action(made, 4 * 3600 + 1500, "note", text="first")
    case.action(made, 5 * 3600 + 1500, "note", text="second")
    made.close(8 * 3600 * S)
    text = page_of(tmp_path / "night.db").text
    assert "2025-10-25 22:10:00 UTC+02:00 (Europe/Oslo)" in text
    assert "2025-10-26 05:10:00 UTC+01:00 (Europe/Oslo)" in text
    assert "02:35:00 UTC+02:00 +1 d" in text
    assert "02:35:00 UTC+01:00 +1 d" in text
    assert "The clocks were changed meanwhile" in text


def test_hundreds_of_alarms(tmp_path):
    made = case.recorder(tmp_path / "many.db")
    for n in range(400):
        case.alarm(made, 10 + 20 * n, "onset", occurrence=n + 1)
        case.alarm(made, 15 + 20 * n, "clear", occurrence=n + 1)
    made.vitals_rows(case.vitals(8200))
    made.close(8200 * S)
    assert len(summarise(tmp_path / "many.db").alarms) == 400
    assert page_of(tmp_path / "many.db").text.count("** MEDIUM") > 400


def test_the_file_is_private_and_not_written_over_unasked(tmp_path, whole, capsys):
    out = tmp_path / "r.html"
    out.write_text("mine")
    assert main(["report", str(whole[0]), "-o", str(out)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert main(["report", str(whole[0]), "-o", str(out), "--force", "--every", "15"]) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "dose + 15 min" in Page(out.read_text()).text
    assert os.listdir(tmp_path) == ["r.html"]  # noqa: PTH208 - names alone


WRONG = {
    "onto the recording": (
        ["session.db", "-o", "session.db", "--force"],
        2,
        "never written over",
    ),
    "no recording": (["missing.db", "-o", "r.html"], 2, "missing.db"),
    "a folder that is not there": (["session.db", "-o", "not/there/r.html"], 2, "does not exist"),
    "a PDF by name": (["session.db", "-o", "r.pdf"], 2, "--pdf"),
    "steps too small": (["session.db", "-o", "r.html", "--every", "1"], 2, "5<=x<=120"),
}


@pytest.mark.parametrize(("arguments", "code", "says"), WRONG.values(), ids=WRONG)
def test_mistakes_are_told(tmp_path, monkeypatch, capsys, arguments, code, says):
    made = case.recorder(tmp_path / "session.db")
    made.close(S)
    monkeypatch.chdir(tmp_path)
    assert main(["report", *arguments]) == code
    assert says in capsys.readouterr().err
    assert list(tmp_path.glob("*.html")) == []
    assert chain.verify(tmp_path / "session.db") == []


def test_a_missing_library_or_browser_is_told(tmp_path, monkeypatch, capsys, whole):
    arguments = ["report", str(whole[0]), "-o", str(tmp_path / "r.html")]
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("monitor.report.pdf.BROWSERS", ("chromium",))
    assert main([*arguments, "--pdf"]) == 3
    assert "needs a browser" in capsys.readouterr().err
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    assert main(arguments) == 3
    assert "pip install 'vigil-session-monitor[report]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_import_answers_to_nobody_and_keeps_its_own_readings(tmp_path):
    """No alarm becomes HIGH for want of an answer; readings in the file are readings."""
    names = "heart_rate[/min],clinical_temperature[Cel],systolic_pressure[mm[Hg]],"
    rows = [f"time_s,{names}diastolic_pressure[mm[Hg]]"]
    rows += [f"{t},{'' if 600 < t < 1200 else 70},,," for t in range(0, 1800, 5)]
    rows[181] = "900,,37.4,132,84"
    (tmp_path / "chart.csv").write_text("\n".join(rows) + "\n")
    imported.write(detect.load([tmp_path / "chart.csv"]), tmp_path / "chart.db")
    report = summarise(tmp_path / "chart.db", every_s=900)
    assert {(a.condition, a.priority, a.unanswered) for a in report.alarms} == {
        ("hr_lost", "MEDIUM", False)
    }
    row = next(row for row in report.intervals if row.mark.label == "start + 15 min")
    assert (row.heart.value, row.skin.reason) == (None, "no sensor for it in this session")
    assert (row.pressure.value, row.pressure.diastolic, row.temperature.value) == (132, 84, 37.4)


def test_what_the_sensor_said_explains_gap_and_missing_mean(tmp_path):
    made = case.recorder(tmp_path / "loose.db")
    away = range(1780, 1840)
    no_contact = bytes([0x04, 0])  # flags of 0x2A37: contact supported, none; rate 0
    frames = [case.Frame(t_ns=t * S, source="strap", payload=no_contact) for t in away]
    made.frames(frames, [None] * len(frames))
    made.vitals_rows(case.vitals(2400, gap=away))
    made.close(2400 * S)
    report = summarise(tmp_path / "loose.db")
    assert [gap.reason for gap in report.gaps if gap.length_s > 1] == ["strap: no skin contact"]
    row = next(row for row in report.intervals if row.mark.label == "start + 30 min")
    assert row.heart.reason == "strap: no skin contact"


def test_what_was_judged_afterwards_stands_beside_the_alarms(tmp_path, whole):
    path, page = tmp_path / "s.db", tmp_path / "r.html"
    path.write_bytes(whole[0].read_bytes())
    annotate = ["sessions", "annotate", str(path)]
    said = ["--by", "SM", "--why", "strap <moved>"]
    assert main([*annotate, "artefact", "--alarm", "hr_high#1", *said]) == 0
    assert main([*annotate, "false", "--from", "1:20:00", "--to", "1:25:00", *said]) == 0
    assert main([*annotate, "--withdraw", "2", *said]) == 0
    assert main(["report", str(path), "-o", str(page)]) == 0
    text = Page(page.read_text()).text
    assert "Heart rate high 1 min 40 s artefact SM strap <moved>" in text
    assert "the session 5 min 00 s false taken back SM strap <moved>" in text
