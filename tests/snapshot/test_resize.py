"""A terminal made small and large while the session runs: no size leaves a trace on the next."""

from tests.snapshot import canned
from tests.snapshot.harness import dashboard, until

SIZES = ((120, 40), (60, 18), (200, 60), (20, 6), (80, 24))


def words(app):
    """What stands on the screen, row by row."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


async def settled(app, pilot, size):
    """The screen at this size, after the redraws that new sizes of its parts ask for."""
    await until(lambda: app.size == size)
    for _ in range(4):
        await pilot.pause()
        app.redraw()
    await pilot.pause()
    return words(app)


async def test_sizes_before_leave_no_trace(tmp_path):
    async with dashboard(tmp_path, canned.high_alarm()) as (_, app, pilot):
        seen = {}
        for size in (*SIZES, *reversed(SIZES[:-1])):
            await pilot.resize_terminal(*size)
            shown = await settled(app, pilot, size)
            assert any("Heart rate extreme" in row or "HR" in row for row in shown), size
            assert seen.setdefault(size, shown) == shown, size
