"""Reading a JSON document somebody wrote: every fault is found, each with its path, none stops the reading.

A fault reads in English as the contract of ranking.md writes it (``components.peer.trim_percent: 60 must be below
50``) and carries the Chinese words for the page that shows it at its field.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ethics_eval.text import N_, RuleViolation

FILE = "(file)"
"""The path of a fault of the whole document."""


class Reason(StrEnum):
    """What is wrong at a path, in the words of the contract; ``%(given)s`` is the value as JSON."""

    NOT_JSON = "not JSON: %(error)s"
    TWICE = "stands twice"
    GIVEN_TWICE = "%(given)s stands twice"
    UNKNOWN = "unknown key"
    MISSING = "missing"
    OBJECT = "%(given)s must be an object"
    WHOLE = "%(given)s must be a whole number"
    LEAST = "%(given)s must be at least %(least)s"
    BELOW = "%(given)s must be below %(below)s"
    TEXT = "%(given)s must be a text of 1 to %(longest)s characters"
    ONE_OF = "%(given)s must be one of %(allowed)s"
    SUM = "weights sum to %(sum)s, must sum to %(wanted)s"
    OPTIONS = "must be a list of 2 to %(most)s options"
    ITEMS = "must be a list of at least one item"
    STAGES = "must be a list of at least one stage"
    KINDERGARTEN = "kindergarten staff are never ranked"
    VERSION = "%(given)s must be 1 to 40 letters, digits, '.', '_' or '-'"
    NO_ITEM = "the scheme has no such item"
    LABELS = "%(given)s labels, the item has %(wanted)s options"


REASON_WORDS: Mapping[Reason, str] = {
    Reason.NOT_JSON: N_("不是JSON文件：第%(line)s行第%(column)s个字符起看不懂"),
    Reason.TWICE: N_("重复出现，只能写一次"),
    Reason.GIVEN_TWICE: N_("%(given)s 重复，只能出现一次"),
    Reason.UNKNOWN: N_("方案里没有这一项，请删去"),
    Reason.MISSING: N_("没有填写"),
    Reason.OBJECT: N_("%(given)s 应当是一组内容"),
    Reason.WHOLE: N_("%(given)s 应当是整数"),
    Reason.LEAST: N_("%(given)s 太小，至少为 %(least)s"),
    Reason.BELOW: N_("%(given)s 太大，最多 %(most)s"),
    Reason.TEXT: N_("请填写1到%(longest)s个字，不含换行等特殊字符"),
    Reason.ONE_OF: N_("%(given)s 不在可选范围内（%(allowed)s）"),
    Reason.SUM: N_("权重合计为 %(sum)s，应当是 %(wanted)s"),
    Reason.OPTIONS: N_("选项应当有2到%(most)s个"),
    Reason.ITEMS: N_("至少要有一道题"),
    Reason.STAGES: N_("至少要选一个学段"),
    Reason.KINDERGARTEN: N_("幼儿园教职工不参加排名"),
    Reason.VERSION: N_("版本号用1到40个字母、数字、“.”“_”“-”，以字母或数字开头，例如 2026-1"),
    Reason.NO_ITEM: N_("方案里没有这道题"),
    Reason.LABELS: N_("写了%(given)s个选项，这道题应当有%(wanted)s个"),
}


@dataclass(frozen=True)
class Fault:
    """One fault: where (``items.parent[0].weight``), what, and the values of its words."""

    path: str
    reason: Reason
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path}: {str(self.reason) % self.values}"


class DocumentRefused(RuleViolation):
    """The document cannot be used. ``faults``: path and reason of each as text; ``found``: the same to work with."""

    def __init__(self, code: str, message: str, found: Sequence[Fault]) -> None:
        super().__init__(code, message, faults="; ".join(map(str, found)))
        self.found = tuple(found)
        self.faults = tuple(map(str, found))


class _Doubled(ValueError):
    """A key stands twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise _Doubled(next(name for name in names if names.count(name) > 1))
    return found


def shown(value: object) -> str:
    """A value as JSON, at most 60 characters."""
    return json.dumps(value, ensure_ascii=False)[:60]


def one_line(text: str) -> bool:
    """Whether a text stands on one line and can be stored: no control character, no half of a surrogate pair."""
    return not any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in text)


class Reader:
    """Reads a raw document and collects its faults instead of stopping at the first."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: str, reason: Reason, **values: object) -> None:
        """Note a fault."""
        self.faults.append(Fault(path, reason, values))

    def parse(self, text: str) -> object:
        """The value of a JSON text, no key twice in an object; None with a fault where it is none."""
        try:
            return json.loads(text, object_pairs_hook=_once)
        except _Doubled as error:
            self.fault(str(error), Reason.TWICE)
        except (ValueError, RecursionError) as error:
            line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
            self.fault(FILE, Reason.NOT_JSON, error=error, line=line, column=column)
        return None

    def fields(self, raw: object, path: str, names: Iterable[str]) -> dict[str, Any]:
        """The object at ``path``, its keys checked; missing ones are left out."""
        wanted = tuple(names)
        given = self.some_fields(raw, path, wanted)
        if isinstance(raw, dict):
            for name in wanted:
                if name not in raw:
                    self.fault(f"{path}.{name}" if path else name, Reason.MISSING)
        return given

    def some_fields(self, raw: object, path: str, names: Iterable[str]) -> dict[str, Any]:
        """The object at ``path``; unknown keys are faults, missing ones are not."""
        if not isinstance(raw, dict):
            self.fault(path or FILE, Reason.OBJECT, given=shown(raw))
            return {}
        wanted = tuple(names)
        for name in raw:
            if name not in wanted:
                self.fault(f"{path}.{name}" if path else name, Reason.UNKNOWN)
        return {name: raw[name] for name in wanted if name in raw}

    def number(self, raw: object, path: str, least: int, below: int) -> int:
        """A whole number from ``least`` on, below ``below``; ``least`` where it is not."""
        if not isinstance(raw, int) or isinstance(raw, bool):
            self.fault(path, Reason.WHOLE, given=shown(raw))
        elif raw < least:
            self.fault(path, Reason.LEAST, given=raw, least=least)
        elif raw >= below:
            self.fault(path, Reason.BELOW, given=raw, below=below, most=below - 1)
        else:
            return raw
        return least

    def text(self, raw: object, path: str, longest: int) -> str:
        """A text of 1 to ``longest`` characters that can be printed, not blank; empty where it is not."""
        if isinstance(raw, str) and 0 < len(raw.strip()) <= longest and one_line(raw):
            return raw
        self.fault(path, Reason.TEXT, given=shown(raw), longest=longest)
        return ""

    def one_of(self, raw: object, path: str, allowed: Sequence[str]) -> str:
        """One of the allowed words; the first where it is none."""
        if isinstance(raw, str) and raw in allowed:
            return raw
        self.fault(path, Reason.ONE_OF, given=shown(raw), allowed=", ".join(allowed))
        return allowed[0]
