"""`vigil reanalyse` over several recordings: comparison, sweep, processes, bad files."""

import json
from pathlib import Path

import pytest

from monitor import reanalysis, what_if
from monitor.cli.main import main
from monitor.errors import ConfigError
from monitor.exchange import detect, imported
from monitor.tape import Tape

E4 = Path(__file__).parents[1] / "data" / "empatica"
HIGH = "alarms.hr_high.limit_bpm"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two real recordings, and a file that is none."""
    made = tmp_path_factory.mktemp("recordings")
    for name in ("S02", "S20"):
        imported.write(detect.load([E4 / name]), made / f"{name}.db")
    (made / "bad.db").write_text("not a recording")
    return made


@pytest.fixture
def vigil(folder, capsys):
    def run(*words, files=("S02.db", "S20.db")):
        code = main(["reanalyse", *(str(folder / f) for f in files), *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def answers(out):
    return [json.loads(line) for line in out.splitlines()]


def test_comparison_tells_what_became_of_each_alarm(vigil):
    code, out, _ = vigil("--set", f"{HIGH}=139", "--set", "alarms.hr_extreme.limit_bpm=150",
                         "--compare", "--json")  # fmt: skip
    assert code == 1
    first, second = answers(out)
    assert [(d["what"], d["condition"]) for d in first["differences"]] == [("gone", "hr_high")]
    assert {d["condition"]: d["what"] for d in second["differences"]} == {
        "hr_high": "shorter",
        "hr_extreme": "gone",
    }
    before = second["before"]
    assert before["burden_per_hour"]["HIGH"] > second["burden_per_hour"]["HIGH"] == 0
    # The seconds above the old limit, none of which would alarm.
    was = before["over_limit_s"]["hr_extreme"]
    assert before["unalarmed_now_s"]["hr_extreme"] == was["seconds"] > was["without_alarm"]


def test_the_fields_of_the_contract_stay(vigil):
    _, out, _ = vigil("--json")
    contract = ["recording", "duration_s", "software", "recorded_software", "limits_hash",
                "alarms", "burden_per_hour"]  # fmt: skip
    assert [list(answer)[:7] for answer in answers(out)] == [contract, contract]


def test_a_sweep_agrees_with_each_of_its_values(vigil, folder):
    code, out, err = vigil("--sweep", f"{HIGH}=110:140:15", "--json")
    assert code == 0
    assert "alarms.hr_high.limit_bpm = 140 is lowered to 130" in err
    for answer, name in zip(answers(out), ("S02.db", "S20.db"), strict=True):
        assert [(p["value"], p["in_force"]) for p in answer["sweep"]] == [
            ("110", 110.0),
            ("125", 125.0),
            ("140", 130.0),
        ]
        for point in answer["sweep"]:
            with what_if.Recording.open(folder / name) as recording:
                alarms = what_if.config.load(None, [f"{HIGH}={point['value']}"]).alarms
                tape = Tape.derive(recording, alarms)
                whole = reanalysis.analysis(recording, tape, tape.own)
            assert sum(point["alarms"].values()) == len(whole.alarms)
            assert point["limits_hash"] == whole.limits_hash
            assert point["burden_per_hour"] == whole.burden_per_hour


def test_a_sweep_is_drawn(vigil):
    code, out, _ = vigil("--sweep", f"{HIGH}=95:150:5")
    assert code == 0
    assert f"{HIGH} over 2 recordings, 1.9 h" in out
    bars = [line.count("#") + line.count("█") for line in out.splitlines() if line[1:3].isdigit()]
    assert bars[0] == max(bars) > bars[-1] > 0


def test_several_processes_say_the_same(vigil):
    words = ("--set", f"{HIGH}=115", "--compare", "--json")
    assert vigil(*words, "--jobs", "2") == vigil(*words)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_bad_file_is_told_and_left_out(vigil, jobs):
    files = ("S02.db", "bad.db", "S20.db")
    code, out, err = vigil("--json", "--jobs", jobs, files=files)
    assert code == 1
    assert len(answers(out)) == 2
    assert "bad.db" in err
    assert len(err.splitlines()) == 1


def test_nothing_that_can_be_read_is_bad_input(vigil):
    assert vigil("--json", files=("bad.db",))[0] == 2


def test_tables_of_one_and_of_all(vigil):
    code, out, _ = vigil("--set", f"{HIGH}=115", "--compare")
    assert code == 1
    assert "longer:" in out
    assert "; was 0:27:1" in out
    assert "2 recordings, 1.9 h together" in out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{HIGH}=110:150", "KEY=FIRST:LAST:STEP"),
        (f"{HIGH}=110:150:0", "KEY=FIRST:LAST:STEP"),
        (f"{HIGH}=a:150:5", "KEY=FIRST:LAST:STEP"),
        (f"{HIGH}=150:110:5", "must be 1 to 200"),
        (f"{HIGH}=110:150:0.1", "401 values"),
        ("session.age_years=20:30:1", "key of an alarm"),
    ],
)
def test_a_sweep_that_is_none(text, says):
    with pytest.raises(ConfigError, match=says):
        what_if.Sweep.parse(text)


def test_steps_are_decimal():
    sweep = what_if.Sweep.parse("alarms.skin_high.limit_degc=37.5:38.1:0.1")
    assert sweep.values == ("37.5", "37.6", "37.7", "37.8", "37.9", "38.0", "38.1")


@pytest.mark.parametrize("value", ["hr_hihg.limit_bpm=110:120:5", "hr_high.limit_bpm=80:120:5"])
def test_limits_are_checked_before_any_work(vigil, value):
    code, out, err = vigil("--sweep", f"alarms.{value}", "--json")
    assert (code, out) == (2, "")
    assert "alarms.hr_h" in err
