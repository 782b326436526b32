"""What stripping says of a file it cannot make a copy of."""

from __future__ import annotations


class Damaged(Exception):
    """No copy can be made: the file is cut off, locked, or not what it seems."""
