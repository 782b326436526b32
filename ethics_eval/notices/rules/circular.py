"""The circular on a semester's evaluation: a pure function of the published ranking and the notice rule.

Whoever was listed without evidence is counted here, never named (ranking.md R12, domain.md §7.4);
where nobody is named it says so plainly.
Law: domain.md §1.2 (处理办法), §1.5 (rights), §2.1 (appraisal), §4.1 (personal data), §5 (form).
"""

from __future__ import annotations

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

ACKNOWLEDGE_WORKING_DAYS = 5


def compose_circular(facts: RankingFacts, *, number: str, issued_on: date) -> Document:
    """The circular as it goes out.

    Args: number: 发文字号, given at publication only; issued_on: 成文日期, the day in the city.
    """
    return Document(
        issuer=f"{facts.bureau}文件",
        number=number,
        title=f"{facts.bureau}关于{facts.semester}教师师德师风考评情况的通报",
        addressee="各县（市、区）教育局，全市各中小学校、幼儿园、中等职业学校、特殊教育学校：",
        opening=_opening(facts),
        sections=(
            _overview(facts),
            _naming(facts),
            _selection(facts),
            _requirements(),
            _rights(),
        ),
        closing=("特此通报。",),
        signature=facts.bureau,
        issued_on=written_day(issued_on),
        annotations=(
            "此件发至各县（市、区）教育局和各学校，限系统内部使用，不得公开或者转发。",
            f"考评方案：{facts.scheme_name}（版本{facts.scheme_version}）。",
            f"榜单快照SHA-256：{facts.snapshot_sha256}",
        ),
        copies="市纪委监委驻市教育局纪检监察组，局机关各科室。",
        printed_by=f"{facts.bureau}办公室  {written_day(issued_on)}印发",
    )


def _opening(facts: RankingFacts) -> tuple[str, ...]:
    return (
        "为加强教师职业道德建设，强化警示教育，根据《中华人民共和国教师法》第二十三条、"
        "《中小学教师违反职业道德行为处理办法》第三条和第四条、《深化新时代教育评价改革总体方案》关于"
        f"师德师风通报警示的要求，{facts.bureau}组织开展了{facts.semester}教师师德师风考评。"
        "现将有关情况通报如下。",
    )


def _overview(facts: RankingFacts) -> Section:
    absent = sum(count for _reason, count in facts.not_rated)
    reasons = "；".join(f"{reason}{count}人" for reason, count in facts.not_rated)
    rated = (
        f"本学期参评教师{facts.rated_count}名，涵盖小学、初中、高中、中等职业和特殊教育学段；"
        f"幼儿园教师参加师德考核，不参加排名。不参评或者暂缓{absent}名"
        + (f"（{reasons}）" if reasons else "")
        + "，不参评、暂缓不作为负面评价。"
    )
    method = (
        "综合得分由自评、同事互评、学生评、家长评和学校评加权得出，再依已经认定并生效的违反职业道德行为扣分，"
        f"依荣誉加分。数据于{written_time(facts.frozen_at)}冻结。未经认定或者认定尚未生效的投诉，一律不计分。"
    )
    return Section("一、考评总体情况", (rated, method))


def _naming(facts: RankingFacts) -> Section:
    heading = "二、点名通报情况"
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
    items = tuple(_named_paragraph(person, facts) for person in facts.named)
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


def _named_paragraph(person: ListedPerson, facts: RankingFacts) -> str:
    who = f"{_school_of(person)}教师{masked_name(person.name)}"
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
    return f"{who}。{found}{result}{measures}"


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
    if facts.rated_count < facts.min_list:
        few = f"本学期参评教师{facts.rated_count}名，不足{facts.min_list}名，不产生名单。"
        return Section("三、名单产生说明", (rule, few))
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
    counted = (
        f"本学期列入名单{len(facts.listed)}名，其中点名通报{len(facts.named)}名，"
        f"单独告知{facts.private_count}名；"
        f"{dropped}；{passed}。"
    )
    return Section("三、名单产生说明", (rule, counted))


def _requirements() -> Section:
    return Section(
        "四、工作要求",
        items=(
            "及时签收传达。各县（市、区）教育局、各学校收到本通报后，"
            f"应当在{ACKNOWLEDGE_WORKING_DAYS}个工作日内在系统中签收，"
            "并在教职工会议上传达，开展警示教育。",
            "落实处理和帮扶。被通报教师所在学校应当落实处理决定，逐人谈话，制定整改措施；"
            "对单独告知的教师以提醒、帮助为主，"
            "不得在校内公开其得分和名次。",
            "保护投诉人和学生。任何单位和个人不得打听、泄露投诉人和学生信息，不得打击报复投诉人"
            "（《信访工作条例》第十八条、第三十条；《中华人民共和国未成年人保护法》第一百零三条）。",
            "严格限定使用。考评结果用于年度考核、职称评审、岗位聘用、评优奖励，应当以生效的认定为依据，"
            "不得仅以名次作出对教师不利的处理（《中华人民共和国个人信息保护法》第二十四条）。",
        ),
    )


def _rights() -> Section:
    return Section(
        "五、权利救济",
        (
            "被通报教师对本通报或者所依据的认定不服的，"
            "可以自知道之日起三十日内向作出认定的教育行政部门申请复核；对复核结果不服的，"
            "可以自接到复核决定之日起三十日内提出申诉。"
            "教师也可以依照《中华人民共和国教师法》第三十九条提出申诉，"
            "教育行政部门应当在接到申诉的三十日内作出处理。复核、申诉不加重处理。",
            "经复核、申诉变更或者撤销认定的，市教育局将另行发文更正或者撤销本通报，通知全部收文单位并恢复名誉"
            "（《事业单位人事管理条例》第四十二条）；已发布的名单不递补。",
        ),
    )
