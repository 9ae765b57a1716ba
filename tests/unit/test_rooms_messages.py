"""Topics and messages between rooms and stations: what is taken, and what is dropped."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import feed
from monitor.rooms import messages, topics
from monitor.rooms.topics import Kind, Topic

SLUGS = st.from_regex(topics.SLUG, fullmatch=True)


@given(SLUGS, SLUGS, st.sampled_from(Kind), SLUGS)
def test_a_topic_survives_the_wire(clinic, room, kind, station):
    topic = Topic(clinic, room, kind, station if kind in topics.WITH_STATION else "")
    assert topics.parse(str(topic)) == topic


@pytest.mark.parametrize(
    "text",
    [
        "",
        "vigil",
        "vigil/a/b/v1",
        "vigil/a/b/v1/",
        "vigil/a/b/v2/presence",
        "other/a/b/v1/presence",
        "vigil/a/b/v1/presence/more",
        "vigil/a/b/v1/command",
        "vigil/a/b/v1/command/x/y",
        "vigil/a/b/v1/command/X",
        "vigil/a/b/v1/unknown",
        "vigil/+/b/v1/presence",
        "vigil/a/#",
        "vigil//b/v1/presence",
        "vigil/A/b/v1/presence",
        "vigil/-a/b/v1/presence",
        f"vigil/a/{'b' * 33}/v1/presence",
        "vigil/a/b\n/v1/presence",
        "vigil/a/b\x1b[2J/v1/presence",
        "vigil/a/b/v1/presence\n",
    ],
)
def test_other_topics_are_nobodys(text):
    assert topics.parse(text) is None


@given(st.text(), st.sampled_from(["", "vigil/", "vigil/a/b/v1/"]))
def test_any_text_is_taken_for_what_it_is(text, before):
    found = topics.parse(before + text)
    assert found is None or str(found) == before + text


def test_filters_cover_all_rooms_and_stations():
    assert topics.every_room("clinic", Kind.ALARM) == "vigil/clinic/+/v1/alarm"
    assert topics.every_room("clinic", Kind.REPLY, "desk") == "vigil/clinic/+/v1/reply/desk"
    assert topics.every_station("clinic", "one") == "vigil/clinic/one/v1/command/+"


def test_messages_survive_the_wire():
    presence = messages.Presence(online=True, instance="i", session="P-1")
    assert messages.decode(Kind.PRESENCE, messages.encode(presence)) == presence
    command = messages.acknowledge("i", "hr_high", 3)
    assert messages.decode(Kind.COMMAND, messages.encode(command)) == command
    assert command.verb == "acknowledge"


def test_every_message_names_its_type():
    reply = messages.encode(feed.Reply(id=1, ok=True))
    assert json.loads(reply)["type"] == "reply"
    assert json.loads(messages.encode(messages.acknowledge("i", "c", 1)))["type"] == "command"


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"type": "nothing"}',
        b"[" * 100_000,
        b'{"type": "presence", "online": 1, "instance": "i"}',
        b'{"type": "reply", "id": "1", "ok": true}',
        b'{"type": "alarm"}',
    ],
)
def test_what_is_not_a_message_is_refused_without_its_content(kind, payload):
    with pytest.raises(messages.BadMessageError, match=rf"^{kind}: [a-z0-9 ]+$"):
        messages.decode(kind, payload)


@pytest.mark.parametrize("kind", Kind)
def test_a_message_too_large_is_not_read(kind):
    with pytest.raises(messages.BadMessageError, match="larger than"):
        messages.decode(kind, b" " * (messages.largest(kind) + 1))


def test_another_version_of_the_feed_is_refused():
    other = messages.Presence(online=True, instance="i", version=feed.FEED_VERSION + 1)
    with pytest.raises(messages.BadMessageError, match="version"):
        messages.decode(Kind.PRESENCE, messages.encode(other))


@given(st.sampled_from(Kind), st.binary(max_size=300))
def test_any_bytes_are_refused_or_read(kind, payload):
    with contextlib.suppress(messages.BadMessageError):
        messages.decode(kind, payload)
