"""Builds batches of billing months made at random and compares what comes out with what went in."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from billing_months import (
    Delivery,
    clear,
    deliveries,
    differences_of_twins,
    faults_of_energy,
    lay_out,
    losses,
    make_months,
    open_warehouse,
)


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
    """Build ``months`` months, each delivered twice, then a night in which some of them are delivered anew.

    After both builds: lines, quantity and cost of every delivery are those counted without SQL; the two deliveries of a
    month give the same rows; every energy follows from its factors. The second build keeps the rows of what did not
    change, so its count shows that reading again or not reading again loses and doubles nothing."""
    result = Result()
    root, out = folder / "data", folder / "out"
    clear(root)
    made = deliveries(make_months(months, number), number)
    state = {delivery.number: delivery.month.lines for delivery in made}
    restated = [delivery for delivery in made if delivery.month.restated]
    with duckdb.connect() as con:
        for delivery in made:
            result.files += len(lay_out(con, root, delivery, delivery.month.lines, 1))
        build(project, root, out, state, made, result, "first build")
        for delivery in restated:
            result.files += len(lay_out(con, root, delivery, delivery.month.restated, 2))
            state[delivery.number] = delivery.month.restated
        build(project, root, out, state, made, result, "night")
    result.deliveries = len(made)
    result.restated = len(restated)
    result.forms = {delivery.form for delivery in made}
    result.lines = sum(len(d.month.lines) for d in made) + sum(len(d.month.restated) for d in restated)
    return result


def build(project, root: Path, out: Path, state: dict, made: list[Delivery], result: Result, what: str) -> None:
    done = project.run("build", root, out)
    result.builds += 1
    if not done.success:
        result.faults += [f"{what}: {message}" for message in done.messages]
        return
    with open_warehouse(done.warehouse) as con:
        found = losses(con, state, made) + differences_of_twins(con, made) + faults_of_energy(con)
        result.statuses |= {
            row[0] for row in con.execute("select distinct status from marts.fct_ai_emissions").fetchall()
        }
    result.faults += [f"{what}: {fault}" for fault in found]
