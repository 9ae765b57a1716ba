"""First page: whose session it is."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from tui.screens.window import AT_ONCE
from tui.wizard import words
from tui.wizard.draft import age_of, like_a_name, refused
from tui.wizard.page import Key, Page, line

SETTLE_S = 0.05
"""The last letters typed before Enter are still on their way then."""
FIELDS = ("subject", "age", "operator")


class PersonPage(Page):
    """Subject code, age, and who watches; each optional, none of them a name."""

    NUMBER = 0
    KEYS = (Key("Enter Next", "next"), Key("Esc Leave, answers are kept", "back"))
    BINDINGS = [  # noqa: RUF012 - Textual's own form
        *AT_ONCE,
        ("escape", "back", "Leave"),
        Binding("enter", "enter", "Next", priority=True),
    ]

    def body(self) -> Sequence[Widget]:
        """The three lines."""
        draft = self.wizard.draft
        age = f"{draft.age_years:g}" if draft.age_years else ""
        return (
            line("told", classes="wizard-bad"),
            Static(words.PERSON, markup=False),
            Label("Subject code", classes="ask"),
            Input(draft.subject, id="subject", compact=True, max_length=24),
            line("subject-says", classes="wizard-bad"),
            Static(words.AGE, classes="ask", markup=False),
            Input(age, id="age", compact=True, max_length=6),
            line("age-says", classes="wizard-bad"),
            Static(words.OPERATOR, classes="ask", markup=False),
            Input(draft.operator, id="operator", compact=True, max_length=20),
            line("operator-says", classes="wizard-bad"),
        )

    def on_mount(self) -> None:
        """Begin in the first line; say what the wizard has to say."""
        self.query_one("#subject", Input).focus()
        self.say("told", self.wizard.told)
        self._check()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check while typing, and keep what is right."""
        event.stop()
        self._check()

    def action_enter(self) -> None:
        """Go to the next line, at the end to the next page.

        At once, so that what is typed behind it lands in the next line, however fast it comes.
        """
        at = FIELDS.index(str(self.focused.id)) if self.focused is not None else 0
        if at + 1 < len(FIELDS):
            self.set_focus(self.query_one(f"#{FIELDS[at + 1]}", Input))
        else:
            self.set_timer(SETTLE_S, self.action_next)

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _check(self) -> bool:
        """Say what is wrong; keep what is right. Whether all is."""
        subject, operator = self._typed("subject"), self._typed("operator")
        age = age_of(self._typed("age"))
        bad = {
            "subject": refused("subject", subject),
            "age": "must be a number, 0 to 120 years" if age is None else "",
            "operator": refused("operator", operator),
        }
        hint = words.NAME_HINT if like_a_name(subject) and not bad["subject"] else ""
        for name, why in bad.items():
            self.say(f"{name}-says", why or (hint if name == "subject" else ""))
        draft = self.wizard.draft
        draft.subject = draft.subject if bad["subject"] else subject
        draft.operator = draft.operator if bad["operator"] else operator
        draft.age_years = draft.age_years if age is None else age
        self.wizard.keep()
        return not any(bad.values())

    def action_next(self) -> None:
        """Go on, when all that was typed is allowed."""
        if self._check():
            self.wizard.go("sensors")
        else:
            self.app.bell()

    def action_back(self) -> None:
        """Leave; the answers are kept."""
        self.wizard.leave()
