"""The project's figures beside what others publish. Agreement within a factor is no proof that either is right; a
difference of orders of magnitude would be a sign that one of them has a wrong unit.

`pytest -s` prints the table."""

import csv
import json
import math
from functools import cache
from pathlib import Path

import ecologits
import pytest
from conftest import PROJECT
from ecologits.tracers.utils import llm_impacts

# The same model by the name of the paper, and by provider and name of EcoLogits.
BOTH = {
    "GPT-4.1": ("openai", "gpt-4.1"),
    "GPT-4.1 mini": ("openai", "gpt-4.1-mini"),
    "GPT-4.1 nano": ("openai", "gpt-4.1-nano"),
    "GPT-4o (Mar '25)": ("openai", "gpt-4o"),
    "GPT-4o mini": ("openai", "gpt-4o-mini"),
    "GPT-4 Turbo": ("openai", "gpt-4-turbo"),
    "GPT-4": ("openai", "gpt-4"),
    "o1": ("openai", "o1"),
    "o3-mini": ("openai", "o3-mini"),
    "LLaMA-3-8B": ("huggingface_hub", "meta-llama/Meta-Llama-3-8B-Instruct"),
    "LLaMA-3-70B": ("huggingface_hub", "meta-llama/Meta-Llama-3-70B-Instruct"),
    "LLaMA-3.1-8B": ("huggingface_hub", "meta-llama/Meta-Llama-3.1-8B-Instruct"),
    "LLaMA-3.1-70B": ("huggingface_hub", "meta-llama/Meta-Llama-3.1-70B-Instruct"),
    "LLaMA-3.1-405B": ("huggingface_hub", "meta-llama/Meta-Llama-3.1-405B-Instruct"),
}
# Countries by their codes of two letters, as the seeds have them, and of three.
COUNTRIES = (
    "WORLD:WOR AE:ARE AT:AUT AU:AUS BE:BEL BH:BHR BR:BRA CA:CAN CH:CHE CL:CHL CN:CHN DE:DEU DK:DNK ES:ESP FI:FIN "
    "FR:FRA GB:GBR GR:GRC HK:HKG ID:IDN IE:IRL IL:ISR IN:IND IT:ITA JP:JPN KR:KOR MX:MEX MY:MYS NL:NLD NO:NOR "
    "NZ:NZL PL:POL QA:QAT SA:SAU SE:SWE SG:SGP TH:THA TW:TWN US:USA ZA:ZAF"
)
# A factor of a thousand is a wrong unit (Wh for kWh, tokens for thousands); methods alone differ by more than ten.
WIDEST_FACTOR = 100.0


@cache
def seed(path: str) -> list[dict]:
    with (PROJECT / "seeds" / path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_energy_of_a_thousand_output_tokens_beside_ecologits():
    """Both with the PUE of the data centre, without power supply and transmission, for an answer of 1,000 tokens."""
    ours = {
        row["model_name_as_published"]: float(row["energy_wh_mean"])
        for row in seed("power/text_model_power.csv")
        if row["prompt_length"] == "medium" and row["energy_wh_mean"]
    }
    print("\nWh per 1,000 output tokens: this project, EcoLogits from, to, ratio to its middle")
    ratios = {}
    for name, (provider, model) in BOTH.items():
        impacts = llm_impacts(provider, model, 1000, math.inf, electricity_mix_zone="WOR")
        if impacts is None or impacts.errors or impacts.energy is None:
            print(f"{name:18} {ours[name]:8.3f}  unknown to this version")
            continue
        value = impacts.energy.value
        low, high = (value.min * 1000, value.max * 1000) if hasattr(value, "min") else (value * 1000, value * 1000)
        ratios[name] = ours[name] / math.sqrt(low * high)
        print(f"{name:18} {ours[name]:8.3f}  {low:8.3f} {high:8.3f}  {ratios[name]:6.2f}")
    assert len(ratios) >= 5, "hardly a model that both know: the names have changed"
    assert not {name: ratio for name, ratio in ratios.items() if not 1 / WIDEST_FACTOR < ratio < WIDEST_FACTOR}


def test_carbon_intensities_of_2026_are_those_ecologits_carries():
    """Both from Ember; EcoLogits writes kg per kWh. Other versions hold other years: that of the seeds is locked."""
    mixes = json.loads((Path(ecologits.__file__).parent / "data/electricity_mixes.json").read_text(encoding="utf-8"))
    theirs = {mix["name"]: mix["gwp"] * 1000 for mix in mixes["electricity_mixes"]}
    ours = [row for row in seed("factors/carbon_intensity.csv") if "EcoLogits 0.11.3" in row["source"]]
    names = dict(pair.split(":") for pair in COUNTRIES.split())
    assert len(ours) == len(names)
    for row in ours:
        assert math.isclose(float(row["gco2e_per_kwh"]), theirs[names[row["geo_code"]]], rel_tol=1e-9), row


def in_force(path: str, day: str, **wanted: str) -> dict:
    """The one row of a seed that is valid on a day and has these values."""
    rows = [row for row in seed(path) if row["valid_from"] <= day and (not row["valid_to"] or day <= row["valid_to"])]
    [row] = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return row


def test_the_example_of_the_method_document_in_plain_arithmetic():
    """15,000,000 tokens of Claude Sonnet 4 in Frankfurt in June 2025, from the rows of the seeds alone."""
    day = "2025-06-10"
    [power] = [row for row in seed("power/text_model_power.csv") if row["model_name_as_published"] == "Claude Sonnet 4"]
    supply = in_force("factors/power_factors.csv", day, factor_set="document", factor_name="power_supply")
    transmission = in_force("factors/power_factors.csv", day, factor_set="document", factor_name="transmission")
    pue = in_force("factors/pue.csv", day, provider="aws", region_code="eu-central-1", in_default_set="true")
    grid = in_force("factors/carbon_intensity.csv", day, geo_code="DE", geo_level="country")
    wh = 15_000_000 * float(power["wh_per_token"])
    assert math.isclose(wh, 36_750)
    kwh = wh / 1000 * float(supply["factor"]) * float(pue["pue"]) * float(transmission["factor"])
    assert math.isclose(kwh, 55.72476, rel_tol=1e-9)
    assert math.isclose(kwh * float(grid["gco2e_per_kwh"]), 18_500.62032, rel_tol=1e-9)


def test_energy_equivalents_are_those_their_sources_publish():
    """The EPA's in the units it prints them in: t CO2 per mile, t per charge, kWh per charge."""
    rows = {row["equivalence"]: row for row in seed("factors/equivalences.csv")}
    assert float(rows["gasoline_car_mile_us"]["kgco2e_per_unit"]) / 1000 == pytest.approx(3.93e-4)
    assert float(rows["smartphone_charge_us"]["kgco2e_per_unit"]) / 1000 == pytest.approx(1.24e-5)
    assert float(rows["smartphone_charge_energy"]["kwh_per_unit"]) == pytest.approx(0.019)
    assert round(18_500.62032 / 1000 / float(rows["petrol_car_mile_dft"]["kgco2e_per_unit"])) == 68
