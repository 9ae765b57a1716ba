"""Alarm rows of the equipment: X1-X8 of the clinical table, and a few of our own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from alerts.model import Kind, Priority
from alerts.spec import Concern, ConditionSpec, Value, bounds, keys

_OF_HEART = frozenset(
    {
        "hr_elevated",
        "hr_high",
        "hr_extreme",
        "hr_above_baseline",
        "hr_low",
        "hr_very_low",
        "rr_irregular",
        "hr_sensors_disagree",
    }
)
_OF_SKIN = frozenset(
    {
        "skin_rise",
        "skin_rise_fast",
        "skin_high",
        "skin_cold_hr_high",
        "probe_off",
        "skin_sensors_disagree",
    }
)
_TIMES = {"sustain_s": (0.0, 60.0), "clear_s": (0.0, 60.0)}


def _escalating(after_s: float, to: Priority) -> dict[str, Value]:
    return {"escalate_s": after_s, "escalate_priority": to.name}


def lost() -> list[ConditionSpec]:
    """Signals that are missing: X1, X2, X5."""
    return [
        ConditionSpec(
            id="hr_lost",
            kind=Kind.TECHNICAL,
            concern=Concern.SENSOR,
            title="No heart rate",
            message="No heart rate signal",
            advice="Look at the person. Check the strap: position, moisture, battery.",
            source="X1: a stale number is the hazard",
            rationale="The screen shows no number after 10 s; straps on a person lying still lose "
            "contact for seconds all the time. HIGH only after the dose.",
            gate="seconds without a valid value, or less than half of the last minute valid",
            estimator_s=0.0,
            defaults=keys(Priority.MEDIUM, 30.0, 5.0, **_escalating(120.0, Priority.HIGH)),
            bounds={
                "sustain_s": (10.0, 120.0),
                "clear_s": (1.0, 60.0),
                "escalate_s": (30.0, 600.0),
            },
            masks=_OF_HEART,
        ),
        ConditionSpec(
            id="temp_lost",
            kind=Kind.TECHNICAL,
            concern=Concern.SENSOR,
            title="No skin temperature",
            message="No skin temperature signal",
            advice="Check the temperature sensor and its link.",
            source="X2: a slower signal than the heart rate",
            rationale="Skin moves over minutes; a minute without it hides nothing yet.",
            gate="seconds without a valid value, or less than half of the last two minutes valid",
            estimator_s=0.0,
            defaults=keys(Priority.LOW, 60.0, 30.0, **_escalating(300.0, Priority.MEDIUM)),
            bounds={
                "sustain_s": (30.0, 600.0),
                "clear_s": (1.0, 300.0),
                "escalate_s": (60.0, 3600.0),
            },
            masks=_OF_SKIN,
        ),
    ]


def doubtful() -> list[ConditionSpec]:
    """Signals that are there and not to be believed: X3, X4."""
    probe: dict[str, Value] = {"limit_degc": 30.0, "drop_degc": 2.0, "room_degc": 2.0}
    frozen: dict[str, Value] = {"frozen_s": 30.0, "rate_frozen_s": 900.0, "skin_frozen_s": 900.0}
    return [
        ConditionSpec(
            id="probe_off",
            kind=Kind.TECHNICAL,
            concern=Concern.SENSOR,
            title="Skin probe off?",
            message="Skin probe may be off the skin",
            advice="Check the probe. A falling reading is not cooling.",
            source="X3: never read as 'cooling works'; absolute limit at proximal sites only",
            rationale="Cold, falling fast or near room temperature: off the skin until stable "
            "again. It holds back new skin trends, never skin_high.",
            gate="valid skin temperature of a probe that was on the skin before",
            estimator_s=20.0,
            defaults=keys(
                Priority.LOW, 30.0, 300.0, **probe, **_escalating(300.0, Priority.MEDIUM)
            ),
            bounds=bounds(
                limit_degc=(20.0, 34.0),
                drop_degc=(0.5, 6.0),
                room_degc=(0.0, 6.0),
                escalate_s=(60.0, 3600.0),
            ),
        ),
        ConditionSpec(
            id="data_frozen",
            kind=Kind.TECHNICAL,
            concern=Concern.SENSOR,
            title="Data stand still",
            message="Sensor repeats the same data",
            advice="Look at the person. Take the sensor off and on, or restart it.",
            source="X4: a wedged driver looks like a calm person",
            rationale="No heart beats 15 times at the same millisecond. A rate alone is a whole "
            "number and may rest, but not for 15 min; skin not either, unless its sensor shows "
            "tenths only, for which four times as long is asked.",
            gate="rate and intervals identical in at least 15 packets; skin bit-identical",
            estimator_s=0.0,
            defaults=keys(Priority.MEDIUM, 0.0, 0.0, **frozen),
            bounds={
                "frozen_s": (20.0, 300.0),
                "rate_frozen_s": (300.0, 3600.0),
                "skin_frozen_s": (300.0, 3600.0),
                "sustain_s": (0.0, 600.0),
                "clear_s": (0.0, 600.0),
            },
        ),
        ConditionSpec(
            id="all_lost",
            kind=Kind.TECHNICAL,
            concern=Concern.SENSOR,
            title="All signals lost",
            message="All signals lost: monitor is blind",
            advice="Stay with the person. Check pulse and temperature by hand; check the sensors.",
            source="X5: heart rate and skin temperature both missing after the dose",
            rationale="One lost signal leaves the other; without both the monitor sees nothing.",
            gate="after the dose, with sensors of both kinds: seconds without either",
            estimator_s=0.0,
            defaults=keys(Priority.HIGH, 60.0, 5.0),
            bounds={"sustain_s": (30.0, 300.0), "clear_s": (1.0, 60.0)},
            hides=frozenset({"hr_lost", "temp_lost"}),
            masks=_OF_HEART | _OF_SKIN,
        ),
    ]


def _system(
    spec_id: str,
    priority: Priority,
    texts: tuple[str, str, str],
    why: tuple[str, str, str],
    delay_s: float,
    sustain_s: float = 0.0,
    more: Mapping[str, Value] = MappingProxyType({}),
) -> ConditionSpec:
    title, message, advice = texts
    source, rationale, gate = why
    return ConditionSpec(
        id=spec_id,
        kind=Kind.TECHNICAL,
        concern=Concern.SYSTEM,
        title=title,
        message=message,
        advice=advice,
        source=source,
        rationale=rationale,
        gate=gate,
        estimator_s=delay_s,
        defaults=keys(priority, sustain_s, 0.0, **more),
        bounds=_TIMES | ({"escalate_s": (0.0, 600.0)} if more else {}),
    )


def systems() -> list[ConditionSpec]:
    """What the monitor finds wrong with itself: X6-X8."""
    return [
        _system(
            "engine_stalled",
            Priority.HIGH,
            (
                "Engine stalled",
                "Monitoring engine stalled",
                "Watch the person; check the computer.",
            ),
            (
                "X6: the engine's own loop or its heartbeat stopped for over 5 s",
                "Alarms came late by as much. The dashboard sounds a signal of its own meanwhile.",
                "the engine's loop, measured at every turn",
            ),
            6.0,
        ),
        _system(
            "recording_failing",
            Priority.MEDIUM,
            ("Recording fails", "Recording is failing", "Free disk space; keep notes on paper."),
            (
                "X7: record integrity: write failure, disk below 5 %, clock jump over 2 s",
                "What was recorded stays; what cannot be written is kept in memory and retried.",
                "every write; disk space each 5 s; wall clock against the monotonic one",
            ),
            7.0,
        ),
        _system(
            "sound_or_power",
            Priority.LOW,
            (
                "Sound or power",
                "Alarm sound or power is not safe",
                "See the words beside it: loudspeaker, charger, or sleep settings.",
            ),
            (
                "X8: sound not proven, battery at or below 15 %, no sleep inhibitor",
                "Each new reason alarms anew. A battery at 5 % or less is MEDIUM.",
                "samples the sound device pulls; power each 5 s",
            ),
            12.0,
            more=_escalating(0.0, Priority.MEDIUM),
        ),
    ]


def _more_system() -> list[ConditionSpec]:
    return [
        _system(
            "unattended",
            Priority.MEDIUM,
            ("Nobody is watching", "No screen is watching", "Open a dashboard: vigil attach"),
            (
                "X6: no dashboard's heartbeat for over 5 s",
                "A screen that is closed must not be an alarm system that is off.",
                "heartbeats of dashboards, each second",
            ),
            6.0,
            5.0,
        ),
        _system(
            "engine_slow",
            Priority.LOW,
            (
                "Engine is slow",
                "Computer too slow for monitoring",
                "Close other programs; watch the person.",
            ),
            (
                "own row: loop later than 1 s, or more than 10 s of data waiting",
                "Told before alarms come seriously late.",
                "the loop's lag and the length of its queues, over 5 s",
            ),
            6.0,
        ),
        ConditionSpec(
            id="publish_lost",
            kind=Kind.TECHNICAL,
            concern=Concern.SYSTEM,
            title="Not on the central screen",
            message="Other rooms do not see this one",
            advice="Watch here; check network and broker: vigil doctor",
            source="own row: the broker of a published room has not answered for so long",
            rationale="This room's own alarms do not depend on it, and alarm changes are sent "
            "later. Short breaks of a network are no reason to look up.",
            gate="where publishing is configured: connection and confirmations of the broker",
            estimator_s=20.0,
            defaults=keys(Priority.LOW, 30.0, 0.0),
            bounds={"sustain_s": (5.0, 600.0), "clear_s": (0.0, 60.0)},
        ),
        ConditionSpec(
            id="standby_overdue",
            kind=Kind.TECHNICAL,
            concern=Concern.SYSTEM,
            title="Standby is over its time",
            message="Not back from standby in time",
            advice="Look after the person; then end standby with s.",
            source="own row: a toilet break has a return time, which becomes an alarm",
            rationale="A forgotten standby is a monitor that is off.",
            gate="standby begun and not ended by the operator",
            estimator_s=0.0,
            defaults=keys(Priority.MEDIUM, 0.0, 0.0, **_escalating(300.0, Priority.HIGH)),
            bounds={**_TIMES, "escalate_s": (60.0, 1800.0)},
        ),
    ]


def own() -> list[ConditionSpec]:
    """Rows of our own: the clinical table knows one sensor a signal."""
    advice = "Compare with pulse and thermometer; refit or remove the wrong sensor."
    source = "own row: two sensors of one signal cannot both be right"
    heart: dict[str, Value] = {"limit_bpm": 15.0, "clear_bpm": 10.0}
    skin: dict[str, Value] = {"limit_degc": 1.5, "clear_degc": 1.0}
    return [
        *_more_system(),
        ConditionSpec(
            id="hr_sensors_disagree",
            kind=Kind.TECHNICAL,
            concern=Concern.SENSOR,
            title="Heart-rate sensors disagree",
            message="Heart-rate sensors disagree",
            advice=advice,
            source=source,
            rationale="Beyond the error of any of them, and longer than one lags behind another.",
            gate="both sensors deliver valid values",
            estimator_s=10.0,
            defaults=keys(Priority.MEDIUM, 30.0, 30.0, **heart),
            bounds=bounds(limit_bpm=(5.0, 60.0), clear_bpm=(2.0, 60.0)),
        ),
        ConditionSpec(
            id="skin_sensors_disagree",
            kind=Kind.TECHNICAL,
            concern=Concern.SENSOR,
            title="Skin sensors disagree",
            message="Skin sensors disagree",
            advice=advice,
            source=source,
            rationale="Two probes at one site differ by tenths; five minutes outlast a touch.",
            gate="both probes settled at the same site",
            estimator_s=20.0,
            defaults=keys(Priority.LOW, 300.0, 300.0, **skin),
            bounds=bounds(limit_degc=(0.5, 5.0), clear_degc=(0.2, 5.0)),
        ),
    ]
