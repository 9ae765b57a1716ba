"""Every alarm condition, as one immutable table.

Rows and defaults are those of the proposed table in the project's clinical reference, section 7
(P1-P7, S1-S4, X1-X3, X6-X8); they await confirmation by a clinician. `defaults` are the keys of
`[alarms.<id>]` in the configuration, `bounds` the hard range of each numeric key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from alerts.model import Kind, Priority

Value = float | str | bool
Bounds = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionSpec:
    """One row: what holds, how urgent it is, what the operator is told and asked to do.

    Attributes:
        id: stable name used in configuration, recordings and reports.
        kind: physiological or technical.
        title: a few words for a list.
        message: the banner's text, at most 40 characters.
        advice: what a human is asked to do.
        source: where the row comes from.
        defaults: configuration keys with their default values.
        bounds: hard (low, high) range of each numeric key; outside is refused.
        latching: always HIGH, so signalled after it ends until acknowledged. Not configurable.
        hides: milder conditions of the same signal that are not shown while this one is.
    """

    id: str
    kind: Kind
    title: str
    message: str
    advice: str
    source: str
    defaults: Mapping[str, Value]
    bounds: Bounds
    latching: bool = False
    hides: frozenset[str] = frozenset()


_SUSTAIN = (0.0, 600.0)
_CLEAR = (0.0, 1800.0)


def _keys(priority: Priority, sustain_s: float, clear_s: float, **more: Value) -> dict[str, Value]:
    common: dict[str, Value] = {"enabled": True, "priority": priority.name}
    return common | more | {"sustain_s": sustain_s, "clear_s": clear_s}


def _bounds(**more: tuple[float, float]) -> Bounds:
    return {"sustain_s": _SUSTAIN, "clear_s": _CLEAR} | more


def _high_rate(
    limit: float, clear: float, high: float, low: float
) -> tuple[dict[str, Value], Bounds]:
    values: dict[str, Value] = {"limit_bpm": limit, "clear_bpm": clear}
    return values, _bounds(limit_bpm=(low, high), clear_bpm=(max(0.0, low - 40.0), high))


def _heart() -> list[ConditionSpec]:
    elevated, elevated_bounds = _high_rate(110.0, 105.0, 140.0, 90.0)
    high, high_bounds = _high_rate(125.0, 120.0, 150.0, 95.0)
    extreme, extreme_bounds = _high_rate(140.0, 135.0, 170.0, 120.0)
    delta, delta_bounds = _high_rate(40.0, 35.0, 80.0, 15.0)
    return [
        ConditionSpec(
            id="hr_elevated",
            kind=Kind.PHYSIOLOGICAL,
            title="Heart rate elevated",
            message="Heart rate elevated",
            advice="Take blood pressure; repeat in 5-15 min.",
            source="P1: action level proposed for confirmation; common under the drug",
            defaults=_keys(Priority.LOW, 60.0, 60.0, **elevated),
            bounds=elevated_bounds,
        ),
        ConditionSpec(
            id="hr_high",
            kind=Kind.PHYSIOLOGICAL,
            title="Heart rate high",
            message="Heart rate high",
            advice="Check the person; take blood pressure and temperature.",
            source="P2: above the mean rise of 23-30 bpm; highest single value 132 (Kolbrich 2008)",
            defaults=_keys(Priority.MEDIUM, 30.0, 30.0, **high),
            bounds=high_bounds,
            hides=frozenset({"hr_elevated"}),
        ),
        ConditionSpec(
            id="hr_extreme",
            kind=Kind.PHYSIOLOGICAL,
            title="Heart rate extreme",
            message="Heart rate extreme",
            advice="Go to the person now. Check pulse and consciousness; call the physician.",
            source="P3: extreme tachycardia, PhysioNet/CinC challenge 2015; lowered by age",
            defaults=_keys(Priority.HIGH, 15.0, 30.0, **extreme),
            bounds=extreme_bounds | {"sustain_s": (0.0, 60.0)},
            latching=True,
            hides=frozenset({"hr_elevated", "hr_high", "hr_above_baseline"}),
        ),
        ConditionSpec(
            id="hr_above_baseline",
            kind=Kind.PHYSIOLOGICAL,
            title="Heart rate far above baseline",
            message="Heart rate far above baseline",
            advice="Check the person; take blood pressure.",
            source="P4: about 1.4 times the expected rise (Mas 1999, Lester 2000)",
            defaults=_keys(Priority.MEDIUM, 120.0, 60.0, **delta),
            bounds=delta_bounds,
        ),
        *_slow_or_irregular(),
    ]


def _slow_or_irregular() -> list[ConditionSpec]:
    low: dict[str, Value] = {
        "limit_bpm": 45.0,
        "clear_bpm": 50.0,
        "low_baseline_bpm": 55.0,
        "limit_low_baseline_bpm": 42.0,
    }
    return [
        ConditionSpec(
            id="hr_low",
            kind=Kind.PHYSIOLOGICAL,
            title="Heart rate low",
            message="Heart rate low",
            advice="Look at the person; check the pulse by hand. Lay flat if faint.",
            source="P5: unexpected on a stimulant: vasovagal, beta-blocker or artefact",
            defaults=_keys(Priority.MEDIUM, 15.0, 15.0, **low),
            bounds=_bounds(
                limit_bpm=(30.0, 60.0),
                clear_bpm=(32.0, 80.0),
                low_baseline_bpm=(40.0, 70.0),
                limit_low_baseline_bpm=(30.0, 60.0),
            ),
        ),
        ConditionSpec(
            id="hr_very_low",
            kind=Kind.PHYSIOLOGICAL,
            title="Heart rate very low",
            message="Heart rate very low",
            advice="Go to the person now. Check pulse and consciousness; call the physician.",
            source="P6: extreme bradycardia, PhysioNet/CinC challenge 2015",
            defaults=_keys(Priority.HIGH, 10.0, 15.0, limit_bpm=40.0, clear_bpm=45.0),
            bounds=_bounds(limit_bpm=(25.0, 45.0), clear_bpm=(27.0, 60.0))
            | {"sustain_s": (0.0, 60.0)},
            latching=True,
            hides=frozenset({"hr_low"}),
        ),
        ConditionSpec(
            id="rr_irregular",
            kind=Kind.PHYSIOLOGICAL,
            title="Heartbeat irregular",
            message="Heartbeat irregular",
            advice="Check the pulse by hand; take an ECG if it stays. This is no diagnosis.",
            source="P7: share of intervals that fit no sinus rhythm; arrhythmia is an exclusion",
            defaults=_keys(Priority.LOW, 60.0, 120.0, limit_pct=20.0, clear_pct=10.0),
            bounds=_bounds(limit_pct=(10.0, 80.0), clear_pct=(2.0, 70.0)),
        ),
    ]


def _skin() -> list[ConditionSpec]:
    degc = (0.3, 4.0)
    return [
        ConditionSpec(
            id="skin_rise",
            kind=Kind.PHYSIOLOGICAL,
            title="Skin temperature above baseline",
            message="Skin warmer than baseline",
            advice="Confirm with a thermometer; remove blankets.",
            source="S1: trend at a fixed, covered site only; skin is not core",
            defaults=_keys(Priority.LOW, 300.0, 600.0, limit_degc=1.0, clear_degc=0.7),
            bounds=_bounds(limit_degc=degc, clear_degc=(0.0, 4.0)),
        ),
        ConditionSpec(
            id="skin_rise_fast",
            kind=Kind.PHYSIOLOGICAL,
            title="Skin temperature rising fast",
            message="Skin temperature rising fast",
            advice="Measure core temperature now; cool the room.",
            source="S2: rates of change beat absolute values (core.ac.uk 7800801)",
            defaults=_keys(
                Priority.MEDIUM,
                300.0,
                600.0,
                limit_degc=1.5,
                clear_degc=1.1,
                limit_degc_per_30min=1.0,
                clear_degc_per_30min=0.5,
            ),
            bounds=_bounds(
                limit_degc=degc,
                clear_degc=(0.0, 4.0),
                limit_degc_per_30min=degc,
                clear_degc_per_30min=(0.0, 4.0),
            ),
            hides=frozenset({"skin_rise"}),
        ),
        ConditionSpec(
            id="skin_high",
            kind=Kind.PHYSIOLOGICAL,
            title="Skin temperature high",
            message="Skin temperature high",
            advice="Measure core temperature now; look for external heat on the sensor.",
            source="S3: skin can rule heat in: at 38 covered, core is at least about that",
            defaults=_keys(Priority.HIGH, 60.0, 300.0, limit_degc=38.0, clear_degc=37.6),
            bounds=_bounds(limit_degc=(36.5, 40.0), clear_degc=(36.0, 40.0)),
            latching=True,
            hides=frozenset({"skin_rise", "skin_rise_fast"}),
        ),
        ConditionSpec(
            id="skin_cold_hr_high",
            kind=Kind.PHYSIOLOGICAL,
            title="Cold skin, fast heart",
            message="Skin cold while heart is fast",
            advice="Cold hands do not exclude hyperthermia. Measure core temperature.",
            source="S4: vasoconstriction (Docherty & Green, PMC2936013); at distal sites only",
            defaults=_keys(
                Priority.LOW,
                600.0,
                60.0,
                limit_degc=3.0,
                clear_degc=2.5,
                limit_bpm=20.0,
                clear_bpm=15.0,
            ),
            bounds=_bounds(
                limit_degc=(1.0, 8.0),
                clear_degc=(0.5, 8.0),
                limit_bpm=(10.0, 60.0),
                clear_bpm=(5.0, 60.0),
            ),
        ),
    ]


def _lost() -> list[ConditionSpec]:
    return [
        ConditionSpec(
            id="hr_lost",
            kind=Kind.TECHNICAL,
            title="No heart rate",
            message="No heart rate signal",
            advice="Look at the person. Check the strap: position, moisture, battery.",
            source="X1: a stale number is the hazard",
            defaults=_keys(Priority.MEDIUM, 30.0, 5.0, escalate_s=120.0, escalate_priority="HIGH"),
            bounds={
                "sustain_s": (10.0, 120.0),
                "clear_s": (1.0, 60.0),
                "escalate_s": (30.0, 600.0),
            },
        ),
        ConditionSpec(
            id="temp_lost",
            kind=Kind.TECHNICAL,
            title="No skin temperature",
            message="No skin temperature signal",
            advice="Check the temperature sensor and its link.",
            source="X2",
            defaults=_keys(Priority.LOW, 60.0, 30.0, escalate_s=300.0, escalate_priority="MEDIUM"),
            bounds={
                "sustain_s": (30.0, 600.0),
                "clear_s": (1.0, 300.0),
                "escalate_s": (60.0, 3600.0),
            },
        ),
        ConditionSpec(
            id="probe_off",
            kind=Kind.TECHNICAL,
            title="Skin probe off?",
            message="Skin probe may be off the skin",
            advice="Check the probe. A falling reading is not cooling.",
            source="X3: never read as 'cooling works'; absolute limit at proximal sites only",
            defaults=_keys(
                Priority.LOW,
                30.0,
                300.0,
                limit_degc=30.0,
                drop_degc=2.0,
                room_degc=2.0,
                escalate_s=300.0,
                escalate_priority="MEDIUM",
            ),
            bounds=_bounds(
                limit_degc=(20.0, 34.0),
                drop_degc=(0.5, 6.0),
                room_degc=(0.0, 6.0),
                escalate_s=(60.0, 3600.0),
            ),
        ),
    ]


def _system(
    spec_id: str, priority: Priority, texts: tuple[str, str, str], source: str, sustain_s: float
) -> ConditionSpec:
    title, message, advice = texts
    return ConditionSpec(
        id=spec_id,
        kind=Kind.TECHNICAL,
        title=title,
        message=message,
        advice=advice,
        source=source,
        defaults=_keys(priority, sustain_s, 0.0),
        bounds={"sustain_s": (0.0, 60.0), "clear_s": (0.0, 60.0)},
    )


def _systems() -> list[ConditionSpec]:
    return [
        _system(
            "engine_stalled",
            Priority.HIGH,
            (
                "Engine stalled",
                "Monitoring engine stalled",
                "Watch the person; check the computer.",
            ),
            "X6: the engine's own loop or its heartbeat stopped for over 5 s",
            0.0,
        ),
        _system(
            "recording_failing",
            Priority.MEDIUM,
            ("Recording fails", "Recording is failing", "Free disk space; keep notes on paper."),
            "X7: record integrity",
            0.0,
        ),
        _system(
            "sound_or_power",
            Priority.LOW,
            ("No sound", "Alarm sound does not work", "Watch the screen; check the loudspeaker."),
            "X8: the audio path is not proven to work",
            0.0,
        ),
        _system(
            "unattended",
            Priority.MEDIUM,
            ("Nobody is watching", "No screen is watching", "Open a dashboard: vigil attach"),
            "X6: no dashboard's heartbeat for over 5 s",
            5.0,
        ),
    ]


def _disagree() -> list[ConditionSpec]:
    """Rows of our own: the clinical table knows one sensor a signal."""
    advice = "Compare with pulse and thermometer; refit or remove the wrong sensor."
    source = "own row: two sensors of one signal cannot both be right"
    heart: dict[str, Value] = {"limit_bpm": 15.0, "clear_bpm": 10.0}
    skin: dict[str, Value] = {"limit_degc": 1.5, "clear_degc": 1.0}
    return [
        ConditionSpec(
            id="hr_sensors_disagree",
            kind=Kind.TECHNICAL,
            title="Heart-rate sensors disagree",
            message="Heart-rate sensors disagree",
            advice=advice,
            source=source,
            defaults=_keys(Priority.MEDIUM, 30.0, 30.0, **heart),
            bounds=_bounds(limit_bpm=(5.0, 60.0), clear_bpm=(2.0, 60.0)),
        ),
        ConditionSpec(
            id="skin_sensors_disagree",
            kind=Kind.TECHNICAL,
            title="Skin sensors disagree",
            message="Skin sensors disagree",
            advice=advice,
            source=source,
            defaults=_keys(Priority.LOW, 300.0, 300.0, **skin),
            bounds=_bounds(limit_degc=(0.5, 5.0), clear_degc=(0.2, 5.0)),
        ),
    ]


CATALOGUE: Mapping[str, ConditionSpec] = MappingProxyType(
    {spec.id: spec for spec in [*_heart(), *_skin(), *_lost(), *_systems(), *_disagree()]}
)
"""Condition id -> specification, in the order of the clinical table."""
