"""Prepares what a build needs before DuckDB opens the warehouse, so that plain ``dbt build`` works at once.

dbt-duckdb loads this as a plugin (see ``profiles.yml``). It makes the folders of the warehouse and of the published
marts, and writes the zero-row templates: one Parquet and one CSV file for each kind of export with every column the
project reads. The reading models put the template first in their list of files, so that a column some export leaves
out exists all the same and an input without files is zero rows. On the connection it writes what code the build runs,
which models cannot see.
"""

import contextlib
import csv
import os
from collections import defaultdict
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from ai_emissions.code_version import READING_CODE, code_sha256, package_version

EXPORT_COLUMNS = Path("seeds/catalog/export_columns.csv")
TEMPLATE_DIR = Path("target/input_templates")
# A DuckDB file begins with three headers of 4 KiB, each with a check sum and this mark; a shorter one holds nothing.
HEADER_BYTES, DATABASE_MARK = 3 * 4096, b"DUCK"


def read_export_columns(path: Path = EXPORT_COLUMNS) -> dict[str, list[tuple[str, str]]]:
    """Column names and DuckDB types the project reads, per kind of export.

    Raises FileNotFoundError if the seed is missing.
    """
    columns: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            columns[row["reader"]].append((row["column_name"], row["column_type"]))
    return columns


def write_templates(columns: dict[str, list[tuple[str, str]]], folder: Path = TEMPLATE_DIR) -> None:
    """Write ``<reader>.parquet`` and ``<reader>.csv`` with the columns and no rows. Each file is replaced whole."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for reader, reader_columns in columns.items():
            nulls = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in reader_columns)
            for file_format in ("parquet", "csv"):
                target = folder / f"{reader}.{file_format}"
                part = folder / f"{reader}.{file_format}.{os.getpid()}"
                connection.execute(f"copy (select {nulls} where false) to '{part}' (format {file_format})")
                part.replace(target)


def tell_code_version(conn: duckdb.DuckDBPyConnection) -> None:
    """Write down for this process alone what tells the code of this build apart, once: files change under a long build,
    and another build may begin meanwhile."""
    project = Path.cwd()
    rows = [
        ("code_sha256", code_sha256(project=project)),
        ("reading_sha256", f"{code_sha256(project=project, names=READING_CODE)}-{package_version('duckdb')}"),
        ("project_version", package_version("ai-emissions-ledger") or "not installed"),
    ]
    conn.execute("attach if not exists ':memory:' as ai_emissions_build")
    conn.execute("create or replace table ai_emissions_build.code_version (setting varchar, setting_value varchar)")
    conn.executemany("insert into ai_emissions_build.code_version values (?, ?)", rows)


def check_warehouse(path: Path) -> None:
    """Make way for a new warehouse where a build was killed while it made one.

    Raises DbtRuntimeError if the file or its folder cannot be written. A larger file is never opened here: closing it
    would end the lock that DuckDB may hold on it in this process.
    """
    if not path.exists():
        return
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.absolute().parent, os.W_OK):
        raise DbtRuntimeError(
            f"{path}: the warehouse or its folder cannot be written. Give this user the right to, or set "
            "AI_EMISSIONS_WAREHOUSE to another place."
        )
    if path.stat().st_size < HEADER_BYTES and os.name == "posix":
        import fcntl

        with path.open("r+b") as file, contextlib.suppress(BlockingIOError):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            head = file.read(12)
            if not head or head[8:] == DATABASE_MARK:
                path.unlink()


class Plugin(BasePlugin):
    """Runs once per dbt invocation, before the first connection and once on it."""

    def update_connection_config(self, creds, config):
        folders = [os.environ.get("AI_EMISSIONS_EXPORT_DIR", "warehouse/marts")]
        if creds.path != ":memory:":
            check_warehouse(Path(creds.path))
            folders.append(os.path.dirname(creds.path) or ".")
        for folder in folders:
            if "://" not in folder:
                Path(folder).mkdir(parents=True, exist_ok=True)
        write_templates(read_export_columns())

    def configure_connection(self, conn):
        """Tell the build what code it runs, and give DuckDB its memory limit and the connection string of an Azure
        storage account. The last not in a macro: dbt logs those."""
        tell_code_version(conn)
        limit = os.environ.get("AI_EMISSIONS_MEMORY_LIMIT")
        if limit:
            quoted = limit.replace("'", "''")
            try:
                conn.execute(f"set memory_limit = '{quoted}'")
            except duckdb.Error as error:
                raise DbtRuntimeError(
                    f"AI_EMISSIONS_MEMORY_LIMIT is {limit!r}, which is no amount of memory. Write it as 4GB or 500MB."
                ) from error
        connection_string = os.environ.get("AZURE_STORAGE_CONNECTION_STRING")
        locations = [value for name, value in os.environ.items() if name.startswith("AI_EMISSIONS_")]
        if connection_string and any(location.startswith("az://") for location in locations):
            quoted = connection_string.replace("'", "''")
            conn.execute(f"create or replace secret ai_emissions_azure (type azure, connection_string '{quoted}')")
