"""All alarm conditions of a session: each row's check, and the machine that counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from alerts.checks import CHECKS, SPOTS, Expected
from alerts.model import ConditionEdge
from alerts.reach import reachable
from alerts.settings import Settings
from alerts.spot import Judged, SpotMachine
from alerts.sustain import Check, Flags, SustainMachine
from devices.model import LOST_PERIODS
from monitor.signal.care import Reading
from monitor.signal.vitals import Vitals

__all__ = ["Conditions", "Expected"]


def _none(vitals: Vitals) -> Flags:
    return np.zeros(vitals.ticks.shape, np.bool_)


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
LOST_S = {False: 30.0, True: 60.0}
"""When heart rate (False) and skin temperature (True) count as lost if no row says so."""
_SUSTAIN_IN_VALUE = frozenset({"hr_lost", "temp_lost", "all_lost"})
"""Rows whose age of data is the sustain: the machine adds none."""


def _reported(vitals: Vitals, *, active: bool) -> Check:
    """A row the system reports about itself: active or not, for the whole block."""
    over = np.full(vitals.ticks.shape, active)
    value = np.full(vitals.ticks.shape, np.nan)
    return Check(over, ~over, np.ones_like(over), value, float("nan"), "")


class Conditions:
    """All enabled conditions of a session.

    Args:
        settings: their rows.
        expected: what the sensors should deliver.
        names: judge these alone; None for all.
    """

    def __init__(
        self,
        settings: Mapping[str, Settings],
        expected: Expected,
        names: Collection[str] | None = None,
    ) -> None:
        self._expected = expected
        self._settings = dict(settings)
        self._names = [name for name in settings if names is None or name in names]
        self._reported: dict[str, bool] = {}
        self._urgent: set[str] = set()
        self._renewed: set[str] = set()
        self._resolved: set[str] = set()
        self._machines = {
            name: SustainMachine(
                row, 0.0 if name in _SUSTAIN_IN_VALUE else None, self._freeze_s(name)
            )
            for name, row in settings.items()
            if name in self._names and name not in SPOTS
        }
        self._spots = {
            name: SpotMachine(settings[name], SPOTS[name][2])
            for name in SPOTS
            if name in self._names
        }

    @property
    def reported(self) -> Mapping[str, bool]:
        """The troubles of the system itself as last reported."""
        return self._reported

    def change(self, name: str, row: Settings) -> None:
        """Judge a condition by other limits from now on; what it has counted stays."""
        self._settings[name] = row
        machine = self._spots[name] if name in SPOTS else self._machines[name]
        machine.settings = row

    def resolve(self, name: str) -> str:
        """End a condition that only the operator can end; says why not, or nothing."""
        machine = self._spots.get(name)
        if machine is None or not machine.settings.spec.manual_clear:
            return "it ends by itself, with the values"
        if not machine.active:
            return "it does not hold"
        if machine.over:
            return "the newest reading is still over the limit; measure again first"
        self._resolved.add(name)
        return ""

    def _freeze_s(self, name: str) -> float:
        """How long a gap freezes this row's count: until the signal counts as lost."""
        skin = name in _OF_SKIN
        row = self._settings.get("temp_lost" if skin else "hr_lost")
        usual_s = row.number("sustain_s") if row else LOST_S[skin]
        period_s = self._expected.skin_period_s if skin else self._expected.heart_period_s
        return max(usual_s, LOST_PERIODS * period_s)

    def report(
        self, condition: str, *, active: bool, urgent: bool = False, renewed: bool = False
    ) -> None:
        """Note that a trouble of the system itself holds, or is over, from now on.

        `renewed`: for another reason than before, which is an alarm of its own.
        """
        self._reported[condition] = active
        (self._urgent.add if urgent else self._urgent.discard)(condition)
        if renewed:
            self._renewed.add(condition)

    def _check(self, name: str, vitals: Vitals) -> Check:
        if name in CHECKS:
            shown = vitals.skin.shown if name in _OF_SKIN else vitals.heart.shown
            check = CHECKS[name](vitals, self._settings[name], self._expected)
            return replace(check, age_s=shown.age_s)
        check = _reported(vitals, active=self._reported.get(name, False))
        return replace(check, may_escalate=check.over if name in self._urgent else _none(vitals))

    def step(self, vitals: Vitals) -> list[ConditionEdge]:
        """Judge one block; edges of all conditions in time order, ties in catalogue order."""
        edges: list[ConditionEdge] = []
        first_s = int(vitals.ticks[0])
        for name in self._names:
            if name in SPOTS:
                edges += self._spot(name, vitals)
                continue
            machine = self._machines[name]
            if name in self._renewed:
                edges += machine.end(first_s)
            if machine.idle and not reachable(name, vitals, self._settings[name]):
                continue
            edges += machine.step(vitals.ticks, self._check(name, vitals))
        self._renewed.clear()
        return sorted(edges, key=lambda edge: edge.t_ns)

    def _spot(self, name: str, vitals: Vitals) -> list[ConditionEdge]:
        what = SPOTS[name][0]
        machine, edges = self._spots[name], []
        if name in self._resolved:
            self._resolved.discard(name)
            edges += machine.resolve(int(vitals.ticks[0]))
        mine = [reading for reading in vitals.care.readings if reading.what is what]
        for t_s, readings in groupby(mine, key=lambda reading: reading.t_s):
            edges += self._judge_second(name, t_s, list(readings))
        return edges

    def _judge_second(
        self, name: str, t_s: int, readings: Sequence[Reading]
    ) -> list[ConditionEdge]:
        """Judge the readings of one second: new ones, then earlier ones put right."""
        machine, row, judge = self._spots[name], self._settings[name], SPOTS[name][1]
        edges: list[ConditionEdge] = []
        revised: dict[int, Judged | None] = {}
        for reading in readings:
            judged = None if reading.withdrawn else judge(reading, row)
            if reading.taken_s is not None:
                revised[reading.key] = judged
            elif judged is not None:
                edges += machine.take(judged, reading.key)
        return edges + (machine.revise(t_s, revised) if revised else [])
