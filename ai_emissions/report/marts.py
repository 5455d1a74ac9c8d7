"""The published marts as DuckDB views, and the queries of the report over them."""

from pathlib import Path

import duckdb

ONE_BUILD = ("fct_ai_emissions", "ai_emissions_by_model_region_month")
QUERIES = Path(__file__).with_name("queries")
# Without rows in these there is nothing to report.
FILLED = (
    "fct_ai_emissions",
    "ai_emissions_by_model_region_month",
    "ai_emissions_by_account_month",
    "ai_usage_coverage",
    "ai_input_deliveries",
    "emission_factors",
    "method_settings",
)
# These may rightly be empty: nothing unmapped, nothing closed, one month only.
MARTS = (
    *FILLED,
    "ai_usage_unmapped",
    "ai_emissions_restated",
    "ai_emissions_sensitivity",
    "ai_emissions_what_if",
    "ai_emissions_change",
    "sci_operational_by_model_month",
    "emission_equivalences",
    "dim_models",
    "dim_regions",
)


class ReportError(Exception):
    """The page cannot be made. The message says why and what to do."""


class Marts:
    """A connection that sees each published mart under its own name.

    Raises ReportError if a mart is missing, cannot be read, or is empty where that leaves nothing to report; or if the
    files are not of one build.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.con = duckdb.connect()
        self.con.execute("set timezone = 'UTC'")
        for mart in MARTS:
            file = folder / f"{mart}.parquet"
            if not file.exists():
                raise ReportError(
                    f"{file}: not there. The report reads what a passed build published: run make build, or set "
                    "AI_EMISSIONS_EXPORT_DIR to where it publishes."
                )
            quoted = str(file).replace("'", "''")
            try:
                self.con.execute(f"create view {mart} as select * from read_parquet('{quoted}')")
            except duckdb.Error as error:
                raise ReportError(f"{file}: cannot be read ({error}). Run make build.") from error
        for mart in FILLED:
            if not self.con.execute(f"select count(*) from {mart}").fetchone()[0]:
                raise ReportError(
                    f"{folder / mart}.parquet: holds no rows, there is nothing to report. Run make build."
                )

        fact, headline = (
            self.con.execute(f"select coalesce(sum(kwh), 0) from {mart}").fetchone()[0] for mart in ONE_BUILD
        )
        if abs(fact - headline) > 1e-9 * abs(fact):
            raise ReportError(
                f"{folder}: the fact has {fact} kWh, the headline {headline}: they are not of one build. Wait for the "
                "build that is running, then make the report again."
            )
        self.stamps = self._stamps()

    def _stamps(self) -> list[tuple[int, int]]:
        """What changes when a mart is published anew."""
        found = [(self.folder / f"{mart}.parquet").stat() for mart in MARTS]
        return [(one.st_ino, one.st_mtime_ns) for one in found]

    def check_unchanged(self) -> None:
        """Raises ReportError if a build has published since the first figure was read."""
        if self._stamps() != self.stamps:
            raise ReportError(f"{self.folder}: a build has published meanwhile. Make the report again.")

    def rows(self, query: str, **words: str) -> list[dict]:
        """Rows of ``queries/<query>.sql``, as dictionaries by column name. ``words`` fill the ``{names}`` in it; they
        are names of marts and columns, never data.

        Raises ReportError if a mart has not the columns the report asks for.
        """
        text = (QUERIES / f"{query}.sql").read_text(encoding="utf-8")
        for name, word in words.items():
            text = text.replace("{" + name + "}", word)
        try:
            found = self.con.execute(text)
        except duckdb.BinderException as error:
            raise ReportError(
                f"The published marts are of another version of the project ({error}). Run make build."
            ) from error
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def row(self, query: str, **words: str) -> dict:
        """The only row of a query."""
        return self.rows(query, **words)[0]
