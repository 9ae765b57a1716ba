"""The configuration: what is accepted, and how each mistake is told."""

import json
import re
import tomllib
from dataclasses import replace

import pytest

from alerts import settings
from alerts.catalogue import CATALOGUE
from devices.model import SensorSpec, Signal
from devices.transports import BUILT_IN
from monitor import config
from monitor.config_schema import MEASURES, SITES, THEMES, all_keys
from monitor.errors import ConfigError

STRAP = """
[sensors.strap]
codec = "hrs_2a37"
measures = "heart_rate"
address = "A0:9E:1A:00:00:01"
"""
PROBE = """
[sensors.probe]
codec = "center_30x_8b"
measures = "skin_temperature"
site = "axilla"
transport = "serial"
address = "/dev/ttyUSB0"
stale_s = 30
"""
DEFAULTS = config.default_file().read_text(encoding="utf-8")


@pytest.fixture
def write(tmp_path):
    def _write(text):
        path = tmp_path / "my.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write


def mistakes(path, overrides=()):
    with pytest.raises(ConfigError) as caught:
        config.load(path, overrides)
    return str(caught.value).splitlines()


# --- the default configuration ---


def test_default_file_holds_exactly_the_catalogue():
    assert tomllib.loads(DEFAULTS)["alarms"] == settings.defaults()


def test_default_file_keeps_the_order_of_the_catalogue():
    assert re.findall(r"^\[alarms\.(\w+)\]", DEFAULTS, re.MULTILINE) == list(CATALOGUE)


def test_default_connects_nothing_and_is_all_default():
    loaded = config.load(None)
    assert loaded == config.Config()
    assert loaded.sensors == {}
    assert loaded.origins == {}


@pytest.mark.parametrize("path", all_keys(), ids=".".join)
def test_default_file_documents_every_key_with_its_range(path):
    *table, key = path
    table_name = "chest-strap" if table[-1] == "<alias>" else table[-1]
    body = DEFAULTS.partition(f"{table_name}]\n")[2].partition("\n[")[0]
    line = re.search(rf"^(?:# )?{key} = .*$", body, re.MULTILINE)
    assert line, f"{'.'.join(path)} is not in config.toml"
    if table[0] != "alarms":
        assert "#" in line[0].removeprefix("# "), f"{'.'.join(path)} is not explained"
    elif key in CATALOGUE[table[1]].bounds:
        low, high = CATALOGUE[table[1]].bounds[key]
        assert f"# {low:g} to {high:g}" in line[0]


@pytest.mark.parametrize("word", [*THEMES, *SITES, *MEASURES, *BUILT_IN])
def test_default_file_names_every_choice(word):
    assert re.search(rf"\b{word}\b", DEFAULTS)


def test_examples_of_the_default_file_are_valid(write):
    examples = DEFAULTS[DEFAULTS.index("# [sensors.") : DEFAULTS.index("\n[recording]")]
    loaded = config.load(write(re.sub(r"^# ?", "", examples, flags=re.MULTILINE)))
    assert list(loaded.sensors) == ["chest-strap", "skin-probe"]


# --- what is accepted ---


def test_file_overrides_key_by_key_and_set_overrides_the_file(write):
    path = write("[alarms.hr_high]\nlimit_bpm = 130\nsustain_s = 20\n[session]\nsubject = 'P-7'")
    loaded = config.load(path, ["alarms.hr_high.limit_bpm=120", "screen.theme=light"])
    row = loaded.alarms["hr_high"]
    assert row == CATALOGUE["hr_high"].defaults | {
        "limit_bpm": 120.0,
        "clear_bpm": 115.0,
        "sustain_s": 20.0,
    }
    assert (loaded.session.subject, loaded.screen.theme) == ("P-7", "light")
    assert loaded.origins == {
        "alarms.hr_high.limit_bpm": "--set",
        "alarms.hr_high.clear_bpm": "--set",
        "alarms.hr_high.sustain_s": str(path),
        "session.subject": str(path),
        "screen.theme": "--set",
    }


