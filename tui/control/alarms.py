"""Controls of alarms and silences."""

from __future__ import annotations

from monitor.model import Verb
from tui import entries
from tui.control.base import Base
from tui.screens import sound, why
from tui.views import AlarmView

PAUSE_S = 120


class AlarmControls(Base):
    """Acknowledge, pause, why, is over, standby, sound check."""

    def action_acknowledge(self) -> None:
        """Acknowledge the most urgent alarm on the screen that nobody has acknowledged."""
        if not self._live("Acknowledge"):
            return
        if self.view.to_acknowledge is None:
            self._say("No alarm to acknowledge.")
        else:
            self.acknowledge(self.view.to_acknowledge)

    def action_acknowledge_one(self, condition: str) -> None:
        """Acknowledge the alarm of this condition, as it is on the screen."""
        shown = [alarm for alarm in self.view.alarms if alarm.condition == condition]
        if self._live("Acknowledge") and shown:
            self.acknowledge(shown[0])

    def acknowledge(self, alarm: AlarmView) -> None:
        """Acknowledge this very alarm."""
        self.command(Verb.ACKNOWLEDGE.value, condition=alarm.condition, occurrence=alarm.occurrence)

    def action_pause(self) -> None:
        """Pause all alarm sound for two minutes, or resume it."""
        if not self._live("Audio pause"):
            return
        if self.view.audio_paused:
            self.command(Verb.RESUME_AUDIO.value)
        else:
            self.command(Verb.PAUSE_AUDIO.value, seconds=PAUSE_S)

    def action_resolve(self) -> None:
        """Say that what only the operator can end is over."""
        if not self._live("Is over") or self.drawn is None:
            return
        holding = [a for a in self.drawn.alarms if a.manual_clear and a.clear_s is None]
        if holding:
            self.command(Verb.RESOLVE.value, condition=holding[0].condition)
        else:
            self._say("No alarm that you have to end.")

    def action_why(self) -> None:
        """Show why it is alarming."""
        self.push_screen(why.WhyPage(lambda: self.drawn))

    def action_alarm(self, condition: str) -> None:
        """Show why this alarm is there, and offer to acknowledge it."""
        self.push_screen(why.WhyPage(lambda: self.drawn, condition))

    def action_standby(self) -> None:
        """Ask about a standby, or end it."""
        if not self._live("Standby") or self.drawn is None:
            return
        away = self.drawn.standby
        if away is not None and away.remaining_s is not None:
            self.command(Verb.END_STANDBY.value)
        else:
            self._enter(Verb.STANDBY.value, entries.standby_form(), entries.standby)

    def action_sound_check(self) -> None:
        """Sound the test tone, and ask whether it was heard."""
        if not self._live("Sound check") or self.drawn is None:
            return

        def heard(answer: str | None) -> None:
            if answer:
                self.command(Verb.SOUND_CHECK.value, heard=answer == sound.HEARD)

        self.command("sound_test")
        self.push_screen(sound.sound_question(self.drawn.audio), heard)
