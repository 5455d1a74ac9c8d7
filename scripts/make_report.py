"""Makes the report page from the published marts.

python scripts/make_report.py; --help says the rest.
"""

import sys

from ai_emissions.report.cli import main

if __name__ == "__main__":
    sys.exit(main())
