"""Which workbooks can be asked for, by whom, and of what part of the city."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ethics_eval.accounts.rules import Actor, Permission, Scope, require, scope_of
from ethics_eval.text import N_, RuleViolation


class Export(StrEnum):
    """The workbooks."""

    RANKING = "ranking"
    LEDGER = "ledger"
    ANNEX = "annex"
    TURNOUT = "turnout"


EXPORT_LABELS: Mapping[Export, str] = {
    Export.RANKING: N_("榜单"),
    Export.LEDGER: N_("扣分台账"),
    Export.ANNEX: N_("通报附件（内部名单）"),
    Export.TURNOUT: N_("评议进度"),
}
EXPORT_HINTS: Mapping[Export, str] = {
    Export.RANKING: N_("每名教师的名次、各部分得分、等次；可只要一个区县、一所学校或一个学段"),
    Export.LEDGER: N_("每一笔扣分：类别、程度、依据、认定日期、拟定人和审定人"),
    Export.ANNEX: N_("列入名单的教师全名和处理方式，只供市教育局内部使用"),
    Export.TURNOUT: N_("每所学校、每个班发出多少评议码，交回多少；少于5人的不列"),
}
_PERMISSIONS: Mapping[Export, Permission] = {
    Export.RANKING: Permission.RANKING_EXPORT,
    Export.LEDGER: Permission.RANKING_EXPORT,
    Export.ANNEX: Permission.RANKING_EXPORT,
    Export.TURNOUT: Permission.TURNOUT_READ,
}


@dataclass(frozen=True)
class Wanted:
    """What is asked for. Codes are empty for all of the reader's scope; ``masked``: names as 张某."""

    what: Export
    semester: str
    district: str = ""
    school: str = ""
    stage: str = ""
    masked: bool = False

    def params(self) -> dict[str, str | int | None]:
        """As a task keeps it: codes only."""
        return {
            "what": self.what.value,
            "semester": self.semester,
            "district": self.district,
            "school": self.school,
            "stage": self.stage,
            "masked": int(self.masked),
        }


def wanted_of(params: Mapping[str, Any]) -> Wanted:
    """What a task was asked for."""
    return Wanted(
        Export(params["what"]),
        params["semester"],
        params["district"],
        params["school"],
        params["stage"],
        bool(params["masked"]),
    )


def allowed(actor: Actor) -> list[Export]:
    """The workbooks the person may ask for; the list with full names is the city's alone."""
    found = []
    for what, permission in _PERMISSIONS.items():
        scope = scope_of(actor, permission)
        if scope is not None and (what is not Export.ANNEX or scope is Scope.CITY):
            found.append(what)
    return found


def check_allowed(actor: Actor, what: Export) -> Permission:
    """The permission it rests on. Raises: RuleViolation ``permission.denied``."""
    require(actor, _PERMISSIONS[what])
    if what not in allowed(actor):
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    return _PERMISSIONS[what]
