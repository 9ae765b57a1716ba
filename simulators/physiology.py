"""A person in a session: heart, temperatures and blood pressure as functions of session time.

Pure and seeded: any second can be asked for in any order and always gives the same answer: noise is
keyed by (seed, stream, block), never by what was asked before. A restarted process therefore
continues the very same person. The course follows the project's clinical reference, sections 1 and
2; no claim is made that a real person's will.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simulators.drug import Dose, drug_effect, response
from simulators.ecg_wave import ecg_uv
from simulators.heart import Heart
from simulators.movement import Movement
from simulators.noise import Floats, Noise
from simulators.person import ContactLoss, Plan, Rhythm, SkinRise, Surge
from simulators.pressure import Pressure
from simulators.warmth import Warmth

__all__ = [
    "ContactLoss",
    "Dose",
    "HeartSecond",
    "Physiology",
    "Plan",
    "Rhythm",
    "SkinRise",
    "Surge",
    "drug_effect",
]
FLICKER = 0.3
"""Share of a movement burst in which the strap says that it lost the skin."""
AMPLIFIER_UV = 9.0
"""Noise of an ECG amplifier on good electrodes; own choice."""


@dataclass(frozen=True, slots=True)
class HeartSecond:
    """What the strap says at one second.

    Attributes:
        bpm: the strap's own number; 0 when it has none.
        rr_ms: intervals of the beats that fell into this second, oldest first; may be empty.
        contact: whether the strap feels skin; None: it cannot tell.
        artefact: whether movement corrupts bpm and rr_ms.
    """

    bpm: int
    rr_ms: list[float] = field(default_factory=list)
    contact: bool | None = True
    artefact: bool = False


class Physiology:
    """The simulated person. Every method is a pure function of its arguments and the plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        responds = response(plan.response, plan.seed)
        self._heart = Heart(plan, responds)
        self._movement = Movement(plan.seed, plan.artefacts_per_h, plan.activities)
        self._warmth = Warmth(plan, responds)
        self._pressure = Pressure(plan, responds)
        self._flicker = Noise(plan.seed, "flicker")
        self._amplifier = Noise(plan.seed, "amplifier")

    def expected_bpm(self, t_s: Floats) -> Floats:
        """Heart rate without beat-to-beat variation or artefact, bpm, at times in seconds."""
        return self._heart.expected_bpm(t_s)

    def beats_s(self, from_s: int, to_s: int) -> Floats:
        """Times of the true beats from one second to another."""
        return self._heart.beats(from_s, to_s).t_s

    def off_chest(self, second: int) -> bool:
        """Whether strap and electrodes have lost the skin."""
        return any(c.t_s <= second < c.t_s + c.duration_s for c in self.plan.contact_losses)

    def heart_at(self, second: int) -> HeartSecond:
        """The strap at one whole second of session time (0 or more)."""
        if self.off_chest(second):
            return HeartSecond(0, [], contact=False)
        bpm = self._heart.bpm_of(second)
        rr_ms: list[float] = self._heart.beats(second, second + 1).rr_ms.tolist()
        jump_bpm = self._movement.jump_bpm(second)
        if jump_bpm == 0.0:
            return HeartSecond(round(bpm), rr_ms)
        shaken = round(min(max(bpm + jump_bpm, 30.0), 220.0))
        contact = bool(self._flicker.uniform(second, 1)[0] > FLICKER)
        wrong = self._movement.miscounted(second, rr_ms)
        return HeartSecond(shaken, wrong, contact, artefact=True)

    def pulse_bpm(self, second: int) -> int:
        """Pulse rate away from the chest; 0 for none."""
        return round(self._heart.bpm_of(second))

    def ecg_uv(self, t_s: Floats, first_sample: int) -> Floats:
        """Electrocardiogram at ascending times, microvolts; `first_sample` numbers its noise."""
        begin = max(0, int(t_s[0]) - 1)
        noise = AMPLIFIER_UV * self._amplifier.normal(first_sample, t_s.size)
        if self.off_chest(int(t_s[0])):
            return noise
        clean = ecg_uv(t_s, self._heart.beats(begin, int(t_s[-1]) + 2))
        return clean + noise + self._movement.shaken_uv(t_s, first_sample)

    def skin_degc(self, t_s: float, site: str = "") -> float:
        """Temperature under a skin probe, degrees Celsius, as a thermometer would report it.

        Args:
            t_s: session time.
            site: where the probe sits; covered and proximal if not among the distal ones.
        """
        return self._warmth.probe_degc(t_s, site)

    def core_degc(self, t_s: float) -> float:
        """True core temperature, degrees Celsius."""
        return self._warmth.core_degc(t_s)

    def thermometer_degc(self, t_s: float) -> float:
        """What a clinical thermometer reads, degrees Celsius to 0.1."""
        return self._warmth.thermometer_degc(t_s)

    def pressure_mmhg(self, t_s: float) -> tuple[int, int]:
        """What a cuff reads, systolic and diastolic."""
        return self._pressure.read_mmhg(t_s)

    def room_degc(self, t_s: float) -> float:
        """Air temperature of the room, degrees Celsius, as a thermometer would report it."""
        return self._warmth.room_degc(t_s)
