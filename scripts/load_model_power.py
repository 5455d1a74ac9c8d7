"""Loads the per-model power dataset ("How Hungry is AI?") into dated, immutable snapshots.

python scripts/load_model_power.py [--source URL|FILE|FOLDER] [--out LOCATION] [--dry-run]; --help says the rest.
"""

import sys

from ai_emissions.model_power.cli import main

if __name__ == "__main__":
    sys.exit(main())
