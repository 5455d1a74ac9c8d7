"""Builds batches of billing months made at random and compares what comes out with what went in."""

from dataclasses import dataclass, field
from pathlib import Path

import azure_months
import billing_months
import duckdb
from billing_months import clear, faults_of_energy, open_warehouse

CLOUDS = (billing_months, azure_months)


@dataclass
class Result:
    """What a batch came to."""

    deliveries: int = 0
    builds: int = 0
    restated: int = 0
    files: int = 0
    lines: int = 0
    forms: set[str] = field(default_factory=set)
    statuses: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def run_batch(project, folder: Path, months: int, number: int) -> Result:
    """Build ``months`` months of each cloud, each delivered twice, then a night in which some are delivered anew.

    After both builds: lines, quantity and cost of every delivery are those counted without SQL; the two deliveries of a
    month give the same rows; every energy follows from its factors. The second build keeps the rows of what did not
    change, so its count shows that reading again or not reading again loses and doubles nothing."""
    result = Result()
    root, out = folder / "data", folder / "out"
    clear(root)
    made = {cloud: cloud.deliveries(cloud.make_months(months, number), number) for cloud in CLOUDS}
    # The version in force, by cloud and number of the month.
    state = {cloud: {delivery.number: delivery.month.lines for delivery in made[cloud]} for cloud in CLOUDS}
    pairs = [(cloud, delivery) for cloud in CLOUDS for delivery in made[cloud]]
    with duckdb.connect() as con:
        for cloud, delivery in pairs:
            result.files += len(cloud.lay_out(con, root, delivery, delivery.month.lines, 1))
            result.deliveries += 1
            result.lines += len(delivery.month.lines)
            result.forms.add(delivery.form)
        build(project, root, out, state, made, result, "first build")
        for cloud, delivery in pairs:
            if delivery.month.restated:
                result.files += len(cloud.lay_out(con, root, delivery, delivery.month.restated, 2))
                result.restated += 1
                result.lines += len(delivery.month.restated)
                state[cloud][delivery.number] = delivery.month.restated
        build(project, root, out, state, made, result, "night")
    return result


def build(project, root: Path, out: Path, state: dict, made: dict, result: Result, what: str) -> None:
    done = project.run("build", root, out)
    result.builds += 1
    if not done.success:
        result.faults += [f"{what}: {message}" for message in done.messages]
        return
    with open_warehouse(done.warehouse) as con:
        found = faults_of_energy(con)
        for cloud in CLOUDS:
            found += cloud.losses(con, state[cloud], made[cloud]) + cloud.differences_of_twins(con, made[cloud])
            found += blindness(con, cloud, state[cloud], made[cloud])
        statuses = con.execute("select distinct status from marts.fct_ai_emissions").fetchall()
    result.statuses |= {status for (status,) in statuses}
    result.faults += [f"{what}: {fault}" for fault in found]


def blindness(con, cloud, state: dict, made: list) -> list[str]:
    """The count against itself: with one line more in one month it has to tell of two deliveries."""
    number, lines = next((number, lines) for number, lines in state.items() if len(lines) > 1)
    told = cloud.losses(con, state | {number: (*lines, lines[0])}, made)
    return [] if len(told) >= 2 else [f"a line too few in month {number} is not noticed"]