@pytest.mark.parametrize(
    ("overrides", "clear"),
    [
        (["limit_bpm=120"], 115.0),
        (["limit_bpm=140"], 135.0),
        (["limit_bpm=110", "clear_bpm=100"], 100.0),
        (["clear_bpm=100", "limit_bpm=110"], 100.0),
        (["clear_bpm=100"], 100.0),
    ],
)
def test_clear_limit_follows_a_limit_given_alone(overrides, clear):
    loaded = config.load(None, [f"alarms.hr_high.{item}" for item in overrides])
    assert loaded.alarms["hr_high"]["clear_bpm"] == clear


def test_clear_limit_that_follows_stays_inside_its_range():
    row = config.load(None, ["alarms.skin_rise_fast.limit_degc=0.3"]).alarms["skin_rise_fast"]
    assert row["clear_degc"] == 0.0


def test_sensors_become_specs(write):
    loaded = config.load(write(STRAP + PROBE))
    assert loaded.sensors == {
        "strap": SensorSpec(
            alias="strap",
            codec="hrs_2a37",
            measures=Signal.HEART_RATE,
            address="A0:9E:1A:00:00:01",
        ),
        "probe": SensorSpec(
            alias="probe",
            codec="center_30x_8b",
            measures=Signal.SKIN_TEMPERATURE,
            site="axilla",
            transport="serial",
            address="/dev/ttyUSB0",
            stale_s=30.0,
        ),
    }
    assert loaded.sensors["probe"].measures is Signal.SKIN_TEMPERATURE


def test_transport_is_the_codecs_own_if_left_out(write):
    loaded = config.load(write(PROBE.replace('transport = "serial"\n', "")))
    assert loaded.sensors["probe"].transport == "serial"


@pytest.mark.parametrize(
    ("override", "section", "key", "value"),
    [
        ("session.subject=P-007", "session", "subject", "P-007"),
        ("session.subject=007", "session", "subject", "007"),
        ("session.subject=12", "session", "subject", "12"),
        ('session.subject="12"', "session", "subject", "12"),
        ("session.subject=true", "session", "subject", "true"),
        ("session.subject=", "session", "subject", ""),
        ("session.age_years=35", "session", "age_years", 35.0),
        ("session.zone=Europe/Berlin", "session", "zone", "Europe/Berlin"),
        ("sound.enabled=false", "sound", "enabled", False),
        ("recording.directory=C:\\data=1", "recording", "directory", "C:\\data=1"),
        ("sound = {enabled = false}", "sound", "enabled", False),
    ],
)
def test_set_takes_toml_or_a_bare_word(override, section, key, value):
    assert getattr(getattr(config.load(None, [override]), section), key) == value


def test_windows_editors_are_understood(write):
    text = b"\xef\xbb\xbf[session]\r\nsubject = 'A'\r\n"
    assert config.load(write(text)).session.subject == "A"


def test_empty_file_is_the_default(write):
    assert config.load(write("")).alarms == settings.defaults()


# --- mistakes: text of the file, start of the line after "F: ", what else the line names ---

