"""满意度: one tap of the complainant after the reply, which can be changed for 30 days."""

from __future__ import annotations

from ethics_eval.complaints.models import Complaint
from ethics_eval.complaints.queries import lead_of
from ethics_eval.complaints.rules.correspondence import SATISFACTION_LABELS, WordEvent, rating_refusal
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.service.step import Step, remark
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation


def rate(step: Step, complaint: Complaint, satisfaction: int) -> None:
    """Rate the handling: 3 content, 2 rather content, 1 not content (信访工作条例 art. 21).

    The 30 days for a change count from the first rating. Raises: RuleViolation: before the reply, too late, no grade.
    """
    if satisfaction not in SATISFACTION_LABELS:
        raise RuleViolation("rating.grade", N_("请选择满意、基本满意或不满意。"), field="satisfaction")
    case = lead_of(step.session, complaint.case)
    rated_on = local_day(complaint.rated_at) if complaint.rated_at else None
    violation = rating_refusal(CaseStatus(case.status), rated_on, local_day(step.at))
    if violation is not None:
        raise violation
    if complaint.satisfaction == satisfaction:
        return
    complaint.satisfaction = satisfaction
    complaint.rated_at = complaint.rated_at or step.at
    remark(step, case, WordEvent.RATE, {"satisfaction": satisfaction, "complaint": complaint.id})
