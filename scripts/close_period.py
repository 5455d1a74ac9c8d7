"""Closes a month: freezes what was reported, with everything needed to compute it again.

python scripts/close_period.py --period YYYY-MM; --help says the rest.
"""

import sys

from ai_emissions.closing.cli import main

if __name__ == "__main__":
    sys.exit(main())
