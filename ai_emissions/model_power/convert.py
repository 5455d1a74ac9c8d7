"""Published rows to the rows of a snapshot: one per model and prompt size, with canonical ids and Wh per token."""

import csv
import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from ai_emissions.model_power.read import ENERGIES, PromptSize, Published, Refused, Source
from ai_emissions.model_power.snapshot import Row

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
# What rows of one key must agree on, else their mean would mix different things.
DECISIVE = ("host", "pue_included")
DESCRIBING = ("provider", "host", "hardware", "author_size_class", "pue_included")


@dataclass(frozen=True)
class Catalogue:
    """How published names resolve: exact names of the dataset, then normalised aliases, each to model and variant."""

    names: dict[str, tuple[str, str | None]]
    aliases: dict[str, tuple[str, str | None]]
    size_classes: set[str]

    def resolve(self, name: str) -> tuple[str | None, str | None]:
        """Model id and variant of a published name, None and None if it is not known."""
        return self.names.get(name) or self.aliases.get(normalised_name(name)) or (None, None)


def read_catalogue(seeds: Path = SEEDS) -> Catalogue:
    """Read the look-ups of the project. Raises FileNotFoundError outside a checkout of it."""

    def rows(path: str) -> list[dict[str, str]]:
        with (seeds / path).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    names = {
        row["model_name_as_published"]: (row["model_id"], row["variant"] or None)
        for row in rows("catalog/model_power_names.csv")
    }
    aliases = {
        normalised_name(row["alias"]): (row["model_id"], row["variant"] or None)
        for row in rows("catalog/model_aliases.csv")
    }
    return Catalogue(names, aliases, {row["size_bucket"] for row in rows("power/size_buckets.csv")})


def normalised_name(name: str) -> str:
    """The same rule as the macro ``normalised_name``, so that a spelling resolves here as it does in the models."""
    name = re.sub(r"[^a-z0-9]+", "-", name.lower().replace("+", " plus "))
    name = re.sub(r"([a-z])([0-9])", r"\1-\2", name)
    return re.sub(r"([0-9])([a-z])", r"\1-\2", name).strip("-")


def to_rows(
    published: Published, source: Source, accepted: str, sizes: dict[str, PromptSize], catalogue: Catalogue
) -> tuple[list[Row], list[str]]:
    """The rows of a snapshot in a fixed order, and notes for the log.

    Raises Refused if rows that must be averaged differ in host or PUE.
    """
    groups = defaultdict(list)
    for row in published.rows:
        groups[row["model_name_as_published"], row["api_id"] or "", row["prompt_length"]].append(row)
    notes = list(published.notes)
    content_hash = hashlib.sha256(source.content).hexdigest()
    order = list(sizes)
    rows = []
    for (name, _, length), group in sorted(groups.items(), key=lambda item: (*item[0][:2], order.index(item[0][2]))):
        merged = collapse(group, notes)
        model_id, variant = catalogue.resolve(name)
        size = sizes[length]
        figure = merged["energy_wh_mean"] / merged["pue_included"] / size.output_tokens if length == accepted else None
        rows.append(
            Row(
                **merged
                | {"measured_on": published.measured_on, "model_id": model_id, "variant": variant}
                | {"input_tokens": size.input_tokens, "output_tokens": size.output_tokens}
                | {"wh_per_token": figure, "prompt_length_used": accepted, "rows_collapsed": len(group)}
                | {"values_unchanged_since": None, "edition": published.edition, "source": source.label}
                | {"source_sha256": content_hash, "revision": 1}
            )
        )
    unresolved = sorted({row.model_name_as_published for row in rows if row.model_id is None})
    if unresolved:
        notes.append(
            f"not in the catalogue, model_id is NULL: {', '.join(unresolved)} (add them to model_power_names.csv)"
        )
    classes = sorted({row.author_size_class or "none" for row in rows} - catalogue.size_classes)
    if classes:
        notes.append(f"size classes that are no bucket: {', '.join(classes)}")
    return rows, notes


def collapse(group: list[dict], notes: list[str]) -> dict:
    """One row out of rows with the same model, API ID and prompt size: the plain mean of each energy column."""
    if len(group) == 1:
        return group[0]
    first = group[0]
    where = f"{first['model_name_as_published']} ({first['api_id']}) {first['prompt_length']}"
    merged = dict(first)
    for name in DESCRIBING:
        if len({row[name] for row in group}) > 1:
            if name in DECISIVE:
                raise Refused(f"{len(group)} rows of {where} differ in {name}: their mean would mix endpoints")
            merged[name] = None
            notes.append(f"{len(group)} rows of {where} differ in {name}, which is NULL therefore")
    for name in ENERGIES:
        values = [row[name] for row in group if row[name] is not None]
        merged[name] = fmean(values) if values else None
    values = ", ".join("blank" if row["energy_wh_mean"] is None else f"{row['energy_wh_mean']:.6g}" for row in group)
    mean = "NULL" if merged["energy_wh_mean"] is None else f"{merged['energy_wh_mean']:.6g}"
    notes.append(f"{len(group)} rows of {where} averaged: {values} -> {mean} Wh")
    return merged
