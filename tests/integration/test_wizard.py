"""From `vigil run` without sensors to a running session: real bus, real ptys, real processes."""

import asyncio
import contextlib
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios

import pytest
from textual.widgets import Input, OptionList, Select, Static

from devices.model import SensorSpec, Signal
from monitor import config, hosting, plan, starting
from monitor.clock import ScaledClock, monotonic_ns
from monitor.preview import Preview
from simulators.bluez import FakeBlueZ
from simulators.kinds import named
from simulators.library import scenario
from simulators.room import furnished
from tests.snapshot.harness import until
from tui.app import VigilApp
from tui.checklist import checklist
from tui.screens.checklist import ChecklistScreen
from tui.wizard.app import START, Surroundings, WizardApp
from tui.wizard.pick import PickPage
from tui.wizard.sensors import SensorsPage

VIGIL = [sys.executable, "-m", "monitor"]
pytestmark = pytest.mark.timeout(120)


@pytest.fixture(autouse=True)
def own_folders(tmp_path, tmp_path_factory, monkeypatch):
    """Nothing of the user's is seen or touched; what is left running is ended."""
    monkeypatch.setenv("VIGIL_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    yield
    for running in hosting.sessions():
        listening = plan.listening(running.directory)
        (running.directory / plan.PLAN).unlink()
        if listening is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(listening.pid, signal.SIGKILL)


@pytest.fixture
async def room(bus, tmp_path):
    """A strap and a CORE on the air, a thermometer on a line, as `vigil simulate` has them."""
    kinds, clock = named(["strap", "core", "center-30x"]), ScaledClock(monotonic_ns())
    async with (
        furnished(scenario("session"), clock, kinds, tmp_path) as made,
        FakeBlueZ(bus.address, made.peripherals()),
    ):
        sending = asyncio.create_task(made.run())
        try:
            yield made
        finally:
            sending.cancel()
            await asyncio.wait([sending])


async def later(holds, seconds=30.0):
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.05)


def shown(app, where):
    return str(app.screen.query_one(f"#{where}", Static).visual)


async def use(app, pilot, row, *, alias, site, expects):
    """Pick the sensor in this row, see it live, name it, use it."""
    app.screen.query_one(OptionList).highlighted = row
    await pilot.press("enter")
    await later(lambda: isinstance(app.screen, PickPage))
    await later(lambda: all(word in shown(app, "pick-live") for word in expects))
    app.screen.query_one("#alias", Input).value = alias
    if site:
        app.screen.query_one("#site", Select).value = site
    await pilot.press("f2")
    await later(lambda: isinstance(app.screen, SensorsPage))
    await pilot.pause()


async def ask(tmp_path, line):
    """The wizard with the real finder, from the person to the start; its answers."""
    app = WizardApp(tmp_path / "setup.json", Surroundings(simulated=starting.simulated))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"P-017", "enter", *"34", "enter", "enter")
        await later(lambda: len(app.scan.known) == 2)
        await pilot.pause()
        names = [one.name for one in app.scan.known]
        first = names.index("SIM strap")
        yes = ["bpm", "contact               yes", "battery               88 %"]
        await use(app, pilot, first, alias="strap", site="", expects=yes)
        cannot = ["°C", "this sensor cannot tell", "core estimate"]
        await use(app, pilot, 1, alias="core", site="trunk", expects=cannot)
        await by_hand(app, pilot, line)
        await pilot.press("n", "enter")
        await pilot.pause()
    assert app.return_value == START
    return app.draft


async def by_hand(app, pilot, line):
    await pilot.press("h")
    await later(lambda: isinstance(app.screen, PickPage))
    app.screen.query_one("#format", Select).value = "center_30x_8b"
    app.screen.query_one("#address", Input).value = line
    await pilot.pause()
    await pilot.press("enter")
    await later(lambda: "°C" in shown(app, "pick-live"))
    app.screen.query_one("#alias", Input).value = "probe"
    app.screen.query_one("#site", Select).value = "axilla"
    await pilot.pause()
    await pilot.press("f2")
    await later(lambda: isinstance(app.screen, SensorsPage))


@pytest.mark.slow
async def test_from_the_wizard_to_the_checklist_of_a_session_that_survives_its_engine(
    room, tmp_path
):
    answers = await ask(tmp_path, room.sensors["center-30x"].address)
    assert [(one.alias, one.site) for one in answers.sensors] == [
        ("strap", ""), ("core", "trunk"), ("probe", "axilla"),
    ]  # fmt: skip
    settings = config.load(None, ["sound.enabled=false", *answers.overrides()])
    directory = await asyncio.to_thread(
        starting.live, settings, settings.session.subject, tmp_path / "s.db", watched=True
    )
    current = plan.load(directory)
    assert (current.mode, current.subject, current.age_years) == ("SIM", "P-017", 34.0)
    assert all(one.simulated for one in current.sensors)

    async def provider():
        return await hosting.endpoint(directory)

    app = VigilApp(provider, operator="KL")
    async with app.run_test(size=(120, 40)) as pilot:
        await later(lambda: isinstance(app.screen, ChecklistScreen))
        await later(lambda: step(app, "sensors").state == "done")
        await later(lambda: app.drawn.heart_rate.value is not None)
        await pilot.press("end", "s")
        await later(lambda: step(app, "self_test").state == "skipped")
        before = plan.listening(directory).pid
        # One commit a second: what a killed engine had not written yet is not known to the next.
        await asyncio.sleep(2.5)
        os.kill(before, signal.SIGKILL)
        await later(lambda: plan.listening(directory).pid != before)
        await later(lambda: app.drawn.session is not None and not app.view.lost)
        await later(lambda: step(app, "sensors").state == "done")
        assert step(app, "self_test").state == "skipped"
    await hosting.end(directory)
    await later(lambda: not (directory / plan.PLAN).exists())


