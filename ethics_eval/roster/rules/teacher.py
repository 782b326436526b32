"""Teachers and postings: names, professional titles, positions, and who is away and why.

Source: domain.md §6 (职称, 岗位, 在岗状态), §7.6 (not_rated_reason); ranking.md R11.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from ethics_eval.roster.rules.cell import Cell, cell_text, limited, plain, required
from ethics_eval.text import N_, RuleViolation

NAME_LENGTH = 60
Listed = TypeVar("Listed", bound=StrEnum)


class Title(StrEnum):
    """职称, the series of schools and of vocational schools; ``OTHER`` is a title of another trade."""

    NONE = "none"
    THIRD = "third"
    SECOND = "second"
    FIRST = "first"
    SENIOR = "senior"
    PROFESSORIAL = "professorial"
    JUNIOR = "junior"
    MIDDLE = "middle"
    ASSISTANT_LECTURER = "assistant_lecturer"
    LECTURER = "lecturer"
    SENIOR_LECTURER = "senior_lecturer"
    PROFESSORIAL_LECTURER = "professorial_lecturer"
    OTHER = "other"


TITLE_LABELS: Mapping[Title, str] = {
    Title.NONE: N_("未定级"),
    Title.THIRD: N_("三级教师"),
    Title.SECOND: N_("二级教师"),
    Title.FIRST: N_("一级教师"),
    Title.SENIOR: N_("高级教师"),
    Title.PROFESSORIAL: N_("正高级教师"),
    Title.JUNIOR: N_("初级教师"),
    Title.MIDDLE: N_("中级教师"),
    Title.ASSISTANT_LECTURER: N_("助理讲师"),
    Title.LECTURER: N_("讲师"),
    Title.SENIOR_LECTURER: N_("高级讲师"),
    Title.PROFESSORIAL_LECTURER: N_("正高级讲师"),
    Title.OTHER: N_("其他系列"),
}

# The old series (小教, 中教) was joined in 2015: 小学高级 and 中学一级 became 一级, 中学高级 became 高级.
_TITLE_NAMES: Mapping[str, Title] = {
    **{label: title for title, label in TITLE_LABELS.items()},
    **dict.fromkeys(("无", "无职称", "未评", "未评定", "未定职级", "未定级教师", "暂无"), Title.NONE),
    **dict.fromkeys(
        ("三级", "中教三级", "小教二级", "小教三级", "中学三级教师", "小学二级教师", "员级"), Title.THIRD
    ),
    **dict.fromkeys(("二级", "中教二级", "小教一级", "中学二级教师", "小学一级教师", "助理级"), Title.SECOND),
    **dict.fromkeys(("一级", "中教一级", "小教高级", "中学一级教师", "小学高级教师"), Title.FIRST),
    **dict.fromkeys(("高级", "副高", "副高级", "中教高级", "中学高级教师"), Title.SENIOR),
    **dict.fromkeys(("正高", "正高级", "特级", "特级教师"), Title.PROFESSORIAL),
    **dict.fromkeys(("初级",), Title.JUNIOR),
    **dict.fromkeys(("中级",), Title.MIDDLE),
    **dict.fromkeys(("其他", "其它"), Title.OTHER),
}
_OTHER_TITLE = re.compile(r".+(?:师|员|工|馆员|教授|医士|护士)")


class Position(StrEnum):
    """岗位 of a posting."""

    TEACHER = "teacher"
    HEAD = "head"
    SECRETARY = "secretary"
    DEPUTY_HEAD = "deputy_head"
    MANAGER = "manager"
    ASSISTANT = "assistant"
    SUPPORT = "support"


POSITION_LABELS: Mapping[Position, str] = {
    Position.TEACHER: N_("教师"),
    Position.HEAD: N_("校长(园长)"),
    Position.SECRETARY: N_("党组织书记"),
    Position.DEPUTY_HEAD: N_("副校长(副园长)"),
    Position.MANAGER: N_("管理"),
    Position.ASSISTANT: N_("教辅"),
    Position.SUPPORT: N_("工勤"),
}

# Who leads the school: a case on one of them never stays there (design.md §3).
LEADERS = frozenset({Position.HEAD, Position.SECRETARY})

_POSITION_NAMES: Mapping[str, Position] = {
    **{label: position for position, label in POSITION_LABELS.items()},
    **dict.fromkeys(
        ("专任教师", "任课教师", "教师岗", "教师岗位", "班主任", "代课教师", "专技", "专业技术"),
        Position.TEACHER,
    ),
    **dict.fromkeys(
        ("校长", "园长", "执行校长", "校长兼书记", "书记兼校长", "书记、校长", "校长、书记"), Position.HEAD
    ),
    **dict.fromkeys(("园长兼书记", "书记兼园长", "负责人", "教学点负责人"), Position.HEAD),
    **dict.fromkeys(("书记", "党支部书记", "党总支书记", "党委书记"), Position.SECRETARY),
    **dict.fromkeys(("副校长", "副园长", "副书记", "校长助理", "园长助理"), Position.DEPUTY_HEAD),
    **dict.fromkeys(
        ("管理岗", "管理岗位", "管理人员", "中层", "中层干部", "主任", "教务主任", "政教主任"),
        Position.MANAGER,
    ),
    **dict.fromkeys(("总务主任", "年级主任", "教研组长"), Position.MANAGER),
    **dict.fromkeys(
        ("教辅岗", "教辅人员", "实验员", "图书管理员", "保育员", "保健医", "保健医生", "校医"),
        Position.ASSISTANT,
    ),
    **dict.fromkeys(("其他专技", "会计", "出纳"), Position.ASSISTANT),
    **dict.fromkeys(
        ("工勤岗", "工勤岗位", "工勤人员", "工勤技能", "后勤", "保安", "炊事员", "司机", "宿管"),
        Position.SUPPORT,
    ),
}


class PostingStatus(StrEnum):
    """在岗状态 of a posting."""

    IN_POST = "in_post"
    SECONDED = "seconded"
    SUPPORT_TEACHING = "support_teaching"
    EXCHANGE = "exchange"
    SICK_LEAVE = "sick_leave"
    MATERNITY = "maternity"
    STUDY = "study"
    AWAY = "away"
    SUSPENDED = "suspended"
    RETIRED = "retired"
    LEFT = "left"


POSTING_STATUS_LABELS: Mapping[PostingStatus, str] = {
    PostingStatus.IN_POST: N_("在岗"),
    PostingStatus.SECONDED: N_("借调"),
    PostingStatus.SUPPORT_TEACHING: N_("支教"),
    PostingStatus.EXCHANGE: N_("交流"),
    PostingStatus.SICK_LEAVE: N_("病假"),
    PostingStatus.MATERNITY: N_("产假"),
    PostingStatus.STUDY: N_("进修"),
    PostingStatus.AWAY: N_("其他离岗"),
    PostingStatus.SUSPENDED: N_("停职"),
    PostingStatus.RETIRED: N_("退休"),
    PostingStatus.LEFT: N_("离职"),
}

# Also the national code table of 人员状态 (100, 201 …).
_STATUS_NAMES: Mapping[str, PostingStatus] = {
    **{label: status for status, label in POSTING_STATUS_LABELS.items()},
    **dict.fromkeys(("100", "在职", "在编在岗", "在本单位任职", "正常"), PostingStatus.IN_POST),
    **dict.fromkeys(
        ("201", "202", "借出", "借用", "外借", "借出到机关", "借出到事业单位"), PostingStatus.SECONDED
    ),
    **dict.fromkeys(("外出支教", "援疆", "援藏"), PostingStatus.SUPPORT_TEACHING),
    **dict.fromkeys(("205", "交流轮岗", "轮岗"), PostingStatus.EXCHANGE),
    **dict.fromkeys(("203", "长病假", "长期病假", "病休"), PostingStatus.SICK_LEAVE),
    **dict.fromkeys(("产假中", "生育假", "休产假"), PostingStatus.MATERNITY),
    **dict.fromkeys(("204", "脱产进修", "脱产学习"), PostingStatus.STUDY),
    **dict.fromkeys(
        ("206", "207", "208", "209", "210", "211", "299", "企业实践", "因公出国"), PostingStatus.AWAY
    ),
    **dict.fromkeys(
        ("离岗创业", "待退休", "内退", "待岗", "下落不明", "其他", "其它", "事假"), PostingStatus.AWAY
    ),
    **dict.fromkeys(("停职检查", "停课", "停职反省"), PostingStatus.SUSPENDED),
    **dict.fromkeys(
        ("离岗", "调离", "调出", "辞职", "辞退", "解聘", "开除", "死亡", "去世"), PostingStatus.LEFT
    ),
}

GONE = frozenset({PostingStatus.RETIRED, PostingStatus.LEFT})

_NOT_RATED: Mapping[PostingStatus, str | None] = {
    PostingStatus.IN_POST: None,
    PostingStatus.SECONDED: "SECONDED_OUT",
    PostingStatus.SUPPORT_TEACHING: "SUPPORT_TEACHING",
    # An exchanged teacher works at another school of the city and is rated there, by weeks.
    PostingStatus.EXCHANGE: None,
    PostingStatus.SICK_LEAVE: "LONG_LEAVE",
    PostingStatus.MATERNITY: "MATERNITY",
    PostingStatus.STUDY: "LONG_LEAVE",
    PostingStatus.AWAY: "LONG_LEAVE",
    PostingStatus.SUSPENDED: "SUSPENDED",
    PostingStatus.RETIRED: "LEFT",
    PostingStatus.LEFT: "LEFT",
}


def not_rated_reason(status: PostingStatus, *, moved_on: bool = False) -> str | None:
    """The code of why a person with this status is held from the ranking; None: rated like all.

    ``moved_on``: the person has a later posting in the city, so having left this one holds nobody.
    Source: domain.md §7.4.2–3, §7.6 (not_rated_reason); ranking.md R11.
    """
    return None if moved_on and status in GONE else _NOT_RATED[status]


def _listed(value: Cell, names: Mapping[str, Listed], labels: Mapping[Listed, str], kind: str) -> Listed:
    name = re.sub(r"\s", "", plain(cell_text(value)))
    if name not in names:
        raise RuleViolation(
            "roster.not_listed",
            N_("没有“%(name)s”这个%(kind)s，应为：%(names)s。"),
            name=name,
            kind=kind,
            names="、".join(labels.values()),
        )
    return names[name]


def title(value: Cell) -> Title | None:
    """职称; None where empty. Raises: RuleViolation ``roster.not_listed``."""
    name = re.sub(r"\s", "", plain(cell_text(value)))
    if not name:
        return None
    if name not in _TITLE_NAMES and _OTHER_TITLE.fullmatch(name):
        return Title.OTHER
    return _listed(value, _TITLE_NAMES, TITLE_LABELS, N_("职称"))


def position(value: Cell) -> Position:
    """岗位. Raises: RuleViolation ``roster.missing``, ``roster.not_listed``."""
    return _listed(required(value), _POSITION_NAMES, POSITION_LABELS, N_("岗位"))


def posting_status(value: Cell) -> PostingStatus:
    """在岗状态; an empty cell is 在岗. Raises: RuleViolation ``roster.not_listed``."""
    if not cell_text(value):
        return PostingStatus.IN_POST
    return _listed(value, _STATUS_NAMES, POSTING_STATUS_LABELS, N_("状态"))


_DOTS = re.compile(r"\s*[·•・‧∙⋅●․.．﹒]\s*")
_BETWEEN_HAN = re.compile(r"(?<=[^\x00-\u024f]) (?=[^\x00-\u024f])")
_NAME_MARKS = frozenset("·-'’() ")


def person_name(value: Cell) -> str:
    """A person's name as it is shown: blanks that only align (张　三) taken out, middle dots made one kind.

    Rare characters stay as they are, those of the private use area too (names typed with the police's fonts).
    Raises: RuleViolation ``teacher.name``: digits or other signs; ``roster.too_long``; ``roster.missing``.
    """
    text = limited(required(value), NAME_LENGTH).replace("\uff08", "(").replace("\uff09", ")")
    text = _DOTS.sub("·", _BETWEEN_HAN.sub("", text)).strip("·")
    letters = [char for char in text if char not in _NAME_MARKS]
    if not letters or any(
        unicodedata.category(char)[0] not in "LM" and unicodedata.category(char) != "Co" for char in letters
    ):
        raise RuleViolation("teacher.name", N_("姓名里有数字或符号，请核对。"))
    return text


def check_period(starts_on: date, ends_on: date | None) -> None:
    """Refuse a posting that ends before it starts. Raises: RuleViolation ``posting.period``."""
    if ends_on is not None and ends_on < starts_on:
        raise RuleViolation("posting.period", N_("离岗日期早于到岗日期。"))
