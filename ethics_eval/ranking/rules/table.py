"""Rows held as columns: a sequence whose rows are only made when somebody looks at them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

Row_co = TypeVar("Row_co", covariant=True)


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
