"""The front door: `python run.py [demo | test | doctor | setup | any command of the command line]`.

Needs nothing but Python. The first start makes `.venv` and everything in it; every later one goes straight there.
These few lines must be understood by Pythons that are far too old, to tell them so.
"""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        "LiveSwapping needs Python 3.11, 3.12 or 3.13; this is %d.%d (%s)" % (sys.version_info[:2] + (sys.executable,))
    )

from scripts.front_door.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
