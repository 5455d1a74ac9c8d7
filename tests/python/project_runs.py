"""The real dbt project run within the test process: parsed once, every build into a warehouse of its own."""

import gc
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).resolve().parents[2]

# Nobody reads the log file and the artifacts of these builds; writing them is a fifth of the time.
QUIETLY = ("--quiet", "--log-level-file", "none", "--no-write-json")

# Models that no fact row depends on: only complete builds make them, and the tests that are about them.
AFTERTHOUGHTS = (
    "inputs__closed_files+",
    "method_settings",
    "path:models/intermediate/changes+",
    "int_choices__usage+",
    "int_what_if__usage+",
    "sci_operational_by_model_month",
    "emission_equivalences",
)


@dataclass
class Build:
    """What one dbt run came to."""

    success: bool
    messages: list[str]
    folder: Path
    results: dict[str, str] = field(default_factory=dict)

    @property
    def warehouse(self) -> Path:
        return self.folder / "ai_emissions.duckdb"

    @property
    def published(self) -> Path:
        return self.folder / "marts"

    def rows(self, query: str) -> list[tuple]:
        with duckdb.connect(str(self.warehouse), read_only=True) as con:
            return con.execute(query).fetchall()

    def value(self, query: str):
        return self.rows(query)[0][0]

    def error(self) -> str:
        """The one message of a build that stopped."""
        assert not self.success, "the build was expected to stop"
        assert len(self.messages) == 1, self.messages
        return self.messages[0]


class Project:
    """The dbt project, parsed and its seeds loaded once per test process, into ``folder``."""

    def __init__(self, folder: Path) -> None:
        os.chdir(PROJECT)
        for name in [n for n in os.environ if n.startswith("AI_EMISSIONS_")]:
            del os.environ[name]
        # Tests run in several processes: each parses and compiles into a folder of its own.
        worker = os.environ.get("PYTEST_XDIST_WORKER")
        if worker:
            os.environ["DBT_TARGET_PATH"] = f"target/{worker}"
        self.manifest = dbtRunner().invoke(["parse", "--quiet"]).result
        # The manifest stays to the end: the garbage collector need not walk it in every build.
        gc.freeze()
        self.seeded = self.run("seed", PROJECT / "sample_data", folder).warehouse

    def run(
        self,
        command: str,
        data_root: Path,
        folder: Path,
        *args: str,
        variables: str = "{}",
        complete: bool = False,
        left_out: tuple[str, ...] = AFTERTHOUGHTS,
        **settings: str,
    ) -> Build:
        """Run dbt on ``data_root``; warehouse and published marts go to ``folder``. ``settings`` are environment names
        without their common prefix, in lower case.

        A build starts with the seeds loaded and runs the tests of tests/data; only a ``complete`` one loads the seeds
        itself, runs the tests of keys and lists too, which is most of its time, and publishes. ``make test`` builds
        the sample completely."""
        environment = {
            "data_root": str(data_root),
            "warehouse": str(folder / "ai_emissions.duckdb"),
            "export_dir": str(folder / "marts"),
            **settings,
        }
        environment = {f"AI_EMISSIONS_{name.upper()}": value for name, value in environment.items()}
        os.environ.update(environment)
        try:
            leave_out = ["--exclude-resource-type", "unit_test"] if command == "build" else []
            if command == "build" and not complete:
                leave_out += ["--exclude-resource-type", "seed", "--exclude", "test_type:generic", *left_out]
                # Small inputs gain nothing from more threads, and the other core runs another test.
                leave_out += ["--threads", "1"]
                folder.mkdir(parents=True, exist_ok=True)
                if not (folder / self.seeded.name).exists():
                    shutil.copy(self.seeded, folder)
            arguments = [command, *QUIETLY, "--vars", variables, *leave_out, *args]
            # Variables are read when a model is compiled, so the one parse serves all of them: a model that refers to
            # another one under a variable alone would stop the build.
            outcome = dbtRunner(manifest=self.manifest).invoke(arguments)
        finally:
            # dbt keeps the warehouse open within a process; the tests read it next.
            DuckDBConnectionManager.close_all_connections()
            for name in environment:
                del os.environ[name]
        results = list(outcome.result or [])
        messages = [result.message for result in results if result.status in ("error", "fail", "runtime error")]
        if outcome.exception:
            messages.append(str(outcome.exception))
        return Build(outcome.success, messages, folder, {result.node.name: str(result.status) for result in results})
