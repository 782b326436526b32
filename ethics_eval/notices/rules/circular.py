"""The circular on a semester's evaluation: a pure function of the published ranking and the notice rule.

Whoever was listed without evidence is counted here, never named (ranking.md R12, domain.md §7.4);
where nobody is named it says so plainly.
Law: domain.md §1.2 (处理办法), §1.5 (rights), §2.1 (appraisal), §4.1 (personal data), §5 (form).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ethics_eval.notices.document import Document, Section
from ethics_eval.notices.rules.facts import (
    SHIELDED_CATEGORIES,
    Charge,
    ListedPerson,
    RankingFacts,
    written_day,
    written_points,
    written_score,
    written_time,
)
from ethics_eval.notices.rules.masking import masked_name
from ethics_eval.notices.rules.template import CIRCULAR, Words, default_texts

STANDARD = default_texts(CIRCULAR)
ACKNOWLEDGE_WORKING_DAYS = 5


def compose_circular(
    facts: RankingFacts, *, number: str, issued_on: date, texts: Mapping[str, str] = STANDARD
) -> Document:
    """The circular as it goes out.

    Args: number: 发文字号, given at publication only; issued_on: 成文日期, the day in the city; texts: the template.
    """
    words = Words(CIRCULAR, texts, common_values(facts) | {"签收工作日": str(ACKNOWLEDGE_WORKING_DAYS)})
    return Document(
        issuer=f"{facts.bureau}文件",
        number=number,
        title=words.line("title"),
        addressee=words.line("addressee"),
        opening=words.lines("opening"),
        sections=(
            Section("一、考评总体情况", (rated_words(facts), *words.lines("method"))),
            naming_section(facts),
            _selection(facts),
            Section("四、工作要求", items=words.lines("requirements")),
            Section("五、权利救济", words.lines("rights")),
        ),
        closing=(words.line("closing"),),
        signature=facts.bureau,
        issued_on=written_day(issued_on),
        annotations=(words.line("note"), *basis_notes(facts)),
        copies=words.line("copies"),
        printed_by=printed_by(facts, issued_on),
    )


def common_values(facts: RankingFacts) -> dict[str, str]:
    """What the places of every template may stand for."""
    return {"机关": facts.bureau, "学期": facts.semester, "冻结时间": written_time(facts.frozen_at)}


def basis_notes(facts: RankingFacts) -> tuple[str, str]:
    """The scheme and the snapshot, as every document on a ranking states them (R14)."""
    return (
        f"考评方案：{facts.scheme_name}（版本{facts.scheme_version}）。",
        f"榜单快照SHA-256：{facts.snapshot_sha256}",
    )


def printed_by(facts: RankingFacts, issued_on: date) -> str:
    """印发机关和印发日期."""
    return f"{facts.bureau}办公室  {written_day(issued_on)}印发"


def rated_words(facts: RankingFacts) -> str:
    """How many were rated, how many not and why."""
    absent = sum(count for _reason, count in facts.not_rated)
    reasons = "；".join(f"{reason}{count}人" for reason, count in facts.not_rated)
    return (
        f"本学期参评教师{facts.rated_count}名，涵盖小学、初中、高中、中等职业和特殊教育学段；"
        f"幼儿园教师参加师德考核，不参加排名。不参评或者暂缓{absent}名"
        + (f"（{reasons}）" if reasons else "")
        + "，不参评、暂缓不作为负面评价。"
    )


def naming_section(facts: RankingFacts, heading: str = "二、点名通报情况") -> Section:
    """Who is named, each with what was found; or, plainly, that nobody is."""
    if not facts.listed:
        return Section(heading, ("本学期没有教师列入名单，无点名通报对象。",))
    if not facts.named:
        return Section(
            heading,
            (
                "本学期无点名通报对象。综合得分靠后但未达到点名条件的教师，已由市教育局单独告知本人和所在学校，不予点名。",
            ),
        )
    intro = (
        f"经查，下列{len(facts.named)}名教师综合得分列全市最后，"
        "且存在已认定并生效的违反职业道德行为，现予点名通报："
    )
    if facts.naming == "rank":
        intro = f"下列{len(facts.named)}名教师综合得分列全市最后，现予点名通报："
    items = tuple(named_paragraph(person, facts) for person in facts.named)
    return Section(heading, (intro,), items)


def _school_of(person: ListedPerson) -> str:
    if any(charge.category in SHIELDED_CATEGORIES for charge in person.charges):
        return f"{person.district}某学校"
    return person.school


def _charge_words(charge: Charge) -> str:
    repeated = "，二十四个月内再次发生" if charge.repeat else ""
    basis = "、".join(charge.basis)
    breach = f"，违反{basis}" if basis else ""
    cost = f"，扣{written_points(charge.line_e4)}分" if charge.line_e4 else ""
    return f"{charge.name}问题{charge.outcome_words}，程度{charge.severity_words}{repeated}{breach}{cost}"


def who(person: ListedPerson) -> str:
    """School, or the district alone where the school could tell who a child is, and the masked name."""
    return f"{_school_of(person)}教师{masked_name(person.name)}"


def named_paragraph(person: ListedPerson, facts: RankingFacts) -> str:
    """One who is named: what was found, what the score is, what followed, what the naming rests on."""
    if person.charges:
        found = "经查，该教师" + "；".join(_charge_words(charge) for charge in person.charges) + "。"
    else:
        found = "该教师本学期没有经查实的违反职业道德行为，因综合得分列入。"
    result = (
        f"本学期综合得分{written_score(person.score)}分，"
        f"在{facts.rated_count}名参评教师中列第{person.place}名"
        + (f"，合计扣{written_points(person.deduct_e4)}分" if person.deduct_e4 else "")
        + ("，师德一票否决" if person.veto else "")
        + f"，师德考核等次为{person.grade}。"
    )
    measures = f"处理结果：{'、'.join(person.measures)}。" if person.measures else ""
    return f"{who(person)}。{found}{result}{measures}{_doubt(person)}"


def _doubt(person: ListedPerson) -> str:
    if person.separable is not False:
        return ""
    rests = "点名依据是上述已认定的行为，不是名次。" if person.charges else ""
    return f"该教师与名单外教师的得分差距在评价误差之内，名次不可区分。{rests}"


def counted_words(facts: RankingFacts) -> str:
    """How many are listed, named, told privately, dropped for ties, passed over as provisional."""
    if facts.rated_count < facts.min_list:
        return f"本学期参评教师{facts.rated_count}名，不足{facts.min_list}名，不产生名单。"
    dropped = (
        f"因得分完全相同未列入{facts.dropped_count}名"
        if facts.dropped_count
        else "没有因得分完全相同而未列入的教师"
    )
    passed = (
        f"因案件未办结或者救济期限未满、得分暂定而不列入{facts.passed_over_count}名"
        if facts.passed_over_count
        else "没有因得分暂定而不列入的教师"
    )
    withheld = (
        f"（其中{facts.withheld_count}名因名次不可区分且没有较重认定，不予点名）"
        if facts.withheld_count
        else ""
    )
    return (
        f"本学期列入名单{len(facts.listed)}名，其中点名通报{len(facts.named)}名，"
        f"单独告知{facts.private_count}名{withheld}；"
        f"{dropped}；{passed}。"
    )


def _selection(facts: RankingFacts) -> Section:
    whole_group = "整组列入" if facts.tie_rule == "all" else "整组不列入"
    rule = (
        f"列入规则：按综合得分从低到高取最后{facts.list_size}名；得分相同的，依次比较一票否决、"
        f"扣分、学校评、家长评，仍完全相同且跨越界线的{whole_group}。"
        "不因姓名、编号或者随机方式区分，不凑足名额。"
        f"参评教师不足{facts.min_list}名的，不产生名单。"
    )
    if facts.naming == "evidence":
        rule += (
            "列入名单的教师中，有一票否决、有程度为一般以上的已认定行为，或者扣分达到"
            f"{facts.naming_min_deduct}分的，予以点名；其余只单独告知本人和所在学校负责人。"
        )
    return Section("三、名单产生说明", (rule, counted_words(facts)))
