"""Every message of the catalogue fits its place on a screen 60 columns wide, whatever its state."""

import asyncio

import pytest

from alerts.catalogue import CATALOGUE
from tests.snapshot import canned
from tui.app import VigilApp
from tui.screens.why import WhyPage

WORDY = {"unanswered": True, "repeats": 4, "value": 180.0, "limit": 160.0, "unit": "mmHg"}


async def nowhere():
    await asyncio.Event().wait()


def lines(app):
    """What stands on the screen, line by line."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    return ["".join(s.text for s in strip)[:width] for strip in strips[:height]]


@pytest.mark.parametrize("size", [(60, 18), (80, 24)], ids=["60x18", "80x24"])
async def test_every_message_can_be_read_in_full(size):
    app = VigilApp(nowhere, flashing=False)
    async with app.run_test(size=size) as pilot:
        app.receive(canned.history())
        for spec in CATALOGUE.values():
            priority = str(spec.defaults.get("escalate_priority", spec.defaults["priority"]))
            alarm = canned.alarm(
                spec.id, priority, message=spec.message, title=spec.title, advice=spec.advice,
                kind=spec.kind.value, **WORDY,
            )  # fmt: skip
            others = [canned.alarm(f"other{i}", "LOW", occurrence=i) for i in range(9)]
            app.receive(canned.snapshot(alarms=[alarm, *others]))
            app.redraw()
            await pilot.pause()
            heading = next(line for line in lines(app) if spec.message in line)
            assert priority in heading, spec.id
            assert "+9 more" in heading, spec.id


@pytest.mark.slow
async def test_every_advice_and_checklist_can_be_read_by_key_at_60_columns():
    app = VigilApp(nowhere, flashing=False)
    async with app.run_test(size=(60, 24)) as pilot:
        for spec in CATALOGUE.values():
            alarm = canned.alarm(
                spec.id, message=spec.message, advice=spec.advice, rule=spec.gate,
                checklist="Second person to the room. Phone list: door.",
            )  # fmt: skip
            app.receive(canned.snapshot(alarms=[alarm]))
            app.redraw()
            await pilot.press("w")
            await pilot.pause()
            assert isinstance(app.screen, WhyPage)
            window = app.screen.query_one(".window")
            inner = window.scrollable_content_region.width
            assert window.virtual_size.width <= inner, spec.id  # nothing runs off to the right
            seen = _unwrapped(app)
            for words in (spec.message, spec.advice, "Phone list: door."):
                assert " ".join(words.split()) in seen, spec.id
            await pilot.press("escape")


def _unwrapped(app):
    """The page's lines as they are wrapped, joined again."""
    body = app.screen.query_one(".window-text")
    text = [body.render_line(y).text.strip() for y in range(body.size.height)]
    return " ".join(" ".join(text).split())
