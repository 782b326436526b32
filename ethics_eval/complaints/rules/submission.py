"""What a complaint must hold before it is taken in, and at which desk it starts.

Source: design.md §4 (fields), 信访工作条例 art. 19 (claim and facts), art. 30 (never to the one complained about).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ethics_eval.complaints.rules.machine import Desk, plain_name
from ethics_eval.text import N_, RuleViolation

MIN_BODY = 10
MAX_BODY = 5000
MAX_LINE = 200
MAX_SIGNERS = 100
MAX_SIGNER_NAME = 60
EARLIEST_YEARS = 20

# Grave harm and retaliation start at the bureau, whoever is named (categories.json notes).
BUREAU_CATEGORIES = frozenset({"C08", "C11", "C20"})
# A child is being harmed: the bureau is told at once, and the form shows whom to call.
URGENT_CATEGORIES = frozenset({"C08", "C11"})
# Harm to pupils: the bureau goes on with these even when the complaint is withdrawn (domain.md §7.2).
EX_OFFICIO_CATEGORIES = frozenset({"C06", "C07", "C08", "C09", "C10", "C11"})


class IdentityMode(StrEnum):
    """How much of the complainant is known, and to whom."""

    ANONYMOUS = "anonymous"
    REAL_NAME = "real_name"
    REAL_NAME_HIDDEN = "real_name_hidden"


IDENTITY_LABELS: Mapping[IdentityMode, str] = {
    IdentityMode.REAL_NAME_HIDDEN: N_("实名，但不让学校知道"),
    IdentityMode.REAL_NAME: N_("实名，学校可以知道"),
    IdentityMode.ANONYMOUS: N_("匿名"),
}


class RespondentRole(StrEnum):
    """Who is complained about, as far as the complainant knows."""

    TEACHER = "teacher"
    HEAD = "head"
    STAFF = "staff"
    UNKNOWN = "unknown"


RESPONDENT_LABELS: Mapping[RespondentRole, str] = {
    RespondentRole.TEACHER: N_("教师"),
    RespondentRole.HEAD: N_("校长、副校长或园长"),
    RespondentRole.STAFF: N_("其他职工"),
    RespondentRole.UNKNOWN: N_("不清楚"),
}


@dataclass(frozen=True)
class Submission:
    """One filled-in form, exactly as typed."""

    category: str
    respondent: str
    respondent_role: RespondentRole
    subject_class: str
    happened_on: date | None
    place: str
    body: str
    identity: IdentityMode
    name: str = ""
    phone: str = ""
    relation: str = ""
    pledge: bool = False
    # 联名: the others who sign, one a line; real names only.
    signers: str = ""
    injured: bool = False
    # The number another office gave it, where staff took it down.
    reference: str = ""

    @property
    def urgent(self) -> bool:
        """Whether a child is hurt or in danger, by the category or the sender's word."""
        return self.injured or self.category in URGENT_CATEGORIES

    def content(self) -> dict[str, str]:
        """The part that tells the story, sealed under the case's content key."""
        return {
            "respondent": self.respondent,
            "subject_class": self.subject_class,
            "happened_on": self.happened_on.isoformat() if self.happened_on else "",
            "place": self.place,
            "body": self.body,
            **({"reference": self.reference} if self.reference else {}),
            **({"injured": "yes"} if self.injured else {}),
        }

    def person(self) -> dict[str, str] | None:
        """The part that names the complainant, sealed under the identity key; None when anonymous."""
        if self.identity is IdentityMode.ANONYMOUS:
            return None
        person = {"name": self.name, "phone": self.phone, "relation": self.relation}
        names = self.signer_names()
        return {**person, "signers": "\n".join(names)} if names else person

    def signer_names(self) -> list[str]:
        """The others who sign with the complainant, each once; nobody when anonymous."""
        if self.identity is IdentityMode.ANONYMOUS:
            return []
        return signer_names(self.signers, self.name)

    def signer_count(self) -> int:
        """How many sign: the complainant and the others (联名: two or more)."""
        return 1 + len(self.signer_names())


