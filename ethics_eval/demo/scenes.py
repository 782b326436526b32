"""Cases in which something happens beside the road: each kind once or twice, counted back from today."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import CaseStatus, Outcome
from ethics_eval.complaints.rules.source import Source
from ethics_eval.complaints.rules.submission import EX_OFFICIO_CATEGORIES, IdentityMode
from ethics_eval.demo.plans import Sender, Turn
from ethics_eval.demo.roads import Road

S, T = CaseStatus, Turn
Verdict = tuple[Outcome, Severity, Measure]

_MINOR: Verdict = (Outcome.PARTLY, Severity.MINOR, Measure.CRITIQUE)
_ORDINARY: Verdict = (Outcome.SUBSTANTIATED, Severity.ORDINARY, Measure.WRITTEN_REVIEW)
_BARRED: Verdict = (Outcome.SUBSTANTIATED, Severity.SERIOUS, Measure.DISQUALIFY)
_DEMOTED: Verdict = (Outcome.SUBSTANTIATED, Severity.SERIOUS, Measure.DEMOTION)
_NOTHING: Verdict = (Outcome.UNSUBSTANTIATED, Severity.MINOR, Measure.NONE)

_HIDDEN = Sender(identity=IdentityMode.REAL_NAME_HIDDEN)
_URGENT = frozenset({"C08", "C11"})
_GRAVE = frozenset({"C10", "C13", "C15"})


@dataclass(frozen=True)
class Scene:
    """One case. Days are counted back from today: ``received``, ``worked`` (the last step of the road), and each turn.

    ``categories``: of the letter (empty: any of conduct); ``role``: who of the marked people it is about;
    ``joined``: to the case before this one, about the same person; ``prompt``: taken up within the hour; ``filed``: by
    staff, from this channel, and where a number was left the sender ``claims`` the code.
    """

    road: Road
    until: CaseStatus
    received: int
    worked: int
    turns: Sequence[tuple[Turn, int]] = ()
    verdict: Verdict = _MINOR
    categories: Collection[str] = ()
    without: Collection[str] = ()
    sender: Sender = Sender()
    role: str = ""
    joined: bool = False
    prompt: bool = False
    filed: Source | None = None
    claims: bool = False


_TALK = ((T.TELL, 8), (T.READ, 7), (T.WRITE, 7), (T.TELL, 6), (T.READ, 5))

SCENES: Sequence[Scene] = (
    # grave harm: taken up at once; hurt, and told to the police; just in
    Scene(
        Road.CITY, S.INVESTIGATING, 6, 2, ((T.REFER, 2), (T.NOTE, 1)), categories=_URGENT,
        sender=_HIDDEN, prompt=True,
    ),
    Scene(
        Road.CITY, S.ACCEPTED, 3, 2, (), categories=("C10",),
        sender=Sender(IdentityMode.REAL_NAME_HIDDEN, injured=True), prompt=True,
    ),
    Scene(Road.CITY, S.SUBMITTED, 0, 0, categories=_URGENT, sender=_HIDDEN),
    # clocks that were given more time, stand still, or have run out
    Scene(Road.SCHOOL, S.INVESTIGATING, 55, 30, ((T.EXTEND, 4),)),
    Scene(Road.HANDED, S.INVESTIGATING, 40, 22, ((T.SUSPEND, 9),), without=_URGENT),
    Scene(Road.SCHOOL, S.INVESTIGATING, 82, 60, ((T.SUPERVISE, 5),)),
    Scene(Road.OBJECTED, S.ACCEPTED, 12, 3),
    # taken back by the parent; where pupils may be harmed it goes on
    Scene(Road.SCHOOL, S.ACCEPTED, 14, 9, ((T.WITHDRAW, 5),), without=EX_OFFICIO_CATEGORIES),
    Scene(Road.SCHOOL, S.INVESTIGATING, 15, 9, ((T.WITHDRAW, 6),), categories=("C06", "C07", "C10")),
    # two letters on one day's matter; two on one person
    Scene(Road.SCHOOL, S.INVESTIGATING, 13, 8),
    Scene(Road.SCHOOL, S.REGISTERED, 12, 11, ((T.MERGE, 7),), joined=True),
    Scene(Road.SCHOOL, S.ACCEPTED, 18, 14),
    Scene(Road.SCHOOL, S.REGISTERED, 6, 5, ((T.LINK, 3),), joined=True),
    # reviews
    Scene(Road.SCHOOL, S.REPLIED, 42, 14, ((T.ASK_REVIEW, 6),)),
    Scene(
        Road.SCHOOL, S.REPLIED, 82, 52, ((T.ASK_REVIEW, 44), (T.UPHOLD, 26), (T.ASK_FINAL_REVIEW, 9))
    ),
    Scene(
        Road.DISTRICT, S.REPLIED, 110, 80,
        ((T.ASK_REVIEW, 70), (T.UPHOLD, 52), (T.ASK_FINAL_REVIEW, 41), (T.FINISH, 19)),
    ),
    # messages: read on both sides; new at the desk; new for the parent
    Scene(Road.SCHOOL, S.INVESTIGATING, 16, 10, _TALK),
    Scene(Road.SCHOOL, S.INVESTIGATING, 17, 10, ((T.TELL, 6), (T.READ, 3), (T.WRITE, 1))),
    Scene(Road.DISTRICT, S.INVESTIGATING, 18, 11, ((T.WRITE, 1),)),
    Scene(Road.SCHOOL, S.ACCEPTED, 7, 4, ((T.WRITE, 3), (T.TELL, 2))),
    Scene(Road.SCHOOL, S.REPLIED, 40, 9, ((T.TELL, 3),)),
    # what the parent thinks of it
    Scene(Road.SCHOOL, S.CLOSED, 44, 12, ((T.RATE_CONTENT, 10),)),
    Scene(Road.SCHOOL, S.REPLIED, 41, 10, ((T.RATE_CONTENT, 8),)),
    Scene(Road.DISTRICT, S.CLOSED, 46, 13, ((T.RATE_FAIR, 11),)),
    Scene(Road.SCHOOL, S.REPLIED, 43, 13, ((T.RATE_POOR, 9), (T.DISPUTE, 8))),
    Scene(
        Road.SCHOOL, S.REPLIED, 56, 24,
        ((T.RATE_POOR, 22), (T.DISPUTE, 22), (T.ANSWER_DISPUTE, 15), (T.READ, 14)),
    ),
    # the sender's name, asked for; words masked
    Scene(Road.DISTRICT, S.INVESTIGATING, 20, 12, ((T.MASK, 10), (T.ASK_IDENTITY, 2)), sender=_HIDDEN),
    Scene(
        Road.DISTRICT, S.INVESTIGATING, 21, 12, ((T.ASK_IDENTITY, 9), (T.REFUSE_IDENTITY, 7)), sender=_HIDDEN
    ),
    Scene(
        Road.DISTRICT, S.INVESTIGATING, 22, 12, ((T.ASK_IDENTITY, 6), (T.AUTHORISE_IDENTITY, 4)),
        sender=_HIDDEN,
    ),
    Scene(Road.HANDED, S.ASSIGNED, 9, 5, ((T.MASK, 4),), sender=_HIDDEN),
    Scene(
        Road.SCHOOL, S.ACCEPTED, 8, 5, sender=Sender(IdentityMode.REAL_NAME_HIDDEN, signers=6)
    ),
    # taken down by staff
    Scene(Road.SCHOOL, S.SUBMITTED, 1, 1, sender=_HIDDEN, filed=Source.HOTLINE_12345),
    Scene(Road.HANDED, S.ASSIGNED, 6, 4, sender=_HIDDEN, filed=Source.HOTLINE_12345),
    Scene(Road.SCHOOL, S.ACCEPTED, 5, 3, sender=_HIDDEN, filed=Source.PHONE, claims=True),
    # measures: to be filed, filed, lifted
    Scene(Road.DISTRICT, S.REPLIED, 48, 12, verdict=_DEMOTED, categories=_GRAVE),
    Scene(Road.DISTRICT, S.CLOSED, 62, 26, ((T.FILE_MEASURE, 20),), verdict=_DEMOTED, categories=_GRAVE),
    Scene(Road.DISTRICT, S.CLOSED, 98, 62, ((T.LIFT_MEASURE, 6),), verdict=_BARRED, categories=_GRAVE),
    # the teacher's side
    Scene(Road.DISTRICT, S.REPLIED, 44, 15, ((T.ASK_REMEDY, 5),), verdict=_ORDINARY, role="appealing"),
    Scene(
        Road.DISTRICT, S.CLOSED, 72, 42, ((T.ASK_REMEDY, 28), (T.DECIDE_REMEDY, 13)), verdict=_ORDINARY,
        role="answered",
    ),
    Scene(
        Road.SCHOOL, S.CLOSED, 52, 22,
        ((T.OFFER_CLEARANCE, 18), (T.CONSENT_CLEARANCE, 14), (T.ISSUE_CLEARANCE, 12)),
        verdict=_NOTHING, role="cleared",
    ),
)  # fmt: skip
