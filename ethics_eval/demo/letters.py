"""Letters of the demonstration: our own words, with people, classes and places of the invented city filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from ethics_eval.complaints.evidence import Upload
from ethics_eval.complaints.rules.submission import IdentityMode, RespondentRole, Submission
from ethics_eval.demo import pictures
from ethics_eval.demo.names import person_name
from ethics_eval.notices.rules.masking import COMPOUND_SURNAMES
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.roster.rules.school import Stage

_NUMERALS = "一二三四五六七八九"
_TRADES = ("幼师", "机电", "汽修", "计算机", "旅游", "电商", "护理")
_AGO = (("昨", 1), ("今天", 0), ("本周", 2), ("这几天", 3), ("上周", 7), ("上个星期", 7), ("上个月", 30))


@dataclass(frozen=True)
class Template:
    """A letter before it is filled in. ``evidence``: photo, chat, receipt, or empty; ``role``: of the respondent;
    ``subject``: the lesson it happened in, where the words tell; ``fate``: the outcome or the reason not to take it on
    that the words are written for, else empty.
    """

    category: str
    stages: frozenset[Stage]
    place: str
    body: str
    evidence: str
    chat: tuple[str, ...]
    role: RespondentRole
    subject: str
    fate: str


@dataclass(frozen=True)
class Subject:
    """Whom a letter is about; ``name`` is empty where it names nobody."""

    name: str
    stage: Stage
    subject: str
    town: str


def _document(name: str) -> Any:
    return json.loads(files("ethics_eval.demo").joinpath(name).read_text("utf-8"))


@cache
def templates() -> tuple[Template, ...]:
    """Every letter, in the order of the file."""
    return tuple(
        Template(
            category=row["category"],
            stages=frozenset(map(Stage, row["stages"])),
            place=row["place"],
            body=row["body"],
            evidence=row.get("evidence", ""),
            chat=tuple(row.get("chat", ())),
            role=RespondentRole(row.get("role", "teacher")),
            subject=row.get("subject", ""),
            fate=row.get("fate", ""),
        )
        for row in _document("letters.json")["letters"]
    )


@cache
def handling() -> Mapping[str, Any]:
    """What handlers write: investigations, grounds, replies, by category and outcome."""
    found: Mapping[str, Any] = _document("handling.json")
    return found


def class_name(stage: Stage, year: int, chance: Random) -> str:
    """A class as people of this stage call it."""
    number = chance.randint(1, 6)
    match stage:
        case Stage.KINDERGARTEN:
            return f"{chance.choice('小中大')}{_NUMERALS[number % 4]}班"
        case Stage.PRIMARY:
            return f"{_NUMERALS[chance.randint(2, 5)]}年级（{number}）班"
        case Stage.JUNIOR:
            return f"{_NUMERALS[chance.randint(6, 8)]}年级（{number}）班"
        case Stage.SENIOR:
            return f"高{chance.choice('一二三')}（{number}）班"
        case Stage.VOCATIONAL:
            return f"{year - chance.randint(0, 2)}级{chance.choice(_TRADES)}{number}班"
        case Stage.SPECIAL:
            return f"培智{_NUMERALS[number - 1]}年级班"


def called(name: str) -> str:
    """How parents call a teacher: the surname and 老师; a nameless one 那位老师."""
    if not name:
        return "那位老师"
    surname = name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else name[:1]
    return f"{surname}老师"


@dataclass(frozen=True)
class Written:
    """A letter as it is sent, with the class it tells of."""

    submission: Submission
    uploads: tuple[Upload, ...]
    class_name: str


def write(template: Template, about: Subject, at: datetime, chance: Random) -> Written:
    """Fill a letter in: the teacher by full name first and by surname after, the class and subject taught."""
    where = {
        "class": class_name(about.stage, at.year, chance),
        "subject": template.subject or about.subject or "语文",
        "place": about.town,
    }
    body = _filled(template.body, about.name, where)
    role = template.role if about.name else RespondentRole.UNKNOWN
    respondent = taught = ""
    if role is RespondentRole.TEACHER:
        respondent = about.name
        taught = (
            where["class"] if about.stage is Stage.KINDERGARTEN else f"{where['class']} {where['subject']}"
        )
    elif role is RespondentRole.HEAD:
        respondent = about.name + ("园长" if "园长" in body else "校长")
    identity = chance.choice(
        (IdentityMode.ANONYMOUS,) * 4 + (IdentityMode.REAL_NAME_HIDDEN,) * 3 + (IdentityMode.REAL_NAME,) * 3
    )
    named = identity is not IdentityMode.ANONYMOUS
    submission = Submission(
        category=template.category,
        respondent=respondent,
        respondent_role=role,
        subject_class=taught,
        happened_on=_happened_on(body, local_day(at), chance),
        place=_filled(template.place, about.name, where),
        body=_framed(body, chance),
        identity=identity,
        name=person_name(chance) if named else "",
        phone=f"138 0000 {chance.randrange(10_000):04}" if named else "",
        relation=_relation(body) if named else "",
        pledge=True,
    )
    words = [_filled(text, about.name, where) for text in template.chat]
    return Written(submission, tuple(_uploads(template, words, body, at, chance)), where["class"])


def _filled(text: str, name: str, where: Mapping[str, str]) -> str:
    text = text.replace("{teacher}", f"{name}老师", 1).replace("{teacher}", called(name))
    for key, value in where.items():
        text = text.replace(f"{{{key}}}", value)
    return text


def _framed(body: str, chance: Random) -> str:
    opening = chance.choice(handling()["openings"])
    closing = chance.choice(handling()["closings"])
    if body.startswith(("您好", "你好", "说实话", "紧急")):
        opening = ""
    if opening.endswith(("：", "!", "！")):
        opening += "\n"
    return f"{opening}{body}" + (f"\n{closing}" if closing else "")


def _relation(body: str) -> str:
    if "本校老师" in body or "代了一个学期" in body:
        return "教职工"
    return "家长" if any(word in body for word in ("孩子", "儿", "家长")) else "群众"


def _happened_on(body: str, day: date, chance: Random) -> date:
    for word, days in _AGO:
        if word in body:
            return day - timedelta(days=days)
    return day - timedelta(days=chance.randint(1, 6))


def _uploads(
    template: Template, words: Sequence[str], body: str, at: datetime, chance: Random
) -> list[Upload]:
    taken_at = at - timedelta(minutes=chance.randint(30, 2000))
    match template.evidence:
        case "chat":
            return [Upload("聊天截图.jpg", pictures.chat(words, chance))]
        case "receipt":
            slip = pictures.receipt("家长", chance.randint(12, 98) * 10, taken_at, chance)
            return [Upload("收据.jpg", slip)]
        case "photo":
            found = [Upload(f"IMG_{taken_at:%Y%m%d_%H%M%S}.jpg", pictures.photo(taken_at, chance))]
            if chance.randrange(2):
                found.append(Upload("情况说明.jpg", pictures.handwriting(body, chance)))
            return found
        case _:
            return []
