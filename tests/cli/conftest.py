"""The file that most tests of the command line are about."""

from pathlib import Path

import pytest

from tests.cli.running import CART, put


@pytest.fixture
def cart(tmp_path: Path) -> Path:
    return put(tmp_path / "cart.py", CART)
