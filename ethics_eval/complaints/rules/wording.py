"""What is written to complainants: a text to begin from for every stage, and the rights no reply may leave out.

The texts are documents and stay Chinese. Places in braces are filled from the case; places 【请…】 are for the officer,
and no text goes out while one is open. No template names the teacher's private affairs.
Source: 信访工作条例 arts. 22–23 (acceptance, where else to go), 32 (what a reply says), 34 (extension with its reason),
35 (复查), 36 (复核; afterwards 不再受理); domain.md §3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ethics_eval.complaints.rules.machine import Outcome
from ethics_eval.text import N_, RuleViolation

REVIEW_DAYS = 30
_SLOT = re.compile(r"【请[^】]*】")


@dataclass(frozen=True)
class WordFacts:
    """What the texts name. ``office`` writes; ``upper`` is the next body above it, to which one may turn.

    ``ask_by``: the last day on which review can be asked of what is told today.
    """

    school: str
    office: str
    upper: str
    today: date
    received_on: date
    ask_by: date
    reply_due_on: date | None = None

    def places(self) -> dict[str, str]:
        """Place → what stands there; a day that is not known yet is left to the officer."""
        return {
            "school": self.school,
            "office": self.office,
            "upper": self.upper,
            "today": chinese_day(self.today),
            "received": chinese_day(self.received_on),
            "ask_by": chinese_day(self.ask_by),
            "due": chinese_day(self.reply_due_on) if self.reply_due_on else "【请写明日期】",
        }


@dataclass(frozen=True)
class Template:
    """A text to begin from; ``title`` says when it fits (shown to the officer, translated)."""

    key: str
    title: str
    text: str


def chinese_day(day: date) -> str:
    """2026年11月24日."""
    return f"{day.year}年{day.month}月{day.day}日"


_OPENING = "您于{received}反映{school}有关问题，"
_FOUND = "经调查核实：【请写明查了什么、查明了什么】。"

# action → texts, the usual one first
TEMPLATES: Mapping[str, tuple[Template, ...]] = {
    "decline": (
        Template(
            "NOT_EDU_DUTY",
            N_("不属于教育部门职责"),
            f"{_OPENING}经审查，不属于教育部门的职责范围，决定不予受理。您可以向【请写明部门和联系方式】反映。",
        ),
        Template(
            "LITIGATION_ARBITRATION_RECONSIDERATION",
            N_("应当通过诉讼、仲裁、行政复议解决"),
            f"{_OPENING}已经或者依法应当通过诉讼、仲裁、行政复议解决，决定不予受理。"
            "请您向【请写明法院、仲裁机构或者复议机关】依照法定程序提出。",
        ),
        Template(
            "ALREADY_PENDING",
            N_("上级机关正在办理"),
            f"{_OPENING}同一事项【请写明机关】已经受理、正在办理，不再另行受理。请您等候该机关的答复，"
            "也可以凭查询码在这里补充新的情况。",
        ),
        Template(
            "CONCLUDED_SAME_FACTS",
            N_("同一事实已经办结"),
            f"{_OPENING}同一事实和理由已于【请写明日期】办结并答复，没有新的事实，决定不予受理。"
            "有新的事实或者证据的，请凭查询码补充，我们会重新审查。",
        ),
        Template(
            "NO_RESPONDENT_OR_FACTS",
            N_("没有明确的对象或事实"),
            f"{_OPENING}因没有写明反映的是谁、发生了什么，无法核实，暂不予受理。"
            "请凭查询码补充时间、地点、人员和经过，也可以上传照片或者录音；补充后我们会重新登记。",
        ),
    ),
    "transfer": (
        Template(
            "POLICE",
            N_("公安机关"),
            f"{_OPENING}可能涉及违法犯罪，已于{{today}}移送公安机关处理。公安机关会依法决定是否立案。"
            "如果孩子仍有危险，请立即拨打110。",
        ),
        Template(
            "DISCIPLINE_INSPECTION",
            N_("纪检监察机关"),
            f"{_OPENING}属于纪检监察机关的职责，已于{{today}}转送纪检监察机关处理。您可以拨打12388查询。",
        ),
        Template(
            "OTHER_DEPARTMENT",
            N_("其他主管部门"),
            f"{_OPENING}属于【请写明部门】的职责，已于{{today}}转送该部门处理。联系电话：【请写明电话】。",
        ),
    ),
    "refer": (
        Template(
            "REFERRED",
            N_("移送公安机关"),
            "您反映的情况可能涉及违法犯罪，{office}已于{today}移送公安机关处理。我们仍会依照职责继续办理并答复您。"
            "如果孩子仍有危险，请立即拨打110。",
        ),
    ),
    "extend": (
        Template(
            "COMPLEX",
            N_("情况复杂"),
            "因【请写明具体原因，例如需要等待鉴定结论】，在原定的{due}前无法办结，经批准延长办理期限。"
            "延长只有一次，我们会尽快答复您。",
        ),
    ),
    "suspend": (
        Template(
            "PENDING",
            N_("须等待其他机关的结果"),
            "因【请写明正在等待哪个机关的什么结果】，本件暂时中止办理。结果出来后立即恢复办理，并告知您。",
        ),
    ),
    "resume": (
        Template("RESUMED", N_("恢复办理"), "【请写明等待的结果】已经作出，本件自{today}起恢复办理。"),
    ),
    "reply": (
        Template(
            Outcome.SUBSTANTIATED.value,
            N_("属实"),
            f"{_OPENING}{_FOUND}您反映的情况属实。"
            "依照《中小学教师违反职业道德行为处理办法》等规定，已经对当事教师作出处理，并要求学校整改："
            "【请写明学校的整改和对学生的安排，不写教师的个人情况】。感谢您的监督。",
        ),
        Template(
            Outcome.PARTLY.value,
            N_("部分属实"),
            f"{_OPENING}{_FOUND}其中【请写明哪些属实】属实，【请写明哪些没有查实】没有查实。"
            "对属实的部分，已经依照规定作出处理，并要求学校整改：【请写明整改情况】。",
        ),
        Template(
            Outcome.UNSUBSTANTIATED.value,
            N_("不属实"),
            f"{_OPENING}{_FOUND}根据现有证据，您反映的情况不属实。理由是：【请写明理由】。"
            "这不影响您今后继续反映问题。如果您有新的材料，可以凭查询码补充。",
        ),
        Template(
            Outcome.UNVERIFIABLE.value,
            N_("无法查实"),
            f"{_OPENING}{_FOUND}因【请写明为什么查不清】，现有证据不能证实，也不能排除您反映的情况。"
            "我们会继续关注。如果您有新的线索或者材料，可以凭查询码补充，我们会继续核查。",
        ),
        Template(
            Outcome.LAWFUL_DISCIPLINE.value,
            N_("正当惩戒"),
            f"{_OPENING}{_FOUND}该教师的做法属于《中小学教育惩戒规则（试行）》第【请写明条次】条规定的教育惩戒，"
            "没有超出必要的限度。学校会与家长做好沟通：【请写明沟通安排】。",
        ),
        Template(
            Outcome.MALICIOUS.value,
            N_("诬告"),
            f"{_OPENING}{_FOUND}所反映的情况与事实不符。请您实事求是地反映问题，如实反映始终受到保护。",
        ),
    ),
    "answer": (
        Template(
            "SCHOOL_MATTER",
            N_("学校事务"),
            f"{_OPENING}这是学校管理方面的事项。经核实：【请写明查明的情况】。处理意见：【请写明怎样解决、什么时候完成】。",
        ),
    ),
    "uphold": (
        Template(
            "UPHELD",
            N_("维持"),
            "{office}对原答复进行了审查。经审查：【请写明审查了什么、依据是什么】。原答复认定事实清楚，处理适当，决定维持。",
        ),
    ),
    "quash": (
        Template(
            "QUASHED",
            N_("撤销重办"),
            "{office}对原答复进行了审查。经审查：【请写明问题在哪里】。决定撤销原答复，由其他人员重新调查，重新答复您。",
        ),
    ),
    "finish": (
        Template(
            "FINISHED",
            N_("复核终结"),
            "{office}对复查意见进行了复核。经复核：【请写明审查了什么、依据是什么】。复核意见：【请写明结论】。",
        ),
    ),
    "message": (
        Template(
            "MORE_FACTS",
            N_("请补充情况"),
            "您好。为了把事情查清楚，请您补充：【请写明需要什么】。可以直接在这里回复，也可以上传照片或者录音。",
        ),
        Template("RECEIVED", N_("材料收到"), "您好。您补充的情况和材料已经收到，我们会一并核实。"),
        Template(
            "TALK",
            N_("约时间沟通"),
            "您好。我们想当面或者电话向您了解情况，由您决定是否愿意。愿意的话，请告诉我们方便的时间；不愿意也不影响办理。",
        ),
    ),
    "dispute_answer": (
        Template(
            "DISPUTE",
            N_("答复异议"),
            "您对办理情况提出的异议，{office}已经核查。经核查：【请写明查了什么】。答复如下：【请写明意见】。",
        ),
    ),
}

_REVIEW = (
    "告知权利：不服本答复的，可以自收到之日起30日内（最迟{ask_by}），请求{upper}复查。"
    "复查机关自收到请求之日起30日内提出复查意见。凭查询码在网上就可以提出。（《信访工作条例》第三十五条）"
)
_FINAL_REVIEW = (
    "告知权利：不服本复查意见的，可以自收到之日起30日内（最迟{ask_by}），请求{upper}复核。"
    "复核机关自收到请求之日起30日内提出复核意见。凭查询码在网上就可以提出。（《信访工作条例》第三十六条）"
)
_CONCLUDED = (
    "告知：这是终结意见。对复核意见不服，仍然以同一事实和理由提出投诉请求的，各级机关、单位不再受理"
    "（《信访工作条例》第三十六条）。有新的事实的，可以另行反映。"
)
_DECLINED = (
    "告知权利：有新的事实或者材料的，可以凭查询码随时补充，我们会重新审查是否受理；"
    "认为应当受理而没有受理的，可以向{upper}反映。"
)
_TRANSFERRED = "告知：转送后由接收机关依法决定是否受理并告知您。您仍然可以凭查询码查看转送的情况。"
_QUASHED = "告知权利：重新调查后会重新答复您；对新的答复不服的，仍然可以自收到之日起30日内请求复查。"
_DISPUTED = (
    "告知权利：异议的答复不影响您依法请求复查、复核的权利。"
    "请求复查的期限从收到原答复之日起计算，请您留意页面上写明的日期。"
)

# action → the paragraph that the service itself appends
RIGHTS: Mapping[str, str] = {
    "decline": _DECLINED,
    "transfer": _TRANSFERRED,
    "reply": _REVIEW,
    "answer": _REVIEW,
    "uphold": _FINAL_REVIEW,
    "quash": _QUASHED,
    "finish": _CONCLUDED,
    "dispute_answer": _DISPUTED,
}


def rights(action: str, facts: WordFacts) -> str:
    """The 告知权利 that belongs to an action, filled in; empty where the law gives none to tell."""
    text = RIGHTS.get(action, "")
    return text.format(**facts.places())


def fill(template: Template, facts: WordFacts) -> str:
    """The template with the dates and names of the case; what only the officer knows stays open."""
    return template.text.format(**facts.places())


def templates_of(action: str) -> tuple[Template, ...]:
    """The texts to begin from at an action, the usual one first; none where nothing is told."""
    return TEMPLATES.get(action, ())


def chosen(action: str, key: str | None) -> Template | None:
    """The text of this key at an action, the usual one for an unknown key; None: the action has none."""
    texts = templates_of(action)
    return next((text for text in texts if text.key == key), texts[0] if texts else None)


def open_places(text: str) -> Iterable[str]:
    """The places of a template that are still to be filled in."""
    return _SLOT.findall(text)


def filled(text: str, field: str) -> str:
    """A text without open places of its template. Raises: RuleViolation at ``field``."""
    left = list(open_places(text))
    if left:
        raise RuleViolation(
            "wording.open", N_("请把模板中“%(place)s”等处补写完整。"), field=field, place=left[0]
        )
    return text
