"""What the first page does without until its table is there: each of these imports takes as long as the page itself."""

import subprocess
import sys

CODE = """
import sys
import app.main
from app.compare_page import compute
from experiments.defaults import MECHANISMS
from experiments.headline import Tables
from app.table import html_table
from scenarios import load_scenario

compared = compute.comparison(load_scenario("seed_binary"), MECHANISMS, ["full-value"], 10, lambda _: None)
assert "exactly equal" in html_table(Tables.of(compared.comparison))
print(sorted({"mesa", "altair", "networkx", "pymarket", "duckdb"} & set(sys.modules)))
"""


def test_the_first_table_needs_neither_mesa_nor_altair():
    told = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"
