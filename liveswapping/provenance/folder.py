"""Where what this computer remembers of its user lies: settings of the window, the consent, the signing key."""

from __future__ import annotations

import os
from pathlib import Path


def config_folder() -> Path | None:
    """LIVESWAPPING_CONFIG_DIR, else the system's place for it; None where there is none. It need not exist."""
    named = os.environ.get("LIVESWAPPING_CONFIG_DIR")
    if named:
        return Path(named).expanduser()
    try:
        import platformdirs

        return Path(platformdirs.user_config_dir("LiveSwapping", appauthor=False))
    except (ImportError, OSError):
        return None
