"""Controls that show something: limits, log, handover, help, charts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from monitor.feed import Limit, LogLine
from monitor.model import Verb
from tui import entries
from tui.control.entering import EntryControls
from tui.plot import SPANS_S
from tui.screens import page
from tui.screens.handover import HandoverPage
from tui.screens.limits import LimitsScreen
from tui.screens.log import LogScreen


class PageControls(EntryControls):
    """Limits, log, handover, help, charts."""

    def action_limits(self) -> None:
        """Show the limits, and change one."""
        if self.drawn is None:
            return

        def change(chosen: Limit | None) -> None:
            if chosen is not None and self._live("Limits"):
                form = entries.limit_form(chosen)
                self._enter(Verb.SET_LIMIT.value, form, partial(entries.limit, chosen))

        self.push_screen(LimitsScreen(self.drawn.limits), change)

    def action_trend(self) -> None:
        """Show the next span of time in the charts."""
        self.span = (self.span + 1) % len(SPANS_S)

    def action_log(self) -> None:
        """Show the log; an entry picked from it can be corrected."""

        def picked(line: LogLine | None) -> None:
            if line is not None:
                self.correct(line)

        self.push_screen(LogScreen(self.book, lambda: self.drawn), picked)

    def action_handover(self) -> None:
        """Show what somebody taking over has to know; they may sign in."""

        def taken(answer: bool | None) -> None:
            if answer and self._live("Taking over"):
                self._take_over()

        self.push_screen(HandoverPage(lambda: self.drawn, self.book, self.operator), taken)

    def _take_over(self) -> None:
        def read(values: Mapping[str, str]) -> entries.Details | str:
            details = entries.take_over(self.operator, values)
            if not isinstance(details, str):
                self.operator = values["operator"]
            return details

        self._enter(Verb.NOTE.value, entries.take_over_form(), read)

    def action_help(self) -> None:
        """Show the help."""
        self.push_screen(page.help_page())
