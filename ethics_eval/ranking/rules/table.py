"""Rows held as columns: a sequence whose rows are only made when somebody looks at them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, overload

Row_co = TypeVar("Row_co", covariant=True)


def columns_of(rows: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """The columns of rows: those a table of columns has, else turned about."""
    return rows.columns if isinstance(rows, ColumnTable) else list(zip(*rows, strict=True))


class Table(Sequence[Row_co]):
    """A sequence of rows over columns: what it holds is said by ``__iter__`` and ``__len__``."""

    @abstractmethod
    def __iter__(self) -> Iterator[Row_co]: ...

    @overload
    def __getitem__(self, index: int) -> Row_co: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Row_co]: ...

    def __getitem__(self, index: int | slice) -> Row_co | Sequence[Row_co]:
        return list(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


class ColumnTable(Table[Row_co]):
    """Rows of one kind over their columns, which stand in the order of the row's fields."""

    def __init__(self, row: Callable[..., Row_co], columns: Sequence[Sequence[Any]]) -> None:
        self._row, self.columns = row, columns

    def __len__(self) -> int:
        return len(self.columns[0])

    def __iter__(self) -> Iterator[Row_co]:
        return map(self._row, *self.columns)
