"""Controls of a replay."""

from __future__ import annotations

from monitor.feed import Snapshot
from tui import entries
from tui.control.base import REPLAY, Base

SEEK_S = 60.0
FAR_S = 600.0
SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0)


class ReplayControls(Base):
    """Pause, speed, time, events."""

    _last_rate = 1.0

    def action_replay_pause(self) -> None:
        """Pause the replay, or go on at the last speed."""
        if self._replaying() is not None:
            self.command("set_rate", rate=self._last_rate if self.view.paused_replay else 0.0)

    def action_faster(self) -> None:
        """Replay at the next higher speed."""
        self._change_speed(1)

    def action_slower(self) -> None:
        """Replay at the next lower speed."""
        self._change_speed(-1)

    def action_rewind(self) -> None:
        """Go back a minute in the replay."""
        self._seek(-SEEK_S)

    def action_forward(self) -> None:
        """Go on a minute in the replay."""
        self._seek(SEEK_S)

    def action_rewind_far(self) -> None:
        """Go back ten minutes in the replay."""
        self._seek(-FAR_S)

    def action_forward_far(self) -> None:
        """Go on ten minutes in the replay."""
        self._seek(FAR_S)

    def action_next_event(self) -> None:
        """Go to the next event of the replay."""
        if self._replaying() is not None:
            self.command("next_event")

    def action_previous_event(self) -> None:
        """Go to the event before."""
        if self._replaying() is not None:
            self.command("previous_event")

    def action_go_to(self) -> None:
        """Ask for a time of the replay, and go there."""
        replay = self._replaying()
        if replay is not None:
            length_s = replay.replay_length_s or replay.t_s
            form = entries.time_form(replay.doses_s, length_s)
            self._enter("seek", form, entries.time_reader(replay.doses_s, length_s))

    def seek_share(self, share: float) -> None:
        """Go to this share (0 to 1) of the recording."""
        replay = self._replaying()
        if replay is not None and replay.replay_length_s is not None:
            self.command("seek", t_s=round(share * replay.replay_length_s, 1))

    def _change_speed(self, direction: int) -> None:
        if self._replaying() is None:
            return
        others = sorted(SPEEDS, key=lambda speed: abs(speed - self._last_rate))
        nearest = [speed for speed in others if (speed - self._last_rate) * direction > 0]
        if nearest:
            self._last_rate = nearest[0]
            self.command("set_rate", rate=nearest[0])

    def _seek(self, by_s: float) -> None:
        replay = self._replaying()
        if replay is not None:
            end_s = replay.replay_length_s
            target_s = max(0.0, replay.t_s + by_s)
            self.command("seek", t_s=target_s if end_s is None else min(target_s, end_s))

    def _replaying(self) -> Snapshot | None:
        """The replay on the screen; its speed is remembered for going on after a pause."""
        if self.drawn is None or self.drawn.session.mode != REPLAY:
            return None
        self._last_rate = self.drawn.session.rate or self._last_rate
        return self.drawn
