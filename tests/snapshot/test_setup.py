"""The wizard before a session: its pictures, every key, and a search that goes wrong.

After a wanted change: pytest tests/snapshot --snapshot-update.
"""

import asyncio
import contextlib

import pytest
from textual.widgets import Input, OptionList, Select, Static

from devices.model import SensorSpec, Signal
from devices.transport import Reason, TransportError
from monitor import config, feed
from monitor.finding import Candidate
from tests.snapshot.canned import HOSTILE
from tests.snapshot.harness import type_fast, until
from tests.snapshot.test_dashboard import LARGE, SMALL
from tui.wizard import draft as drafts
from tui.wizard.app import ATTACH, CLOSED, START, Surroundings, WizardApp
from tui.wizard.draft import Draft
from tui.wizard.finish import FinishPage
from tui.wizard.person import PersonPage
from tui.wizard.pick import PickPage
from tui.wizard.sensors import SensorsPage

TINY = (60, 18)
STRAP = Candidate(
    name="Polar H10 1234", address="A0:9E:1A:00:00:01", codec="hrs_2a37", signal_dbm=-61,
    more=("polar_ecg",),
)  # fmt: skip
CORE = Candidate(name="CORE 12", address="A0:9E:1A:00:00:02", codec="core_2101", signal_dbm=-70)
PHONE = Candidate(name="somebody's phone", address="A0:9E:1A:00:00:03", signal_dbm=-50)
EVIL = Candidate(name=HOSTILE, address="A0:9E:1A:00:00:04", codec="hrs_2a37", signal_dbm=-80)
PORT = Candidate(name="USB serial", address="usb:0403:6001:A1", device="/dev/ttyUSB0")
SPEC = SensorSpec(
    alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE, site="chest", address=STRAP.address
)


class Look:
    """A look at a sensor that says what it is told to."""

    def __init__(self, spec, seen):
        self.spec, self.seen, self.closed = spec, seen, False

    async def run(self):
        try:
            await asyncio.Event().wait()
        finally:
            self.closed = True

    def sensor(self):
        return self.seen

    def value(self):
        return None if not self.seen.packets else 66.0


def seen(**values):
    start = {"alias": "preview", "title": "t", "state": "streaming", "packets": 9, "age_s": 0.4}
    return feed.Sensor(**(start | values))


class Finder:
    """Finds what it is told to find."""

    def __init__(self, *found, trouble=None, ports=(), answer="center_30x_8b", says=None):
        self.found, self.trouble, self.ports, self.answer = list(found), trouble, ports, answer
        self.says = says or seen(contact=True, battery_pct=88.0)
        self.looks, self.scans = [], 0

    async def air(self):
        self.scans += 1
        if self.trouble is not None:
            raise self.trouble
        return self.found

    async def lines(self):
        return list(self.ports)

    async def ask(self, line):
        return Candidate(
            name=line.name, address=line.address, device=line.device, codec=self.answer,
            values=("temperature 33.9",) if self.answer else (),
        )  # fmt: skip

    def preview(self, spec):
        self.looks.append(Look(spec, self.says))
        return self.looks[-1]


def made(tmp_path, draft=None, finder=None, **around):
    kept = tmp_path / "setup.json"
    if draft is not None:
        drafts.save(kept, draft)
    around = {"recordings": "~/vigil/sessions", "config_path": tmp_path / "vigil.toml"} | around
    return WizardApp(kept, Surroundings(finder=finder or Finder(), **around))


@contextlib.asynccontextmanager
async def wizard(tmp_path, draft=None, finder=None, **around):
    app = made(tmp_path, draft, finder, **around)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        yield app, pilot


def kept(tmp_path):
    return drafts.load(tmp_path / "setup.json")[0]


def text(app, where):
    shown = app.screen.query_one(f"#{where}", Static)
    return str(shown.visual) if shown.display else ""


async def on(app, pilot, page):
    await until(lambda: isinstance(app.screen, page))
    await pilot.pause()


AT = {
    "person": (Draft(subject="Anna", age_years=34.0), Finder(), ()),
    "sensors": (
        Draft(page="sensors", sensors=[SPEC]),
        Finder(STRAP, CORE, EVIL, PHONE, ports=[PORT]),
        ("r",),
    ),
    "no-bluetooth": (
        Draft(page="sensors"),
        Finder(trouble=TransportError(Reason.NO_BLUETOOTH, "no bus"), ports=[PORT]),
        (),
    ),
    "nothing": (Draft(page="sensors"), Finder(PHONE), ()),
    "pick": (Draft(page="sensors"), Finder(CORE), ("enter",)),
    "no-contact": (
        Draft(page="sensors"), Finder(STRAP, says=seen(contact=False)), ("enter",),
    ),
    "hand": (Draft(page="sensors"), Finder(), ("h",)),
    "finish": (Draft(page="finish", subject="P-017", age_years=75.0, sensors=[SPEC]), Finder(), ()),
    "nobody": (Draft(page="finish"), Finder(), ()),
}  # fmt: skip


