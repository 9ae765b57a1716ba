"""One sensor: what it says now, what it is called, what it measures, and where it sits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static

from devices.model import SensorSpec, Signal
from devices.registry import codec
from monitor.clock import NS_PER_S, monotonic_ns
from monitor.config_schema import SITES, connectable
from monitor.config_writer import SITE_NEEDED
from monitor.errors import ConfigError
from monitor.finding import Candidate, measurable, suggested
from tui.screens.window import AT_ONCE
from tui.sensor_words import UNTRIED
from tui.wizard import words
from tui.wizard.finder import Look
from tui.wizard.page import Key, Page, line
from tui.wording import plain

RENEW_S = 0.5
PREVIEW = "preview"


class PickPage(Page):
    """Shows a sensor live and asks how it is to be used.

    Args:
        found: the sensor; None for one that is entered by hand.
        used: it is used already, and this is how.
    """

    NUMBER = 1
    KEYS = (Key("F2 Use it", "use"), Key("Esc Back", "back"))
    BINDINGS = [  # noqa: RUF012 - Textual's own form
        *AT_ONCE,
        ("f2,ctrl+s", "use", "Use it"),
        ("escape", "back", "Back"),
    ]

    def __init__(self, found: Candidate | None, used: SensorSpec | None = None) -> None:
        super().__init__()
        self._found, self._used = found, used
        self._preview: Look | None = None
        self._since_ns = monotonic_ns()
        first = used or (suggested(found) if found else None)
        self._spec = first or SensorSpec(alias="", codec="hrs_2a37", measures=Signal.HEART_RATE)

    def body(self) -> Sequence[Widget]:
        """What is known, what it says, and the questions."""
        spec = self._spec
        by_hand = self._found is None
        formats = sorted(connectable()) if by_hand else [spec.codec, *self._more()]
        return (
            Static(self._title(), id="pick-title", markup=False),
            line("pick-live"),
            line("says", classes="wizard-bad"),
            Label(
                "Address: Bluetooth address or exact name, or serial port",
                id="address-label",
                classes="ask",
            ),
            Input(spec.address, id="address", compact=True, max_length=200),
            Label("Name in Vigil: a-z 0-9 _ -", classes="ask"),
            Input(spec.alias, id="alias", compact=True, max_length=24),
            Label("Format", id="format-label", classes="ask"),
            _select("format", [(_format(name), name) for name in formats], spec.codec),
            Label("Measures", id="measures-label", classes="ask"),
            _select("measures", _measures(spec.codec), spec.measures.value),
            Label(words.SITE, classes="ask"),
            _select("site", [(words.site_words(s), s) for s in SITES], spec.site or None),
        )

    def _more(self) -> Sequence[str]:
        return self._found.more if self._found else ()

    def _title(self) -> str:
        if self._found is None:
            return f"A sensor entered by hand. {UNTRIED}"
        sim = "SIMULATED  " if self.wizard.around.simulated(self._spec) else ""
        kind = codec(self._spec.codec)
        name = plain(self._found.name, 40) or "(no name)"
        tested = f"Its format was tested with {kind.tested}. " if kind.tested else ""
        return f"{sim}{name}  {plain(self._spec.address, 60)}\n{kind.title}\n{tested}{UNTRIED}"

    def on_mount(self) -> None:
        """Hide what need not be asked; begin to look."""
        for name, wanted in {
            "address": self._found is None,
            "format": self._found is None or bool(self._more()),
            "measures": True,
        }.items():
            self.query_one(f"#{name}").display = wanted
            self.query_one(f"#{name}-label").display = wanted
        self._only_what_it_measures()
        self.query_one("#address" if self._found is None else "#alias").focus()
        self.set_interval(RENEW_S, self._draw)
        self._look()

    def _only_what_it_measures(self) -> None:
        single = len(measurable(codec(self._spec.codec))) < 2
        self.query_one("#measures").display = not single
        self.query_one("#measures-label").display = not single

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """An address was entered: look there. A name: go on to the site, or use it."""
        event.stop()
        if event.input.id == "address":
            self._take()
            self._look()
            self.query_one("#alias").focus()
        elif self._spec.measures in SITE_NEEDED and not self._chosen("site"):
            self.query_one("#site").focus()
        else:
            self.action_use()

    def on_select_changed(self, event: Select.Changed) -> None:
        """Another format or quantity: look again."""
        event.stop()
        before = self._spec
        self._take()
        if event.select.id == "format" and self._spec.codec != before.codec:
            self._offer_measures()
        if (self._spec.codec, self._spec.measures) != (before.codec, before.measures):
            self._look()

    def _offer_measures(self) -> None:
        usual = measurable(codec(self._spec.codec))[0]
        self._spec = replace(self._spec, measures=usual)
        measures: Select[str] = self.query_one("#measures", Select)
        with self.prevent(Select.Changed):
            measures.set_options(_measures(self._spec.codec))
            measures.value = usual.value
        self._only_what_it_measures()
        self.query_one("#pick-title", Static).update(self._title())

    def _chosen(self, name: str) -> str:
        value = self.query_one(f"#{name}", Select).value
        return value if isinstance(value, str) else ""

    def _take(self) -> None:
        """The answers, as a sensor."""
        kind = codec(self._chosen("format") or self._spec.codec)
        self._spec = replace(
            self._spec,
            alias=self.query_one("#alias", Input).value.strip(),
            address=self.query_one("#address", Input).value.strip(),
            codec=kind.name,
            transport=kind.transport,
            stale_s=kind.stale_s,
            period_s=kind.period_s,
            measures=Signal(self._chosen("measures") or self._spec.measures.value),
            site=self._chosen("site"),
        )

    def _look(self) -> None:
        """Link to it, until the page is left."""
        self._preview, self._since_ns = None, monotonic_ns()
        self.workers.cancel_group(self, PREVIEW)
        if self._spec.address:
            spec = replace(self._spec, alias=PREVIEW)
            self._preview = look = self.wizard.finder.preview(spec)
            self.run_worker(look.run(), group=PREVIEW, exit_on_error=False)
        self._draw()

    def _draw(self) -> None:
        if self._preview is None:
            self.say("pick-live", "")
            return
        waited_s = (monotonic_ns() - self._since_ns) / NS_PER_S
        seen, value = self._preview.sensor(), self._preview.value()
        said = words.live(seen, self._spec.measures, value, waited_s)
        self.say("pick-live", "\n".join(said))

    def action_use(self) -> None:
        """Use it, if the answers are allowed."""
        self._take()
        before = self._used.alias if self._used else ""
        try:
            self.wizard.draft = self.wizard.draft.with_sensor(self._spec, before)
        except ConfigError as error:
            self.say("says", str(error))
            self.app.bell()
            if self._spec.measures in SITE_NEEDED and not self._spec.site:
                self.query_one("#site").focus()
            return
        self.wizard.keep()
        self.dismiss()

    def action_back(self) -> None:
        """Leave it."""
        self.dismiss()


def _select(name: str, options: Sequence[tuple[str, str]], value: str | None) -> Select[str]:
    if value is None:
        return Select(options, id=name, compact=True, prompt="not said")
    return Select(options, id=name, compact=True, value=value, allow_blank=name == "site")


def _measures(name: str) -> list[tuple[str, str]]:
    return [(s.value.replace("_", " "), s.value) for s in measurable(codec(name))]


def _format(name: str) -> str:
    return f"{codec(name).title} ({name})"
