"""The documents say what the code does."""

import re
from pathlib import Path

import pytest

from alerts import guide as alarm_guide
from alerts.catalogue import CATALOGUE
from devices import guide
from monitor import feed
from monitor.cli.main import COMMANDS
from monitor.model import Verb

ROOT = Path(__file__).parents[2]
ALARMS = (ROOT / "docs" / "alarms.md").read_text()
FEED = (ROOT / "docs" / "feed.md").read_text()
README = (ROOT / "README.md").read_text()


def test_the_alarm_guide_is_what_the_catalogue_says():
    assert alarm_guide.update(ALARMS) == ALARMS, "python -m alerts.guide brings it up to date"


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_condition_is_documented_with_its_defaults(name):
    row, _ = re.findall(rf"^\| `{name}` \|.*$", ALARMS, re.MULTILINE)
    values = CATALOGUE[name].defaults
    assert str(values["priority"]) in row
    for key, value in values.items():
        if isinstance(value, float):
            assert f"{value:g}" in row, key


@pytest.mark.parametrize("message", ["ping", "command", "hello", "history", "snapshot", "reply"])
def test_every_message_of_the_feed_is_documented(message):
    assert f"| `{message}` |" in FEED


def test_every_verb_is_documented():
    for verb in Verb:
        assert f"`{verb.value}`" in FEED


def test_the_feed_has_no_message_the_document_lacks():
    tags = {kind.__struct_config__.tag for kind in (feed.Downlink | feed.Uplink).__args__}
    assert all(f"| `{tag}` |" in FEED for tag in tags)


def test_every_command_is_in_the_readme():
    for name in COMMANDS:
        assert f"`vigil {name}" in README


def test_the_readme_links_to_files_that_exist():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_device_guide_lists_every_format_as_it_is():
    page = (ROOT / "docs" / "devices.md").read_text()
    assert guide.update(page) == page, "python -m devices.guide brings it up to date"