HIGH, SESSION = "[alarms.hr_high]\n", "[session]\n"
MISTAKES = [
    ("[sesion]", "sesion: unknown section", "nearest: session"),
    ("subject = 'x'", "subject: unknown section", "nearest: session.subject"),
    (
        "[zzz]",
        "zzz: unknown section",
        "allowed: session, recording, sound, screen, setup, phases, publish, central, checklists",
    ),
    (SESSION + "subjct = 'x'", "session.subjct: unknown key", "nearest: session.subject"),
    (
        "[phases]\nsupplemental_until_min = 60",
        "phases.supplemental_until_min = 60",
        "must not be less than supplemental_from_min = 90",
    ),
    ("[sound]\ntheme = 'dark'", "sound.theme: unknown key", "nearest: screen.theme"),
    ("[alarms.hr_hihg]", "alarms.hr_hihg: unknown alarm condition", "alarms.hr_high"),
    (HIGH + "limt_bpm = 120", "alarms.hr_high.limt_bpm: unknown", "alarms.hr_high.limit_bpm"),
    ("session = 3", "session = 3: must be a table", "[session]"),
    ("[[session]]", "session = an array: must be a table"),
    ("alarms.hr_high = 120", "alarms.hr_high = 120: must be a table", "[alarms.hr_high]"),
    ("[session.subject]\nx = 1", "session.subject = a table: must be text"),
    ("[sensors]\nstrap = 'x'", 'sensors.strap = "x": must be a table', "[sensors.strap]"),
    ("[sensors.'Mein Gurt']", 'sensors."Mein Gurt": an alias has', "a-z 0-9 _ -"),
    (f"[sensors.{'a' * 25}]", f"sensors.{'a' * 25}: an alias has", "1 to 24"),
    (SESSION + "subject = 'two words'", 'session.subject = "two words": must be a code', "24"),
    (SESSION + f"subject = '{'a' * 25}'", "session.subject = ", "at most 24"),
    (SESSION + "subject = 7", "session.subject = 7: must be text"),
    (
        '[session]\noperator = "a\\u001b[2J"',
        'session.operator = "a\\u001b[2J"',
        "initials or a role",
    ),
    (SESSION + "age_years = 130", "session.age_years = 130: must be 0 to 120 years"),
    (SESSION + "age_years = '35'", 'session.age_years = "35": must be a number', "0 to 120"),
    (SESSION + "age_years = true", "session.age_years = true: must be a number"),
    (SESSION + "zone = 'Europe/Berln'", "session.zone = ", "nearest: Europe/Berlin"),
    (SESSION + "zone = '../etc/passwd'", "session.zone = ", "must be a time zone"),
    (SESSION + "zone = 'Europe'", "session.zone = ", "must be a time zone"),
    (SESSION + "zone = 2", "session.zone = 2: must be a time zone"),
    ("[sound]\nenabled = 1", "sound.enabled = 1: must be true or false"),
    ("[sound]\nenabled = 'yes'", 'sound.enabled = "yes": must be true or false'),
    ("[screen]\ntheme = 'Drak'", 'screen.theme = "Drak": must be one of dark', "nearest: dark"),
    ("[recording]\ndirectory = ['a']", "recording.directory = an array: must be text"),
    (HIGH + "priority = 'high'", "alarms.hr_high.priority", "nearest: HIGH"),
    (HIGH + "priority = 3", "alarms.hr_high.priority = 3", "LOW, MEDIUM, HIGH"),
    (HIGH + "enabled = 0", "alarms.hr_high.enabled = 0: must be true or false"),
    (HIGH + "limit_bpm = 500", "alarms.hr_high.limit_bpm = 500: must be 95 to 150 bpm"),
    (HIGH + "limit_bpm = nan", "alarms.hr_high.limit_bpm = nan: must be 95 to"),
    (HIGH + "limit_bpm = inf", "alarms.hr_high.limit_bpm = inf: must be 95 to"),
    (HIGH + "limit_bpm = -inf", "alarms.hr_high.limit_bpm = -inf: must be 95"),
    (HIGH + f"limit_bpm = 0x{'f' * 9000}", "alarms.hr_high.limit_bpm = a huge"),
    (HIGH + "limit_bpm = true", "alarms.hr_high.limit_bpm = true: must be a num"),
    (HIGH + "limit_bpm = 2020-01-01", "alarms.hr_high.limit_bpm = 2020-01-01"),
    (HIGH + "clear_bpm = 125", "alarms.hr_high.clear_bpm = 125.0: must be below limit_bpm"),
    (HIGH + "limit_bpm = 110\nclear_bpm = 112", "alarms.hr_high.clear_bpm = 112.0: must be below"),
    (
        "[alarms.skin_rise_fast]\nclear_degc_per_30min = 1.2",
        "alarms.skin_rise_fast.clear_degc_per_30min = 1.2: must be below limit_degc_per_30min",
    ),
    ("[alarms.hr_lost]\nescalate_s = 30\nsustain_s = 60", "alarms.hr_lost.escalate_s = 30.0"),
    (
        "[alarms.hr_lost]\nescalate_priority = 'LOW'",
        'alarms.hr_lost.escalate_priority = "LOW": must not be less urgent',
        "MEDIUM",
    ),
    (STRAP.replace("hrs_2a37", "hrs2a37"), 'sensors.strap.codec = "hrs2a37"', "hrs_2a37"),
    (STRAP.replace("hrs_2a37", "sample"), 'sensors.strap.codec = "sample"', "must be one of"),
    (STRAP + "adress = 'x'", "sensors.strap.adress: unknown key", "sensors.strap.address"),
    (STRAP + "transport = 'usb'", 'sensors.strap.transport = "usb"', "ble, serial"),
    (STRAP + "transport = 'serial'", 'sensors.strap.transport = "serial": must be "ble"'),
    (
        STRAP + "period_s = 60",
        "sensors.strap.stale_s = 10.0: must be at least 150 s, 2.5 times period_s",
    ),
    (STRAP + "period_s = 121", "sensors.strap.period_s = 121: must be 0 to 120 s"),
    (STRAP + "stale_s = 0", "sensors.strap.stale_s = 0: must be 2 to 3600 s"),
    (STRAP + "site = 'chst'", 'sensors.strap.site = "chst": must be one of', "nearest: chest"),
    (STRAP.replace("heart_rate", "heartrate"), "sensors.strap.measures", "nearest: heart_rate"),
    (
        STRAP.replace('"heart_rate"', '"skin_temperature"\nsite = "chest"'),
        'sensors.strap.measures = "skin_temperature": codec "hrs_2a37" measures heart_rate',
    ),
    (
        PROBE.replace("skin_temperature", "heart_rate"),
        'sensors.probe.measures = "heart_rate": codec "center_30x_8b" measures clinical',
    ),
    (PROBE.replace('site = "axilla"\n', ""), "sensors.probe.site: missing", "its site"),
    (PROBE.replace('"/dev/ttyUSB0"', '""'), "sensors.probe.address: missing"),
    (re.sub("address.*", "", PROBE), "sensors.probe.address: missing"),
    (re.sub("codec.*", "", STRAP), "sensors.strap.codec: missing", "vigil decode --list"),
    (re.sub("measures.*", "", STRAP), "sensors.strap.measures: missing"),
    (
        STRAP + STRAP.replace("strap", "other").replace("A0:9E:1A", "a0:9e:1a"),
        'sensors.other.address = "a0:9e:1a:00:00:01": is already that of sensors.strap',
    ),
    (
        PROBE + PROBE.replace("probe", "other"),
        'sensors.other.address = "/dev/ttyUSB0": is already that of sensors.probe',
    ),
]


