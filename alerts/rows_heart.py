"""Alarm rows of the heart: P1-P7 of the clinical table."""

from __future__ import annotations

from alerts.model import Kind, Priority
from alerts.spec import Bounds, ConditionSpec, Value, bounds, keys

FAST_S = 4.0
"""Rise of the displayed rate: majority of a 5 s median at 1 Hz, and one second of a sensor."""
SLOW_S = 10.0
"""Fall of the displayed rate: four agreeing beats at 25 bpm, the lowest limit there is."""
RHYTHM_S = 60.0
"""The share of irregular intervals is one of the last minute."""
_GATE = "valid heart rate (not held, not lost); limits arm after 30 valid seconds"
_BASE = f"{_GATE}; baseline confirmed at the dose"


def _high(limit: float, clear: float, low: float, high: float) -> tuple[dict[str, Value], Bounds]:
    values: dict[str, Value] = {"limit_bpm": limit, "clear_bpm": clear}
    return values, bounds(limit_bpm=(low, high), clear_bpm=(max(0.0, low - 40.0), high))


def fast() -> list[ConditionSpec]:
    """Rates too high: P1-P4."""
    elevated, elevated_bounds = _high(110.0, 105.0, 90.0, 140.0)
    high, high_bounds = _high(125.0, 120.0, 95.0, 150.0)
    extreme, extreme_bounds = _high(140.0, 135.0, 120.0, 170.0)
    delta, delta_bounds = _high(40.0, 35.0, 15.0, 80.0)
    return [
        ConditionSpec(
            id="hr_elevated",
            kind=Kind.PHYSIOLOGICAL,
            title="Heart rate elevated",
            message="Heart rate elevated",
            advice="Take blood pressure; repeat in 5-15 min.",
            source="P1: action level proposed for confirmation; common under the drug",
            rationale="A reason to measure, not to worry: 29 % of volunteers pass 100 bpm (Vizeli "
            "& Liechti 2017). A minute of it, since a movement passes sooner.",
            gate=_GATE,
            estimator_s=FAST_S,
            defaults=keys(Priority.LOW, 60.0, 60.0, **elevated),
            bounds=elevated_bounds,
        ),
        ConditionSpec(
            id="hr_high",
            kind=Kind.PHYSIOLOGICAL,
            title="Heart rate high",
            message="Heart rate high",
            advice="Check the person; take blood pressure and temperature.",
            source="P2: above the mean rise of 23-30 bpm; highest single value 132 (Kolbrich 2008)",
            rationale="Near the highest single value seen in a controlled study, so seldom the "
            "drug's usual effect. Half a minute outlasts artefacts.",
            gate=_GATE,
            estimator_s=FAST_S,
            defaults=keys(Priority.MEDIUM, 30.0, 30.0, **high),
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
            rationale="Beyond what was ever seen under the drug in the studies at hand. 15 s: of "
            "simulated artefact bursts of 2-8 s none lasts so long.",
            gate=_GATE,
            estimator_s=FAST_S,
            defaults=keys(Priority.HIGH, 15.0, 30.0, **extreme),
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
            rationale="Catches people with a slow resting heart, whom absolute limits see late. "
            "Two minutes, as the drug's own rise comes close to it.",
            gate=_BASE,
            estimator_s=FAST_S,
            defaults=keys(Priority.MEDIUM, 120.0, 60.0, **delta),
            bounds=delta_bounds,
        ),
    ]


def slow_or_irregular() -> list[ConditionSpec]:
    """Rates too low, and rhythms that are none: P5-P7."""
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
            rationale="Lower for a resting heart below 55 bpm, for whom 45 is usual.",
            gate=_GATE,
            estimator_s=SLOW_S,
            defaults=keys(Priority.MEDIUM, 15.0, 15.0, **low),
            bounds=bounds(
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
            rationale="The challenge's five beats below 40 bpm take about ten seconds.",
            gate=_GATE,
            estimator_s=SLOW_S,
            defaults=keys(Priority.HIGH, 10.0, 15.0, limit_bpm=40.0, clear_bpm=45.0),
            bounds=bounds(limit_bpm=(25.0, 45.0), clear_bpm=(27.0, 60.0))
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
            rationale="A fifth of a minute's intervals is far beyond stray extra beats. Slow on "
            "purpose: it asks for a look, and a wrong beat detection must not raise it.",
            gate=f"{_GATE}; RR intervals of beats",
            estimator_s=RHYTHM_S,
            defaults=keys(Priority.LOW, 60.0, 120.0, limit_pct=20.0, clear_pct=10.0),
            bounds=bounds(limit_pct=(10.0, 80.0), clear_pct=(2.0, 70.0)),
        ),
    ]


ROWS = (*fast(), *slow_or_irregular())
