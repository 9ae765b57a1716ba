"""The dashboard of one browser tab: a process of its own, like a terminal's.

python -m tui.web.screen DIRECTORY THEME
"""

from __future__ import annotations

import sys
from pathlib import Path

from tui.run import run_dashboard


def main(directory: str, theme: str) -> None:
    """Show the session until the tab is closed."""
    run_dashboard(Path(directory), theme)


if __name__ == "__main__":
    main(*sys.argv[1:])
