"""The forms of the steps of a case, and how each calls its use case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from ethics_eval.complaints import queries, service
from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.complaints.rules.finding import MEASURE_LABELS, SEVERITY_LABELS, FindingDraft, Measure
from ethics_eval.complaints.rules.machine import DESK_LABELS, OUTCOME_LABELS, CaseAction, Desk, Outcome
from ethics_eval.complaints.rules.suspension import MAX_NUMBER, SUSPENSION_REASONS
from ethics_eval.complaints.service import DECLINE_REASONS, PETITION_TYPES, TRANSFER_TARGETS, Step
from ethics_eval.text import N_, RuleViolation
from ethics_eval.web.forms import Form
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import locale


class StepForm(Form):
    """A step without words; ``version`` is the state of the case the page showed."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class RegisterForm(StepForm):
    """登记."""

    petition_type = SelectField(lazy_gettext("信访类别"), default="REPORT")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.petition_type.choices = translated_choices(PETITION_TYPES)


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
    return_on = DateField(
        lazy_gettext("最迟哪天回报"),
        [Optional()],
        description=lazy_gettext("不填为交办之日起30天。不能晚于答复投诉人的期限。"),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.desk.choices = translated_choices(DESK_LABELS)


class ReasonForm(StepForm):
    """A step that needs a reason."""

    reason = TextAreaField(lazy_gettext("理由"))


class TellForm(StepForm):
    """A step that the complainant is told of, with its reason."""

    explanation = TextAreaField(
        lazy_gettext("向投诉人的说明"), description=lazy_gettext("投诉人凭查询码能看到。")
    )


def _number(label: Any, description: Any = "") -> StringField:
    return StringField(label, description=description, render_kw={"maxlength": MAX_NUMBER})


class SuspendForm(TellForm):
    """中止."""

    reason = SelectField(lazy_gettext("理由"), [InputRequired(lazy_gettext("请选择中止的理由。"))])
    number = _number(
        lazy_gettext("文书编号"), lazy_gettext("立案、受理或移送文书的编号。只有等待鉴定、检验的可以不填。")
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reason.choices = translated_choices(SUSPENSION_REASONS)


class ReferForm(TellForm):
    """移送公安机关."""

    number = _number(lazy_gettext("移送文书编号"))


class MergeForm(StepForm):
    """并案."""

    target = StringField(
        lazy_gettext("并入哪个案件"), description=lazy_gettext("填写19位案件编号。原来的查询码继续有效。")
    )
    reason = TextAreaField(lazy_gettext("理由"))


class AskHearingForm(StepForm):
    """A hearing asked for by word of mouth."""

    grounds = TextAreaField(
        lazy_gettext("教师申请听证的理由"), description=lazy_gettext("教师当面或电话申请的，在这里代为记录。")
    )


class HearingForm(StepForm):
    """听证笔录."""

    record = TextAreaField(
        lazy_gettext("听证笔录"),
        description=lazy_gettext("时间、地点、主持人、参加人和各方意见。主持人不能是调查人员。"),
    )


class ReviewForm(TellForm):
    """复查, 复核."""

    document = _number(
        lazy_gettext("上级文书编号"), lazy_gettext("原答复由市教育局作出的，填写省级复查、复核意见的编号。")
    )


class QuashForm(ReviewForm):
    """撤销重办."""

    investigators = TextAreaField(
        lazy_gettext("重新调查的人员"),
        description=lazy_gettext("至少2人，每行写一个姓名，都没有经办过此案。学校事务不用填。"),
    )


class StartForm(StepForm):
    """开始调查."""

    investigators = TextAreaField(
        lazy_gettext("调查人员"),
        description=lazy_gettext("至少2人，每行写一个姓名。作出认定的人不能参加调查。"),
    )


class InvestigateForm(StepForm):
    """记录调查情况."""

    report = TextAreaField(
        lazy_gettext("调查情况"),
        description=lazy_gettext("问了谁、看了什么材料、查明了什么。写事实，不写推测。"),
    )


class JudgementForm(StepForm):
    """What a finding says, proposed or decided."""

    outcome = RadioField(lazy_gettext("结论"), [InputRequired(lazy_gettext("请选择结论。"))])
    category = SelectField(lazy_gettext("类别"), [InputRequired(lazy_gettext("请选择类别。"))])
    severity = RadioField(lazy_gettext("程度"), [InputRequired(lazy_gettext("请选择程度。"))])
    measure = SelectField(lazy_gettext("处理建议"))
    veto = BooleanField(
        lazy_gettext("一票否决"),
        description=lazy_gettext("造成伤害、索要或数额较大等恶劣情形时勾选，并在理由中写明。"),
    )
    grounds = TextAreaField(
        lazy_gettext("理由"),
        description=lazy_gettext("查明的事实、证据和依据的条款。教师会看到，请勿写投诉人的信息。"),
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
        description=lazy_gettext("写查明的事实，不写投诉人的原话或身份。教师有5个工作日陈述申辩。"),
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


def _merge(step: Step, case: Any, form: MergeForm) -> object:
    number = "".join((form.target.data or "").split())
    target = queries.find_case(step.session, step.actor, number, lock=True)
    return service.merge(step, case, target=target, reason=form.reason.data or "")


A = CaseAction

# The sender's own steps have no line here: nobody takes them at a desk.
STEPS: Mapping[CaseAction, StepPage] = {
    A.REGISTER: StepPage(
        RegisterForm,
        lambda s, c, f: service.register(s, c, petition_type=f.petition_type.data or ""),
        N_("登记"),
    ),
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
        lambda s, c, f: service.assign(
            s,
            c,
            desk=Desk(f.desk.data),
            instruction=f.instruction.data or "",
            return_on=f.return_on.data,
        ),
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
    A.EXTEND: StepPage(
        TellForm,
        lambda s, c, f: service.extend(s, c, explanation=f.explanation.data or ""),
        N_("批准延期30天"),
    ),
    A.SUSPEND: StepPage(
        SuspendForm,
        lambda s, c, f: service.suspend(
            s,
            c,
            reason=f.reason.data or "",
            number=f.number.data or "",
            explanation=f.explanation.data or "",
        ),
        N_("中止并告知"),
    ),
    A.RESUME: StepPage(
        TellForm, lambda s, c, f: service.resume(s, c, explanation=f.explanation.data or ""), N_("恢复办理")
    ),
    A.REFER: StepPage(
        ReferForm,
        lambda s, c, f: service.refer(s, c, number=f.number.data or "", explanation=f.explanation.data or ""),
        N_("移送公安机关"),
    ),
    A.REOPEN: StepPage(
        ReasonForm, lambda s, c, f: service.reopen(s, c, reason=f.reason.data or ""), N_("重新登记")
    ),
    A.MERGE: StepPage(MergeForm, _merge, N_("并案")),
    A.CONTINUE: StepPage(
        ReasonForm, lambda s, c, f: service.carry_on(s, c, reason=f.reason.data or ""), N_("继续办理")
    ),
    A.ASK_HEARING: StepPage(
        AskHearingForm,
        lambda s, c, f: service.ask_hearing(s, c, grounds=f.grounds.data or ""),
        N_("记录听证申请"),
    ),
    A.HOLD_HEARING: StepPage(
        HearingForm, lambda s, c, f: service.hold_hearing(s, c, record=f.record.data or ""), N_("记录听证")
    ),
    A.UPHOLD: StepPage(
        ReviewForm,
        lambda s, c, f: service.uphold(
            s, c, explanation=f.explanation.data or "", document=f.document.data or ""
        ),
        N_("维持并告知"),
    ),
    A.FINISH: StepPage(
        ReviewForm,
        lambda s, c, f: service.finish(
            s, c, explanation=f.explanation.data or "", document=f.document.data or ""
        ),
        N_("作出复核意见"),
    ),
    A.QUASH: StepPage(
        QuashForm,
        lambda s, c, f: service.quash(
            s,
            c,
            explanation=f.explanation.data or "",
            investigators=(f.investigators.data or "").splitlines(),
            document=f.document.data or "",
        ),
        N_("撤销并重新办理"),
    ),
}
