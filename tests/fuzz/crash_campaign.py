"""Kills, fills, locks and damages what a build works on, and looks at what is left: published marts of the old or of
the new state, each file whole, a message, and a next run that heals.

Runs ``dbt build`` as a process, as a scheduler would, into folders of its own."""

import json
import math
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import billing_exports as exports
import duckdb
import model_power_files as power_files
from billing_exports import Line, changed

PROJECT = Path(__file__).resolve().parents[2]
LINE = Line(
    "EUC1-MP:EUC1_InputTokenCount-Units",
    15.0,
    region="eu-central-1",
    entity="AWS Marketplace",
    unit="Units",
    product_code="opaque",
    product_name="Claude Sonnet 4 (Amazon Bedrock Edition)",
)
# Of the same month: what the bill said first, and what it says now.
OLD, NEW = (
    [LINE, changed(LINE, day=date(2025, 6, 2))],
    [changed(LINE, amount=40.0), changed(LINE, amount=1.0, day=date(2025, 6, 3))],
)
BUILD = ["build", "--exclude-resource-type", "unit_test"]


@dataclass
class Result:
    """Faults injected by kind, what published files were found to be, and what broke the rules."""

    injected: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def count(self, what: str, number: int = 1) -> None:
        self.injected[what] = self.injected.get(what, 0) + number

    def see(self, what: str) -> None:
        self.found[what] = self.found.get(what, 0) + 1

    def expect(self, is_right: bool, fault: str) -> None:
        if not is_right:
            self.faults.append(fault)


@dataclass
class Place:
    """A data root, a warehouse and published marts of their own."""

    folder: Path

    def __post_init__(self) -> None:
        self.root = self.folder / "data"
        self.warehouse = self.folder / "out" / "ai_emissions.duckdb"
        self.marts = self.folder / "marts"

    def deliver(self, lines: list[Line]) -> None:
        exports.write_cur2(self.root, lines, count=1)

    def start(self) -> subprocess.Popen:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AI_EMISSIONS_")}
        environment |= {
            "AI_EMISSIONS_DATA_ROOT": str(self.root),
            "AI_EMISSIONS_WAREHOUSE": str(self.warehouse),
            "AI_EMISSIONS_EXPORT_DIR": str(self.marts),
            "AI_EMISSIONS_CLOSED_DIR": str(self.folder / "closed"),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("dbt")), *BUILD],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def build(self) -> tuple[int, str]:
        process = self.start()
        said, _ = process.communicate()
        return process.returncode, said

    def totals(self) -> dict[str, float]:
        """kWh of every published mart that has some. Raises duckdb.Error if a file is not whole."""
        found = {}
        with duckdb.connect() as con:
            for path in sorted(self.marts.glob("*.parquet")):
                columns = [row[0] for row in con.execute(f"describe from read_parquet('{path}')").fetchall()]
                rows = con.execute(f"select * from read_parquet('{path}')").fetchall()
                if "kwh" in columns and path.stem in (
                    "fct_ai_emissions",
                    "ai_emissions_by_model_region_month",
                    "ai_emissions_by_account_month",
                ):
                    found[path.stem] = sum(row[columns.index("kwh")] or 0 for row in rows)
        return found


def state_of(totals: dict[str, float], old: float, new: float) -> str:
    """``old``, ``new``, or ``between``: some files of one, some of the other, as while they are replaced one by one."""
    states = {
        "old" if math.isclose(kwh, old, rel_tol=1e-9) else "new" if math.isclose(kwh, new, rel_tol=1e-9) else "neither"
        for kwh in totals.values()
    }
    return states.pop() if len(states) == 1 else "neither" if "neither" in states else "between"


def published(place: Place, result: Result, old: float, new: float, what: str) -> str:
    try:
        totals = place.totals()
    except duckdb.Error as error:
        result.faults.append(f"{what}: a published file is not whole: {error}")
        return "torn"
    state = state_of(totals, old, new)
    result.expect(state != "neither" and len(totals) == 3, f"{what}: published marts of no known state: {totals}")
    result.see(f"published marts: {state}")
    return state


