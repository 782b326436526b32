"""Letters to one listed teacher and the head of the school: before publication, and with it.

Law: 个人信息保护法 art. 24 (explanation, no decision by machine alone), 教师法 art. 39;
domain.md §1.5, §7.4.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from ethics_eval.notices.document import Document, Section, Table
from ethics_eval.notices.rules.circular import basis_notes, common_values
from ethics_eval.notices.rules.facts import (
    Charge,
    ListedPerson,
    RankingFacts,
    Standing,
    certainty_rows,
    written_day,
    written_part,
    written_points,
    written_score,
)
from ethics_eval.notices.rules.template import INDIVIDUAL, PRIOR, Words, default_texts, headings

STANDARD = {kind: default_texts(kind) for kind in (PRIOR, INDIVIDUAL)}

# Where the calendar does not reach so far, the day is told in the words of the law.
UNKNOWN_DAY = "知道之日起第三十日"


def compose_prior(
    facts: RankingFacts,
    person: ListedPerson,
    *,
    issued_on: date,
    objection_ends_on: date,
    texts: Mapping[str, str] = STANDARD[PRIOR],
) -> Document:
    """The letter that tells a listed teacher beforehand, and until when to object.

    Args: objection_ends_on: the last of five working days after ``issued_on``; texts: the template.
    """
    intended = (
        "拟在师德师风考评情况通报中予以点名（只写学校和隐去名字的姓名，不写全名）。"
        if person.is_named
        else "拟只单独告知您和所在学校负责人，不在通报中点名。"
    )
    words = Words(
        PRIOR,
        texts,
        common_values(facts)
        | {
            "参评人数": str(facts.rated_count),
            "名次": str(person.place),
            "名单人数": str(facts.list_size),
            "拟处理": intended + _rests_on(person),
            "异议截止日": written_day(objection_ends_on),
        },
    )
    return Document(
        issuer=facts.bureau,
        number=None,
        title=words.line("title"),
        addressee=_to(person),
        opening=words.lines("opening"),
        sections=(
            _score_section("一、得分情况", person),
            _charge_section("二、扣分依据", person.charges),
            Section("三、您的权利", items=words.lines("rights")),
        ),
        closing=(words.line("closing"),),
        signature=facts.bureau,
        issued_on=written_day(issued_on),
        annotations=(words.line("note"), basis_notes(facts)[1]),
    )


def compose_individual(
    facts: RankingFacts,
    person: ListedPerson,
    *,
    issued_on: date,
    circular_number: str,
    appeal_ends_on: date | None = None,
    texts: Mapping[str, str] = STANDARD[INDIVIDUAL],
) -> Document:
    """The letter that goes with the publication to each listed teacher, named or told privately.

    Args: appeal_ends_on: the last of thirty days for 复核 and appeals; None: beyond the calendar; texts: the template.
    """
    told = (
        f"您已列入{circular_number}通报的点名对象（隐去名字）。"
        if person.is_named
        else f"您未达到点名条件，{circular_number}通报没有点您的姓名，本告知只送您和所在学校负责人。"
    )
    words = _result_words(
        facts,
        appeal_ends_on,
        texts,
        得分=written_score(person.score),
        参评人数=str(facts.rated_count),
        名次=str(person.place),
        名单人数=str(facts.list_size),
        等次=person.grade,
        告知方式=told + _rests_on(person),
        文号=circular_number,
    )
    return Document(
        issuer=facts.bureau,
        number=None,
        title=words.line("title"),
        addressee=_to(person),
        opening=words.lines("opening"),
        sections=(
            _score_section("一、得分情况", person),
            _charge_section("二、扣分依据", person.charges),
            Section("三、后续安排", words.lines("advice_charged" if person.charges else "advice_clear")),
            Section("四、您的权利和期限", items=words.lines("rights")),
        ),
        closing=(words.line("closing"),),
        signature=facts.bureau,
        issued_on=written_day(issued_on),
        annotations=(words.line("note"), *basis_notes(facts)),
    )


def compose_corrected(
    facts: RankingFacts,
    before: Standing,
    after: Standing,
    *,
    issued_on: date,
    objection_ends_on: date | None = None,
    correction_number: str = "",
    appeal_ends_on: date | None = None,
    texts: Mapping[str, str] = STANDARD[INDIVIDUAL],
    prior_texts: Mapping[str, str] = STANDARD[PRIOR],
) -> Document:
    """The letter that tells a teacher what was put right in a later version of the ranking.

    Args: facts: of the new version; objection_ends_on: before publication, until when to object; None: after it;
    correction_number: 发文字号 of the correction sent to all, empty without one; prior_texts: of the prior notice.
    """
    words = _result_words(facts, appeal_ends_on, texts)
    also = (
        f"有关通报内容已由{correction_number}更正，并通知全部收文单位。"
        if correction_number
        else "本次更正不涉及通报的内容，不另行发文。"
        if objection_ends_on is None
        else "通报尚未发布，将按更正后的结果办理。"
    )
    rights = words.lines("rights")
    if objection_ends_on is not None:
        values = common_values(facts) | {"异议截止日": written_day(objection_ends_on)}
        rights = Words(PRIOR, prior_texts, values).lines("rights")
    titles = ["更正情况", "恢复名誉", "您的权利和期限"]
    parts = [
        Section("", table=Table(("项目", "原结果", "更正后"), _compared(before, after))),
        Section("", words.lines("apology")),
        Section("", items=rights),
    ]
    if not after.improves_on(before):
        del titles[1], parts[1]
    return Document(
        issuer=facts.bureau,
        number=None,
        title=words.line("corrected_title"),
        addressee=f"{after.school}  {after.name}老师：",
        opening=(
            f"{facts.semester}教师师德师风考评结果有更正。经依法办理有关异议、复核、申诉，"
            f"现按原冻结数据和同一方案重新计算，您的结果更正如下。{_list_words(before, after)}{also}",
        ),
        sections=tuple(
            replace(part, heading=heading) for part, heading in zip(parts, headings(*titles), strict=True)
        ),
        closing=(words.line("closing"),),
        signature=facts.bureau,
        issued_on=written_day(issued_on),
        annotations=(words.line("note"), *basis_notes(facts)),
    )


def _result_words(
    facts: RankingFacts, appeal_ends_on: date | None, texts: Mapping[str, str], **values: str
) -> Words:
    ends = UNKNOWN_DAY if appeal_ends_on is None else written_day(appeal_ends_on)
    return Words(INDIVIDUAL, texts, common_values(facts) | {"复核截止日": ends} | values)


def _to(person: ListedPerson) -> str:
    return f"{person.school}  {person.name}老师："


def _rests_on(person: ListedPerson) -> str:
    """That naming rests on what was found; or that it was left, the place being no proof."""
    if person.withheld:
        return "您的名次与名单外教师不可区分，不予点名。"
    if person.is_named and person.charges:
        return "点名的依据是已认定的行为，不是名次。"
    return ""


_TREATMENTS = {"named": "列入名单，通报点名", "private": "列入名单，单独告知", "": "不在名单"}


def _list_words(before: Standing, after: Standing) -> str:
    if before.treatment and not after.treatment:
        return "您不再列入名单，原告知书中关于列入名单的内容作废。"
    if before.treatment == "named" and after.treatment == "private":
        return "您不再作为点名对象。"
    return ""


def _compared(before: Standing, after: Standing) -> tuple[tuple[str, ...], ...]:
    def result(one: Standing) -> tuple[str, ...]:
        if one.score is None or one.place is None:
            return (f"不参评（{one.reason}）", "不参加排名", one.grade or "无", _TREATMENTS[one.treatment])
        return (
            f"{written_score(one.score)}分",
            f"第{one.place}名（参评{one.rated_count}名）",
            one.grade,
            _TREATMENTS[one.treatment],
        )

    names = ("综合得分", "名次", "师德考核等次", "名单")
    return tuple(zip(names, result(before), result(after), strict=True))


def _score_section(heading: str, person: ListedPerson) -> Section:
    rows = [(name, written_part(value)) for name, value in person.components]
    rows += [
        ("基础分", written_points(person.base_e4)),
        ("扣分", written_points(person.deduct_e4)),
        ("加分", written_points(person.bonus_e4)),
        ("综合得分", written_score(person.score)),
        ("一票否决", "是" if person.veto else "否"),
        ("师德考核等次", person.grade),
        *certainty_rows(person),
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