def signer_names(text: str, own: str) -> list[str]:
    """The names of a list, one a line, each once and without the complainant's own."""
    names: dict[str, str] = {}
    for line in text.splitlines():
        names.setdefault(plain_name(line), line.strip())
    return [name for plain, name in names.items() if plain not in {"", plain_name(own)}]


_PHONE = re.compile(r"^\+?[0-9(][0-9 ()\-]{5,18}[0-9]$")


def body_length(body: str) -> int:
    """How long a text is, in characters; a line's end is one, as the browser's own counter has it."""
    return len(body.replace("\r\n", "\n"))


def problems(draft: Submission, *, categories: Collection[str], today: date) -> list[RuleViolation]:
    """Everything wrong with a form, each at its field; empty: it can be taken in."""
    found: list[RuleViolation] = []

    def wrong(field: str, message: str, **values: object) -> None:
        found.append(RuleViolation(f"complaint.{field}", message, field=field, **values))

    if draft.category not in categories:
        wrong("category", N_("请选择反映的问题属于哪一类，拿不准可选“其他”。"))
    length = len(draft.body.strip())
    if length < MIN_BODY:
        wrong("body", N_("请写清发生了什么，至少%(count)s个字。"), count=MIN_BODY)
    elif (written := body_length(draft.body)) > MAX_BODY:
        wrong(
            "body",
            N_("最多%(limit)s个字，现在是%(count)s个字。请写主要的，其余可作为照片或文件上传。"),
            limit=MAX_BODY,
            count=written,
        )
    for field in ("respondent", "subject_class", "place", "name", "relation"):
        if len(getattr(draft, field)) > MAX_LINE:
            wrong(field, N_("最多%(limit)s个字。"), limit=MAX_LINE)
    if draft.happened_on is not None:
        if draft.happened_on > today:
            wrong("happened_on", N_("发生日期不能在今天之后。"))
        elif draft.happened_on.year < today.year - EARLIEST_YEARS:
            wrong("happened_on", N_("请核对年份，例如 %(example)s。"), example=today.isoformat())
    if draft.identity is not IdentityMode.ANONYMOUS:
        found += person_problems(draft.name, draft.phone, draft.signers)
    if not draft.pledge:
        wrong("pledge", N_("请确认所写内容属实。"))
    return found


def person_problems(name: str, phone: str, signers: str = "") -> list[RuleViolation]:
    """What is wrong with the names and the telephone number of who does not stay anonymous."""
    found = []
    if not name.strip():
        found.append(
            RuleViolation("complaint.name", N_("实名投诉请填写姓名；不愿填写可选匿名。"), field="name")
        )
    if not _PHONE.match(unicodedata.normalize("NFKC", phone).strip()):
        found.append(
            RuleViolation(
                "complaint.phone", N_("请填写能联系到您的电话，例如 138 0000 0000。"), field="phone"
            )
        )
    names = signer_names(signers, name)
    if len(names) > MAX_SIGNERS or any(len(signer) > MAX_SIGNER_NAME for signer in names):
        found.append(
            RuleViolation(
                "complaint.signers",
                N_("联名人每行写一个姓名，最多%(count)s人，每个姓名不超过%(length)s个字。"),
                field="signers",
                count=MAX_SIGNERS,
                length=MAX_SIGNER_NAME,
            )
        )
    return found


_TITLES = re.compile(r"校长|园长|书记|领导")


def is_recused(role: RespondentRole, respondent: str, insiders: Iterable[str]) -> bool:
    """Whether the school must see no trace: its head, a handler or a mailbox officer is complained about.

    Args: insiders: names of the school's heads, officers and handlers.
    A leader's title (校长, 园长, 书记, 领导) counts as the head, since a name may not be known.
    Source: design.md §3; 信访工作条例 arts. 28, 30.
    """
    named = plain_name(respondent)
    return (
        role is RespondentRole.HEAD
        or _TITLES.search(named) is not None
        or any(plain_name(insider) in named for insider in insiders if plain_name(insider))
    )


def first_desk(category: str, *, recused: bool, urgent: bool = False) -> Desk:
    """Where a new case lies: the school's own desk, but for recusal (district) and grave or urgent harm (city)."""
    if urgent or category in BUREAU_CATEGORIES:
        return Desk.CITY
    return Desk.DISTRICT if recused else Desk.SCHOOL
