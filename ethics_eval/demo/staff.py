"""The accounts of the demonstration: one of every role for a showcase district and its schools, and a few teachers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.accounts.service import actor_of, create_account
from ethics_eval.demo.chance import stream
from ethics_eval.demo.names import person_name
from ethics_eval.demo.plans import Handlers
from ethics_eval.demo.schools import PlannedSchool, starts_of
from ethics_eval.demo.teachers import COLLEAGUE, HEAD, OFFICER, PlannedTeacher
from ethics_eval.roster.rules.school import SchoolKind

FOUNDER = Actor(id=None, role=None, display_name="operator")
# No vowels that make words, nothing that looks alike.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_SHOWN_KINDS = (
    SchoolKind.PRIMARY,
    SchoolKind.JUNIOR,
    SchoolKind.COMPLETE_SECONDARY,
    SchoolKind.KINDERGARTEN,
    SchoolKind.NINE_YEAR,
    SchoolKind.VOCATIONAL,
    SchoolKind.SPECIAL,
    SchoolKind.TEACHING_POINT,
)
_HEADS_SHOWN = 3


@dataclass(frozen=True)
class DemoAccount:
    """An account with its password, and the code of its school or district or its teacher's number; else empty."""

    username: str
    password: str
    role: Role
    display_name: str
    note: str = ""
    school: str = ""
    district: str = ""
    teacher: str = ""


def showcase(schools: Sequence[PlannedSchool]) -> list[int]:
    """Places of the schools that have accounts: one of each kind, the largest of the district with most kinds."""
    kinds: dict[str, set[SchoolKind]] = {}
    for school in schools:
        kinds.setdefault(school.district_code, set()).add(school.kind)
    best = max(kinds, key=lambda code: (len(kinds[code]), code))
    return [
        max(
            (place for place, school in enumerate(schools) if school.kind is kind),
            key=lambda place: (schools[place].district_code == best, schools[place].staff, -place),
        )
        for kind in _SHOWN_KINDS
    ]


class Staffing:
    """Makes the accounts of a city that is settled already. Deterministic: passwords too come from the seed."""

    def __init__(
        self,
        session: Session,
        hash_password: Callable[[str], str],
        *,
        at: datetime,
        seed: int,
    ) -> None:
        self._session, self._hash, self._at = session, hash_password, at
        self._passwords = stream(seed, "passwords")
        self._names = stream(seed, "officers")
        self.accounts: list[DemoAccount] = []
        self._actors: list[Actor] = []

    def _open(
        self,
        account: DemoAccount,
        *,
        school_id: int | None = None,
        district_code: str | None = None,
        teacher_id: int | None = None,
    ) -> Actor:
        self.accounts.append(account)
        made = create_account(
            self._session,
            username=account.username,
            display_name=account.display_name,
            password_hash=self._hash(account.password),
            role=account.role,
            actor=FOUNDER,
            at=self._at,
            school_id=school_id,
            district_code=district_code,
            teacher_id=teacher_id,
        )
        self._actors.append(actor_of(made))
        return self._actors[-1]

    def _password(self) -> str:
        return "-".join("".join(self._passwords.choice(_LETTERS) for _ in range(4)) for _ in range(3))

    def _central(self, username: str, role: Role, note: str) -> Actor:
        name = person_name(self._names)
        return self._open(DemoAccount(username, self._password(), role, name, note))

    def open_all(
        self,
        schools: Sequence[PlannedSchool],
        teachers: Sequence[PlannedTeacher],
        school_ids: Sequence[int],
        teacher_ids: Sequence[int],
        *,
        shown: Sequence[int],
        districts: Sequence[tuple[str, str]],
        people: Mapping[int, str],
    ) -> Handlers:
        """Everybody, and who may handle what. Args: people: places of teachers with an account, and why."""
        colleagues: dict[int | None, str] = {}
        bureau = self._central("bureau", Role.BUREAU_OFFICER, "市教育局师德专员")
        colleagues[bureau.id] = person_name(self._names)
        chief = self._central("chief", Role.BUREAU_HEAD, "市教育局负责人，审定和发布")
        by_district = {}
        for code, name in districts:
            account = DemoAccount(
                f"district-{code}",
                self._password(),
                Role.DISTRICT_OFFICER,
                person_name(self._names),
                f"{name}教育局",
                district=code,
            )
            by_district[code] = self._open(account, district_code=code)
            colleagues[by_district[code].id] = person_name(self._names)
        starts = starts_of(schools)
        by_school = {}
        for number, place in enumerate(shown, 1):
            by_school[place] = self._of_school(
                Role.SCHOOL_OFFICER, f"officer-{number}", schools[place], school_ids[place],
                teachers[starts[place] + OFFICER], teacher_ids[starts[place] + OFFICER],
            )  # fmt: skip
            colleagues[by_school[place].id] = teachers[starts[place] + COLLEAGUE].name
            if number <= _HEADS_SHOWN:
                self._of_school(
                    Role.SCHOOL_HEAD, f"head-{number}", schools[place], school_ids[place],
                    teachers[starts[place] + HEAD], teacher_ids[starts[place] + HEAD],
                )  # fmt: skip
        own = {}
        for number, (place, note) in enumerate(people.items(), 1):
            teacher = teachers[place]
            account = DemoAccount(
                f"teacher-{number}",
                self._password(),
                Role.TEACHER,
                teacher.name,
                note,
                teacher=teacher.number,
            )
            own[place] = self._open(account, teacher_id=teacher_ids[place])
        custodian = self._central("custodian", Role.CUSTODIAN, "身份保管员")
        self._central("auditor", Role.AUDITOR, "审计员")
        self._central("sysadmin", Role.SYSADMIN, "系统管理员")
        return Handlers(
            by_school, by_district, bureau, chief, custodian, own, colleagues, everybody=self._actors
        )

    def _of_school(
        self,
        role: Role,
        username: str,
        school: PlannedSchool,
        school_id: int,
        person: PlannedTeacher,
        person_id: int,
    ) -> Actor:
        account = DemoAccount(username, self._password(), role, person.name, school.name, school=school.code)
        return self._open(account, school_id=school_id, teacher_id=person_id)
