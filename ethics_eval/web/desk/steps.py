"""The forms of the steps of a case, and how each calls its use case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from ethics_eval.complaints import queries, service
from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.complaints.rules.finding import MEASURE_LABELS, SEVERITY_LABELS, FindingDraft, Measure
from ethics_eval.complaints.rules.machine import DESK_LABELS, OUTCOME_LABELS, CaseAction, Desk, Outcome
from ethics_eval.complaints.service import DECLINE_REASONS, TRANSFER_TARGETS, Step
from ethics_eval.text import N_, RuleViolation
from ethics_eval.web.forms import Form
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import locale


class StepForm(Form):
    """A step without words; ``version`` is the state of the case the page showed."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class DeclineForm(StepForm):
    """不予受理."""

    reason = SelectField(lazy_gettext("理由"), [InputRequired(lazy_gettext("请选择不予受理的理由。"))])
    explanation = TextAreaField(
        lazy_gettext("向投诉人的说明"),
        description=lazy_gettext("投诉人凭查询码能看到。请写明可以去哪里反映。"),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reason.choices = translated_choices(DECLINE_REASONS)


class TransferForm(StepForm):
    """转送."""

    target = SelectField(lazy_gettext("转送到"), [InputRequired(lazy_gettext("请选择转送的部门。"))])
    explanation = TextAreaField(
        lazy_gettext("向投诉人的说明"), description=lazy_gettext("投诉人凭查询码能看到。")
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target.choices = translated_choices(TRANSFER_TARGETS)


class AssignForm(StepForm):
    """交办."""

    desk = RadioField(lazy_gettext("交给谁办理"), [InputRequired(lazy_gettext("请选择交给谁办理。"))])
    instruction = TextAreaField(lazy_gettext("交办要求"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.desk.choices = translated_choices(DESK_LABELS)


class ReasonForm(StepForm):
    """A step that needs a reason."""

    reason = TextAreaField(lazy_gettext("理由"))


class StartForm(StepForm):
    """开始调查."""

    investigators = TextAreaField(
        lazy_gettext("调查人员"),
        description=lazy_gettext("至少2人,每行写一个姓名。作出认定的人不能参加调查。"),
    )


class InvestigateForm(StepForm):
    """记录调查情况."""

    report = TextAreaField(
        lazy_gettext("调查情况"),
        description=lazy_gettext("问了谁、看了什么材料、查明了什么。写事实,不写推测。"),
    )


class JudgementForm(StepForm):
    """What a finding says, proposed or decided."""

    outcome = RadioField(lazy_gettext("结论"), [InputRequired(lazy_gettext("请选择结论。"))])
    category = SelectField(lazy_gettext("类别"), [InputRequired(lazy_gettext("请选择类别。"))])
    severity = RadioField(lazy_gettext("程度"), [InputRequired(lazy_gettext("请选择程度。"))])
    measure = SelectField(lazy_gettext("处理建议"))
    veto = BooleanField(
        lazy_gettext("一票否决"),
        description=lazy_gettext("造成伤害、索要或数额较大等恶劣情形时勾选,并在理由中写明。"),
    )
    grounds = TextAreaField(
        lazy_gettext("理由"),
        description=lazy_gettext("查明的事实、证据和依据的条款。教师会看到,请勿写投诉人的信息。"),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outcome.choices = translated_choices(OUTCOME_LABELS)
        self.severity.choices = translated_choices(SEVERITY_LABELS)
        self.measure.choices = translated_choices(MEASURE_LABELS)
        language = locale()
        self.category.choices = [
            SelectChoice(row.code, f"{row.code} {row.name(language)}") for row in CATEGORIES.values()
        ]

    def to_draft(self, teacher_id: int) -> FindingDraft:
        """The finding as filled in."""
        return FindingDraft(
            teacher_id=teacher_id,
            category=self.category.data,
            severity=Severity(self.severity.data),
            outcome=Outcome(self.outcome.data),
            grounds=self.grounds.data or "",
            veto=bool(self.veto.data),
            measure=Measure(self.measure.data or ""),
        )


class ProposeForm(JudgementForm):
    """拟定认定."""

    teacher = SelectField(lazy_gettext("被投诉的教职工"), description=lazy_gettext("从本校花名册中选择。"))

    def __init__(self, *, teachers: list[tuple[int, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.teacher.choices = [
            SelectChoice("", gettext("请选择")),
            *(SelectChoice(str(teacher), text) for teacher, text in teachers or []),
        ]


class NotifyForm(StepForm):
    """告知教师."""

    facts = TextAreaField(
        lazy_gettext("告知的事实和拟作出的认定"),
        description=lazy_gettext("写查明的事实,不写投诉人的原话或身份。教师有5个工作日陈述申辩。"),
    )


class StatementForm(StepForm):
    """陈述申辩."""

    statement = TextAreaField(lazy_gettext("陈述申辩"))


class ReplyForm(StepForm):
    """答复投诉人."""

    text = TextAreaField(
        lazy_gettext("答复内容"),
        description=lazy_gettext("写明查了什么、结论和理由。不写教师的个人隐私。投诉人凭查询码查看。"),
    )


@dataclass(frozen=True)
class StepPage:
    """How a step is shown and done."""

    form: type[StepForm]
    do: Callable[[Step, Any, Any], object]
    button: str


def _teacher_id(form: ProposeForm) -> int:
    if not form.teacher.data:
        raise RuleViolation("finding.teacher", N_("请从本校教职工中选择被投诉人。"), field="teacher")
    return int(form.teacher.data)


def _decide(step: Step, case: Any, form: JudgementForm) -> object:
    finding = queries.open_finding(case)
    return service.decide(step, case, form.to_draft(finding.teacher_id if finding else 0))


A = CaseAction

STEPS: Mapping[CaseAction, StepPage] = {
    A.REGISTER: StepPage(StepForm, lambda s, c, f: service.register(s, c), N_("登记")),
    A.ACCEPT: StepPage(StepForm, lambda s, c, f: service.accept(s, c), N_("受理")),
    A.DECLINE: StepPage(
        DeclineForm,
        lambda s, c, f: service.decline(s, c, reason=f.reason.data, explanation=f.explanation.data or ""),
        N_("不予受理并告知"),
    ),
    A.TRANSFER: StepPage(
        TransferForm,
        lambda s, c, f: service.transfer(s, c, target=f.target.data, explanation=f.explanation.data or ""),
        N_("转送并告知"),
    ),
    A.ASSIGN: StepPage(
        AssignForm,
        lambda s, c, f: service.assign(s, c, desk=Desk(f.desk.data), instruction=f.instruction.data or ""),
        N_("交办"),
    ),
    A.OBJECT: StepPage(
        ReasonForm, lambda s, c, f: service.object_to(s, c, reason=f.reason.data or ""), N_("提出异议")
    ),
    A.RECUSE: StepPage(
        ReasonForm, lambda s, c, f: service.recuse(s, c, reason=f.reason.data or ""), N_("回避并移交")
    ),
    A.START: StepPage(
        StartForm,
        lambda s, c, f: service.start(s, c, investigators=(f.investigators.data or "").splitlines()),
        N_("开始调查"),
    ),
    A.INVESTIGATE: StepPage(
        InvestigateForm, lambda s, c, f: service.investigate(s, c, report=f.report.data or ""), N_("记录")
    ),
    A.PROPOSE: StepPage(
        ProposeForm, lambda s, c, f: service.propose(s, c, f.to_draft(_teacher_id(f))), N_("拟定认定")
    ),
    A.NOTIFY: StepPage(
        NotifyForm, lambda s, c, f: service.notify(s, c, facts=f.facts.data or ""), N_("告知教师")
    ),
    A.STATE: StepPage(
        StatementForm,
        lambda s, c, f: service.record_statement(s, c, statement=f.statement.data or ""),
        N_("记录陈述申辩"),
    ),
    A.SEND_BACK: StepPage(
        ReasonForm, lambda s, c, f: service.send_back(s, c, reason=f.reason.data or ""), N_("退回补充调查")
    ),
    A.DECIDE: StepPage(JudgementForm, _decide, N_("作出认定")),
    A.ANSWER: StepPage(
        ReplyForm, lambda s, c, f: service.answer(s, c, text=f.text.data or ""), N_("答复投诉人")
    ),
    A.REPLY: StepPage(
        ReplyForm, lambda s, c, f: service.reply(s, c, text=f.text.data or ""), N_("答复投诉人")
    ),
    A.CLOSE: StepPage(StepForm, lambda s, c, f: service.close(s, c), N_("办结")),
}
