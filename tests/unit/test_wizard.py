"""The wizard's draft and words: what is kept, what is allowed, what is said."""

import os

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model import SensorSpec, Signal
from devices.transport import Reason, TransportError
from monitor import config, feed
from monitor.errors import ConfigError
from monitor.finding import Candidate
from tests.examples import examples
from tests.snapshot.canned import HOSTILE
from tui.wizard import draft as drafts
from tui.wizard import words
from tui.wizard.draft import Draft

STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE, address="A0:01")
CORE = SensorSpec(
    alias="core", codec="core_2101", measures=Signal.SKIN_TEMPERATURE, site="trunk", address="A0:02"
)
WHOLE = Draft(subject="P-017", age_years=75.0, operator="KL", sensors=[STRAP, CORE])


def test_the_answers_become_a_configuration_like_any_other():
    loaded = config.load(None, WHOLE.overrides())
    assert loaded.session == config.SessionConfig(subject="P-017", age_years=75.0, operator="KL")
    assert list(loaded.sensors) == ["strap", "core"]
    assert loaded.sensors["core"].site == "trunk"
    assert loaded.sensors["strap"].transport == "ble"


@settings(deadline=None, max_examples=examples(25))
@given(st.text(max_size=60).filter(lambda t: t.isprintable() and t and not t.startswith("usb:")))
def test_any_name_as_an_address_arrives_as_it_is(name):
    spec = msgspec.structs.replace(WHOLE, sensors=[]).with_sensor(
        SensorSpec(alias="a", codec="hrs_2a37", measures=Signal.HEART_RATE, address=name)
    )
    assert drafts.checked(spec).sensors["a"].address == name


def test_closed_in_mid_way_it_goes_on_where_it_was(tmp_path):
    path = tmp_path / "state" / "setup.json"
    half = Draft(subject="P-017", sensors=[STRAP], page="sensors")
    assert drafts.save(path, half) == ""
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    draft, said = drafts.load(path)
    assert draft == half
    assert said == "These answers were kept from before: is this the right person?"


def test_after_a_day_it_may_be_somebody_else(tmp_path):
    path = tmp_path / "setup.json"
    drafts.save(path, WHOLE)
    old_s = path.stat().st_mtime - drafts.PERSON_S - 60
    os.utime(path, (old_s, old_s))
    draft, said = drafts.load(path)
    assert draft == WHOLE.used()
    assert "give them again" in said


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b'{"age_years": "old"}', b"{" * 99])
def test_a_broken_draft_is_begun_anew_and_told(tmp_path, content):
    path = tmp_path / "setup.json"
    path.write_bytes(content)
    draft, said = drafts.load(path)
    assert draft == Draft()
    assert str(path) in said


def test_a_draft_of_another_version_loses_only_what_is_not_known(tmp_path):
    path = tmp_path / "setup.json"
    gone = SensorSpec(alias="old", codec="gone_1", measures=Signal.HEART_RATE, address="A0:09")
    drafts.save(path, Draft(subject="P-1", sensors=[STRAP, gone], page="consent"))
    draft, said = drafts.load(path)
    assert (draft.sensors, draft.page, draft.subject) == ([STRAP], "person", "P-1")
    assert "old" in said


def test_a_folder_that_cannot_be_written_is_told_and_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot be kept" in drafts.save(tmp_path / "file" / "setup.json", WHOLE)


def test_nobody_is_recorded_under_the_code_of_the_person_before():
    assert WHOLE.used() == Draft(operator="KL", sensors=[STRAP, CORE])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"alias": "My Strap"}, "1 to 24 of the characters"),
        ({"alias": ""}, "1 to 24 of the characters"),
        ({"address": ""}, "address is missing"),
        ({"alias": "strap"}, "another sensor has this name"),
        ({"address": "A0:01", "codec": "hrs_2a37"}, "is already that of sensors.strap"),
        ({"measures": Signal.SKIN_TEMPERATURE, "codec": "core_2101"}, "say where it sits"),
        ({"measures": Signal.SPO2}, 'codec "hrs_2a37" measures heart_rate'),
    ],
)
def test_a_sensor_that_does_not_fit_is_refused_in_words(changes, says):
    values = {"alias": "b", "codec": "hrs_2a37", "measures": Signal.HEART_RATE, "address": "A0:07"}
    with pytest.raises(ConfigError, match=says):
        Draft(sensors=[STRAP]).with_sensor(SensorSpec(**(values | changes)))


def test_a_sensor_is_changed_in_its_place():
    renamed = SensorSpec(
        alias="chest", codec="hrs_2a37", measures=Signal.HEART_RATE, address="A0:01"
    )
    draft = Draft(sensors=[STRAP], simulate=["core"]).with_sensor(renamed, "strap")
    assert (draft.sensors, draft.simulate) == ([renamed], [])


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("P-017", False),
        ("", False),
        ("KL", False),
        ("ABCD", False),
        ("017", False),
        ("a1", False),
        ("Anna", True),
        ("anna", True),
        ("Anna-Lena", True),
        ("Mueller_Karl", True),
    ],
)
def test_a_code_that_looks_like_a_name(code, name):
    assert drafts.like_a_name(code) is name


@pytest.mark.parametrize(
    ("text", "age"),
    [("", 0.0), ("34", 34.0), ("34,5", 34.5), ("121", None), ("-1", None), ("old", None),
     ("nan", None), ("inf", None)],
)  # fmt: skip
def test_an_age(text, age):
    assert drafts.age_of(text) == age


