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
    change, so its count shows that reading again or not reading again loses and doubles nothing; a third one into a new
    warehouse has to give the same."""
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
    if not result.faults:
        result.faults += differences_from_fresh(project, root, out, folder / "fresh", result)
    return result


# Whole rows, doubles apart: their last digits follow the order in which threads add.
SUMS = """
    select
        usage_month, source_delivery, status, status_reason, power_figure_id, pue_factor_id, region_used, count(*),
        sum(line_count), sum(quantity), sum(cost_amount), sum(it_kwh), sum(kwh), sum(gco2e), sum(gco2e_high)
    from {}.marts.fct_ai_emissions group by all
"""


def differences_from_fresh(project, root: Path, out: Path, fresh: Path, result: Result) -> list[str]:
    """What the night left, beside a build into a new warehouse."""
    done = project.run("build", root, fresh)
    result.builds += 1
    if not done.success:
        return [f"fresh build: {message}" for message in done.messages]
    with duckdb.connect() as con:
        for name, folder in (("night", out), ("fresh", fresh)):
            con.execute(f"attach '{folder / 'ai_emissions.duckdb'}' as {name} (read_only)")
            con.execute(f"create table of_{name} as {SUMS.format(name)}")
        columns = [column for column, *_ in con.execute("describe of_night").fetchall()]
        keys = [column for column in columns if not column.startswith("sum(")]
        left_out = con.execute(f"""
            select * from of_night full outer join of_fresh
            on {" and ".join(f'of_night."{key}" is not distinct from of_fresh."{key}"' for key in keys)}
            where of_night."count_star()" is null or of_fresh."count_star()" is null
            {
            " ".join(
                f'or not coalesce(of_night."{c}" = of_fresh."{c}" or abs(of_night."{c}" - of_fresh."{c}")'
                f' <= 1e-9 * abs(of_fresh."{c}"), of_night."{c}" is null and of_fresh."{c}" is null)'
                for c in columns
                if c not in keys
            )
        }
        """).fetchall()
    return [f"the night differs from a fresh build: {row}" for row in left_out[:5]]


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
