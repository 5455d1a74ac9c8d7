"""The whole way in one command, as the documentation gives it."""

import subprocess
import sys

from conftest import PROJECT


def test_one_command_brings_traffic_through_the_proxy_into_the_headline_mart():
    done = subprocess.run(
        [sys.executable, PROJECT / "scripts/proxy_demo.py"], capture_output=True, text=True, cwd=PROJECT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    headline = done.stdout.partition("ai_emissions_by_model_region_month")[2]
    for model, tokens in (
        ("gpt-4o", 25 * 1500),
        ("claude-sonnet-4", 25 * 1500),
        ("mistral-large-2", 25 * 900),
        ("gemini-2.5-flash", 25 * 650),
    ):
        assert f"{model}  estimated  {tokens}.0  " in headline
