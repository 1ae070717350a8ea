"""The product does not carry httpx's command line along, also where what that needs is installed."""

import subprocess
import sys

PROGRAM = """
import sys
from importlib.util import find_spec
assert find_spec("rich") and find_spec("click"), "what httpx's command line needs is installed for the tests"
import kimi_lsp.kimi.client, httpx
print(sorted({"rich", "click", "pygments"} & set(sys.modules)), httpx.AsyncClient.__name__)
"""


def test_its_command_line_is_not_imported() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("[] AsyncClient\n", "")
