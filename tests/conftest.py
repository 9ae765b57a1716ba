"""Options of the whole suite."""


def pytest_addoption(parser):
    parser.addoption(
        "--update-refs",
        action="store_true",
        help="Write tests/replay/golden anew after a meant change; read its git diff first.",
    )
