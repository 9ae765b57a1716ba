"""Rooms of a made-up clinic, as a broker would deliver them, for pictures and key tests."""

import math

import msgspec

from alerts.annunciator.client import Annunciator
from monitor import feed
from monitor.central.station import Station
from monitor.phases import PHASES, phase
from monitor.rooms.broker import Central
from monitor.rooms.messages import POINTS, AlarmChange, Presence, Trend, encode
from monitor.rooms.topics import Kind, Topic
from tests.snapshot import canned
from tui.central.app import CentralApp

CLINIC = "north"
DOSE_S = 1980.0


class Clock:
    """The station's own seconds, which stand still."""

    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


def station(clock, **settings):
    made = Central(host="broker.example", clinic=CLINIC, station="desk", **settings)
    found = Station(made, {}, clock)
    found.wall.connect(clock())
    return found


def put(station, room, kind, message, *, kept=False):
    """A message as the broker delivers it."""
    payload = message if isinstance(message, bytes) else encode(message)
    ending = station.settings.station if kind is Kind.REPLY else ""
    topic = str(Topic(CLINIC, room, kind, ending))
    station.inbox.put(topic, payload, station.now_s(), kept=kept)


def presence(room, **changes):
    values = {"online": True, "session": f"P-{len(room):03}", "instance": f"{room}-1"}
    return Presence(**(values | changes))


def snapshot(number=1, **changes):
    """A room's newest state; the number makes it another person."""
    t_s = 4200.0 + 311 * number
    heart = canned.heart(74.0 + number * 7 % 31, age_s=0.4)
    skin = canned.skin(34.2 + number * 3 % 11 / 10, age_s=1.0)
    values = {
        "seq": 100,
        "t_s": t_s,
        "utc": "",
        "session": canned.session(
            session_id=f"s{number}", subject=f"P-{13 + number:03}", mode="LIVE", rate=1.0
        ),
        "heart_rate": heart,
        "skin_temperature": skin,
        "doses_s": [DOSE_S],
        "sensors": [msgspec.structs.replace(s, simulated=False) for s in canned.sensors()],
        "audio": feed.Audio(available=True),
        "checks": canned.CHECKS,
        "phase": phase(t_s, [DOSE_S], PHASES),
        "recent": [(int(t_s) - 1, heart.value, skin.value), (int(t_s), heart.value, skin.value)],
    }
    return feed.Snapshot(**(values | changes))


def trend(number=1):
    """The last hours, thinned."""
    t_s = int(4200.0 + 311 * number)
    step_s = math.ceil(t_s / POINTS)
    points = range(t_s // step_s)
    last = points[-1]
    beat, degree = 74.0 + number * 7 % 31, 34.2 + number * 3 % 11 / 10
    beats = [round(beat + 9 * math.sin((i - last) / 17) + (i - last) / 9, 1) for i in points]
    degrees = [round(degree + 0.4 * math.sin((i - last) / 30), 2) for i in points]
    beats[60:66] = [None] * 6
    return Trend(instance="i", t0_s=0, step_s=step_s, heart_rate=beats, skin_temperature=degrees)


def alarm(priority, since_s, snapshot, **changes):
    words = {
        "HIGH": ("hr_extreme", "Heart rate extreme", 148.0, 140.0),
        "MEDIUM": ("hr_high", "Heart rate high", 128.0, 125.0),
        "LOW": ("hr_elevated", "Heart rate elevated", 113.0, 110.0),
    }
    condition, message, value, limit = words[priority]
    values = {"message": message, "value": value, "limit": limit}
    values |= {"onset_s": snapshot.t_s - since_s}
    return canned.alarm(condition, priority, **(values | changes))


def alarming(number, priority, since_s=42.0, **changes):
    """A snapshot with one alarm."""
    made = snapshot(number)
    one = alarm(priority, since_s, made, **changes)
    heart = canned.heart(one.value, age_s=0.4)
    return msgspec.structs.replace(made, alarms=[one], heart_rate=heart)


def change(room, seq, snapshot, **changes):
    one = snapshot.alarms[0]
    values = {
        "instance": f"{room}-1", "seq": seq, "t_ns": int(one.onset_s * 1e9), "utc": "",
        "condition": one.condition, "occurrence": one.occurrence, "priority": one.priority,
        "what": "onset", "state": "ON", "message": one.message, "value": one.value,
        "limit": one.limit, "unit": one.unit,
    }  # fmt: skip
    return AlarmChange(**(values | changes))


def calm(station, count):
    """So many rooms, all calm."""
    for number in range(1, count + 1):
        room = f"room-{number}"
        put(station, room, Kind.PRESENCE, presence(room), kept=True)
        put(station, room, Kind.SNAPSHOT, snapshot(number))
        put(station, room, Kind.HISTORY, trend(number), kept=True)
    station.step()


def busy(station, count):
    """Of so many rooms some alarm, one is silent, one has ended, one is new."""
    calm(station, count)
    told = {
        1: alarming(1, "HIGH"),
        2: alarming(2, "LOW", 130.0, presence="ACKNOWLEDGED", acknowledged_by="KL"),
        4: alarming(4, "MEDIUM", 75.0),
    }
    for number, message in told.items():
        if number <= count:
            put(station, f"room-{number}", Kind.SNAPSHOT, message)
    if count > 4:
        gone = presence("room-3", online=False, reason="lost")
        put(station, "room-3", Kind.PRESENCE, gone)
        over = presence("room-5", online=False, reason="ended")
        put(station, "room-5", Kind.PRESENCE, over)
        put(station, "room-5", Kind.SNAPSHOT, b"")
        put(station, "room-6", Kind.SNAPSHOT, b"")
        station.wall.rooms["room-6"].heard_s = None
    station.step()


def silent(station, count):
    """Nobody says a word for three quarters of a minute."""
    busy(station, count)
    station.now_s.now_s += 45.0
    station.step()


def no_broker(station, count):
    """The broker is gone for half a minute."""
    busy(station, count)
    station.wall.disconnect(station.now_s(), "[Errno 111] Connection refused")
    station.now_s.now_s += 32.0
    station.step()


SCENES = {"calm": calm, "busy": busy, "silent": silent, "no_broker": no_broker}


def app(station, **options):
    """The screen of a station, without a broker and without sound."""
    options = {"muted": True, "flashing": False, "connecting": False} | options
    return CentralApp(station, Annunciator(muted=True), **options)
