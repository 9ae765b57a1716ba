"""How many tests run side by side."""

import os


def pytest_xdist_auto_num_workers():
    """Three for two cores: most of the time of whole sessions is waiting, not computing."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)
