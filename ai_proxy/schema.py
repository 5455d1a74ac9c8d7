"""Schema v1 of a telemetry record: the closed list of columns, their types in DuckDB, and the words they may hold.

Imports nothing, so that the compaction runs without the proxy's own dependencies.
"""

VERSION = 1
MODEL = "[A-Za-z0-9._:/@+-]{1,128}"
IMAGE_SIZE = "[0-9]{2,5}x[0-9]{2,5}"
PROXY_VERSION = "[A-Za-z0-9._+-]{1,64}"

COLUMNS = {
    "schema_version": "integer",
    "record_id": "varchar",
    "request_ts": "timestamp",
    "provider": "varchar",
    "operation": "varchar",
    "output_type": "varchar",
    "model": "varchar",
    "stream": "boolean",
    "usage_status": "varchar",
    "input_tokens": "bigint",
    "output_tokens": "bigint",
    "cache_read_tokens": "bigint",
    "cache_write_tokens": "bigint",
    "reasoning_tokens": "bigint",
    "total_tokens_reported": "bigint",
    "image_count": "integer",
    "image_size": "varchar",
    "image_quality": "varchar",
    "media_seconds": "double",
    "outcome": "varchar",
    "http_status": "integer",
    "latency_ms": "double",
    "proxy_version": "varchar",
    "team": "varchar",
}
WORDS = {
    "provider": ("openai", "azure_openai", "anthropic", "google", "vertex", "mistral"),
    "operation": (
        "chat",
        "text_completion",
        "embeddings",
        "image",
        "audio_in",
        "audio_out",
        "video",
        "ocr",
        "other",
    ),
    "output_type": ("text", "image", "embedding", "audio", "video", "other"),
    # From the best to the worst: where nothing else decides, of two records with one id the better one counts.
    "usage_status": ("reported", "partial", "missing", "unparseable", "not_applicable"),
    "image_quality": ("low", "medium", "high", "xhigh", "max", "standard", "hd"),
    "outcome": ("complete", "client_closed", "upstream_error", "upstream_incomplete", "proxy_error"),
}
# Every other column may be NULL: not reported, or not a matter of this call.
REQUIRED = (
    "schema_version",
    "record_id",
    "request_ts",
    "provider",
    "operation",
    "output_type",
    "stream",
    "usage_status",
    "outcome",
)
