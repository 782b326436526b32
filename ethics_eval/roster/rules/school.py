"""Schools: the ten-digit code, kinds, stages and ownership, and how they must agree.

Source: domain.md §6 (学校标识码, 学段, 类型, 办别).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from ethics_eval.roster.rules.cell import Cell, cell_text, identifier, list_parts, plain, required
from ethics_eval.text import N_, RuleViolation

SCHOOL_CODE = re.compile(r"(?:11|2[12]|3[1-7]|4[12]|51|9[123])\d{8}")


class Stage(StrEnum):
    """学段, in teaching order; the upper-case codes are those of ranking.md."""

    KINDERGARTEN = "KG"
    PRIMARY = "PRI"
    JUNIOR = "JUN"
    SENIOR = "SEN"
    VOCATIONAL = "VOC"
    SPECIAL = "SPE"


STAGE_LABELS: Mapping[Stage, str] = {
    Stage.KINDERGARTEN: N_("幼儿园"),
    Stage.PRIMARY: N_("小学"),
    Stage.JUNIOR: N_("初中"),
    Stage.SENIOR: N_("高中"),
    Stage.VOCATIONAL: N_("中职"),
    Stage.SPECIAL: N_("特教"),
}

_STAGE_NAMES: Mapping[str, Stage] = {
    **{stage.value: stage for stage in Stage},
    **{label: stage for stage, label in STAGE_LABELS.items()},
    **dict.fromkeys(("幼儿", "学前", "学前教育", "学前班", "幼教"), Stage.KINDERGARTEN),
    **dict.fromkeys(("小学教育", "普通小学", "完小"), Stage.PRIMARY),
    **dict.fromkeys(("初级中学", "普通初中", "初中教育"), Stage.JUNIOR),
    **dict.fromkeys(("高级中学", "普通高中", "普高", "高中教育"), Stage.SENIOR),
    **dict.fromkeys(
        ("中等职业", "中等职业学校", "中职教育", "职高", "职业高中", "中专", "技工"), Stage.VOCATIONAL
    ),
    **dict.fromkeys(("特殊教育", "特殊教育学校", "特校"), Stage.SPECIAL),
}


class SchoolKind(StrEnum):
    """类型 of a school, under the names of the statistics form: shown as they are stored."""

    KINDERGARTEN = "幼儿园"
    PRIMARY = "小学"
    TEACHING_POINT = "教学点"
    JUNIOR = "初级中学"
    NINE_YEAR = "九年一贯制"
    COMPLETE_SECONDARY = "完全中学"
    SENIOR = "高级中学"
    TWELVE_YEAR = "十二年一贯制"
    VOCATIONAL = "中等职业学校"
    SPECIAL = "特殊教育学校"


# for the catalogue: the kinds as the pages name them
KIND_LABELS: Mapping[SchoolKind, str] = {
    SchoolKind.KINDERGARTEN: N_("幼儿园"),
    SchoolKind.PRIMARY: N_("小学"),
    SchoolKind.TEACHING_POINT: N_("教学点"),
    SchoolKind.JUNIOR: N_("初级中学"),
    SchoolKind.NINE_YEAR: N_("九年一贯制"),
    SchoolKind.COMPLETE_SECONDARY: N_("完全中学"),
    SchoolKind.SENIOR: N_("高级中学"),
    SchoolKind.TWELVE_YEAR: N_("十二年一贯制"),
    SchoolKind.VOCATIONAL: N_("中等职业学校"),
    SchoolKind.SPECIAL: N_("特殊教育学校"),
}

_KIND_NAMES: Mapping[str, SchoolKind] = {
    **{kind.value: kind for kind in SchoolKind},
    **dict.fromkeys(("完全小学", "完小", "普通小学", "中心小学", "小学校"), SchoolKind.PRIMARY),
    **dict.fromkeys(("小学教学点",), SchoolKind.TEACHING_POINT),
    **dict.fromkeys(("初中", "普通初中"), SchoolKind.JUNIOR),
    **dict.fromkeys(("九年一贯制学校", "九年制学校", "九年制"), SchoolKind.NINE_YEAR),
    **dict.fromkeys(("完中",), SchoolKind.COMPLETE_SECONDARY),
    **dict.fromkeys(("高中", "普通高中"), SchoolKind.SENIOR),
    **dict.fromkeys(("十二年一贯制学校", "十二年制学校", "十二年制"), SchoolKind.TWELVE_YEAR),
    **dict.fromkeys(("中职", "中职学校", "职业高中", "中等专业学校", "技工学校"), SchoolKind.VOCATIONAL),
    **dict.fromkeys(("特教", "特教学校", "特殊教育", "特殊学校"), SchoolKind.SPECIAL),
}

# kind → stages it must have, stages it may have besides (附设幼儿班, 综合高中班, stages of a special school)
_KIND_STAGES: Mapping[SchoolKind, tuple[frozenset[Stage], frozenset[Stage]]] = {
    SchoolKind.KINDERGARTEN: (frozenset({Stage.KINDERGARTEN}), frozenset()),
    SchoolKind.PRIMARY: (frozenset({Stage.PRIMARY}), frozenset({Stage.KINDERGARTEN})),
    SchoolKind.TEACHING_POINT: (frozenset({Stage.PRIMARY}), frozenset({Stage.KINDERGARTEN})),
    SchoolKind.JUNIOR: (frozenset({Stage.JUNIOR}), frozenset()),
    SchoolKind.NINE_YEAR: (frozenset({Stage.PRIMARY, Stage.JUNIOR}), frozenset({Stage.KINDERGARTEN})),
    SchoolKind.COMPLETE_SECONDARY: (frozenset({Stage.JUNIOR, Stage.SENIOR}), frozenset()),
    SchoolKind.SENIOR: (frozenset({Stage.SENIOR}), frozenset()),
    SchoolKind.TWELVE_YEAR: (
        frozenset({Stage.PRIMARY, Stage.JUNIOR, Stage.SENIOR}),
        frozenset({Stage.KINDERGARTEN}),
    ),
    SchoolKind.VOCATIONAL: (frozenset({Stage.VOCATIONAL}), frozenset({Stage.SENIOR})),
    SchoolKind.SPECIAL: (frozenset({Stage.SPECIAL}), frozenset(Stage) - {Stage.SPECIAL}),
}


class Ownership(StrEnum):
    """办别."""

    PUBLIC = "public"
    PRIVATE = "private"
    INCLUSIVE = "inclusive"


OWNERSHIP_LABELS: Mapping[Ownership, str] = {
    Ownership.PUBLIC: N_("公办"),
    Ownership.PRIVATE: N_("民办"),
    Ownership.INCLUSIVE: N_("普惠性民办"),
}

_OWNERSHIP_NAMES: Mapping[str, Ownership] = {
    **{label: ownership for ownership, label in OWNERSHIP_LABELS.items()},
    **dict.fromkeys(("公立", "国办", "公办园", "公办学校"), Ownership.PUBLIC),
    **dict.fromkeys(("私立", "民办园", "民办学校", "非普惠性民办"), Ownership.PRIVATE),
    **dict.fromkeys(("普惠民办", "普惠性民办园", "普惠性民办幼儿园", "普惠性", "普惠"), Ownership.INCLUSIVE),
}


def school_code(value: Cell) -> str:
    """学校标识码: ten digits, the first two a kind of institution.

    Raises: RuleViolation of :func:`identifier`, or ``school.code``: not such a code.
    """
    code = identifier(value)
    if not SCHOOL_CODE.fullmatch(code):
        raise RuleViolation(
            "school.code", N_("学校标识码应为 10 位数字，前两位是学校类别（如幼儿园 11、小学 21、初中 31）。")
        )
    return code


def school_kind(value: Cell) -> SchoolKind:
    """类型. Raises: RuleViolation ``school.kind``: not one of the list."""
    name = plain(cell_text(required(value))).replace(" ", "")
    if name not in _KIND_NAMES:
        raise RuleViolation(
            "school.kind",
            N_("没有“%(name)s”这个类型，应为：%(names)s。"),
            name=name,
            names="、".join(SchoolKind),
        )
    return _KIND_NAMES[name]


def ownership(value: Cell, kind: SchoolKind) -> Ownership:
    """办别. Raises: RuleViolation ``school.ownership``: not one of the list, or 普惠性民办 elsewhere."""
    name = plain(cell_text(required(value))).replace(" ", "")
    if name not in _OWNERSHIP_NAMES:
        raise RuleViolation(
            "school.ownership",
            N_("没有“%(name)s”这个办别，应为：%(names)s。"),
            name=name,
            names="、".join(OWNERSHIP_LABELS.values()),
        )
    found = _OWNERSHIP_NAMES[name]
    if found is Ownership.INCLUSIVE and kind is not SchoolKind.KINDERGARTEN:
        raise RuleViolation("school.inclusive", N_("只有幼儿园可以是普惠性民办。"))
    return found


def stages(value: Cell) -> tuple[Stage, ...]:
    """学段 of a school in teaching order, each once. Raises: RuleViolation ``school.stage``: unknown."""
    required(value)
    found = set()
    for part in list_parts(value):
        name = part.upper().removesuffix("阶段").removesuffix("部").removesuffix("段")
        if name not in _STAGE_NAMES:
            raise RuleViolation(
                "school.stage",
                N_("没有“%(name)s”这个学段，应为：%(names)s。"),
                name=part,
                names="、".join(STAGE_LABELS.values()),
            )
        found.add(_STAGE_NAMES[name])
    if not found:
        raise RuleViolation("roster.missing", N_("不能为空。"))
    return tuple(stage for stage in Stage if stage in found)


def one_stage(value: Cell) -> Stage:
    """学段 of a posting. Raises: RuleViolation ``school.one_stage``: several; those of :func:`stages`."""
    found = stages(value)
    if len(found) > 1:
        raise RuleViolation("school.one_stage", N_("一行只写一个学段，跨学段任教请分行填写。"))
    return found[0]


def stage_names(found: Iterable[Stage]) -> str:
    """The stages' Chinese names, joined by 、."""
    return "、".join(STAGE_LABELS[stage] for stage in found)