def kwh_of(place: Place) -> float:
    return place.totals()["fct_ai_emissions"]


def start_state(folder: Path, result: Result) -> tuple[Place, float, float]:
    """A place whose published marts are of OLD; the kWh of OLD, and of NEW as an own fresh build gives it."""
    fresh = Place(folder / "fresh")
    fresh.deliver(NEW)
    code, said = fresh.build()
    result.expect(code == 0, f"a fresh build fails: {said[-2000:]}")
    place = Place(folder / "place")
    place.deliver(OLD)
    code, said = place.build()
    result.expect(code == 0, f"a fresh build fails: {said[-2000:]}")
    return place, kwh_of(place), kwh_of(fresh)


def kill_builds(place: Place, result: Result, old: float, new: float, times: int, chance: random.Random) -> None:
    """kill -9 at a random moment, again and again on what the last one left; then a run that is left alone."""
    started = time.monotonic()
    code, said = place.build()
    whole = time.monotonic() - started
    result.expect(code == 0, f"a second build of the same files fails: {said[-2000:]}")
    lines = [OLD, NEW]
    for number in range(times):
        is_new = number % 2 == 0
        place.deliver(lines[is_new])
        process = place.start()
        time.sleep(chance.uniform(0, whole))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        result.count("dbt build killed" if process.returncode == -signal.SIGKILL else "dbt build ended before the kill")
        published(place, result, old, new, f"kill {number}")
    place.deliver(NEW)
    code, said = place.build()
    result.expect(code == 0, f"the build after the kills fails: {said[-2000:]}")
    result.expect(
        published(place, result, old, new, "healed") == "new", "the build after the kills is not of the new state"
    )


def kill_first_builds(folder: Path, result: Result, times: int, chance: random.Random) -> None:
    """The same while there is no warehouse yet, mostly in the moments in which it comes into being."""
    place = Place(folder / "first")
    place.deliver(OLD)
    for _ in range(times):
        process = place.start()
        until = time.monotonic() + 60
        while not place.warehouse.exists() and time.monotonic() < until and process.poll() is None:
            time.sleep(0.0005)
        time.sleep(chance.choice([0, 0, 0.001, 0.01, 0.1, 1]))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        result.count("first dbt build killed as its warehouse came into being")
        size = place.warehouse.stat().st_size if place.warehouse.exists() else None
        left = "none" if size is None else "stillborn" if size < 12288 else "of whole headers"
        result.see(f"warehouse left by a killed first build: {left}")
        result.expect(not list(place.marts.glob("*.parquet")), "a killed first build has published")
    code, said = place.build()
    result.expect(code == 0, f"the first build after kills fails: {said[-2000:]}")


def two_builds_at_once(place: Place, result: Result, old: float, new: float, times: int, chance: random.Random) -> None:
    for number in range(times):
        place.deliver([NEW, OLD][number % 2])
        first = place.start()
        time.sleep(chance.uniform(0, 8))
        second = place.start()
        ends = [(process, process.communicate()[0]) for process in (first, second)]
        result.count("two builds at once")
        codes = [process.returncode for process, _ in ends]
        result.expect(0 in codes, f"two builds at once: none passed: {[said[-800:] for _, said in ends]}")
        for process, said in ends:
            if process.returncode:
                result.see("two builds: the other stops at the lock")
                result.expect(
                    "Conflicting lock is held" in said, f"two builds at once: no clear message: {said[-1500:]}"
                )
        wanted = ["new", "old"][number % 2]
        result.expect(published(place, result, old, new, "two builds") == wanted, f"two builds at once: not {wanted}")


