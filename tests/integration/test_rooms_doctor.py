"""`vigil doctor` and the broker: reached, let in, passed on; a running session is left alone."""

import gc
import sys

import pytest

from monitor import doctor
from monitor.rooms import broker
from monitor.rooms.topics import Kind
from simulators.broker import Mosquitto, free_port
from tests.integration.rooms import (
    LEFT_BY_PAHO,
    NEEDS_MOSQUITTO,
    listening,
    publishing,
    settings,
    until,
)

pytestmark = [NEEDS_MOSQUITTO, LEFT_BY_PAHO]


async def found(chosen):
    (finding,) = await doctor.examine(doctor.Machine(publish=chosen), [doctor.broker])
    return finding


async def test_nothing_is_asked_of_a_broker_unless_configured():
    assert (await found(broker.NOT_PUBLISHING)).says == "nothing is published"


async def test_a_broker_that_passes_on_is_fine_and_keeps_nothing(tmp_path):
    with Mosquitto(tmp_path) as real:
        async with listening(real.port) as station:
            finding = await found(settings(real.port))
            assert finding.state is doctor.State.OK
            assert "passes on what example/room-1 says" in finding.says
            await until(lambda: station.of(Kind.PRESENCE))
        async with listening(real.port) as late, publishing(settings(real.port, "room-2")):
            await until(lambda: late.of(Kind.PRESENCE, "room-2"))
            assert late.of(Kind.PRESENCE) == []


async def test_a_session_that_publishes_is_left_alone(tmp_path):
    with Mosquitto(tmp_path) as real:
        async with publishing(settings(real.port)) as room, listening(real.port) as station:
            await until(lambda: station.of(Kind.PRESENCE))
            assert "a session publishes" in (await found(settings(real.port))).says
            assert room.failure == ""
            assert [one.online for one in station.of(Kind.PRESENCE)] == [True]


@pytest.mark.parametrize(
    ("acl", "says"),
    [
        ("topic read vigil/#\n", "does not pass on"),
        ("topic write vigil/#\n", "does not"),
    ],
)
async def test_what_the_broker_refuses_is_told(tmp_path, monkeypatch, acl, says):
    monkeypatch.setattr(broker, "ANSWER_S", 0.5)
    (tmp_path / "acl").write_text(acl)
    with Mosquitto(tmp_path, acl=tmp_path / "acl") as real:
        finding = await found(settings(real.port))
    assert finding.state is doctor.State.BROKEN
    assert says in finding.says


async def test_no_broker_and_no_encryption_are_told(tmp_path):
    finding = await found(settings(free_port()))
    assert finding.state is doctor.State.BROKEN
    assert "refused" in finding.says
    with Mosquitto(tmp_path) as real:
        # Another name of this computer, as far as the check knows.
        finding = await found(settings(real.port, host="127.1"))
    assert finding.state is doctor.State.ATTENTION
    assert "encrypted" in finding.says
    gc.collect()


async def test_a_missing_library_is_mended_by_pip_and_not_by_the_broker(monkeypatch):
    monkeypatch.setitem(sys.modules, "aiomqtt", None)
    finding = await found(settings(1883))
    assert finding.state is doctor.State.BROKEN
    assert finding.mend == "pip install 'vigil-session-monitor[rooms]'"
