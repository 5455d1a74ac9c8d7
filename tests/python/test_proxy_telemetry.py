"""Telemetry of the AI proxy from files to marts: what each record comes to, model strings as the APIs answer them, and
files that cannot be used. The proxy and its compaction are tested in tests/proxy."""

import json
from pathlib import Path

import duckdb
import pytest

from ai_proxy import schema

READ_ALL = ("--select", "+stg_ai_proxy__requests", "--indirect-selection", "cautious")
DAY = "2025-06-02"
USAGE = {
    "schema_version": 1,
    "provider": "anthropic",
    "operation": "chat",
    "output_type": "text",
    "model": "claude-sonnet-4-20250514",
    "stream": False,
    "usage_status": "reported",
    "outcome": "complete",
    "http_status": 200,
    "latency_ms": 1.0,
}
# As the APIs answer them: the model each stands for.
NAMES = {
    "claude-sonnet-4-20250514": "claude-sonnet-4",
    "claude-sonnet-4@20250514": "claude-sonnet-4",
    "claude-sonnet-4-0": "claude-sonnet-4",
    "claude-3-5-sonnet-v2@20241022": "claude-3-5-sonnet",
    "claude-3-7-sonnet-latest": "claude-3-7-sonnet",
    "claude-opus-4-1-20250805": "claude-opus-4-1",
    "publishers/anthropic/models/claude-haiku-4-5@20251001": "claude-haiku-4-5",
    "gpt-4o": "gpt-4o",
    "gpt-4o-2024-08-06": "gpt-4o",
    "gpt-4.1-mini-2031-01-02": "gpt-4.1-mini",
    "gpt-4-0314": "gpt-4",
    "gpt-3.5-turbo-1106": "gpt-3.5-turbo",
    "ft:gpt-4o-mini-2024-07-18:meridian::abc123": "gpt-4o-mini",
    "o3-2025-04-16": "o3",
    "gpt-5-chat-latest": "gpt-5-chat",
    "models/gemini-2.5-flash": "gemini-2.5-flash",
    "gemini-2.5-flash-preview-05-20": "gemini-2.5-flash",
    "gemini-2.5-pro-exp-03-25": "gemini-2.5-pro",
    "gemini-2.0-flash-001": "gemini-2.0-flash",
    "google/gemini-2.0-flash-001": "gemini-2.0-flash",
    "gemini-1.5-flash-8b-001": "gemini-1.5-flash-8b",
    "mistral-large-2411": "mistral-large-2",
    "mistral-large-2407": "mistral-large-2",
    "mistral-large-latest": "mistral-large-4",
    "mistral-small-2503": "mistral-small-3",
    "codestral-latest": "codestral",
    "magistral-medium-2507": "magistral-medium",
    "ministral-8b-2410": "ministral-8b",
    "open-mistral-nemo-2407": "mistral-nemo",
    # A version of its own that nobody lists: not taken for its predecessor.
    "mistral-large-3105": None,
    "gpt-9": None,
    "claude-sonnet-4-beta": None,
}
PICTURES = {
    ("1024x1024", "standard"): "media:image_standard_1024x1024",
    ("1024x1024", "hd"): "media:image_hd_1024x1024",
    ("1792x1024", "hd"): "media:image_hd_1792x1024",
    ("1536x1024", "medium"): "media:image_standard_1792x1024",
    ("512x512", None): "media:image_standard_1024x1024",
    (None, None): "media:image_average",
}


def write_records(root: Path, records: list[dict], day: str = DAY, name: str = "records.parquet", leave_out=()) -> Path:
    """A file of compacted telemetry; every record gets an id of its own."""
    path = root / f"ai_proxy/dt={day}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.with_suffix(".jsonl.tmp")
    rows = [USAGE | {"request_ts": f"{day}T23:59:59.999Z"} | record for record in records]
    rows = [row | {"record_id": row.get("record_id", f"{name} {day} {number}")} for number, row in enumerate(rows)]
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    columns = {column: kind for column, kind in schema.COLUMNS.items() if column not in leave_out}
    with duckdb.connect() as con:
        con.execute(f"copy (from read_json('{lines}', columns = {columns!r})) to '{path}' (format parquet)")
    lines.unlink()
    return path


