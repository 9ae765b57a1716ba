"""Whatever is published, the central station stands: nothing raises, acts, grows or takes long."""

import json
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from monitor.central.told import told
from monitor.rooms.messages import encode
from monitor.rooms.topics import MOST_ROOMS, Kind, is_slug
from tests.snapshot import canned, rooms
from tui.central.draw import STYLES, layout, lines
from tui.central.room_view import load, room_view
from tui.central.wall_words import ordered, wall_view
from tui.series import Series

ALARMING = rooms.alarming(1, "HIGH")
EXAMPLES = {
    Kind.PRESENCE: [
        rooms.presence("room-1"), rooms.presence("r", online=False, reason="lost"),
        rooms.presence("r", online=False, reason="ended"),
    ],
    Kind.SNAPSHOT: [ALARMING, rooms.snapshot(2), canned.high_alarm()[-1], canned.hostile()[-1]],
    Kind.ALARM: [rooms.change("room-1", 3, ALARMING)],
    Kind.HISTORY: [rooms.trend(1)],
    Kind.REPLY: [{"type": "reply", "id": 1, "ok": True}],
    Kind.COMMAND: [{"type": "command", "id": 1, "verb": "acknowledge"}],
}  # fmt: skip
PLAIN = {kind: [json.loads(encode(one)) for one in examples] for kind, examples in EXAMPLES.items()}
ODD = st.one_of(
    st.none(), st.booleans(), st.text(max_size=60), st.just(canned.HOSTILE),
    st.integers(-(2**64), 2**64), st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.none() | st.integers(-9, 9), max_size=5), st.just({}), st.just([0] * 500),
    st.just("9" * 5000), st.just("1e999"),
)  # fmt: skip
ROOMS = st.sampled_from(["room-1", "room-2", "r"]) | st.from_regex("[a-z0-9-]{1,6}", fullmatch=True)
KINDS = ["presence", "snapshot", "alarm", "history", "reply/desk", "command/desk"]
TOPICS = st.one_of(
    st.builds("vigil/north/{}/v1/{}".format, ROOMS, st.sampled_from(KINDS)),
    st.text(max_size=40),
    st.text(max_size=9).map("vigil/north/{}/v1/snapshot".format),
)


def places(value, path=()):
    """Every place in a message where something can be put instead."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items if isinstance(value, dict | list) else ():
        yield (*path, key)
        if isinstance(inner, dict | list) and inner:
            yield from places(inner, (*path, key))


def replaced(value, path, odd):
    if not path:
        return odd
    made = dict(value) if isinstance(value, dict) else list(value)
    made[path[0]] = replaced(value[path[0]], path[1:], odd)
    return made


@st.composite
def payloads(draw, kind):
    """A message of a kind with a few things changed; seldom bytes of any kind."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.binary(max_size=80))
    message = draw(st.sampled_from(PLAIN[kind]))
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from([p for p in places(message) if p] or [()]))
        message = replaced(message, path, draw(ODD))
        if not isinstance(message, dict):
            break
    return json.dumps(message).encode(errors="surrogatepass")


@st.composite
def published(draw):
    topic = draw(TOPICS)
    kind = next((kind for kind in Kind if f"/{kind}" in topic), Kind.SNAPSHOT)
    return topic, draw(payloads(kind)), draw(st.booleans()), draw(st.floats(0, 15))


def harmless(text):
    assert not [c for c in text if unicodedata.category(c)[0] == "C"], text


def everything_said(value):
    """Every text in a view, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from everything_said(one)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from everything_said(getattr(value, name))


def look(station):
    """Draw all there is, as the screen does."""
    now_s = station.now_s()
    view = wall_view(station, now_s, ("", "normal"), narrow=True)
    palette = dict.fromkeys(STYLES, Style())
    for size in ((200, 60), (120, 34), (80, 20), (20, 3)):
        place = layout(len(view.tiles), *size)
        for tile in ordered(view.tiles, "worst first"):
            drawn = lines(tile, place, palette, lit=True, chosen=True)
            assert len(drawn) == place.size.height
            assert all(line.cell_len == place.width for line in drawn)
            harmless("".join(line.plain for line in drawn))
    for room in station.wall.rooms.values():
        full = room_view(room, now_s, station.requests.state, connected=station.wall.connected)
        load(room, Series(), Series())
        for text in everything_said(full):
            harmless(text)
    for text in everything_said(view):
        harmless(text)
    json.dumps(told(station.wall, now_s), allow_nan=False)


def bounded(station):
    wall = station.wall
    assert len(wall.rooms) <= MOST_ROOMS
    assert all(is_slug(name) for name in wall.rooms)
    assert len(wall.dropped) < 20
    for room in wall.rooms.values():
        assert len(room.changes) <= 100
        assert len(room.recent) <= 900
        assert room.missed <= 999


@given(st.lists(published(), max_size=25))
@settings(deadline=None)
def test_whatever_is_published_the_station_stands(messages):
    station = rooms.station(rooms.Clock())
    rooms.busy(station, 3)
    heard = set(station.wall.rooms)
    for topic, payload, kept, wait_s in messages:
        heard.add(topic.split("/")[2] if topic.count("/") > 3 else "")
        station.inbox.put(topic, payload, station.now_s(), kept=kept)
        station.now_s.now_s += wait_s
        station.step()
    bounded(station)
    look(station)
    assert set(station.wall.rooms) <= heard  # the topic decides, never what is in a message


@given(st.lists(published(), max_size=6))
@settings(deadline=None)
def test_what_a_room_sends_changes_no_other_room(messages):
    station = rooms.station(rooms.Clock())
    rooms.calm(station, 1)
    before = encode(station.wall.rooms["room-1"].snapshot)
    for topic, payload, kept, _ in messages:
        other = topic.replace("/room-1/", "/room-2/")
        station.inbox.put(other, payload, station.now_s(), kept=kept)
    station.step()
    assert encode(station.wall.rooms["room-1"].snapshot) == before
    assert station.wall.rooms["room-1"].heard_s == station.now_s()
