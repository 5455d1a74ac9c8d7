"""Writes files in the forms of the per-model power dataset. Synthetic: every figure is made up here; only the names of
the columns the loader reads, the prompt sizes and some model names are the dataset's own."""

import csv
import io
from datetime import date
from pathlib import Path

# name, API ID, company, host, hardware, class, PUE, invented Wh of the medium prompt
ENDPOINTS = [
    ("Claude 4 Sonnet", "claude-sonnet-4-20250514", "Anthropic", "Anthropic", "DGX H200/H100", "Large", 1.14, 2.8),
    ("GPT-4.1 mini", "gpt-4.1-mini", "OpenAI", "Azure", "DGX H200/H100", "Medium", 1.12, 1.4),
    ("GPT-5 (minimal)", "gpt-5-2025-08-07", "OpenAI", "Azure", "DGX H200/H100", "Large", 1.12, 3.0),
    ("Llama 3.1 8B", "meta.llama3-1-8b-instruct-v1:0", "Meta", "AWS", "DGX H200/H100", "Micro", 1.14, 0.2),
    ("Gemini 2.5 Flash (Vertex)", "gemini-2.5-flash", "Google", "Google", "TPU V6e", "Large", 1.09, 1.3),
    ("DeepSeek V3 (DeepSeek)", "deepseek-chat", "DeepSeek", "DeepSeek", "DGX H800", "Large", 1.27, 6.0),
]
# output tokens and made-up energy beside the medium prompt
LENGTHS = {"Short": (300, 0.3), "Medium": (1000, 1.0), "Long": (1500, 1.6), "Extra Long": (2000, 2.1)}
# Benchmark columns as they drift: other names, other order, text that looks like numbers. Invented.
BENCHMARKS = [
    {"Invented Reasoning Index": "45", "Made-up Bench (Coding & Tools)": "85%", "Humanoids' Exam, mock": "--"},
    {
        "Made-up Bench": "40%",
        "Invented𝜏²-Bench": "\N{MINUS SIGN}8",
        "Nonsense \N{EN DASH} v2": "1,079",
        "Mock-AA (x, y)/2": "0",
    },
    {},
]
FILLERS = 70
PAGE = "<!DOCTYPE html><html><body>Sign in</body></html>"


def daily_rows(day: date, lengths=("Short", "Medium", "Long"), wobble: float = 0.0, endpoints=ENDPOINTS) -> list[dict]:
    """One row per endpoint and prompt size. ``wobble`` scales the energies by 1 + wobble."""
    return [
        {
            "SnapshotDate": day.isoformat(),
            "Model": name,
            "ContextWindow": "1m",
            "API ID": api_id,
            "MedianTokens/s": "1,079",
            "length": length,
            "Query Length": str(LENGTHS[length][0]),
            "Hardware": hardware,
            "Host": host,
            "PUE": str(pue),
            "Company": company,
            "Size": size,
            **energy_columns(medium * LENGTHS[length][1] * (1 + wobble)),
        }
        for length in lengths
        for name, api_id, company, host, hardware, size, pue, medium in endpoints
    ]


def energy_columns(mean: float) -> dict[str, str]:
    """Wh per query: the mean is the midpoint of the two utilisation cases, as in the dataset."""
    return {
        "Mean Max Energy (Wh)": repr(mean * 1.08),
        "Std Max Energy (Wh)": repr(mean * 0.11),
        "Mean Min Energy (Wh)": repr(mean * 0.92),
        "Std Min Energy (Wh)": repr(mean * 0.09),
        "Mean Combined Energy (Wh)": repr(mean),
        "Std Combined Energy (Wh)": repr(mean * 0.1),
    }


def daily_csv(rows: list[dict], drift: int = 0) -> str:
    """The text of a daily file. ``drift`` picks the benchmark columns and turns the order of the columns."""
    extra = BENCHMARKS[drift % len(BENCHMARKS)]
    extra = extra | {f"Synthetic column {n:02} (mL)": str(n / 7) for n in range(FILLERS + drift)}
    names = [*rows[0], *extra]
    # The dated files start with their date; everything else moves.
    turn = 1 + drift * 5
    names = names[:1] + names[turn:] + names[1:turn]
    return csv_text(names, [row | extra for row in rows])


def without(column: str, day: date) -> str:
    """The text of a daily file that lacks a column."""
    rows = daily_rows(day)
    return csv_text([name for name in rows[0] if name != column], rows)


def running_average_csv(energy: float = 4.0) -> str:
    """The text of a running-average file: no date, no ``length``, other energy columns."""
    rows = []
    for name, api_id, company, host, hardware, size, pue, _ in ENDPOINTS:
        for tokens, factor in LENGTHS.values():
            mean = energy * factor
            rows.append(
                {
                    "Model": name,
                    "Query Length": str(tokens),
                    "API ID": api_id,
                    "Company": company,
                    "Hardware": hardware,
                    "Host": host,
                    "PUE": str(pue),
                    "Size": size,
                    "Avg Daily Max Energy (Wh)": repr(mean * 1.08),
                    "Avg Daily Min Energy (Wh)": repr(mean * 0.92),
                    "Avg Daily Average Energy (Wh)": repr(mean),
                    "Avg Intra-day Std (Average Energy, Wh)": repr(mean * 0.05),
                    "Pooled Std Average Energy (Wh)": repr(mean * 0.2),
                }
            )
    return csv_text(list(rows[0]), rows)


def csv_text(names: list[str], rows: list[dict]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def daily_name(day: date) -> str:
    return f"artificialanalysis_environmental_{day}.csv"


def write_daily(folder: Path, day: date, rows: list[dict] | None = None, drift: int = 0, **options) -> Path:
    """Write the daily file of a day under its usual name. ``options`` are those of ``daily_rows``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / daily_name(day)
    path.write_text(daily_csv(rows or daily_rows(day, **options), drift), encoding="utf-8")
    return path
