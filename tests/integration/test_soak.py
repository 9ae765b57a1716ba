"""Eight Bluetooth and four serial sensors for an hour of session time, with random losses."""

from pathlib import Path
from statistics import median

import pytest

from devices.model import STALE_S
from devices.supervisor import MIN_SILENCE_S, backoff_s
from simulators.endurance import BLUETOOTH, NOTICE_S, SERIAL, endure

RATE = 30.0
SUPERVISION_S = 2.0
"""The simulated radio's own: a sensor out of range is lost to it after this."""
FIND_AND_CONNECT_S = 5.0 + 5.0
SLOW_S = 60.0 / RATE
"""A reading a minute of session time is the slowest here; half a real second at least."""


def open_files():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(400)
async def test_every_loss_is_noticed_and_mended_in_time():
    assert (len(BLUETOOTH), len(SERIAL)) == (8, 4)
    before = open_files()
    result = await endure(3600.0, RATE, seed=7)
    assert set(result.packets) == {*BLUETOOTH, *SERIAL}
    assert len(result.losses) > 50
    assert {loss.kind for loss in result.losses} == {"drop", "away", "quiet"}
    for loss in result.losses:
        # As documented for a session at its own speed; the simulated one is that much stricter.
        at_most = NOTICE_S if loss.kind == "drop" else max(STALE_S, SUPERVISION_S) + NOTICE_S
        assert loss.noticed_ns, loss
        assert loss.notice_s <= at_most, loss
        assert loss.mended_ns, loss
        assert loss.mend_s <= backoff_s(99) + FIND_AND_CONNECT_S + SLOW_S, loss
    silences = [loss.notice_s for loss in result.losses if loss.kind == "quiet"]
    assert median(silences) <= MIN_SILENCE_S + NOTICE_S
    assert open_files() <= before + 2
