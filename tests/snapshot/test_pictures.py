"""Pictures of the windows over the session screen, by day and at night."""

import pytest

from tests.snapshot import canned
from tests.snapshot.test_dashboard import LARGE, SMALL, picture
from tests.snapshot.test_keys import LIMIT, LOG, SCALES
from tui.themes import NIGHT


def scene():
    """A HIGH alarm, entries and a correction in the log."""
    return [
        canned.history(),
        canned.snapshot(
            alarms=canned.alarms(), log=LOG, limits=[LIMIT], session=canned.session(scales=SCALES)
        ),
    ]


@pytest.mark.parametrize("key", ["c", "l", "h", "m"])
def test_window(snap_compare, key):
    assert picture(snap_compare, scene(), SMALL, (key,))


def test_log_at_night(snap_compare):
    assert picture(snap_compare, scene(), LARGE, ("l", "right"), theme=NIGHT.name)
