"""Letters to one listed teacher and the head of the school: before publication, and with it.

Law: 个人信息保护法 art. 24 (explanation, no decision by machine alone), 教师法 art. 39;
domain.md §1.5, §7.4.8.
"""

from __future__ import annotations

from datetime import date

from ethics_eval.notices.document import Document, Section, Table
from ethics_eval.notices.rules.facts import (
    Charge,
    ListedPerson,
    RankingFacts,
    written_day,
    written_part,
    written_points,
    written_score,
    written_time,
)

_CONFIDENTIAL = "本件只送本人和所在学校负责人，不得公开或者转发。"


def compose_prior(
    facts: RankingFacts, person: ListedPerson, *, issued_on: date, objection_ends_on: date
) -> Document:
    """The letter that tells a listed teacher beforehand, and until when to object.

    Args: objection_ends_on: the last of five working days after ``issued_on``.
    """
    intended = (
        "拟在师德师风考评情况通报中予以点名（只写学校和隐去名字的姓名，不写全名）。"
        if person.is_named
        else "拟只单独告知您和所在学校负责人，不在通报中点名。"
    )
    return Document(
        issuer=facts.bureau,
        number=None,
        title="师德师风考评结果事先告知书",
        addressee=f"{person.school}  {person.name}老师：",
        opening=(
            f"{facts.semester}教师师德师风考评数据已于{written_time(facts.frozen_at)}冻结。"
            f"在{facts.rated_count}名参评教师中，"
            f"您的综合得分列第{person.place}名，属于最后{facts.list_size}名。{intended}"
            "正式发布前，现将有关情况和您的权利事先告知如下。",
        ),
        sections=(
            _score_section("一、得分情况", person),
            _charge_section("二、扣分依据", person.charges),
            Section(
                "三、您的权利",
                items=(
                    "异议。您对得分、数据或者扣分依据有异议的，"
                    f"请在{written_day(objection_ends_on)}（含当日）前，"
                    f"以书面形式向{facts.bureau}提出，也可以通过学校转交。提出异议不会加重对您的处理。",
                    "说明。您有权要求对计算方法、数据来源和结果予以说明，有权要求由工作人员复查，"
                    "不接受仅由系统自动作出的决定"
                    "（《中华人民共和国个人信息保护法》第二十四条）。",
                    "查阅。您可以登录系统查看本人各部分得分、有关认定和计算过程。",
                ),
            ),
        ),
        closing=(f"异议期满后，{facts.bureau}将按程序发布考评结果。",),
        signature=facts.bureau,
        issued_on=written_day(issued_on),
        annotations=(_CONFIDENTIAL, f"榜单快照SHA-256：{facts.snapshot_sha256}"),
    )


def compose_individual(
    facts: RankingFacts, person: ListedPerson, *, issued_on: date, circular_number: str
) -> Document:
    """The letter that goes with the publication to each listed teacher, named or told privately."""
    told = (
        f"您已列入{circular_number}通报的点名对象（隐去名字）。"
        if person.is_named
        else f"您未达到点名条件，{circular_number}通报没有点您的姓名，本告知只送您和所在学校负责人。"
    )
    return Document(
        issuer=facts.bureau,
        number=None,
        title="师德师风考评结果告知书",
        addressee=f"{person.school}  {person.name}老师：",
        opening=(
            f"{facts.semester}教师师德师风考评结果已经发布。您的综合得分为{written_score(person.score)}分，"
            f"在{facts.rated_count}名参评教师中列第{person.place}名，属于最后{facts.list_size}名，"
            f"师德考核等次为{person.grade}。{told}",
        ),
        sections=(
            _score_section("一、得分情况", person),
            _charge_section("二、扣分依据", person.charges),
            _advice(person),
            Section(
                "四、您的权利和期限",
                items=(
                    "复核。对认定或者处理不服的，自知道之日起三十日内，"
                    "向作出认定的教育行政部门申请复核，复核在三十日内作出。",
                    "申诉。对复核结果不服的，自接到复核决定之日起三十日内提出申诉，"
                    "申诉在六十日内作出处理，案情复杂的可以延长三十日；"
                    "也可以依照《中华人民共和国教师法》第三十九条提出申诉，"
                    "教育行政部门在接到申诉的三十日内作出处理。",
                    "执行。复核、申诉期间处理不停止执行，也不会因您复核、申诉而加重处理。"
                    "认定被变更或者撤销的，将更正结果、恢复名誉"
                    "（《事业单位人事管理条例》第四十二条）。",
                    "说明。您有权要求对计算方法、"
                    "数据来源和结果予以说明（《中华人民共和国个人信息保护法》第二十四条）。",
                ),
            ),
        ),
        closing=("特此告知。",),
        signature=facts.bureau,
        issued_on=written_day(issued_on),
        annotations=(
            _CONFIDENTIAL,
            f"考评方案：{facts.scheme_name}（版本{facts.scheme_version}）。",
            f"榜单快照SHA-256：{facts.snapshot_sha256}",
        ),
    )


def _score_section(heading: str, person: ListedPerson) -> Section:
    rows = [(name, written_part(value)) for name, value in person.components]
    rows += [
        ("基础分", written_points(person.base_e4)),
        ("扣分", written_points(person.deduct_e4)),
        ("加分", written_points(person.bonus_e4)),
        ("综合得分", written_score(person.score)),
        ("一票否决", "是" if person.veto else "否"),
        ("师德考核等次", person.grade),
    ]
    return Section(heading, table=Table(("项目", "结果"), tuple(rows)))


def _charge_section(heading: str, charges: tuple[Charge, ...]) -> Section:
    if not charges:
        return Section(heading, ("本学期没有计入扣分的认定。",))
    rows = tuple(
        (
            charge.name,
            charge.severity_words,
            charge.outcome_words,
            "、".join(charge.basis),
            written_day(charge.decided_on),
            written_points(charge.line_e4),
        )
        for charge in charges
    )
    return Section(heading, table=Table(("问题", "程度", "结论", "依据", "认定日期", "扣分"), rows))


def _advice(person: ListedPerson) -> Section:
    if person.charges:
        text = "请对照依据认真整改，并配合学校落实处理决定和谈话提醒。学校将了解整改情况，并给予帮助。"
    else:
        text = (
            "您本学期没有扣分，名次只说明本学期评价得分的相对位置，不等于违反职业道德。"
            "学校将与您沟通评价情况，并给予帮助。"
        )
    return Section("三、后续安排", (text,))
