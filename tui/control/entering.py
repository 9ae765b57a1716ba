"""Controls of entries, and of their corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitor.feed import Entry, LogLine
from monitor.model import Verb
from tui import entries
from tui.control.base import Base
from tui.screens import correct, dose
from tui.screens.form import Form
from tui.screens.note import NoteScreen
from tui.wording import since_dose

Read = Callable[[Mapping[str, str]], entries.Details | str]
RECENT = 8
"""So many labels of earlier notes are offered."""


class EntryControls(Base):
    """Dose, note, blood pressure, temperature, fluids, score."""

    def action_dose(self) -> None:
        """Ask about the dose and its baseline."""
        if not self._live("Dose") or self.drawn is None:
            return
        seen = self.drawn
        label = "supplemental" if seen.doses_s else "dose"

        def record(answer: str | None) -> None:
            if answer == dose.UNEXPECTED:
                self._say("Dose NOT recorded: that key has no meaning here.", severe=True)
            elif answer:
                confirm = answer == dose.CONFIRM
                shown = dose.as_seen(self.drawn or seen)
                self.command(Verb.DOSE.value, confirm_baseline=confirm, label=label, **shown)

        self.push_screen(dose.dose_question(lambda: self.drawn or seen), record)

    def action_note(self) -> None:
        """Ask for a note."""
        if self._live("Note"):
            self.note(NoteScreen(self.book.recent(Verb.NOTE.value, "text", RECENT)), {})

    def note(self, screen: NoteScreen, more: entries.Details) -> None:
        """Show the window of a note; `more` are details besides its text."""

        def record(text: str | None) -> None:
            if text:
                details = {"text": text, **more}
                self.send(Verb.NOTE.value, details, lambda: self.note(screen.again(text), more))

        self.push_screen(screen, record)

    def action_pressure(self) -> None:
        """Ask for a blood pressure."""
        if self._live("Blood pressure"):
            self._enter(Verb.BLOOD_PRESSURE.value, entries.pressure_form(), entries.pressure)

    def action_temperature(self) -> None:
        """Ask for a clinical temperature."""
        if self._live("Temperature"):
            form = entries.temperature_form(self.drawn)
            self._enter(Verb.TEMPERATURE.value, form, entries.temperature)

    def action_fluids(self) -> None:
        """Ask for fluids taken."""
        if self._live("Fluids") and self.drawn is not None:
            form = entries.fluids_form(self.drawn, self.book)
            self._enter(Verb.FLUIDS.value, form, entries.fluids)

    def action_score(self) -> None:
        """Ask for an observer's score."""
        if not self._live("Score") or self.drawn is None:
            return
        scales = self.drawn.session.scales
        if scales:
            self._enter(Verb.SCORE.value, entries.score_form(scales), entries.score_reader(scales))
        else:
            self._say("No scores are named in [scores] of the configuration.")

    def correct(self, line: LogLine) -> None:
        """Ask what is to become of the entry behind a line of the log."""
        entry = line.entry
        if not self._live("Correcting") or self.drawn is None or entry is None:
            return
        if entry.verb == Verb.DOSE.value:
            self._say(
                "A dose cannot be corrected: it fixed the baselines. Write a note.", severe=True
            )
            return

        def chosen(answer: str | None) -> None:
            if answer == correct.WITHDRAW:
                self.command(entry.verb, corrects=entry.t_ns, withdrawn=True)
            elif answer == correct.CHANGE:
                self._change(entry)

        when = since_dose(line.t_s, self.drawn.doses_s)
        self.push_screen(correct.correct_question(line.text, when), chosen)

    def _change(self, entry: Entry) -> None:
        more: entries.Details = {"corrects": entry.t_ns}
        if entry.verb == Verb.NOTE.value:
            self.note(NoteScreen([], str(entry.details.get("text", ""))), more)
            return
        form, read = self._prefilled(entry)

        def corrected(values: Mapping[str, str]) -> entries.Details | str:
            details = read(values)
            return details if isinstance(details, str) else details | more

        self._enter(entry.verb, form, corrected)

    def _prefilled(self, entry: Entry) -> tuple[Form, Read]:
        """The form of an entry with what it says, and how that is read."""
        scales = {} if self.drawn is None else self.drawn.session.scales
        kinds: dict[str, tuple[Form, Read]] = {
            Verb.BLOOD_PRESSURE.value: (entries.pressure_form(), entries.pressure),
            Verb.TEMPERATURE.value: (entries.temperature_form(self.drawn), entries.temperature),
            Verb.FLUIDS.value: (entries.fluids_form(self.drawn, self.book), entries.fluids),
        }
        form, read = kinds.get(entry.verb) or (
            entries.score_form(scales),
            entries.score_reader(scales),
        )
        return form.again(entries.typed(entry)), read
