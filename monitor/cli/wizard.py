"""The wizard of `vigil run`: asks on the terminal for what the configuration does not say."""

from __future__ import annotations

from pathlib import Path

from monitor import config, hosting, starting
from monitor.cli import output, watch
from tui.wizard import draft as drafts
from tui.wizard.app import ATTACH, START, Surroundings, WizardApp, usual_config

KEPT = "nothing was started; your answers are kept: `vigil run` goes on with them"


def ask(settings: config.Config, config_path: Path | None) -> drafts.Draft | None:
    """Ask; the answers, or None when nothing is to be started.

    For the next session only the sensors are kept: nobody is recorded under another's code.
    """
    running = [r for r in hosting.sessions() if r.alive and not _drill(r)]
    kept = drafts.usual_file()
    app = WizardApp(
        kept,
        Surroundings(
            theme=settings.screen.theme,
            config_path=config_path or usual_config(),
            recordings=str(starting.recordings_directory(settings)),
            simulated=starting.simulated,
            running=[f"{r.plan.mode}  {r.plan.subject or 'no subject code'}" for r in running],
            subject=settings.session.subject,
        ),
    )
    outcome = app.run()
    if outcome == ATTACH:
        watch.watch(
            running[0].directory, settings.screen.theme, headless=False, for_s=None, owner=False
        )
    elif outcome == START:
        drafts.save(kept, app.draft.used())
        return app.draft
    else:
        output.say(KEPT)
    return None


def _drill(running: hosting.Running) -> bool:
    simulation = running.plan.simulation
    return simulation is not None and simulation.scenario == starting.DRILL
