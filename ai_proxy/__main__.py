"""``python -m ai_proxy --config FILE.toml``"""

import argparse
import sys
from pathlib import Path

from ai_proxy.config import ConfigError, load


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ai_proxy", description=sys.modules["ai_proxy"].__doc__)
    parser.add_argument("--config", type=Path, metavar="FILE.toml", help="settings; without it the defaults hold")
    parser.add_argument("--check", action="store_true", help="read the settings, say whether they are right, and stop")
    arguments = parser.parse_args()
    try:
        config = load(arguments.config)
        if arguments.check:
            print("The settings are right.")
            return 0
        from ai_proxy.server import run
        from ai_proxy.spool import SpoolError
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except ImportError as error:
        print(
            f"error: the package {error.name} is missing. Install the proxy with its extra, .[proxy].", file=sys.stderr
        )
        return 2
    try:
        run(config)
    except SpoolError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"error: [server] {config.server.host}: cannot listen on ports {config.server.port} and "
            f"{config.server.metrics_port} ({error.strerror or type(error).__name__}). Name other ports, or end what "
            "uses them.",
            file=sys.stderr,
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