@pytest.fixture(scope="module")
def telemetry(project, tmp_path_factory):
    root = tmp_path_factory.mktemp("telemetry")
    write_records(root, [{"model": name, "input_tokens": 1000, "output_tokens": 10} for name in NAMES], "2025-06-01")
    write_records(
        root,
        [
            {
                "team": "ads",
                "input_tokens": 1000,
                "output_tokens": 50,
                "cache_read_tokens": 700,
                "cache_write_tokens": 100,
            },
            {"team": "ads", "input_tokens": 100, "output_tokens": 5, "cache_read_tokens": 700, "cache_write_tokens": 9},
            {"team": "ads", "usage_status": "partial", "outcome": "client_closed", "input_tokens": 30},
            {"team": "ads", "usage_status": "missing"},
            {"team": "ads", "usage_status": "not_applicable", "outcome": "upstream_error", "http_status": 529},
            {"team": "ads", "usage_status": "not_applicable", "outcome": "proxy_error", "http_status": 502},
            {"provider": "azure_openai", "model": "gpt-4o", "input_tokens": 40, "output_tokens": 2},
            {"provider": "azure_openai", "model": None, "usage_status": "missing"},
            {
                "operation": "embeddings",
                "output_type": "embedding",
                "model": "embed",
                "input_tokens": 60,
                "output_tokens": 0,
            },
            {"operation": "audio_in", "model": "whisper-1", "usage_status": "not_applicable", "media_seconds": 7.5},
            {
                "operation": "video",
                "output_type": "video",
                "model": "sora-2",
                "image_size": "1280x720",
                "media_seconds": 8,
            },
            {"output_type": "image", "model": "gemini-2.5-flash-image", "input_tokens": 5, "output_tokens": 1290},
            {"model": None, "input_tokens": 11, "output_tokens": 1},
            {"input_tokens": -4, "output_tokens": None},
        ],
    )
    pictures = [
        {
            "provider": "openai",
            "operation": "image",
            "output_type": "image",
            "model": "dall-e-3",
            "usage_status": "not_applicable",
            "image_count": 2,
            "image_size": size,
            "image_quality": quality,
        }
        for size, quality in PICTURES
    ]
    # Written by somebody else: fewer columns, another name, another folder.
    write_records(
        root, pictures, "2025-07-01", "part-0.parquet", leave_out=("team", "record_id", "stream", "http_status")
    )
    (root / "ai_proxy/_compaction").mkdir()
    (root / "ai_proxy/_compaction/manifest.jsonl").write_text("{}\n", encoding="utf-8")
    build = project.run("build", root, tmp_path_factory.mktemp("built"))
    assert build.success, build.messages
    return build


def test_model_strings_of_the_apis_are_resolved_and_new_ones_stay_visible(telemetry):
    found = telemetry.rows("""
        select model_name_raw, max(model_id), max(status), sum(quantity) from marts.fct_ai_emissions
        where usage_date = '2025-06-01' group by all
    """)
    assert {name: model for name, model, _, _ in found} == NAMES
    assert {name for name, _, status, _ in found if status != "estimated"} == {n for n, m in NAMES.items() if m is None}
    assert all(quantity == 1010 for *_, quantity in found)
    unmapped = telemetry.rows("select unresolved_text from marts.ai_usage_unmapped where status = 'unmapped_model'")
    assert {"mistral-large-3105", "gpt-9", "claude-sonnet-4-beta"} <= {row[0] for row in unmapped}


def test_input_is_what_remains_beside_the_cache_and_never_less_than_nothing(telemetry):
    found = telemetry.rows("""
        select usage_kind, sum(quantity), sum(line_count) from marts.fct_ai_emissions
        where team = 'ads' and status = 'estimated' and usage_quality = 'reported' group by all
    """)
    assert {kind: (quantity, requests) for kind, quantity, requests in found} == {
        "input": (200, 0),
        "cache_read": (800, 0),
        "cache_write": (100, 0),
        "output": (55, 2),
    }


