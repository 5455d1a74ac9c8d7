"""docs/errors.md has every message the source can show, and no other; each message says where, what and what to do."""

import ast
import gzip
import os
import re
import subprocess
import sys
from functools import cache

import duckdb
import pytest
from conftest import PROJECT
from error_messages import GAP, REASONS, Message, codes_of_python, messages_of_python, messages_of_sql

# Read from the source: the proxy's own packages are not part of this environment.
ANSWERS = next(
    ast.literal_eval(node.value)
    for node in ast.parse((PROJECT / "ai_proxy" / "relay.py").read_text(encoding="utf-8")).body
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REASONS"
)

CATALOGUE = PROJECT / "docs" / "errors.md"
# Programs for those who work on the project itself.
TOOLS = ["bench.py", "bench_nights.py", "bench_proxy.py", "make_sample_data.py", "write_docs.py", "write_licences.py"]
# Heads of a list of messages, and a line that says that all is well.
HEADS = ["The inputs cannot be used.", "The closed periods cannot be used.", "No billing export found.", "works again"]
FOREIGN = "Messages of DuckDB and dbt"

VERBS = (
    "add|begin|build|change|check|close|compare|copy|correct|deliver|delete|end|find|free|give|install|leave|let|load|look"
    "|make|move|name|point|put|remove|report|restore|run|see|send|set|start|take|unpack|use|wait|write"
)
# An order, or the values that are allowed.
WHAT_TO_DO = re.compile(
    rf"(?:[.:;,({GAP}] |\bor |\bthen |\band )(?:{VERBS})\b|must (?:not )?(?:be|map|begin)|It can (?:be|name)", re.I
)
# A value of the message, or a setting, option or file by name.
WHERE = re.compile(rf"{GAP}|--\w|\[\w+\]|\b[A-Z]+_[A-Z_]+\b|^[:,/] ?|^ and |^ is |^ counts|stands above|message above")


@cache
def messages() -> list[Message]:
    found = []
    for folder in ("ai_emissions", "ai_proxy", "scripts"):
        for path in sorted((PROJECT / folder).rglob("*.py")):
            found += [] if path.name in TOOLS or path.parent.name == "bench" else messages_of_python(path)
    for folder in ("models", "macros", "tests/data"):
        for path in sorted((PROJECT / folder).rglob("*.sql")):
            found += messages_of_sql(path)
    return found


@cache
def entries() -> dict[str, list[str]]:
    """First cells of the tables, by section; every row has its three cells filled, tests two."""
    found: dict[str, list[str]] = {}
    for line in CATALOGUE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = found.setdefault(line[3:], [])
        elif line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            assert len(cells) in (2, 3) and all(cells), line
            section.append(cells[0].strip().removeprefix("`").removesuffix("`"))
    return found


def fits(entry: str, text: str) -> bool:
    """Do the words of an entry between its dots occur in the text, in their order?"""
    pieces = [re.escape(piece.strip()) for piece in entry.split("...") if piece.strip(" :.")]
    return bool(re.search(".*?".join(pieces), text, re.DOTALL))


def is_code(entry: str) -> bool:
    return bool(re.fullmatch(r"[a-z_]+", entry))


def catalogued() -> list[str]:
    return [
        entry for section, found in entries().items() if section != FOREIGN for entry in found if not is_code(entry)
    ]


def test_the_source_is_read():
    """Each way a message is made is found, so that the tests below look at all of them."""
    kinds = {message.kind for message in messages()}
    assert len(messages()) > 130
    assert {"ClosingError", "FetchError", "Refused", "ConfigError", "SpoolError", "Stop", "ReportError"} <= kinds
    assert {"print", "words.error", "parser.error", "log.error", "problems.add", "problem"} <= kinds
    files = {message.place.split(":")[0] for message in messages()}
    assert {"check_settings.sql", "connect_object_storage.sql", "inputs__file_problems.sql", "cli.py"} <= files


def test_every_message_is_in_the_catalogue():
    missing = [message for message in messages() if not any(fits(entry, message.text) for entry in catalogued())]
    assert not missing, "\n".join(f"{message.place}: {message.text}" for message in missing)


