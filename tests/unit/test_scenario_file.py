"""Scenario files: what is read, and how a mistake is told."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from monitor.cli.main import main
from monitor.errors import ConfigError
from monitor.model import Verb
from simulators import scenario_schema
from simulators.library import scenario
from simulators.physiology import Physiology
from simulators.scenario import FaultKind, SystemFaultKind
from simulators.scenario_file import load

TEN_LINES = """
title = "The strap is lost while the heart races"
lasts = "12:00"
person = { wander_bpm = 1.5, artefacts_per_h = 0, probe_on = "-30:00" }
body = [{ what = "surge", at = "0:40", bpm = 85, rise = 20, hold = "6:40" }]
operator = [{ at = "5:00", do = "note", text = "strap refitted" }]
faults = [{ at = "3:00", sensor = "strap", kind = "away", lasts = 90 }]
expect = [
  "hr_elevated", "hr_high", "hr_extreme",
  { alarm = "hr_lost", at = "3:30", clears = "4:35" },
]
"""


def written(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_ten_lines_are_a_scenario(tmp_path):
    made = load(written(tmp_path, TEN_LINES))
    assert (made.name, made.duration_s, made.plan.probe_on_s) == ("mine", 720.0, -1800.0)
    assert (made.plan.surges[0].t_s, made.plan.surges[0].hold_s) == (40.0, 400.0)
    assert made.actions[0].verb is Verb.NOTE
    assert made.actions[0].details == {"text": "strap refitted"}
    assert made.faults[0].kind is FaultKind.AWAY
    assert made.expect[-1].clears_s == 275.0


def test_events_repeat(tmp_path):
    text = """title = "x"
