"""The long run behind docs/reliability.md: ``make fuzz``, or

    .venv/bin/python tests/fuzz/campaign.py --months 10000 --splits 1000000 --kills 40 --seed 1

Prints what was tried, and every fault; the exit code is 1 if there was one. 0 leaves a part out."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent), *(str(TESTS / folder) for folder in ("python", "proxy", "fuzz"))]

# Deliveries of one build: each month is delivered twice.
BATCH_MONTHS = 500


def say(line: str, flush: bool = True) -> None:
    print(line, flush=flush)


def fuzz_months(wanted: int, seed: int, folder: Path) -> list[str]:
    from billing_campaign import run_batch
    from conftest import Project

    project = Project(folder / "seeds")
    tried = {"months": 0, "restated": 0, "files": 0, "lines": 0, "builds": 0}
    faults: list[str] = []
    while tried["months"] < wanted:
        started = time.monotonic()
        shutil.rmtree(folder / "batch", ignore_errors=True)
        some = min(BATCH_MONTHS, (wanted - tried["months"] + 1) // 2)
        result = run_batch(project, folder / "batch", some, seed * 1_000_000 + tried["months"])
        for name, more in asdict(result).items():
            if name in tried:
                tried[name] += more
        tried["months"] += result.deliveries
        faults += result.faults
        seconds = time.monotonic() - started
        say(f"billing months {json.dumps(tried)}, last batch {seconds:.0f} s, faults {len(faults)}")
        for fault in result.faults[:10]:
            say(f"    {fault[:1500]}")
    return faults


def fuzz_wire(wanted: int, seed: int) -> list[str]:
    from wire_campaign import run_splits

    started = time.monotonic()
    result = run_splits(wanted, seed)
    counted = {name: value for name, value in asdict(result).items() if name != "faults"}
    say(f"wire {json.dumps(counted)}, {time.monotonic() - started:.0f} s, faults {len(result.faults)}")
    for fault in result.faults[:10]:
        say(f"    {fault}")
    return result.faults


def fuzz_crashes(kills: int, seed: int, folder: Path) -> list[str]:
    from crash_campaign import run_crashes

    result = run_crashes(folder / "crashes", kills, seed, say)
    say(f"crashes {json.dumps(result.injected)}; found {json.dumps(result.found)}; faults {len(result.faults)}")
    return result.faults


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument(
        "--months",
        type=int,
        default=2000,
        help="deliveries of billing months, two of each month (default: %(default)s)",
    )
    words.add_argument("--splits", type=int, default=1_000_000, help="splits of answers (default: %(default)s)")
    words.add_argument("--kills", type=int, default=20, help="kills of dbt build, others in proportion")
    words.add_argument("--seed", type=int, default=1, help="another one tries other things (default: %(default)s)")
    options = words.parse_args()
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        if options.splits:
            faults += fuzz_wire(options.splits, options.seed)
        if options.months:
            faults += fuzz_months(options.months, options.seed, Path(name))
        if options.kills:
            faults += fuzz_crashes(options.kills, options.seed, Path(name))
    for fault in faults[:100]:
        say(f"FAULT {fault[:3000]}")
    say(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
