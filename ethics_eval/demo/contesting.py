"""What is contested in the demonstration's published semester: an objection, a correction on appeal, an open appeal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.demo.moments import at_hour, working_day
from ethics_eval.evaluation.models import Assessment
from ethics_eval.evaluation.rules.tally import POINT
from ethics_eval.notices.correcting import uphold_objection
from ethics_eval.ranking import objecting
from ethics_eval.ranking.models import Objection
from ethics_eval.ranking.rules.correction import Change, ChangeKind
from ethics_eval.ranking.rules.objection import ObjectionKind, Topic
from ethics_eval.roster.models import School, Semester, Teacher
from ethics_eval.roster.rules.calendar import Calendar, local_day
from ethics_eval.vault.service import Vault

_TRUE_SCORES: Mapping[str, int] = {"self": 92, "peer": 89, "pupil": 87, "parent": 86, "school": 88}  # points
_OBJECTION = (
    "本学期我因家中老人住院请过两周事假，请假手续齐全。同事和家长的评分偏低，可能与这两周没有到校有关，"
    "希望核实评分人数，并按实际到岗的周数计算。"
)
_REJECTED = (
    "经核对，您各部分的评分人数均达到最低票数，评分已按方案去掉最高、最低各一成；请事假不改变任职周数，"
    "也不影响评分的计算。未发现数据差错，异议不成立。"
)
_APPEAL = (
    "我本学期的五项评分都在55分上下，与我历年的考评差别很大。我向学校了解，学校上报时可能把我和另一位教师的"
    "成绩填反了行，请核对学校的原始评分表。"
)
_UPHELD = (
    "经调取学校的原始评分表和汇总表核对，学校上报时确把您与一名已调离人员的成绩错行填报，您的五项评分均应更正。"
    "申诉成立，榜单予以更正，您不再列入后五名，已向原收文单位发出更正通报。"
)
_OPEN_APPEAL = (
    "我在第一学期获得区级优秀班主任称号，证书于学期内颁发，但得分明细的荣誉加分里没有这一项，"
    "请核对后补上。证书原件已交学校存档。"
)


class Contest:
    """The objections and appeals of a semester; each of its stories is told with the others."""

    def __init__(
        self,
        session: Session,
        vault: Vault,
        semester: Semester,
        calendar: Calendar,
        reviewer: Actor,
        *,
        instance: Path,
        at: datetime,
    ) -> None:
        """Args: reviewer: has no hand in the ranking; at: the present."""
        self._session, self._vault, self._semester = session, vault, semester
        self._calendar, self._reviewer, self._instance, self._at = calendar, reviewer, instance, at

    def corrected_at(self) -> datetime:
        """When the appeal is upheld: between publication and the present."""
        return self._between(40, time(15, 40))

    def _between(self, percent: int, hour: time) -> datetime:
        published_at = self._semester.publish_at
        day = local_day(published_at + (self._at - published_at) * percent / 100)
        return max(
            at_hour(working_day(day, self._calendar), hour), published_at + timedelta(hours=percent // 8)
        )

    def objecting(self, teacher: Actor, announced_at: datetime) -> Iterator[datetime]:
        """A listed teacher objects within the window; it is rejected before publication."""
        filed_at = announced_at + timedelta(hours=34)
        yield filed_at
        objection = self._file(teacher, ObjectionKind.OBJECTION, Topic.SCORE, _OBJECTION, filed_at)
        day = self._calendar.due_in_working_days(local_day(filed_at), 2)
        decided_at = at_hour(day, time(16, 20))
        yield decided_at
        objecting.reject(
            self._session, self._vault, objection, decision=_REJECTED, actor=self._reviewer, at=decided_at
        )

    def correcting(self, teacher: Actor) -> Iterator[datetime]:
        """Somebody was listed for scores that were another's: the appeal is upheld, and the ranking put right."""
        filed_at = self._between(12, time(20, 12))
        yield filed_at
        appeal = self._file(teacher, ObjectionKind.APPEAL, Topic.SCORE, _APPEAL, filed_at)
        decided_at = self.corrected_at()
        yield decided_at
        uphold_objection(
            self._session,
            self._vault,
            appeal,
            decision=_UPHELD,
            changes=self._changes(teacher),
            actor=self._reviewer,
            at=decided_at,
            instance=self._instance,
        )

    def appealing(self, teacher: Actor) -> Iterator[datetime]:
        """An appeal that waits for its decision."""
        filed_at = at_hour(local_day(self._at) - timedelta(days=2), time(19, 36))
        yield filed_at
        self._file(teacher, ObjectionKind.APPEAL, Topic.HONOUR, _OPEN_APPEAL, filed_at)

    def _file(
        self, teacher: Actor, kind: ObjectionKind, topic: Topic, grounds: str, at: datetime
    ) -> Objection:
        return objecting.file_objection(
            self._session,
            self._vault,
            self._semester.code,
            kind=kind,
            topic=topic,
            grounds=grounds,
            actor=teacher,
            at=at,
        )

    def _changes(self, teacher: Actor) -> list[Change]:
        rows = self._session.execute(
            select(Teacher.number, School.code, Assessment.component, Assessment.rater_count)
            .join(Teacher, Teacher.id == Assessment.teacher_id)
            .join(School, School.id == Assessment.school_id)
            .where(
                Assessment.semester_code == self._semester.code, Assessment.teacher_id == teacher.teacher_id
            )
            .order_by(School.code, Assessment.component)
        )
        return [
            Change(
                ChangeKind.COMPONENT_SET,
                (number, school, component),
                {"score_e4": _TRUE_SCORES[component] * POINT, "raters": raters or 1},
            )
            for number, school, component, raters in rows
        ]
