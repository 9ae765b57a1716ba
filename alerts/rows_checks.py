"""Alarm rows of what people measure by hand: B1, B2 (blood pressure) and R1 (checks due)."""

from __future__ import annotations

from alerts.model import Kind, Priority
from alerts.spec import Concern, ConditionSpec, Value, bounds, keys

_PRESSURE = "readings of blood pressure, entered by hand or sent by a sensor"


def _limits(systolic: float, diastolic: float) -> dict[str, Value]:
    return {"limit_mmhg": systolic, "limit_diastolic_mmhg": diastolic}


def pressure() -> list[ConditionSpec]:
    """Blood pressure, the commoner hazard of the drug: B1, B2."""
    return [
        ConditionSpec(
            id="bp_high",
            kind=Kind.PHYSIOLOGICAL,
            title="Blood pressure high",
            message="Blood pressure high",
            advice="Let the person rest; measure again in 5 min. Call the physician if it stays.",
            source="B1: trial thresholds, proposed for confirmation; 33 % pass 160 systolic",
            rationale="Either value is enough, and one reading; both below end it.",
            gate=_PRESSURE,
            estimator_s=0.0,
            defaults=keys(Priority.MEDIUM, 0.0, 0.0, **_limits(160.0, 110.0)),
            bounds=bounds(limit_mmhg=(130.0, 200.0), limit_diastolic_mmhg=(80.0, 130.0)),
        ),
        ConditionSpec(
            id="bp_crisis",
            kind=Kind.PHYSIOLOGICAL,
            title="Hypertensive crisis",
            message="Blood pressure in crisis",
            advice="Call the physician now. Ask for headache, chest pain, vision, weakness.",
            source="B2: convention of hypertensive crisis, proposed for confirmation; or symptoms",
            rationale="With symptoms any reading counts. It ends only when the operator says so, "
            "after a reading below the limit without symptoms.",
            gate=_PRESSURE,
            estimator_s=0.0,
            defaults=keys(Priority.HIGH, 0.0, 0.0, **_limits(180.0, 120.0)),
            bounds=bounds(limit_mmhg=(150.0, 230.0), limit_diastolic_mmhg=(95.0, 150.0)),
            latching=True,
            hides=frozenset({"bp_high"}),
            manual_clear=True,
        ),
    ]


def routine() -> list[ConditionSpec]:
    """Checks by hand that are due: R1."""
    every: dict[str, Value] = {
        "pressure_every_s": 1800.0,
        "temperature_every_s": 3600.0,
        "until_s": 21_600.0,
        "escalate_s": 900.0,
        "escalate_priority": "MEDIUM",
    }
    return [
        ConditionSpec(
            id="check_overdue",
            kind=Kind.PHYSIOLOGICAL,
            concern=Concern.ROUTINE,
            title="Check due",
            message="Vital signs check is due",
            advice="Measure and enter: b blood pressure, c clinical temperature.",
            source="R1: schedule of earlier protocols, proposed for confirmation",
            rationale="Sensors do not see blood pressure and core temperature. Counted from the "
            "dose or the last entry; at a supplemental dose at once if either is missing.",
            gate="from the first dose for until_s; entries, or readings of sensors",
            estimator_s=0.0,
            defaults=keys(Priority.LOW, 0.0, 0.0, **every),
            bounds={
                "pressure_every_s": (300.0, 14_400.0),
                "temperature_every_s": (300.0, 14_400.0),
                "until_s": (3600.0, 43_200.0),
                "escalate_s": (60.0, 3600.0),
                "sustain_s": (0.0, 600.0),
                "clear_s": (0.0, 0.0),
            },
        )
    ]
