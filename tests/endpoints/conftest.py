"""The mark of the tests that need a program from outside of Python."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "aimock: needs Node and aimock, which `make test` installs")
