"""The way of telemetry in one command: fake provider, AI proxy, traffic, compaction, ``dbt build``, headline.

    python scripts/proxy_demo.py [--keep FOLDER]

Everything runs on loopback and in a temporary folder; no provider is called, no key needed. The figures are synthetic.
Exits 0 if each step succeeded and the traffic stands in the headline mart.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
# Path through the proxy, request, what the fake provider answers. Synthetic throughout.
CALLS = {
    "/openai/v1/chat/completions": (
        {"model": "gpt-4o", "messages": []},
        {"model": "gpt-4o", "usage": {"prompt_tokens": 1200, "completion_tokens": 300, "total_tokens": 1500}},
    ),
    "/anthropic/v1/messages": (
        {"model": "claude-sonnet-4-20250514", "messages": []},
        {"model": "claude-sonnet-4-20250514", "usage": {"input_tokens": 900, "output_tokens": 600}},
    ),
    "/mistral/v1/chat/completions": (
        {"model": "mistral-large-2411", "messages": []},
        {"model": "mistral-large-2411", "usage": {"prompt_tokens": 700, "completion_tokens": 200, "total_tokens": 900}},
    ),
    "/google/v1beta/models/gemini-2.5-flash:generateContent": (
        {"contents": []},
        {
            "modelVersion": "gemini-2.5-flash",
            "candidates": [{"finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 400, "candidatesTokenCount": 250, "totalTokenCount": 650},
        },
    ),
}
# By the path behind the provider's segment; OpenAI and Mistral share one and are told apart by the model.
ANSWERS = {path[path.index("/", 1) :]: answer for path, (_, answer) in CALLS.items() if not path.startswith("/mistral")}
MISTRAL = CALLS["/mistral/v1/chat/completions"][1]
ROUNDS = 25
# What the fake provider reports in one round, summed by hand.
TOKENS_PER_ROUND = 1500 + 1500 + 900 + 650
HEADLINE = """
    select strftime(usage_month, '%Y-%m'), coalesce(model_id, '-'), status, tokens, kwh, gco2e
    from marts.ai_emissions_by_model_region_month
    where source = 'ai_proxy'
    order by all
"""


class Provider(BaseHTTPRequestHandler):
    """Answers by path, the provider's prefix taken off by the proxy."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_mistral = str(request.get("model")).startswith("mistral")
        body = json.dumps(MISTRAL if is_mistral else ANSWERS[self.path]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def say(text: str) -> None:
    print(f"== {text}", flush=True)


def make_traffic(folder: Path) -> None:
    """Start provider and proxy, send the calls, end the proxy in good order."""
    provider = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    upstream = f"http://127.0.0.1:{provider.server_port}"
    config = folder / "proxy.toml"
    config.write_text(
        f'[server]\nport = 0\nmetrics_port = 0\n[spool]\ndir = "{folder}/spool"\n[sink]\nfolder = "{folder}/raw"\n'
        '[labels]\nteam = "demo"\n'
        + "".join(
            f'[providers.{name}]\nbase_url = "{upstream}"\n' for name in ("openai", "anthropic", "mistral", "google")
        )
    )
    proxy = subprocess.Popen(
        [sys.executable, "-m", "ai_proxy", "--config", str(config)], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    )
    try:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", proxy.stdout.readline())
        if not found:
            raise SystemExit("error: the proxy did not start; its message stands above. Correct what it names.")
        say(f"{ROUNDS * len(CALLS)} requests through the proxy at {found[0]}")
        for _ in range(ROUNDS):
            for path, (request, _) in CALLS.items():
                headers = {"Content-Type": "application/json"}
                asked = urllib.request.Request(found[0] + path, json.dumps(request).encode(), headers)
                with urllib.request.urlopen(asked, timeout=30) as answer:
                    answer.read()
    finally:
        proxy.send_signal(signal.SIGTERM)
        proxy.wait(30)
        provider.shutdown()


def run(folder: Path) -> int:
    make_traffic(folder)
    root = folder / "data"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AI_EMISSIONS_")},
        "AI_EMISSIONS_DATA_ROOT": str(root),
        "AI_EMISSIONS_WAREHOUSE": str(folder / "ai_emissions.duckdb"),
        "AI_EMISSIONS_EXPORT_DIR": str(folder / "marts"),
    }
    compaction = [sys.executable, "scripts/compact_telemetry.py", "--source", str(folder / "raw")]
    dbt = [str(Path(sys.executable).with_name("dbt")), "build", "--quiet", "--target-path", str(folder / "target")]
    # Tests of rules, keys and lists have nothing to do with this traffic and take most of the time.
    dbt += ["--exclude-resource-type", "unit_test", "--exclude", "test_type:generic"]
    for title, command in (("compaction", compaction), ("dbt build", dbt)):
        say(title)
        if subprocess.run(command, cwd=PROJECT, env=environment).returncode:
            return 1
    with duckdb.connect(folder / "ai_emissions.duckdb", read_only=True) as con:
        rows = con.execute(HEADLINE).fetchall()
    say("ai_emissions_by_model_region_month, source ai_proxy: month, model, status, tokens, kWh, gCO2e")
    for row in rows:
        print("  ".join("-" if value is None else str(value) for value in row))
    found = sum(tokens for _, _, status, tokens, _, _ in rows if status == "estimated")
    if found != ROUNDS * TOKENS_PER_ROUND:
        print(
            f"error: of {ROUNDS * TOKENS_PER_ROUND} tokens of the traffic {found} stand in the headline "
            "mart. Report it with what stands above.",
            file=sys.stderr,
        )
        return 1
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="work in this folder and leave everything there")
    arguments = parser.parse_args()
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        return run(arguments.keep.resolve())
    with tempfile.TemporaryDirectory() as name:
        return run(Path(name))


if __name__ == "__main__":
    sys.exit(main())
