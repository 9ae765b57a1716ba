"""Alarm rows of temperature: T1-T3 of a clinical thermometer, S1-S4 of the skin."""

from __future__ import annotations

from alerts.model import Kind, Priority
from alerts.spec import ConditionSpec, Value, bounds, keys

STREAM_S = 60.0
"""A thermometer that streams is judged by medians of a minute; single readings at once."""
SKIN_S = 20.0
"""Half of the displayed skin temperature's 30 s median, a reading every other second, and the
guard's second look at a jump."""
MINUTE_S = 120.0
"""The pattern of S4 is judged by medians of whole minutes."""
_CLINICAL = "readings of a clinical thermometer, by hand or by sensor, 34 to 43 degC, with its site"
_SKIN = "valid skin temperature at a covered trunk or axilla site, probe not suspected to be off"


def _reading(priority: Priority, limit: float, **more: Value) -> dict[str, Value]:
    clear = {"limit_degc": limit, "clear_degc": round(limit - 0.3, 1)}
    return keys(priority, 0.0, 0.0, **clear, **more)


def clinical() -> list[ConditionSpec]:
    """A clinical thermometer at a named site: T1-T3."""
    degc, rise = (37.0, 41.0), (0.3, 4.0)
    return [
        ConditionSpec(
            id="temp_elevated",
            kind=Kind.PHYSIOLOGICAL,
            title="Temperature elevated",
            message="Temperature elevated",
            advice="Remove blankets, cool the room, fan. Measure again in 5 min.",
            source="T1: 19 % of volunteers exceed 38.0 degC (Vizeli & Liechti 2017)",
            rationale="Time for passive cooling. A second reading over the limit, 5 min later or "
            "more, makes it MEDIUM. Its baseline is that of readings at the same site.",
            gate=_CLINICAL,
            estimator_s=STREAM_S,
            defaults=_reading(
                Priority.LOW, 38.0, rise_degc=1.0, escalate_s=300.0, escalate_priority="MEDIUM"
            ),
            bounds=bounds(limit_degc=degc, clear_degc=(36.0, 41.0), rise_degc=rise)
            | {"escalate_s": (60.0, 3600.0)},
        ),
        ConditionSpec(
            id="temp_high",
            kind=Kind.PHYSIOLOGICAL,
            title="Temperature high",
            message="Temperature high",
            advice="Call the physician. Cool actively; measure again in 5 min.",
            source="T2: physician's trigger of a rise of 1.5 degC, proposed for confirmation",
            rationale="One reading is enough: harm grows with peak and duration, and a clinical "
            "thermometer is seldom wrong upwards. Two readings below end it.",
            gate=_CLINICAL,
            estimator_s=STREAM_S,
            defaults=_reading(Priority.HIGH, 38.5, rise_degc=1.5),
            bounds=bounds(limit_degc=degc, clear_degc=(36.0, 41.0), rise_degc=rise),
            latching=True,
            hides=frozenset({"temp_elevated"}),
        ),
        ConditionSpec(
            id="temp_critical",
            kind=Kind.PHYSIOLOGICAL,
            title="Temperature critical",
            message="Temperature critical",
            advice="Emergency plan now. Active cooling; from 40 degC with confusion: heat stroke.",
            source="T3: heat stroke is above 40 degC with signs of the brain (Looney 2018)",
            rationale="Half a degree before heat stroke. It ends only when the operator says so, "
            "after a reading below the limit.",
            gate=_CLINICAL,
            estimator_s=STREAM_S,
            defaults=keys(Priority.HIGH, 0.0, 0.0, limit_degc=39.5),
            bounds=bounds(limit_degc=(38.0, 41.0)),
            latching=True,
            hides=frozenset({"temp_elevated", "temp_high"}),
            manual_clear=True,
        ),
    ]


def skin() -> list[ConditionSpec]:
    """Skin, which can rule heat in and never out: S1-S4."""
    return [*_skin_rises(), *_skin_levels()]


def _skin_rises() -> list[ConditionSpec]:
    degc = (0.3, 4.0)
    fast: dict[str, Value] = {
        "limit_degc": 1.5,
        "clear_degc": 1.1,
        "limit_degc_per_30min": 1.0,
        "clear_degc_per_30min": 0.5,
    }
    return [
        ConditionSpec(
            id="skin_rise",
            kind=Kind.PHYSIOLOGICAL,
            title="Skin temperature above baseline",
            message="Skin warmer than baseline",
            advice="Confirm with a thermometer; remove blankets.",
            source="S1: trend at a fixed, covered site only; skin is not core",
            rationale="Skin settles over many minutes and follows blankets; five minutes of it "
            "ask for a thermometer, no more.",
            gate=f"{_SKIN}; baseline confirmed at the dose",
            estimator_s=SKIN_S,
            defaults=keys(Priority.LOW, 300.0, 600.0, limit_degc=1.0, clear_degc=0.7),
            bounds=bounds(limit_degc=degc, clear_degc=(0.0, 4.0)),
        ),
        ConditionSpec(
            id="skin_rise_fast",
            kind=Kind.PHYSIOLOGICAL,
            title="Skin temperature rising fast",
            message="Skin temperature rising fast",
            advice="Measure core temperature now; cool the room.",
            source="S2: rates of change beat absolute values (core.ac.uk 7800801)",
            rationale="A large or a fast rise; the rate needs a settled probe but no baseline.",
            gate=f"{_SKIN}, settled; for the rise above baseline: confirmed at the dose",
            estimator_s=SKIN_S + STREAM_S,
            defaults=keys(Priority.MEDIUM, 300.0, 600.0, **fast),
            bounds=bounds(
                limit_degc=degc,
                clear_degc=(0.0, 4.0),
                limit_degc_per_30min=degc,
                clear_degc_per_30min=(0.0, 4.0),
            ),
            hides=frozenset({"skin_rise"}),
        ),
    ]


def _skin_levels() -> list[ConditionSpec]:
    cold: dict[str, Value] = {
        "limit_degc": 3.0,
        "clear_degc": 2.5,
        "limit_bpm": 20.0,
        "clear_bpm": 15.0,
    }
    return [
        ConditionSpec(
            id="skin_high",
            kind=Kind.PHYSIOLOGICAL,
            title="Skin temperature high",
            message="Skin temperature high",
            advice="Measure core temperature now; look for external heat on the sensor.",
            source="S3: skin can rule heat in: at 38 covered, core is at least about that",
            rationale="Skin is cooler than core; at 38 something is hot. At any site, settled or "
            "not, and never held back by a suspected probe.",
            gate="valid skin temperature, at any site",
            estimator_s=SKIN_S,
            defaults=keys(Priority.HIGH, 60.0, 300.0, limit_degc=38.0, clear_degc=37.6),
            bounds=bounds(limit_degc=(36.5, 40.0), clear_degc=(36.0, 40.0)),
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
            rationale="Ten minutes of both. From the highest level instead of a confirmed baseline "
            "1 of 17 volunteers' wrists would have met the skin half at rest.",
            gate="settled probe at a distal site; both baselines confirmed at the dose",
            estimator_s=MINUTE_S,
            defaults=keys(Priority.LOW, 600.0, 60.0, **cold),
            bounds=bounds(
                limit_degc=(1.0, 8.0),
                clear_degc=(0.5, 8.0),
                limit_bpm=(10.0, 60.0),
                clear_bpm=(5.0, 60.0),
            ),
        ),
    ]
