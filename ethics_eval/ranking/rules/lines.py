"""Lines of JSON made of whole columns (ranking.md R14).

A field is a block of bytes, rows × its widest text; what is shorter is filled up with NUL, which stands in no text of
JSON. The blocks are laid side by side, and without the NULs the rows are the lines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ethics_eval.evaluation.rules.tally import ABSENT, Flags, Ints

Block = NDArray[np.uint8]
TextTable = NDArray[np.bytes_]

_BATCH = 2**14  # so many lines are laid out at once: they fit into the processor's cache
_NULL = np.frombuffer(b"null", dtype=np.uint8)
_quoted = json.encoder.encode_basestring


def text_table(values: Sequence[str]) -> TextTable:
    """Texts as JSON has them, to be chosen from."""
    # a line feed stands in none of them
    return np.array("\n".join(map(_quoted, values)).encode().split(b"\n"), dtype=np.bytes_)


def chosen(table: TextTable, places: Ints) -> Block:
    """Of each row the text at a place of the table, −1 its last."""
    return np.take(table, places).view(np.uint8).reshape(len(places), table.itemsize)


def texts(values: Sequence[str]) -> Block:
    """A column of texts; made quickly where many are the same."""
    at = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return chosen(text_table(list(at)), np.fromiter(map(at.__getitem__, values), np.int64, count=len(values)))


def numbers(column: Ints | Flags) -> Block:
    """A column of whole numbers from 0; yes and no as 1 and 0; ABSENT is ``null``. Raises: ValueError: another one."""
    is_absent = column == ABSENT
    rest = np.where(is_absent, 0, column).astype(np.int64)
    if rest.min(initial=0) < 0:
        raise ValueError("a negative number")
    width = len(str(rest.max(initial=0)))
    found = np.zeros((len(rest), max(width, len(_NULL)) if is_absent.any() else width), dtype=np.uint8)
    for place in reversed(range(width)):
        tenth = rest // 10
        digit = rest - tenth * 10 + ord("0")
        found[:, place] = digit if place == width - 1 else np.where(rest > 0, digit, 0)
        rest = tenth
    if is_absent.any():
        found[is_absent, :width] = 0
        found[is_absent, : len(_NULL)] = _NULL
    return found


def arrays(columns: Ints) -> Block:
    """Columns of whole numbers (columns × rows) as one field: ``[1,null,3]``."""
    parts: list[bytes | Block] = [b"["]
    for column in columns:
        parts += [numbers(column), b","]
    return _side_by_side([*parts[: 2 * len(columns)], b"]"], len(columns[0]))


def one_below_another(blocks: Sequence[Block]) -> Block:
    """A field whose rows come from several blocks, as wide as the widest of them."""
    found = np.zeros(
        (sum(map(len, blocks)), max((block.shape[1] for block in blocks), default=0)), dtype=np.uint8
    )
    start = 0
    for block in blocks:
        found[start : start + len(block), : block.shape[1]] = block
        start += len(block)
    return found


def lines(kind: str, fields: Mapping[str, Block], order: Ints | None = None) -> bytes:
    """A line a row: its kind, then the fields in their order; the rows in the ``order`` of their places, if given."""
    parts: list[bytes | Block] = []
    before = f'{{"kind":"{kind}",'
    for name, block in fields.items():
        parts += [f'{before}"{name}":'.encode(), block]
        before = ","
    parts.append(b"}\n")
    count = len(next(iter(fields.values())))
    found = []
    for start in range(0, count, _BATCH):
        rows = slice(start, start + _BATCH)
        some = [
            part
            if isinstance(part, bytes)
            else part[rows]
            if order is None
            else part.take(order[rows], axis=0)
            for part in parts
        ]
        laid = _side_by_side(some, min(_BATCH, count - start))
        found.append(laid.tobytes().translate(None, b"\0"))
    return b"".join(found)


def _side_by_side(parts: Sequence[bytes | Block], count: int) -> Block:
    """Blocks in a row; a text stands in each of the ``count`` rows."""
    return np.concatenate(
        [
            np.broadcast_to(np.frombuffer(part, dtype=np.uint8), (count, len(part)))
            if isinstance(part, bytes)
            else part
            for part in parts
        ],
        axis=1,
    )