def full_disk(folder: Path, result: Result, chance: random.Random, times: int) -> None:
    """Warehouse and marts on a small file system. Needs root, and says so where it is not."""
    disk = folder / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(disk)], capture_output=True)
    if made.returncode:
        result.see("A FULL DISK WAS NOT TRIED: mounting a small file system needs root")
        return
    try:
        place = Place(disk)
        place.root = folder / "disk_data"
        place.deliver(OLD)
        code, said = place.build()
        result.expect(code == 0, f"full disk: the build before it fails: {said[-2000:]}")
        old = kwh_of(place)
        place.deliver(NEW)
        for _ in range(times):
            space = os.statvfs(disk)
            used = (space.f_blocks - space.f_bfree) * space.f_frsize
            size = used + chance.randrange(4096, 6_000_000)
            subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)
            code, said = place.build()
            result.count("disk full during dbt build")
            if code:
                result.see("full disk: the build stops")
                is_clear = bool(
                    re.search(r"No space left|Out of (?:disk|Memory)|ENOSPC|could not write|disk", said, re.I)
                )
                result.expect(is_clear, f"full disk: no clear message: {said[-1500:]}")
                state = published(place, result, old, old * 41 / 30, "full disk")
                result.expect(state in ("old", "between"), f"full disk: published marts are {state}")
            else:
                result.see("full disk: it was enough")
                place.deliver(OLD)
                subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
                place.build()
                place.deliver(NEW)
        subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
        code, said = place.build()
        result.expect(code == 0, f"full disk: the build after it fails: {said[-2000:]}")
        result.expect(published(place, result, old, old * 41 / 30, "after a full disk") == "new", "not healed")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def damaged_warehouse(place: Place, result: Result, old: float, new: float, times: int, chance: random.Random) -> None:
    """Bytes of the warehouse are others, or its end is gone: the build passes or stops with a message, never with other
    figures; without the file the next one passes."""
    place.deliver(OLD)
    place.build()
    whole = place.warehouse.read_bytes()
    for number in range(times):
        place.deliver(NEW)
        broken = bytearray(whole)
        if number % 2:
            del broken[chance.randrange(len(broken)) :]
        else:
            for _ in range(chance.randint(1, 2000)):
                broken[chance.randrange(len(broken))] ^= chance.randint(1, 255)
        place.warehouse.write_bytes(bytes(broken))
        for left in place.warehouse.parent.glob("*.wal"):
            left.unlink()
        code, said = place.build()
        result.count("warehouse damaged")
        if code:
            result.see("damaged warehouse: the build stops")
            is_clear = bool(
                re.search(r"not a valid DuckDB|[Cc]orrupt|not read enough bytes|checksum|INTERNAL|invalidated", said)
            )
            result.expect(is_clear, f"damaged warehouse: no clear message: {said[-1500:]}")
            result.expect(
                published(place, result, old, new, "damaged warehouse") in ("old", "new"), "damaged warehouse"
            )
        else:
            result.see("damaged warehouse: the damage lay where nothing is read")
            result.expect(
                published(place, result, old, new, "damaged warehouse") == "new", "damaged warehouse: other figures"
            )
    place.warehouse.unlink()
    for left in place.warehouse.parent.glob("*.wal"):
        left.unlink()
    code, said = place.build()
    result.expect(code == 0, f"damaged warehouse: the build without it fails: {said[-2000:]}")
    result.expect(published(place, result, old, new, "without the damaged warehouse") == "new", "not healed")


def read_only_warehouse(place: Place, result: Result, old: float, new: float) -> None:
    """On a file system that takes no writes. Needs root, and says so where it is not."""
    folder = place.warehouse.parent
    bound = subprocess.run(["mount", "--bind", str(folder), str(folder)], capture_output=True)
    if bound.returncode:
        result.see("A READ-ONLY FILE SYSTEM WAS NOT TRIED: mounting needs root")
        return
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        place.deliver(OLD)
        code, said = place.build()
        result.count("warehouse on a read-only file system")
        result.expect(code != 0 and "cannot be written" in said, f"read-only warehouse: {code} {said[-1500:]}")
        published(place, result, old, new, "read-only warehouse")
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    code, said = place.build()
    result.expect(
        code == 0 and published(place, result, old, new, "writable again") == "old", f"not healed: {said[-800:]}"
    )