def test_the_configuration_written_skips_the_wizard_next_time(tmp_path):
    path = tmp_path / "new" / "mine.toml"
    drafts.write(path, WHOLE, person=False)
    loaded = config.load(path)
    assert list(loaded.sensors) == ["strap", "core"]
    assert loaded.session.subject == ""
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_person_is_written_only_when_asked_for(tmp_path):
    path = tmp_path / "mine.toml"
    drafts.write(path, WHOLE, person=True)
    assert config.load(path).session == config.load(None, WHOLE.overrides()).session


def test_what_a_file_holds_stays(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("# mine\n[screen]\ntheme = 'night'\n")
    drafts.write(path, WHOLE, person=False)
    assert path.read_text().startswith("# mine\n[screen]\ntheme = 'night'\n")
    drafts.write(path, msgspec.structs.replace(WHOLE, sensors=[STRAP]), person=True)
    assert config.load(path).session.subject == "P-017"
    for person, says in ((False, "holds all of this already"), (True, "has a .session. already")):
        with pytest.raises(ConfigError, match=says):
            drafts.write(path, WHOLE, person=person)
    other = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE, address="Z")
    with pytest.raises(ConfigError, match="another sensor there already"):
        drafts.write(path, Draft(sensors=[other]), person=False)


@pytest.mark.parametrize("make", [lambda p: p.mkdir(), lambda p: p.write_text("= bad")])
def test_a_file_that_cannot_be_used_is_told(tmp_path, make):
    path = tmp_path / "mine.toml"
    make(path)
    with pytest.raises(ConfigError, match=str(path)):
        drafts.write(path, WHOLE, person=False)


def test_an_unwritable_place_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        drafts.write(tmp_path / "file" / "mine.toml", WHOLE, person=False)


# --- words ---

PORT = Candidate(name="USB serial", address="usb:0403:6001", device="/dev/ttyUSB0")
HEARD = Candidate(name="Polar H10", address="A0:01", codec="hrs_2a37", signal_dbm=-61)
PHONE = Candidate(name="phone", address="A0:99", signal_dbm=-50)


@pytest.mark.parametrize(
    ("scan", "says"),
    [
        (words.Scan(listening=True), "Listening"),
        (words.Scan(asking="/dev/ttyUSB0"), "Asking /dev/ttyUSB0 what it is"),
        (words.Scan(looked=True), "No sensor found. Is it worn"),
        (words.Scan(looked=True, found=(PHONE,)), "1 other Bluetooth device of no known kind"),
        (words.Scan(looked=True, lines=(PORT,)), "1 serial port not asked yet"),
        (words.Scan(trouble=TransportError(Reason.NO_BLUETOOTH, "x")), "No Bluetooth: no adapter"),
        (words.Scan(trouble=TransportError(Reason.BLUETOOTH_OFF)), "switched off"),
        (words.Scan(trouble=TransportError(Reason.NO_PERMISSION)), "No permission"),
        (words.Scan(trouble=TransportError(Reason.CONNECT_FAILED, "odd")), "odd. Then r."),
        (words.Scan(lines=(PORT,)).with_line(PORT), "no known thermometer answered"),
    ],
)
def test_the_search_says_what_it_does_and_what_mends_it(scan, says):
    assert says in "\n".join(words.status(scan))


def test_a_port_in_use_is_told_with_its_reason():
    taken = Candidate(name="x", address=PORT.address, device=PORT.device, trouble="in use")
    scan = words.Scan(lines=(PORT,)).with_line(taken)
    assert words.status(scan) == ["/dev/ttyUSB0: in use (vigil doctor says more)"]
    assert scan.unasked == ()


def test_hostile_names_are_harmless_in_every_row():
    one = Candidate(name=HOSTILE, address=HOSTILE, codec="hrs_2a37", values=(HOSTILE,))
    port = Candidate(name=HOSTILE, address=HOSTILE, device=HOSTILE, trouble=HOSTILE)
    scan = words.Scan(asking=HOSTILE, lines=(port,)).with_line(port)
    rows = [words.found_row(one), words.port_row(port), *words.status(scan)]
    assert "\x1b" not in "".join(rows)
    assert "\u202e" not in "".join(rows)


def sensor(**values):
    return feed.Sensor(**({"alias": "a", "title": "t", "state": "streaming"} | values))


@pytest.mark.parametrize(
    ("state", "packets", "waited_s", "last"),
    [
        ("connecting", 0, 3.0, "battery"),
        ("lost", 0, 20.0, "No link yet"),
        ("streaming", 0, 20.0, "Linked, but it sends nothing"),
        ("streaming", 5, 20.0, "battery"),
    ],
)
def test_a_silent_sensor_is_told_after_a_while(state, packets, waited_s, last):
    seen = sensor(state=state, packets=packets)
    assert last in words.live(seen, Signal.HEART_RATE, None, waited_s)[-1]


def test_a_live_sensor_is_shown_with_what_it_cannot_tell():
    seen = sensor(packets=3, age_s=0.4)
    assert words.live(seen, Signal.SKIN_TEMPERATURE, 34.26, 5.0) == [
        "skin temperature      34.3 °C",
        "link                  streaming, last packet <1 s ago",
        "contact               this sensor cannot tell",
        "battery               unknown",
    ]


def test_the_summary_names_what_nobody_will_watch_and_what_age_changes():
    draft = msgspec.structs.replace(WHOLE, sensors=[STRAP])
    said = "\n".join(words.summary(drafts.checked(draft), [], {"strap"}, "/x"))
    assert "P-017, age 75 years" in said
    assert "strap: heart rate, SIMULATED" in said
    assert "NO SENSOR for skin temperature" in said
    assert "alarms.hr_extreme.limit_bpm = 140 is lowered to" in said
    assert "no code, age not given" in "\n".join(
        words.summary(config.load(None), ["strap"], (), "/x")
    )