@pytest.mark.parametrize("row", MISTAKES, ids=[row[1] for row in MISTAKES])
def test_each_mistake_is_one_line(write, row):
    text, start, *names = row
    path = write(text)
    lines = mistakes(path)
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"{path}: {start}")
    assert [name for name in names if name not in lines[0]] == []


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"[session]\nsubject =\n", "line 2"),
        (b"[session]\n[session]\n", "line 2"),
        (b"\xff\xfe\x00", "not valid TOML"),
        (b"a = " + b"1" * 5000, "not valid TOML"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"# " + b"x" * 1_000_001, "larger than 1000000 bytes"),
    ],
    ids=["syntax", "twice", "not-text", "long-number", "deep", "large"],
)
def test_what_is_not_toml_is_told(write, data, says):
    path = write(data)
    (line,) = mistakes(path)
    assert line.startswith(f"{path}: not ")
    assert says in line


@pytest.mark.parametrize(("name", "says"), [("none.toml", "No such file"), (".", "directory")])
def test_file_that_cannot_be_read(tmp_path, name, says):
    (line,) = mistakes(tmp_path / name)
    assert line.startswith(f"{tmp_path / name}: cannot be read: ")
    assert says in line


@pytest.mark.parametrize(
    ("override", "start"),
    [
        ("alarms.hr_high.limit_bpm=500", "--set: alarms.hr_high.limit_bpm = 500: must be 95 to"),
        ("alarms.hr_high.limit_bpm=fast", '--set: alarms.hr_high.limit_bpm = "fast": must be a n'),
        ("alarms.hr_high.limit_bpm", '--set: "alarms.hr_high.limit_bpm": must be KEY=VALUE'),
        ("=5", '--set: "=5": must be KEY=VALUE'),
        ("alarms..limit_bpm=5", '--set: "alarms..limit_bpm=5": must be KEY=VALUE'),
        ("a.b.c.d=5", '--set: "a.b.c.d=5": must be KEY=VALUE'),
        ("alarms.hr_high=5", "--set: alarms.hr_high = 5: must be a table"),
        ("sound.enabled=false\nx=1", "--set: sound.enabled = "),
        ("alarm.hr_high.limit_bpm=120", "--set: alarm: unknown section; nearest: alarms"),
        ("sensors.strap.address=x", "--set: sensors.strap.codec: missing"),
    ],
)
def test_mistakes_of_set(override, start):
    assert mistakes(None, [override])[0].startswith(start)


