"""The published second program: `python run_optimized.py analyze | video | realtime | benchmark …` is `run.py`."""

import sys

from run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["--help"]))
