"""What outlives a power cut."""

import os
from pathlib import Path


def settle(folder: Path) -> None:
    """Put a folder's entries on the disk: a new or renamed file is there for good only with them. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