def test_every_entry_of_the_catalogue_is_a_message():
    texts = [message.text for message in messages()]
    assert not [entry for entry in catalogued() if not any(fits(entry, text) for text in texts)]


def test_entries_can_be_told_apart():
    vague = [entry for entry in catalogued() if len(re.sub(r"\W", "", entry)) < 8]
    assert not vague
    assert len(set(catalogued())) == len(catalogued())


def test_every_message_says_where_and_what_to_do():
    whole = [message for message in messages() if message.kind not in REASONS]
    whole = [message for message in whole if not any(head in message.text for head in HEADS)]
    assert not [message for message in whole if not WHERE.search(message.text)]
    assert not [message for message in whole if not WHAT_TO_DO.search(". " + message.text.lstrip(". "))]


def test_every_reason_of_the_proxy_is_in_the_catalogue():
    found = {code for path in (PROJECT / "ai_proxy").rglob("*.py") for code in codes_of_python(path)} | set(ANSWERS)
    assert found == {entry for entry in entries()["AI proxy: running"] if is_code(entry)}
    assert not [text for text in ANSWERS.values() if not WHAT_TO_DO.search(". " + text)]


def test_every_test_of_the_data_that_has_no_words_is_in_the_catalogue():
    silent = {
        path.stem
        for path in (PROJECT / "tests" / "data").glob("*.sql")
        if " as problem" not in path.read_text(encoding="utf-8")
    }
    assert silent == {entry for entry in entries()["Build: after reading"] if entry.startswith("assert_")}


def text_of_fault(query: str) -> str:
    with duckdb.connect() as con, pytest.raises(duckdb.Error) as fault:
        con.execute(query).fetchall()
    return str(fault.value)


def test_messages_of_duckdb_are_those_of_its_locked_version(tmp_path):
    texts = []
    warehouse = tmp_path / "w.duckdb"
    holder = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1]); con.execute('create table t as from range(9)');"
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        texts.append(text_of_fault(f"attach '{warehouse}' as other"))
        process.stdin.close()
    whole = warehouse.read_bytes()
    (tmp_path / "cut.duckdb").write_bytes(whole[: len(whole) // 2])
    texts.append(text_of_fault(f"attach '{tmp_path}/cut.duckdb' as other"))
    (tmp_path / "other.duckdb").write_bytes(b"?" * 20_000)
    texts.append(text_of_fault(f"attach '{tmp_path}/other.duckdb' as other"))
    # Three headers of 4 KiB, then blocks with a check sum each.
    (tmp_path / "damaged.duckdb").write_bytes(whole[:12288] + bytes(255 - byte for byte in whole[12288:]))
    texts.append(text_of_fault(f"attach '{tmp_path}/damaged.duckdb' as other"))
    (tmp_path / "cut.parquet").write_bytes(b"PAR1" + b"x" * 100)
    texts.append(text_of_fault(f"from read_parquet('{tmp_path}/cut.parquet')"))
    (tmp_path / "short.parquet").write_bytes(b"PAR1")
    texts.append(text_of_fault(f"from read_parquet('{tmp_path}/short.parquet')"))
    packed = gzip.compress(
        "".join(f"{number},{number * 7919 % 104729}\n" for number in range(50_000)).encode(), mtime=0
    )
    (tmp_path / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    texts.append(text_of_fault(f"select count(*) from read_csv('{tmp_path}/cut.csv.gz', all_varchar = true)"))
    (tmp_path / "odd.csv").write_text('a,b\n1,2\n3,"4\n')
    texts.append(text_of_fault(f"from read_csv('{tmp_path}/odd.csv', header = true, delim = ',', quote = '\"')"))
    wanted = entries()[FOREIGN]
    if os.geteuid():
        (tmp_path / "closed.parquet").touch(mode=0o000)
        texts.append(text_of_fault(f"from read_parquet('{tmp_path}/closed.parquet')"))
    else:
        # Every file lets root in.
        wanted = [entry for entry in wanted if "Permission denied" not in entry]
    assert not [entry for entry in wanted if not any(fits(entry, text) for text in texts)], texts
