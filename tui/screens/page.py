"""A page over the dashboard: the log, the help. Monitoring goes on behind it."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Button, Static

from monitor.feed import Snapshot
from tui import wording
from tui.screens.window import Window

HELP = """\
a  acknowledge the most urgent alarm not yet acknowledged: only
   that one, as seen on the screen. It stays visible while it holds.
p  pause all alarm sound for two minutes; again: resume. A new or
   worse alarm breaks the pause. The screen goes on showing alarms.
s  standby: the person leaves for a while; again: they are back.
   Sensors' alarms are held back, HIGH ones of the person are not.
b  blood pressure   c  clinical temperature
d  record a dose and fix the baseline   m  write a note
w  why is it alarming?   o  it is over (where only you can say so)
i  limits of this session   v  sound check
g  what is to be done before the dose
t  charts over 10 minutes, 1 hour, the whole session
l  log of alarms and actions   n  night colours, red on black
q  leave: the session can go on without this screen

In a replay: space pause or play, + and - speed, arrows 60 s back
or on, e next event

***  HIGH    red, flashing fast     someone must act now
**   MEDIUM  yellow, flashing slow  someone must act soon
*    LOW     cyan, steady           be aware

OVER, not acknowledged   has ended, but nobody acknowledged it yet
behind a worse one       holds too, behind a more severe alarm
no signal to judge it by held when the signal was lost
NOT ANSWERED             nobody acknowledged it for three minutes
--                       no value to be trusted; its age is beside it
░                        no valid data then; never joined by a line

Skin temperature is not core temperature: cool skin does not exclude
overheating.
"""


class Page(Window[None]):
    """Text to read; Esc, the page's own key or the button closes it."""

    BINDINGS = [  # noqa: RUF012 - Textual's own form
        ("escape,l,q,h,w,question_mark", "close", "Close"),
    ]

    def __init__(self, title: str, text: Text, *, at_end: bool = False) -> None:
        super().__init__()
        self._title, self._text, self._at_end = title, text, at_end

    def compose(self) -> ComposeResult:
        """Lay out the text and the button."""
        with VerticalScroll(classes="window page") as window:
            window.border_title = self._title
            yield Static(self._text, classes="window-text")
            yield Button("Esc  Close", compact=True)

    def on_mount(self) -> None:
        """A log is read from its end."""
        window = self.query_one(VerticalScroll)
        window.focus()
        if self._at_end:
            window.scroll_end(animate=False)

    def on_button_pressed(self) -> None:
        """Close."""
        self.answer(None)

    def action_close(self) -> None:
        """Close."""
        self.answer(None)


def help_page() -> Page:
    """Keys, symbols, and what Vigil is not."""
    return Page("Help", Text(f"{HELP}{wording.STATEMENT}"))


def log_page(snapshot: Snapshot | None) -> Page:
    """The newest lines of the session's log: alarm transitions, actions, system notes."""
    lines = [] if snapshot is None else snapshot.log
    doses = [] if snapshot is None else snapshot.doses_s
    text = Text("\n").join(
        Text(f"{wording.since_dose(line.t_s, doses):<11} {line.kind:<7} {wording.plain(line.text)}")
        for line in lines
    )
    return Page("Log", text if lines else Text("Nothing yet."), at_end=True)
