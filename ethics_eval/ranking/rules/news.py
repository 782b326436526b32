"""What staff and teachers are told of rankings: kinds of notices in the application, and their words."""

from __future__ import annotations

from collections.abc import Mapping

from ethics_eval.text import N_

REFUSED = "semester.refused"
CORRECTED = "ranking.corrected"
RANKING_NEWS: Mapping[str, str] = {
    "objection.filed": N_("有一件得分异议或申诉等待办理"),
    "objection.near": N_("一件得分异议或申诉的期限已过八成"),
    "objection.overdue": N_("一件得分异议或申诉已经逾期，请尽快作出决定"),
    "objection.decided": N_("您的得分异议或申诉已有决定"),
    REFUSED: N_("系统没能按计划办理一个考评步骤，请查看原因"),
    CORRECTED: N_("一个学期的榜单已经更正"),
}
