"""The articles a category rests on, written out as a document cites them.

The table of categories writes them short (``准则5; 4(5); 惩戒规则12(1)(2)``); the set of norms (primary and
secondary, or kindergarten) is named with every item, since the numbering differs between them.
Source: domain.md §1.1, §1.2, §1.6.
"""

from __future__ import annotations

import re

from ethics_eval.complaints.categories import CATEGORIES
from ethics_eval.notices.rules.numbering import chinese_number

SCHOOL_NORMS = "《新时代中小学教师职业行为十项准则》"
KINDERGARTEN_NORMS = "《新时代幼儿园教师职业行为十项准则》"
SCHOOL_MEASURES = "《中小学教师违反职业道德行为处理办法》"
KINDERGARTEN_MEASURES = "《幼儿园教师违反职业道德行为处理办法》"
DISCIPLINE_RULES = "《中小学教育惩戒规则（试行）》"
GIFT_RULES = "《严禁教师违规收受学生及家长礼品礼金等行为的规定》"
TUTORING_RULES = "《严禁中小学校和在职中小学教师有偿补课的规定》"
PETITION_RULES = "《信访工作条例》"
LOCAL_RULES = "本市师德师风建设有关规定"


def _items(text: str, sign: str) -> str:
    """``(1)(2)`` → （一）（二）; ``(4)-(8)`` → （四）至（八）."""
    numbers = [chinese_number(int(found)) for found in re.findall(r"\((\d+)\)", text)]
    if sign:
        numbers = [f"（{number}）" for number in numbers]
    joint = "至" if "-" in text else "、" if not sign else ""
    return joint.join(numbers)


def _norms(found: re.Match[str], *, kindergarten: bool) -> str:
    norms = KINDERGARTEN_NORMS if kindergarten else SCHOOL_NORMS
    return f"{norms}第{chinese_number(int(found[1]))}项"


def _measures(found: re.Match[str], *, kindergarten: bool) -> str:
    measures = KINDERGARTEN_MEASURES if kindergarten else SCHOOL_MEASURES
    return f"{measures}第四条第{_items(found[1], '（')}项"


def _discipline(found: re.Match[str], *, kindergarten: bool) -> str:
    return f"{DISCIPLINE_RULES}第十二条第{_items(found[1], '（')}项"


def _prohibitions(found: re.Match[str], *, kindergarten: bool) -> str:
    rules = GIFT_RULES if found[1] == "礼金" else TUTORING_RULES
    return f"{rules}第{_items(found[2], '')}项"


def _petition(found: re.Match[str], *, kindergarten: bool) -> str:
    return PETITION_RULES + "、".join(f"第{chinese_number(int(number))}条" for number in found[1].split(", "))


_WORDS = {"地方规定": LOCAL_RULES, "礼金六条": GIFT_RULES}
_FORMS = (
    (re.compile(r"准则(\d+)"), _norms),
    (re.compile(r"(?:处理办法)?4(\(\d+\))"), _measures),
    (re.compile(r"惩戒规则12((?:\(\d+\)-?)+)"), _discipline),
    (re.compile(r"(礼金|补课)((?:\(\d+\))+)"), _prohibitions),
    (re.compile(r"信访工作条例(\d+(?:, \d+)*)"), _petition),
)


def _one(part: str, *, kindergarten: bool) -> str:
    """One basis written out. Raises: ValueError: the table writes it in a way not known here."""
    if part in _WORDS:
        return _WORDS[part]
    for pattern, write in _FORMS:
        found = pattern.fullmatch(part)
        if found:
            return write(found, kindergarten=kindergarten)
    raise ValueError(f"a basis of the category table is not understood: {part}")


def articles(category: str, *, kindergarten: bool = False) -> tuple[str, ...]:
    """The articles of a category, written out in full, the ten norms first; empty where the set has none.

    Args: category: code of domain.md §7.1; kindergarten: which of the two sets of norms binds the person.
    """
    line = CATEGORIES[category]
    basis = line.basis_kindergarten if kindergarten else line.basis_school
    return tuple(_one(part.strip(), kindergarten=kindergarten) for part in basis.split(";") if part.strip())