def test_all_mistakes_are_told_at_once(write):
    path = write("[session]\nage_years = -1\n[sound]\nenabled = 3\n[alarms.nope]\n")
    assert len(mistakes(path, ["screen.theme=pink", "bad"])) == 5


def test_refused_value_causes_no_second_mistake(write):
    path = write("[alarms.hr_high]\nlimit_bpm = 20\nclear_bpm = 130\n")
    assert len(mistakes(path)) == 1


# --- stored in a recording ---


def full(write):
    return config.load(write(STRAP + PROBE), ["alarms.hr_high.limit_bpm=120"])


def test_json_round_trip(write):
    loaded = full(write)
    simulated = replace(
        loaded.sensors["strap"], transport="file", simulated=True, identity={"firmware": "1.2"}
    )
    loaded = replace(loaded, sensors={**loaded.sensors, "strap": simulated})
    assert config.from_json(config.to_json(loaded)) == replace(loaded, source_file="")


def test_json_is_canonical_and_holds_no_path(write, tmp_path):
    once = config.to_json(full(write))
    again = config.load(write(PROBE + STRAP), ["alarms.hr_high.limit_bpm=120.0"])
    assert config.to_json(again) == once
    assert str(tmp_path) not in once
    assert json.loads(once)["alarms"]["hr_high"]["limit_bpm"] == 120.0


@pytest.mark.parametrize("text", ["", "[]", '{"alarms": 3}', '{"sensors": {"a": {}}}', "\udc80"])
def test_damaged_json_is_refused(text):
    with pytest.raises(ConfigError, match="stored configuration"):
        config.from_json(text)


def test_recorded_configuration_as_base_keeps_all_but_the_changed(write):
    loaded = full(write)
    imported = replace(loaded.sensors["probe"], codec="sample", transport="file", address="")
    loaded = replace(loaded, sensors={"probe": imported})
    changed = config.load(None, ["alarms.skin_rise.sustain_s=60"], loaded)
    assert changed.sensors == loaded.sensors
    assert changed.alarms["hr_high"]["limit_bpm"] == 120.0
    assert changed.alarms["skin_rise"]["sustain_s"] == 60.0
    assert changed.origins == {"alarms.skin_rise.sustain_s": "--set"}


def test_recorded_values_outside_todays_range_are_kept(write):
    recorded = replace(full(write), alarms=settings.defaults())
    recorded.alarms["hr_high"]["limit_bpm"] = 155.0
    changed = config.load(None, ["alarms.skin_rise.sustain_s=60"], recorded)
    assert changed.alarms["hr_high"]["limit_bpm"] == 155.0