def photo(snap_compare, tmp_path, scene, size, **around):
    draft, finder, keys = AT[scene]
    finder.looks.clear()
    app = made(tmp_path, draft, finder, **around)

    async def show(pilot):
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        app.screen.set_focus(None)  # a cursor blinks
        await pilot.pause()

    return snap_compare(app, terminal_size=size, run_before=show)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("scene", AT)
def test_page(snap_compare, tmp_path, scene, size):
    assert photo(snap_compare, tmp_path, scene, size)


@pytest.mark.parametrize("scene", ["person", "sensors", "pick", "finish"])
def test_page_in_a_small_window(snap_compare, tmp_path, scene):
    assert photo(snap_compare, tmp_path, scene, TINY)


def test_page_at_night(snap_compare, tmp_path):
    assert photo(snap_compare, tmp_path, "pick", SMALL, theme="night")


def test_a_session_runs_already(snap_compare, tmp_path):
    assert photo(snap_compare, tmp_path, "person", SMALL, running=["LIVE  P-014"])


# --- the person ---


async def test_typed_in_one_go_it_lands_in_its_lines_and_is_kept(tmp_path):
    async with wizard(tmp_path) as (app, pilot):
        await pilot.press(*"P-017", "enter", *"34", "enter", *"KL", "enter")
        await on(app, pilot, SensorsPage)
    want = Draft(subject="P-017", age_years=34.0, operator="KL", page="sensors")
    assert kept(tmp_path) == want


async def test_typed_with_tabs_in_one_go_it_lands_in_its_lines(tmp_path):
    async with wizard(tmp_path) as (app, pilot):
        type_fast(app, *"P-017", "tab", *"34", "tab", *"KL")
        await pilot.pause()
        assert [line.value for line in app.screen.query(Input)] == ["P-017", "34", "KL"]


@pytest.mark.parametrize(
    ("where", "typed", "says"),
    [
        ("subject", "P 17", "letters, digits"),
        ("subject", "Anna", "looks like a name"),
        ("age", "old", "0 to 120 years"),
        ("age", "300", "0 to 120 years"),
    ],
)
async def test_what_is_wrong_is_said_while_typing(tmp_path, where, typed, says):
    async with wizard(tmp_path) as (app, pilot):
        app.screen.query_one(f"#{where}", Input).focus()
        app.screen.query_one(f"#{where}", Input).value = typed
        await pilot.pause()
        assert says in text(app, f"{where}-says")
        await pilot.press("enter", "enter", "enter")
        await pilot.pause(0.1)
        hint = "name" in says  # a hint, not a refusal
        assert isinstance(app.screen, SensorsPage) is hint


async def test_a_name_with_an_accent_is_no_crash(tmp_path):
    async with wizard(tmp_path) as (app, pilot):
        app.screen.query_one("#subject", Input).value = "Zo\u00eb"
        await pilot.pause()
        assert "letters, digits" in text(app, "subject-says")
    assert kept(tmp_path).subject == ""


@pytest.mark.parametrize("key", ["escape", "ctrl+c", "ctrl+q"])
async def test_closed_it_goes_on_with_the_same_answers(tmp_path, key):
    async with wizard(tmp_path) as (app, pilot):
        await pilot.press(*"P-017")
        await pilot.press(key)
        await pilot.pause()
    assert app.return_value == CLOSED
    async with wizard(tmp_path) as (again, _):
        assert again.screen.query_one("#subject", Input).value == "P-017"


async def test_a_code_from_the_command_line_is_there_already(tmp_path):
    async with wizard(tmp_path, subject="P-9") as (app, _):
        assert app.screen.query_one("#subject", Input).value == "P-9"


async def test_a_broken_draft_is_told(tmp_path):
    (tmp_path / "setup.json").write_text("{")
    async with wizard(tmp_path) as (app, _):
        assert "begun anew" in text(app, "told")


@pytest.mark.parametrize(("key", "outcome"), [("o", ATTACH), ("enter", ATTACH), ("escape", CLOSED)])
async def test_a_running_session_is_offered_first(tmp_path, key, outcome):
    async with wizard(tmp_path, running=["LIVE P-1"]) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
    assert app.return_value == outcome


async def test_another_session_beside_a_running_one(tmp_path):
    async with wizard(tmp_path, running=["LIVE P-1"]) as (app, pilot):
        await pilot.press("n")
        await on(app, pilot, PersonPage)


# --- the sensors ---

SENSORS = Draft(subject="P-1", page="sensors")


