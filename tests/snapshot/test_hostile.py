"""Names from the air, notes and reasons can do nothing to the terminal, at any size."""

import pytest

from tests.snapshot import canned
from tests.snapshot.test_dashboard import Clock, nowhere
from tui.app import VigilApp

SIZES = [(30, 8), (60, 18), (80, 24), (120, 40), (200, 60)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_nothing_from_outside_acts(size):
    app = VigilApp(nowhere, now_s=Clock(), flashing=False)
    async with app.run_test(size=size) as pilot:
        for message in canned.hostile():
            app.receive(message)
        for _ in range(2):
            app.redraw()
            await pilot.pause()
        drawn = [segment for strip in app.screen._compositor.render_strips() for segment in strip]
        text = "".join(segment.text for segment in drawn)
        assert not [c for c in text if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u200b"]
        assert not any(s.style and s.style.meta and "@click" in s.style.meta for s in drawn)
        assert "evil" in text
        if size[0] >= 80:
            assert "[bold red]" in text  # shown as it is


async def test_a_reason_of_a_gap_is_no_markup_in_the_title():
    app = VigilApp(nowhere, now_s=Clock(), flashing=False)
    async with app.run_test(size=(200, 60)) as pilot:
        for message in canned.hostile():
            app.receive(message)
        app.redraw()
        await pilot.pause()
        title = app.query_one("#heart-trend")._border_title
        assert "[bold red]" in title.plain
        assert not title.spans
