"""What tests of the report page need: the numbers a page shows, what they should be, and marts that are changed."""

import json
import math
import re
import shutil
from pathlib import Path

import duckdb

# Every number of the page, with its attributes and the text that is shown.
NUMBERS = """
    () => [...document.querySelectorAll("[data-value]")].map(
        number => ({...number.dataset, text: number.textContent, hidden: number.getClientRects().length === 0})
    )
"""


def change_marts(source: Path, target: Path, changes: dict[str, str]) -> Path:
    """Copy the published marts; those in ``changes`` become the result of a query over ``mart``, the old one."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    with duckdb.connect() as con:
        for mart, query in changes.items():
            con.execute(f"create or replace view mart as select * from read_parquet('{source}/{mart}.parquet')")
            con.execute(f"copy ({query}) to '{target}/{mart}.parquet' (format parquet)")
    return target


def condition(key: dict, values: list) -> str:
    """The rows a key is about, as SQL; adds the values to bind to ``values``."""
    parts = ["true"]
    for column, wanted in key.items():
        negated = isinstance(wanted, dict)
        options = wanted["not"] if negated else wanted if isinstance(wanted, list) else [wanted]
        tests = []
        for option in options:
            values.append(option)
            tests.append(f'"{column}" is not distinct from ?')
        text = f"({' or '.join(tests) or 'false'})"
        parts.append(f"not {text}" if negated else text)
    return " and ".join(parts)


class Recount:
    """Computes numbers of a page again from the published marts, by what their attributes say."""

    def __init__(self, folder: Path) -> None:
        self.con = duckdb.connect()
        for file in folder.glob("*.parquet"):
            self.con.execute(f"create table {file.stem} as select * from read_parquet('{file}')")

    def value(self, mart: str, column: str, key: dict) -> float | None:
        values: list = []
        rows = condition(key, values)
        figure = f"sum({column})" if re.fullmatch(r"\w+", column) else column
        return self.con.execute(f"select {figure} from {mart} where {rows}", values).fetchone()[0]

    def expected(self, number: dict) -> float:
        key = json.loads(number.get("key", "{}"))
        value = self.value(number["mart"], number["column"], key) or 0.0
        if "of" not in number:
            return value
        base = self.value(number["mart"], number["column"], json.loads(number["of"])) or 0.0
        return {
            "share": lambda: value / base,
            "change": lambda: value / base - 1,
            "difference": lambda: value - base,
        }[number["how"]]()

    def wrong(self, number: dict) -> str | None:
        """What is wrong with a number of the page, if anything: its value, or what is shown for it."""
        value, expected = float(number["value"]), self.expected(number)
        if not math.isclose(value, expected, rel_tol=1e-9, abs_tol=1e-9):
            return f"{number}: the marts say {expected}"
        if not is_shown(number["text"], value / float(number.get("scale", 1))):
            return f"{number}: shown as {number['text']}"
        return None


def is_shown(text: str, value: float) -> bool:
    """Whether a text stands for a value: three significant digits, one decimal of a percentage, cents of a cost."""
    text = text.replace("\N{MINUS SIGN}", "-").replace(",", "").removeprefix("+")
    if text == "<0.1":
        return abs(value) < 0.05
    shown = float(text)
    if shown == 0:
        return abs(value) < 1e-6
    decimals = len(text.partition(".")[2])
    return abs(shown - value) <= max(0.5 * 10.0**-decimals * (1 + 1e-9), 0.005 * abs(value))