def check_stages(code: str, kind: SchoolKind, found: tuple[Stage, ...]) -> None:
    """Refuse stages that contradict the kind, or the kind of institution in the code.

    Codes bind where a wrong stage would put people into or out of the ranking: 11 is a kindergarten and
    nothing else, 36 teaches trades, 51 is a special school. Other codes bind no further: schools grow.

    Raises: RuleViolation ``school.kind_stages``, ``school.code_stages``.
    Source: domain.md §6; §7.4.1 (kindergartens are never ranked).
    """
    must, may = _KIND_STAGES[kind]
    present = frozenset(found)
    if not must <= present or not present <= must | may:
        raise RuleViolation(
            "school.kind_stages",
            N_("“%(kind)s”的学段应为：%(names)s。"),
            kind=kind.value,
            names=stage_names(stage for stage in Stage if stage in must),
        )
    head = code[:2]
    is_kindergarten = present == {Stage.KINDERGARTEN}
    wrong = (
        (head == "11") != is_kindergarten and not head.startswith("9"),
        head == "36" and Stage.VOCATIONAL not in present,
        head == "51" and Stage.SPECIAL not in present,
    )
    if any(wrong):
        raise RuleViolation(
            "school.code_stages",
            N_("标识码前两位 %(head)s 与学段“%(names)s”不符（11 幼儿园、36 中职、51 特教）。"),
            head=head,
            names=stage_names(found),
        )