def test_alarm_hash_is_of_the_limits_in_force():
    default = config.alarm_hash(config.load(None))
    assert config.alarm_hash(config.load(None, ["session.subject=A"])) == default
    assert config.alarm_hash(config.load(None, ["alarms.hr_high.limit_bpm=125"])) == default
    assert config.alarm_hash(config.load(None, ["alarms.hr_high.limit_bpm=120"])) != default
    assert config.alarm_hash(config.load(None, ["session.age_years=80"])) != default
    assert re.fullmatch("[0-9a-f]{64}", default)


def sensor(write, **keys):
    lines = {"codec": '"hrs_2a37"', "measures": '"heart_rate"', "address": '"A"', **keys}
    text = "".join(f"{key} = {value}\n" for key, value in lines.items())
    return config.load(write(f"[sensors.x]\n{text}")).sensors["x"]


METER = {
    "codec": '"center_309_45b"',
    "measures": '"skin_temperature"',
    "site": '"axilla"',
}


def test_a_sensor_gets_what_its_format_needs(write):
    slow = sensor(
        write, codec='"movisens_skin_temp"', measures='"skin_temperature"', site='"chest"'
    )
    assert (slow.stale_s, slow.period_s, slow.transport) == (150.0, 60.0, "ble")
    assert sensor(write).stale_s == 10.0
    assert sensor(write, stale_s="20").stale_s == 20.0


def test_the_rarer_keys_are_taken(write):
    found = sensor(write, **METER, channel="3", line='"19200 8N2 -dtr"')
    assert (found.channel, found.line) == (3, "19200 8N2 -dtr")
    found = sensor(write, adapter='"hci1"', pair="true")
    assert (found.adapter, found.pair) == ("hci1", True)
    line = {**METER, "codec": '"ascii_t_h"'}
    assert sensor(write, **line, pattern="'t=(?P<t>.*)'").pattern == "t=(?P<t>.*)"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"channel": "2"}, 'must be 1 to 1 for codec "hrs_2a37"'),
        ({**METER, "channel": "5"}, "must be 1 to 4"),
        ({**METER, "channel": "0"}, "must be a whole number, 1 to 64"),
        ({**METER, "channel": "1.5"}, "must be a whole number"),
        ({**METER, "pattern": '"(?P<t>x)"'}, "takes no pattern"),
        ({**METER, "codec": '"ascii_t_h"', "pattern": '"(x"'}, "regular expression"),
        ({**METER, "codec": '"ascii_t_h"', "pattern": '"x"'}, "must have a group"),
        ({**METER, "codec": '"ascii_t_h"', "pattern": "'(?P<t>(a+)+)'"}, "must not repeat"),
        ({**METER, "line": '"fast"'}, "'fast' is none of these"),
        ({"line": '"9600"'}, "has no serial line"),
        ({**METER, "adapter": '"hci0"'}, "is not Bluetooth"),
        ({**METER, "pair": "true"}, "is not Bluetooth"),
        ({"adapter": '"usb"'}, "must be like hci0"),
        ({**METER, "address": '"usb:12"'}, "must be like usb:0403:6001"),
        ({"measures": '"spo2"'}, 'codec "hrs_2a37" measures heart_rate'),
    ],
)
def test_a_key_with_no_use_says_so(write, keys, words):
    with pytest.raises(ConfigError, match=re.escape(words)):
        sensor(write, **keys)


def test_one_peripheral_may_be_two_sensors_by_different_values(write):
    strap = (
        '[sensors.a]\ncodec = "hrs_2a37"\nmeasures = "heart_rate"\naddress = "C1:00:00:00:00:01"\n'
    )
    ecg = '[sensors.b]\ncodec = "polar_ecg"\nmeasures = "ecg"\naddress = "c1:00:00:00:00:01"\n'
    assert set(config.load(write(strap + ecg)).sensors) == {"a", "b"}
    with pytest.raises(ConfigError, match="already that of"):
        config.load(write(strap + strap.replace("sensors.a", "sensors.b")))