async def test_a_strap_is_picked_named_and_used(tmp_path):
    finder = Finder(STRAP, CORE)
    async with wizard(tmp_path, SENSORS, finder) as (app, pilot):
        await pilot.press("enter")
        await on(app, pilot, PickPage)
        await until(lambda: "66 bpm" in text(app, "pick-live"))
        live = text(app, "pick-live")
        assert "contact               yes" in live
        assert "battery               88 %" in live
        app.screen.query_one("#alias", Input).value = "strap"
        await pilot.press("enter")
        await on(app, pilot, SensorsPage)
        assert finder.looks[0].closed
        rows = [str(o.prompt) for o in app.screen.query_one(OptionList).options]
        assert rows[0].startswith("use    strap          heart rate")
        assert "no skin" not in rows[0].lower()
        assert "NO SENSOR for skin temperature" in text(app, "told")
    (spec,) = kept(tmp_path).sensors
    assert (spec.alias, spec.codec, spec.address) == ("strap", "hrs_2a37", STRAP.address)


async def test_a_temperature_needs_its_site(tmp_path):
    async with wizard(tmp_path, SENSORS, Finder(CORE)) as (app, pilot):
        await pilot.press("enter")
        await on(app, pilot, PickPage)
        await pilot.press("f2")
        await pilot.pause()
        assert "say where it sits" in text(app, "says")
        places = app.screen.query_one("#site", Select)
        assert app.focused is places
        assert places.query_one(".down-arrow").region  # it can be seen to be a list
        await pilot.press("enter", "down", "down", "enter")
        await pilot.pause()
        await pilot.press("f2")
        await on(app, pilot, SensorsPage)
    assert kept(tmp_path).sensors[0].site == "trunk"


async def test_another_format_of_the_same_device_is_looked_at_anew(tmp_path):
    finder = Finder(STRAP)
    async with wizard(tmp_path, SENSORS, finder) as (app, pilot):
        await pilot.press("enter")
        await on(app, pilot, PickPage)
        app.screen.query_one("#format", Select).value = "polar_ecg"
        await until(lambda: len(finder.looks) == 2)
        await until(lambda: finder.looks[0].closed)
        assert finder.looks[1].spec.measures is Signal.ECG
        await pilot.press("f2")
        await on(app, pilot, SensorsPage)
    assert kept(tmp_path).sensors[0].measures is Signal.ECG


async def test_a_device_in_use_is_offered_with_its_other_formats_only(tmp_path):
    async with wizard(tmp_path, Draft(page="sensors", sensors=[SPEC]), Finder(STRAP)) as (
        app,
        pilot,
    ):
        await pilot.press("r")
        await until(lambda: app.scan.known)
        await pilot.press("down", "enter")
        await on(app, pilot, PickPage)
        assert app.screen._spec.codec == "polar_ecg"


async def test_back_from_a_sensor_changes_nothing(tmp_path):
    finder = Finder(STRAP)
    async with wizard(tmp_path, SENSORS, finder) as (app, pilot):
        await pilot.press("enter")
        await on(app, pilot, PickPage)
        await pilot.press("escape")
        await on(app, pilot, SensorsPage)
        await until(lambda: finder.looks[0].closed)
    assert kept(tmp_path).sensors == []


async def test_a_sensor_in_use_is_changed_and_removed(tmp_path):
    draft = Draft(page="sensors", sensors=[SPEC])
    async with wizard(tmp_path, draft) as (app, pilot):
        assert app.finder.scans == 0  # nothing is searched that is not asked for
        await pilot.press("enter")
        await on(app, pilot, PickPage)
        app.screen.query_one("#alias", Input).value = "chest"
        await pilot.press("f2")
        await on(app, pilot, SensorsPage)
        assert [one.alias for one in kept(tmp_path).sensors] == ["chest"]
        await pilot.press("x")
        await pilot.pause()
        assert kept(tmp_path).sensors == []


async def test_by_hand(tmp_path):
    finder = Finder()
    async with wizard(tmp_path, SENSORS, finder) as (app, pilot):
        await pilot.press("h")
        await on(app, pilot, PickPage)
        assert finder.looks == []
        await pilot.press(*"A0-1", "enter")
        await until(lambda: finder.looks)
        assert finder.looks[0].spec.address == "A0-1"
        await pilot.press(*"mine", "enter")
        await on(app, pilot, SensorsPage)
    (spec,) = kept(tmp_path).sensors
    assert (spec.alias, spec.address, spec.codec) == ("mine", "A0-1", "hrs_2a37")