def test_every_request_ends_in_one_status_and_what_is_not_known_is_no_zero(telemetry):
    found = telemetry.rows(f"""
        select status, sum(line_count), sum(quantity), sum(kwh) is not null from marts.fct_ai_emissions
        where usage_date = '{DAY}' group by all
    """)
    assert {status: rest for status, *rest in found} == {
        "estimated": [4, 200 + 800 + 100 + 55 + 30 + 8, True],
        "usage_not_reported": [2, None, False],
        "request_failed": [2, None, False],
        "billed_elsewhere": [2, 42, False],
        "out_of_scope_modality": [2, 67.5, False],
        "no_usage_quantity": [1, 1295, False],
        "unmapped_model": [1, 12, False],
    }
    coverage = telemetry.rows("""
        select status, sum(line_count), sum(tokens) from marts.ai_usage_coverage
        where source = 'ai_proxy' and usage_month = '2025-06-01' and status = 'usage_not_reported' group by all
    """)
    assert coverage == [("usage_not_reported", 2, None)]


def test_direct_use_counts_for_the_world_with_a_pue_of_1_54(telemetry):
    """Claude Sonnet 4: 0.00245 Wh a token, power supply 1.04, PUE 1.54, transmission 1.08, world 472.94 g/kWh."""
    kwh, gco2e, *place = telemetry.rows("""
        select sum(kwh), sum(gco2e), max(region_used), max(region_basis), max(pue_basis), max(intensity_basis)
        from marts.fct_ai_emissions
        where usage_date = '2025-06-01' and model_name_raw = 'claude-sonnet-4-20250514'
    """)[0]
    expected = 1010 * 0.00245 / 1000 * 1.04 * 1.54 * 1.08
    assert kwh == pytest.approx(expected, rel=1e-9) and gco2e == pytest.approx(expected * 472.94, rel=1e-9)
    assert place == ["world", "place_unknown", "world", "world"]


def test_images_and_video_take_the_media_table_by_size_and_quality(telemetry):
    found = telemetry.rows("""
        select power_figure_id, sum(quantity) from marts.fct_ai_emissions
        where usage_date = '2025-07-01' and status = 'estimated' and usage_kind = 'image' group by all
    """)
    assert sorted(found) == sorted(
        [(figure, 2.0 * list(PICTURES.values()).count(figure)) for figure in {*PICTURES.values()}]
    )
    video = telemetry.rows(
        "select power_figure_id, quantity from marts.fct_ai_emissions where usage_kind = 'video_second'"
    )
    assert video == [("media:video_720p", 8.0)]


def test_a_team_is_the_label_of_the_proxy_and_an_account_the_api(telemetry):
    found = telemetry.rows("""
        select distinct team, account_id from marts.ai_emissions_by_account_month
        where source = 'ai_proxy' and usage_month = '2025-06-01'
    """)
    assert set(found) == {("ads", "anthropic"), (None, "anthropic"), (None, "azure_openai")}


def test_files_and_their_totals_are_listed(telemetry):
    found = telemetry.rows("""
        select regexp_extract(file_path, '[^/]+/[^/]+$'), decision, source_delivery, rows_read
        from marts.ai_input_deliveries order by 1
    """)
    assert found == [
        ("_compaction/manifest.jsonl", "ignored", None, None),
        ("dt=2025-06-01/records.parquet", "used", "ai_proxy:2025-06", len(NAMES)),
        (f"dt={DAY}/records.parquet", "used", "ai_proxy:2025-06", 14),
        ("dt=2025-07-01/part-0.parquet", "used", "ai_proxy:2025-07", len(PICTURES)),
    ]


def test_records_that_were_not_compacted_stop_the_build(build, data_root):
    raw = data_root / "ai_proxy/dt=2025-06-02/1.jsonl"
    raw.parent.mkdir(parents=True)
    raw.write_text(json.dumps(USAGE) + "\n", encoding="utf-8")
    message = build(data_root, *READ_ALL).error()
    assert str(raw) in message and "scripts/compact_telemetry.py" in message


def test_a_file_without_a_column_that_counts_stops_the_build(build, data_root):
    path = write_records(data_root, [{}], leave_out=("output_tokens",))
    message = build(data_root, *READ_ALL).error()
    assert str(path) in message and "no column output_tokens" in message


def test_the_same_records_in_two_files_fail_the_build(build, data_root):
    records = [{"input_tokens": 5, "output_tokens": 1, "record_id": f"r{number}"} for number in range(3)]
    write_records(data_root, records)
    write_records(data_root, records, name="copy.parquet")
    done = build(
        data_root,
        "--select",
        "+stg_ai_proxy__requests",
        "assert_no_telemetry_is_there_twice",
        "--indirect-selection",
        "cautious",
    )
    assert not done.success and done.results["assert_no_telemetry_is_there_twice"] == "fail"