def step(app, name):
    view = checklist(app.drawn)
    return next(one for one in view.steps if one.name == name)


@pytest.mark.slow
async def test_a_look_at_a_sensor_follows_its_loss_and_leaves_it_free(room):
    strap = room.sensors["strap"]
    spec = SensorSpec(
        alias="look", codec="hrs_2a37", measures=Signal.HEART_RATE, address=strap.address
    )
    look = Preview(spec)
    assert (look.sensor().state, look.value()) == ("initial", None)
    task = asyncio.create_task(look.run())
    try:
        await later(lambda: look.value() is not None)
        assert look.sensor().contact is True
        assert look.sensor().battery_pct == 88.0
        strap.away()
        await later(lambda: look.sensor().state == "lost")
        strap.back()
        await later(lambda: look.sensor().state == "streaming")
    finally:
        task.cancel()
        await asyncio.wait([task])
    again = Preview(spec)
    task = asyncio.create_task(again.run())
    await later(lambda: again.value() is not None)
    task.cancel()
    await asyncio.wait([task])


# --- the command itself ---


@contextlib.contextmanager
def terminal(*words):
    """`vigil WORDS` in a terminal of 80 by 24."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [*VIGIL, *words], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color"},
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
    )  # fmt: skip
    os.close(slave)
    seen = bytearray()
    asyncio.get_running_loop().add_reader(master, _read, master, seen)
    try:
        yield process, seen, lambda text: os.write(master, text.encode())
    finally:
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)  # the terminal is closed: SIGHUP
        process.wait(20)


def _read(master, seen):
    with contextlib.suppress(OSError):
        seen += os.read(master, 65536)


def draft(tmp_path):
    path = tmp_path / "xdg_state_home" / "vigil" / "setup.json"
    return json.loads(path.read_bytes()) if path.exists() else {}


@pytest.mark.slow
async def test_a_terminal_closed_in_mid_way_loses_nothing(tmp_path):
    with terminal("run", "--subject", "P-9") as (_, seen, write):
        await later(lambda: b"Subject code" in seen)
        await asyncio.sleep(0.3)
        write("7\r")
        await later(lambda: draft(tmp_path).get("subject") == "7")
        write("34")
        await later(lambda: draft(tmp_path).get("age_years") == 34.0)
    path = tmp_path / "xdg_state_home" / "vigil" / "setup.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert hosting.sessions() == []


@pytest.mark.slow
async def test_simulated_sensors_from_the_wizard_are_a_session(tmp_path):
    with terminal("run", "--set", "sound.enabled=false") as (_, seen, write):
        await later(lambda: b"Subject code" in seen)
        await asyncio.sleep(0.3)
        write("P-1\r")
        await later(lambda: draft(tmp_path).get("subject") == "P-1")
        write("\r\r")
        await later(lambda: draft(tmp_path).get("page") == "sensors")
        await asyncio.sleep(0.3)
        write("v")
        await later(lambda: draft(tmp_path).get("simulate"))
        write("n")
        await later(lambda: draft(tmp_path).get("page") == "finish")
        await asyncio.sleep(0.3)
        write("\r")
        await later(lambda: [r.alive for r in hosting.sessions()] == [True])
        await later(lambda: b"Before the dose" in seen)
    (running,) = hosting.sessions()  # the terminal is gone, the session is not
    assert running.plan.subject == "P-1"
    assert running.plan.simulation.kinds == ["strap", "core"]
    assert draft(tmp_path)["subject"] == ""
    await hosting.end(running.directory)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "--headless"], "no sensor is listed"),
        (["run"], "the dashboard needs a terminal; without one, use --headless"),
    ],
)
def test_without_a_terminal_there_is_no_wizard(words, says):
    done = subprocess.run(
        [*VIGIL, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert says in done.stderr


@pytest.mark.parametrize("more", [["--set", "setup.wizard=false"]])
async def test_switched_off_it_says_what_is_missing(more):
    with terminal("run", *more) as (process, seen, _):
        await asyncio.to_thread(process.wait, 20)
        await until(lambda: b"no sensor is listed" in seen)
    assert process.returncode == 2