lasts = 600
body = [{ what = "contact_loss", at = 60, lasts = 5, every = 100, until = 400 }]
operator = [{ at = "1:00", do = "blood_pressure", systolic = 120, diastolic = 80, every = 200 }]
"""
    made = load(written(tmp_path, text))
    assert [loss.t_s for loss in made.plan.contact_losses] == [60, 160, 260, 360]
    assert [action.t_s for action in made.actions] == [60, 260, 460]


BODY = """title = "x"
lasts = "2:00:00"
person = { response = "beta_blocked", core_degc = 37.0 }
body = [
  { what = "hyperthermia", at = 600, degc = 2.0, rise = 60, hold = 900 },
  { what = "fibrillation", at = 900, lasts = 120, bpm = 30 },
  { what = "ectopics", at = 1200, lasts = 120, one_in = 3 },
  { what = "uncovered", at = 1500, lasts = 600 },
]
operator = [
  { at = 700, every = 600, do = "temperature", measure = true, site = "ear" },
  { at = 800, do = "blood_pressure", measure = true },
]
"""


def test_what_the_operator_measures_is_what_the_body_has(tmp_path):
    made = load(written(tmp_path, BODY))
    assert [one.premature for one in made.plan.rhythms] == [0, 3]
    assert {one.channel for one in made.plan.courses} == {"core", "skin", "distal", "heart"}
    person = Physiology(made.plan)
    degc = [a.details["degc"] for a in made.actions if a.verb is Verb.TEMPERATURE]
    assert degc[0] == pytest.approx(person.core_degc(700), abs=0.4)
    assert degc[0] > 38.5
    mmhg = next(a.details for a in made.actions if a.verb is Verb.BLOOD_PRESSURE)
    assert 100 < mmhg["systolic"] < 140
    other = made.with_seed(9)
    assert [a.t_s for a in other.actions] == [a.t_s for a in made.actions]
    assert [a.details for a in other.actions] != [a.details for a in made.actions]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ('"beta_blocked"', '"blocked"'),
            '3: person.response = "blocked": must be one of typical, beta_blocked',
        ),
        (("degc = 2.0", "degc = 20"), "5: body[0].degc = 20: must be 0 to 6"),
        (("one_in = 3", "one_in = 1"), "7: body[2].one_in = 1: must be 2 to 50"),
        (
            ("lasts = 600 }", "lsts = 600 }"),
            "8: body[3].lsts = 600: unknown key; must be one of what, at,",
        ),
        (("true, site", "1, site"), "11: operator[0].measure = 1: must be true or false"),
        (("measure = true }", "measure = true, systolic = 1 }"), "systolic = 1: is measured"),
        (('"blood_pressure"', '"note"'), "12: operator[1].measure = true: only of blood_pressure"),
    ],
)
def test_a_mistake_about_the_body_is_told(tmp_path, change, told):
    assert change[0] in BODY
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, BODY.replace(*change, 1)))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("lasts = 90", "lasts = true"), "7: faults[0].lasts = true: must be seconds, or text"),
        (('at = "3:00"', 'at = "3:77"'), '7: faults[0].at = "3:77": must be seconds, or text'),
        (('"strap", kind', '"strip", kind'), '7: faults[0].sensor = "strip": must be one of'),
        (("away", "gone"), '7: faults[0].kind = "gone": must be one of drop, storm'),
        (("bpm = 85", "bpm = 850"), "5: body[0].bpm = 850: must be -150 to 150"),
        (
            ("bpm = 85", "bmp = 85"),
            "5: body[0].bmp = 85: unknown key; must be one of what, at, every, until, bpm,",
        ),
        (
            ("bpm = 85", "bpm = 85, mmhg = 3"),
            "5: body[0].mmhg = 3: unknown key; must be one of what, at, every, until, bpm,",
        ),
        (("person = {", "person = [1] # {"), "4: person: must be a table, not an array"),
        (
            ("wander_bpm = 1.5", "systolic_mmhg = 60"),
            "4: person.diastolic_mmhg: must be below systolic_mmhg",
        ),
        (("text =", "txt ="), '6: operator[0].txt = "strap refitted": unknown key; must be one of'),
        ((', text = "strap refitted"', ""), "6: operator[0]: missing: text"),
        (('"strap refitted"', "2020-01-01"), "6: operator[0].text = 2020-01-01: must be text"),
        (('"note"', '"acknowledge"'), "6: operator[0].text"),
        (('"surge"', '"sarge"'), '5: body[0].what = "sarge": must be one of surge,'),
        (
            ("wander_bpm", "wonder_bpm"),
            "4: person.wonder_bpm = 1.5: unknown key; must be one of rest_bpm,",
        ),
        (("hr_high", "hr_hihg"), '9: expect[1] = "hr_hihg": must be one of'),
        (("hr_lost", "hr_last"), '10: expect[3].alarm = "hr_last": must be one of'),
        (('do = "note"', 'do = "nota"'), '6: operator[0].do = "nota": must be one of'),
        (('{ at = "5:00", do', "{ do"), "6: operator[0].at: missing"),
        (('"5:00"', '"15:00"'), '6: operator[0].at = "15:00": the scenario is over by then'),
        (('lasts = "12:00"', "lasts = 0"), "3: lasts = 0: must be more than 0"),
        (('title = "The', "title = The"), "Invalid value (at line 2"),
        (("rise = 20", "rise = -20"), "5: body[0].rise = -20: must be 0 or more"),
        (("lasts = 90", "lasts = -90"), "7: faults[0].lasts = -90: must be 0 or more"),
        ((", lasts = 90", ""), "7: faults[0].lasts: missing: how long a 'away' lasts"),
        (('"5:00"', "-5"), "6: operator[0].at = -5: must be 0 or more"),
        (('"5:00"', "5, every = 5, until = 4"), "6: operator[0].until = 4: must be later"),
        (
            ('do = "note"', 'do = "dose", amount = nan'),
            "6: operator[0].amount = nan: must be 0 to 3",
        ),
        (('do = "note"', 'do = "dose", amount = "x"'), '6: operator[0].amount = "x": must be 0 to'),
        (('"4:35"', '"3:00"'), '10: expect[3].clears = "3:00": must be later than'),
        (('"3:30"', '"13:30"'), '10: expect[3].at = "13:30": must be 0 to 720 s'),
        (('clears = "4:35"', "within = -5"), "10: expect[3].within = -5: must be 0 or more"),
        (
            ('clears = "4:35"', 'priority = "RED"'),
            '10: expect[3].priority = "RED": must be one of LOW, MEDIUM, HIGH',
        ),
        (("person =", "persona ="), "4: persona: unknown key; must be one of title,"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(tmp_path, change, told):
    assert change[0] in TEN_LINES
    path = written(tmp_path, TEN_LINES.replace(*change, 1))
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}:")
    assert told in str(caught.value)


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        scenario(str(tmp_path / "none.toml"))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"bytes\.toml"):
        scenario(str(tmp_path / "bytes.toml"))


def test_the_command_says_what_differs(tmp_path, capsys):
    good = written(tmp_path, TEN_LINES)
    assert main(["scenario", "check", str(good)]) == 0
    assert "mine: as expected" in capsys.readouterr().out
    bad = tmp_path / "bad.toml"
    bad.write_text(TEN_LINES.replace('"hr_high", "hr_extreme"', '"hr_high", "hr_low"'))
    assert main(["scenario", "check", str(good), str(bad)]) == 1
    out = capsys.readouterr().out
    assert "hr_low" in out
    assert out.count("missing") == 1
    assert out.count("unexpected") == 1
    assert main(["scenario", "check", str(bad), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [one["alarm"] for one in told["missing"]] == ["hr_low"]
    assert [one["alarm"] for one in told["unexpected"]] == ["hr_extreme"]
    assert main(["scenario", "check"]) == 2
    assert main(["scenario", "check", str(tmp_path / "none.toml")]) == 2


def test_pytest_plays_scenario_files(tmp_path):
    (tmp_path / "good.scenario.toml").write_text(TEN_LINES)
    (tmp_path / "bad.scenario.toml").write_text(TEN_LINES.replace('"hr_high", ', ""))
    (tmp_path / "typo.scenario.toml").write_text(TEN_LINES.replace("expect =", "expekt ="))
    (tmp_path / "other.toml").write_text("")
    words = ["-p", "simulators.scenario_plugin", "-p", "no:xdist", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *words, "--rootdir", tmp_path, tmp_path],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    assert "2 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "hr_high MEDIUM" in done.stdout
    assert "unknown key; must be one of title" in done.stdout
    assert "Traceback" not in done.stdout


def test_every_word_of_a_file_is_documented():
    text = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()
    words = {str(kind) for kind in (*FaultKind, *SystemFaultKind)}
    words |= set(scenario_schema.Person.__struct_fields__)
    for event in get_args(scenario_schema.BodyEvent):
        words |= {event.__struct_config__.tag, *event.__struct_fields__}
    assert {word for word in words if f"`{word}`" not in text and f'"{word}"' not in text} == set()


def test_a_file_of_an_editor_that_marks_utf_8_is_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEN_LINES.replace("\n", "\r\n").encode())
    assert load(path).duration_s == 720.0


def test_a_rise_may_take_no_time(tmp_path):
    text = TEN_LINES.replace("rise = 20", "rise = 0, fall = 0")
    person = Physiology(load(written(tmp_path, text)).plan)
    assert person.heart_at(50).bpm > 140
    assert person.heart_at(460).bpm < 90
