"""What people enter by hand: readings, fluids, scores, notes; and their corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from alerts.model import RefusedError
from devices.model import NS_PER_S
from monitor.ledger import Ledger, withdraws
from monitor.model import Action, Verb
from monitor.signal.care import PLAUSIBLE_DEGC, CareStage, What

SYSTOLIC, DIASTOLIC = (50.0, 300.0), (20.0, 200.0)
"""What may be entered as a blood pressure, mmHg; beyond it is a slip of the finger."""
FLUID_ML = (1.0, 3000.0)
"""What may be entered as one drink, ml; beyond it is a slip of the finger."""

Scales = Mapping[str, tuple[float, float]]
"""Lowest and highest value of each observer's score, by name."""


@dataclass(frozen=True, slots=True)
class Drink:
    """Fluid taken at session time `t_ns`."""

    t_ns: int
    ml: float
    what: str


@dataclass(frozen=True, slots=True)
class Score:
    """An observer's score given at session time `t_ns`."""

    t_ns: int
    name: str
    value: float


_Take = Callable[[Action, int | None], None]
_Withdraw = Callable[[int, int], None]


class ByHand:
    """Entries as they stand.

    A correction counts from its own second; what was measured keeps the time of its first version.

    Args:
        scales: the observer's scores there are.
        care: gets readings of temperature and blood pressure.
    """

    def __init__(self, scales: Scales, care: CareStage) -> None:
        self._scales, self._care = scales, care
        self._ledger = Ledger()
        self.drinks: dict[int, Drink] = {}
        self.scores: dict[int, Score] = {}

    def take(self, action: Action) -> None:
        """Take an entry, or a correction of one.

        Raises:
            RefusedError: it is implausible, incomplete, or corrects what it cannot.
        """
        first_ns = self._ledger.first_ns(action)
        take, withdraw = self._handlers()[action.verb]
        if withdraws(action) and first_ns is not None:
            withdraw(action.t_ns, first_ns)
        else:
            take(action, first_ns)
        self._ledger.keep(action, first_ns)

    def _handlers(
        self,
    ) -> Mapping[Verb, tuple[_Take, _Withdraw]]:
        return {
            Verb.TEMPERATURE: (self._temperature, self._withdraw(What.TEMPERATURE)),
            Verb.BLOOD_PRESSURE: (self._pressure, self._withdraw(What.PRESSURE)),
            Verb.FLUIDS: (self._fluids, lambda _, first_ns: _drop(self.drinks, first_ns)),
            Verb.SCORE: (self._score, lambda _, first_ns: _drop(self.scores, first_ns)),
            Verb.NOTE: (lambda _, __: None, lambda _, __: None),
        }

    def _temperature(self, action: Action, first_ns: int | None) -> None:
        degc, site = number(action, "degc"), _text(action, "site")
        if not site:
            raise RefusedError("a temperature means nothing without its site")
        method, at_s = _text(action, "method"), _second(action.t_ns)
        if not self._care.temperature(at_s, degc, site, method=method, key=first_ns):
            low, high = PLAUSIBLE_DEGC
            raise RefusedError(f"temperature {degc:g}: must be {low:g} to {high:g} degC")

    def _pressure(self, action: Action, first_ns: int | None) -> None:
        upper, lower = number(action, "systolic"), number(action, "diastolic")
        if not SYSTOLIC[0] <= upper <= SYSTOLIC[1] or not DIASTOLIC[0] <= lower < upper:
            raise RefusedError(
                f"blood pressure {upper:g}/{lower:g}: systolic must be {SYSTOLIC[0]:g} to "
                f"{SYSTOLIC[1]:g} mmHg, diastolic from {DIASTOLIC[0]:g} and below it"
            )
        symptoms = bool(action.details.get("symptoms", False))
        at_s = _second(action.t_ns)
        self._care.pressure(at_s, upper, lower, symptoms=symptoms, key=first_ns)

    def _withdraw(self, what: What) -> _Withdraw:
        return lambda t_ns, first_ns: self._care.withdraw(_second(t_ns), what, first_ns)

    def _fluids(self, action: Action, first_ns: int | None) -> None:
        ml = number(action, "ml")
        if not FLUID_ML[0] <= ml <= FLUID_ML[1]:
            raise RefusedError(f"fluids {ml:g}: must be {FLUID_ML[0]:g} to {FLUID_ML[1]:g} ml")
        at_ns = action.t_ns if first_ns is None else first_ns
        self.drinks[_free(self.drinks, first_ns)] = Drink(at_ns, ml, _text(action, "what"))

    def _score(self, action: Action, first_ns: int | None) -> None:
        name, value = _text(action, "name"), number(action, "value")
        if name not in self._scales:
            known = ", ".join(self._scales) or "none; see [scores] in the configuration"
            raise RefusedError(f"there is no score {name!r}; there are: {known}")
        low, high = self._scales[name]
        if not low <= value <= high:
            raise RefusedError(f"{name} {value:g}: must be {low:g} to {high:g}")
        at_ns = action.t_ns if first_ns is None else first_ns
        self.scores[_free(self.scores, first_ns)] = Score(at_ns, name, value)


def _drop(entries: dict[int, Drink] | dict[int, Score], first_ns: int) -> None:
    entries.pop(first_ns, None)


def _free(entries: Mapping[int, object], first_ns: int | None) -> int:
    """The key of an entry; a negative one for one that cannot be named."""
    return -1 - len(entries) if first_ns is None else first_ns


def number(action: Action, key: str) -> float:
    """A number among an action's details.

    Raises:
        RefusedError: it is missing.
        ValueError: it is no number.
    """
    if key not in action.details:
        raise RefusedError(f"{action.verb.value} needs {key}")
    return float(str(action.details[key]))


def _text(action: Action, key: str) -> str:
    return str(action.details.get(key, "")).strip()


def _second(t_ns: int) -> int:
    """The second from which an entry counts."""
    return t_ns // NS_PER_S + 1