def kill_program(
    result: Result, name: str, command: list[str], out: Path, check, times: int, chance: random.Random
) -> None:
    """kill -9 of a program at random moments; ``check(what)`` looks at what it left."""
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, cwd=PROJECT)
    whole = time.monotonic() - started
    for number in range(times):
        if number % 4 == 0:
            shutil.rmtree(out, ignore_errors=True)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=PROJECT)
        time.sleep(chance.uniform(0, whole))
        process.send_signal(signal.SIGKILL)
        process.wait()
        result.count(f"{name} killed" if process.returncode == -signal.SIGKILL else f"{name} ended before the kill")
        check(f"{name}, kill {number}")
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
    result.expect(done.returncode == 0, f"{name} after the kills: {done.stderr[-1500:]}")
    check(f"{name} after the kills")


def kill_loader(folder: Path, result: Result, times: int, chance: random.Random) -> None:
    source, out, expected = folder / "daily", folder / "model_power", folder / "expected"
    for day in range(1, 29):
        power_files.write_daily(source, date(2026, 2, day), wobble=day / 100)
    program = [sys.executable, "scripts/load_model_power.py", "--source", str(source), "--out"]
    subprocess.run([*program, str(expected)], check=True, capture_output=True, cwd=PROJECT)
    wanted = {path.name: path.read_bytes() for path in expected.glob("*.parquet")}

    def check(what: str) -> None:
        found = {path.name: path.read_bytes() for path in out.glob("*.parquet")}
        result.expect(found.items() <= wanted.items(), f"{what}: a snapshot is not as it should be")

    kill_program(result, "loader", [*program, str(out)], out, check, times, chance)


def kill_closing(place: Place, result: Result, times: int, chance: random.Random) -> None:
    out = place.folder / "books"
    program = [sys.executable, "scripts/close_period.py", "--export-dir", str(place.marts), "--closed-dir", str(out)]

    def check(what: str) -> None:
        if not list(out.glob("period=*/revision=*")):
            return
        done = subprocess.run([*program, "--verify"], capture_output=True, text=True, cwd=PROJECT)
        result.expect(done.returncode == 0, f"{what}: {done.stderr[-800:]}")

    kill_program(result, "close_period", [*program, "--period", "2025-06"], out, check, times, chance)


def run_crashes(folder: Path, kills: int, number: int, say=print) -> Result:
    """All of it; ``kills`` is how often a build is killed, the rest in proportion."""
    chance, result = random.Random(number), Result()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    place, old, new = start_state(folder, result)
    steps = [
        ("kills of dbt build", lambda: kill_builds(place, result, old, new, kills, chance)),
        ("kills of close_period", lambda: kill_closing(place, result, kills * 2, chance)),
        ("kills of the loader", lambda: kill_loader(folder, result, kills * 2, chance)),
        ("kills of first builds", lambda: kill_first_builds(folder, result, kills, chance)),
        ("two builds at once", lambda: two_builds_at_once(place, result, old, new, max(2, kills // 10), chance)),
        ("full disks", lambda: full_disk(folder, result, chance, max(2, kills // 10))),
        ("damaged warehouses", lambda: damaged_warehouse(place, result, old, new, max(4, kills // 5), chance)),
        ("a read-only warehouse", lambda: read_only_warehouse(place, result, old, new)),
    ]
    for what, step in steps:
        started = time.monotonic()
        step()
        say(
            f"{what}: {time.monotonic() - started:.0f} s; faults {len(result.faults)}; {json.dumps(result.injected)}",
            flush=True,
        )
    return result
