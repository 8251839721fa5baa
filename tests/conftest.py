"""What holds for every test: logging stays as it was, and no test fails for the time it took."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

# A busy machine is no fault of the code; what takes too long is measured by `make bench`.
settings.register_profile("linedesk", deadline=None)
settings.load_profile("linedesk")


@pytest.fixture(autouse=True)
def _logging_stays_as_it_was() -> Iterator[None]:
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.configure(**before)
    for handler in [each for each in root.handlers if each not in handlers]:
        root.removeHandler(handler)
    root.setLevel(level)
