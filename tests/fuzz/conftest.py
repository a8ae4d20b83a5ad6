"""The builders of messages live beside the tests of formats."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "formats"))
