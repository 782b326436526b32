"""Why a teacher is not rated, why a line does not count, what names a person: the codes and their words.

Source: domain.md §7.6 (not_rated_reason), ranking.md R8, R11, R12.
"""

from __future__ import annotations

from collections.abc import Mapping

from ethics_eval.text import N_

NOT_RATED_LABELS: Mapping[str, str] = {
    "KINDERGARTEN_NOT_RANKED": N_("幼儿园教师不参加排名"),
    "NEW_UNDER_HALF": N_("在岗不足半学期"),
    "LEFT": N_("已离岗"),
    "LONG_LEAVE": N_("长期请假或离岗"),
    "MATERNITY": N_("产假"),
    "SECONDED_OUT": N_("借调在外"),
    "SUPPORT_TEACHING": N_("外出支教"),
    "SUSPENDED": N_("停职"),
    "UNDER_INVESTIGATION": N_("立案审查中，暂缓"),
    "APPEAL_PENDING": N_("申诉处理中，暂缓"),
    "SAMPLE_TOO_SMALL": N_("有效评价不足"),
}
LEDGER_REASON_LABELS: Mapping[str, str] = {
    "": N_("计入扣分"),
    "NOT_SUBSTANTIATED": N_("未认定属实，不扣分"),
    "NOT_EFFECTIVE": N_("冻结时尚未生效，本学期不扣分"),
    "SAME_FACTS": N_("同一事实只计一次，取最重的"),
}
BASIS_LABELS: Mapping[str, str] = {
    "veto": N_("一票否决"),
    "finding": N_("有程度为一般以上、已生效的认定"),
    "deduction": N_("扣分达到点名标准"),
}
TREATMENT_LABELS: Mapping[str, str] = {"named": N_("点名通报"), "private": N_("单独告知")}
FLAG_LABELS: Mapping[str, str] = {"reweighted": N_("有缺项，已按平均水平补足")}
