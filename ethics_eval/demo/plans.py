"""What is planned of a complaint, who handles it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.rules.filing import Filing
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import CaseAction, Desk, Outcome
from ethics_eval.complaints.rules.submission import IdentityMode
from ethics_eval.demo.letters import Subject, Template
from ethics_eval.demo.roads import Road


class Turn(StrEnum):
    """What happens to a case beside its road, once the road is walked as far as planned."""

    EXTEND = "extend"
    SUSPEND = "suspend"
    REFER = "refer"
    MERGE = "merge"
    LINK = "link"
    WITHDRAW = "withdraw"
    ASK_REVIEW = "ask_review"
    UPHOLD = "uphold"
    ASK_FINAL_REVIEW = "ask_final_review"
    FINISH = "finish"
    WRITE = "write"
    TELL = "tell"
    READ = "read"
    NOTE = "note"
    RATE_CONTENT = "rate_content"
    RATE_FAIR = "rate_fair"
    RATE_POOR = "rate_poor"
    DISPUTE = "dispute"
    ANSWER_DISPUTE = "answer_dispute"
    SUPERVISE = "supervise"
    ASK_IDENTITY = "ask_identity"
    REFUSE_IDENTITY = "refuse_identity"
    AUTHORISE_IDENTITY = "authorise_identity"
    MASK = "mask"
    FILE_MEASURE = "file_measure"
    LIFT_MEASURE = "lift_measure"
    ASK_REMEDY = "ask_remedy"
    DECIDE_REMEDY = "decide_remedy"
    OFFER_CLEARANCE = "offer_clearance"
    CONSENT_CLEARANCE = "consent_clearance"
    ISSUE_CLEARANCE = "issue_clearance"


# These happen at home in the evening, not at an office.
BY_COMPLAINANT = frozenset(
    {
        Turn.WITHDRAW,
        Turn.ASK_REVIEW,
        Turn.ASK_FINAL_REVIEW,
        Turn.WRITE,
        Turn.READ,
        Turn.RATE_CONTENT,
        Turn.RATE_FAIR,
        Turn.RATE_POOR,
        Turn.DISPUTE,
    }
)


@dataclass(frozen=True)
class Sender:
    """How a letter comes, where that is not left to chance. ``signers``: how many sign beside the sender; ``claims``:
    the sender comes for the code of what staff took down.
    """

    identity: IdentityMode | None = None
    signers: int = 0
    injured: bool = False
    filing: Filing | None = None
    claims: bool = False


@dataclass(frozen=True)
class CasePlan:
    """A complaint to be. ``school``, ``teacher``: places in the city's lists; ``moments``: one for each action;
    ``other``: the number of the plan it is joined to.
    """

    number: int
    template: Template
    school: int
    teacher: int | None
    about: Subject
    received_at: datetime
    road: Road
    actions: tuple[CaseAction, ...]
    moments: tuple[datetime, ...]
    outcome: Outcome
    severity: Severity = Severity.MINOR
    measure: Measure = Measure.NONE
    reason: str = ""
    sender: Sender = Sender()
    turns: tuple[tuple[Turn, datetime], ...] = ()
    other: int | None = None


@dataclass
class Sent:
    """A complaint that was sent: its plan, its case, and the query code the parent was given."""

    plan: CasePlan
    case: Case
    query_code: str

    @property
    def has_unread(self) -> bool:
        """Whether the parent has not yet read the handlers' last message."""
        turns = [turn for turn, _at in self.plan.turns]
        return turns[-1:] == [Turn.TELL]


@dataclass(frozen=True)
class Handlers:
    """Who works where. ``colleagues``: the second investigator by actor id; ``schools``, ``teachers`` by place."""

    schools: Mapping[int, Actor]
    districts: Mapping[str, Actor]
    bureau: Actor
    chief: Actor
    custodian: Actor
    teachers: Mapping[int, Actor]
    colleagues: Mapping[int | None, str]
    everybody: Sequence[Actor]

    def home(self, plan: CasePlan, case: Case) -> Actor:
        """Who works at the desk where the case lies."""
        match Desk(case.desk):
            case Desk.SCHOOL if plan.school in self.schools:
                return self.schools[plan.school]
            case Desk.CITY:
                return self.bureau
            case _:
                return self.districts[case.district_code]

    def above(self, case: Case) -> Actor:
        """The bureau's clerk who has the case in hand, or in view at the school's desk."""
        return self.bureau if case.desk == Desk.CITY.value else self.districts[case.district_code]

    def superior(self, case: Case) -> Actor:
        """Who approves for the desk where the case lies, and had no hand in it."""
        return self.districts[case.district_code] if case.desk == Desk.SCHOOL.value else self.chief

    def decider(self, plan: CasePlan, case: Case) -> Actor:
        """Who decides what was found: a level above who investigated."""
        match Desk(case.desk):
            case Desk.CITY:
                return self.chief
            case Desk.SCHOOL if plan.outcome is not Outcome.MALICIOUS:
                return self.districts[case.district_code]
            case _:
                return self.bureau
