"""A central station over a real session: engine and broker are killed in the middle."""

import pytest

from monitor import config, hosting, starting
from monitor.central.room import Standing
from simulators.broker import Mosquitto
from tests.integration.rooms import LEFT_BY_PAHO, NEEDS_MOSQUITTO
from tests.integration.test_central import alarms_of, following, standing, until
from tests.integration.test_rooms_sessions import _runtime, end, kill, overrides  # noqa: F401

pytestmark = [NEEDS_MOSQUITTO, LEFT_BY_PAHO, pytest.mark.slow, pytest.mark.timeout(110)]
RATE = 10.0


async def test_a_real_session_is_seen_lost_and_seen_again(tmp_path):
    (tmp_path / "broker").mkdir()
    with Mosquitto(tmp_path / "broker") as real:
        async with following(real.port) as station:
            settings = config.load(None, overrides(real.port))
            directory = starting.demo(
                settings, "tachycardia", RATE, tmp_path / "session.db", watched=False
            )
            first = await hosting.endpoint(directory)
            await until(lambda: standing(station) is Standing.LIVE)
            room = station.wall.rooms["room-1"]
            await until(lambda: room.snapshot.heart_rate.value is not None)
            await until(lambda: room.trend is not None)
            instance = room.instance
            kill(first)
            await until(lambda: standing(station) is Standing.LOST)
            await hosting.endpoint(directory)  # as a dashboard does, it starts the engine again
            await until(lambda: standing(station) is Standing.LIVE)
            assert room.instance != instance
            assert not room.claims.disputed(station.now_s())
            real.kill()
            await until(lambda: station.wall.blind(station.now_s()))
            real.start()
            await until(lambda: standing(station) is Standing.LIVE)
            await until(lambda: "hr_extreme" in alarms_of(station))
            await until(lambda: "hr_extreme" in {one.condition for one in room.changes})
            assert room.missed == 0
            await end(directory)
            await until(lambda: standing(station) is Standing.ENDED)