@pytest.mark.parametrize("keys", [["p"], ["enter"]])
async def test_a_port_is_asked_only_when_told_to(tmp_path, keys):
    async with wizard(tmp_path, SENSORS, Finder(ports=[PORT])) as (app, pilot):
        assert "1 serial port not asked yet" in text(app, "status")
        await pilot.press(*keys)
        await until(lambda: app.scan.asked)
        await pilot.pause()
        row = str(app.screen.query_one(OptionList).options[0].prompt)
        assert row.startswith("found  USB serial")
        assert "33.9" in row


async def test_a_port_that_says_nothing(tmp_path):
    async with wizard(tmp_path, SENSORS, Finder(ports=[PORT], answer="")) as (app, pilot):
        await pilot.press("p")
        await until(lambda: "no known thermometer" in text(app, "status"))
        assert not app.screen.query_one(OptionList).display


async def test_a_search_that_failed_is_tried_again(tmp_path):
    finder = Finder(trouble=TransportError(Reason.BLUETOOTH_OFF))
    async with wizard(tmp_path, SENSORS, finder) as (app, pilot):
        await until(lambda: "switched off" in text(app, "status"))
        finder.trouble, finder.found = None, [STRAP]
        await pilot.press("r")
        await until(lambda: app.scan.known)
        await pilot.pause()
        assert "switched off" not in text(app, "status")


async def test_a_silent_sensor_is_told_and_can_be_used(tmp_path, monkeypatch):
    monkeypatch.setattr("tui.wizard.words.SILENT_S", 0.0)
    silent = Finder(STRAP, says=seen(packets=0, age_s=None))
    async with wizard(tmp_path, SENSORS, silent) as (app, pilot):
        await pilot.press("enter")
        await on(app, pilot, PickPage)
        await until(lambda: "sends nothing" in text(app, "pick-live"))
        await pilot.press("f2")
        await on(app, pilot, SensorsPage)
    assert len(kept(tmp_path).sensors) == 1


async def test_hostile_names_are_inert(tmp_path):
    async with wizard(tmp_path, SENSORS, Finder(EVIL)) as (app, pilot):
        row = str(app.screen.query_one(OptionList).options[0].prompt)
        await pilot.press("enter")
        await on(app, pilot, PickPage)
        shown = row + str(app.screen.query_one("#pick-title", Static).visual)
        assert "\x1b" not in shown
        assert "[bold red]red" in shown  # as text
        assert app.screen.query_one("#alias", Input).value.startswith("evil")


async def test_simulated_sensors_for_a_look_round(tmp_path):
    async with wizard(tmp_path, SENSORS) as (app, pilot):
        await pilot.press("v", "n")
        await on(app, pilot, FinishPage)
        assert "strap, SIMULATED inside Vigil" in text(app, "summary")
        await pilot.press("enter")
        await pilot.pause()
    assert app.return_value == START
    assert app.draft.simulate == ["strap", "core"]


async def test_simulated_sensors_are_not_mixed_with_real_ones(tmp_path):
    async with wizard(tmp_path, Draft(page="sensors", sensors=[SPEC])) as (_, pilot):
        await pilot.press("v")
        await pilot.pause()
        assert kept(tmp_path).simulate == []


# --- the start ---

WHOLE = Draft(page="finish", subject="P-1", sensors=[SPEC])


async def test_enter_starts(tmp_path):
    async with wizard(tmp_path, WHOLE) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
    assert app.return_value == START


async def test_without_a_sensor_nothing_starts(tmp_path):
    async with wizard(tmp_path, Draft(page="finish")) as (app, pilot):
        assert "No sensor yet" in text(app, "says")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, FinishPage)
        await pilot.press("escape")
        await on(app, pilot, SensorsPage)
        await pilot.press("escape")
        await on(app, pilot, PersonPage)


async def test_the_configuration_is_written_and_told(tmp_path):
    async with wizard(tmp_path, WHOLE) as (app, pilot):
        await pilot.press("w", "enter", "enter")
        await until(lambda: "Written" in text(app, "after"))
        assert f"vigil run --config {tmp_path / 'vigil.toml'}" in text(app, "after").replace(
            "\n", " "
        )
        await pilot.press("w", "enter", "enter")
        await until(lambda: "holds all of this already" in text(app, "says"))
        await pilot.press("w", "escape")
    assert list(config.load(tmp_path / "vigil.toml").sensors) == ["strap"]


async def test_every_button_does_what_its_key_does(tmp_path):
    async with wizard(tmp_path, WHOLE) as (app, pilot):
        await pilot.click("#do-back")
        await on(app, pilot, SensorsPage)
        await pilot.click("#do-back")
        await on(app, pilot, PersonPage)
        await pilot.click("#do-next")
        await on(app, pilot, SensorsPage)
        await pilot.click("#do-next")
        await on(app, pilot, FinishPage)
        await pilot.click("#do-start")
        await pilot.pause()
    assert app.return_value == START
