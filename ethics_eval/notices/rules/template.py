"""The words of notices that the bureau may change: named blocks of each kind, with places in Chinese braces.

What is computed (figures, who is named, the ledger) is no block. Where the law asks for a text, its block cannot be
emptied and keeps the place for the day. Source: domain.md §1.5 (rights), §5 (form), §7.4 (8–11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ethics_eval.notices.rules.numbering import chinese_number
from ethics_eval.text import N_, RuleViolation

PRIOR, INDIVIDUAL, CIRCULAR = "prior", "individual", "circular"
CORRECTION, WITHDRAWAL = "correction", "withdrawal"

TEMPLATE_LABELS: Mapping[str, str] = {
    CIRCULAR: N_("通报"),
    PRIOR: N_("事先告知书"),
    INDIVIDUAL: N_("结果告知书"),
    CORRECTION: N_("更正通报"),
    WITHDRAWAL: N_("撤销通报"),
}

MAX_LINE = 200
MAX_TEXT = 3000
_PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Block:
    """One text of a kind of notice. Each line of a text of several paragraphs is a paragraph or an item.

    ``places``: what may stand in braces; ``needed``: what must; ``is_legal``: the law asks for it, never empty;
    ``is_line``: one line only; ``may_be_empty``: the part is left out where it is empty.
    """

    key: str
    label: str
    default: str
    places: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()
    is_legal: bool = False
    is_line: bool = False
    may_be_empty: bool = False

    @property
    def longest(self) -> int:
        """How many characters the text may have."""
        return MAX_LINE if self.is_line else MAX_TEXT


_COMMON = frozenset({"机关", "学期"})
_TO_ALL = "各县（市、区）教育局，全市各中小学校、幼儿园、中等职业学校、特殊教育学校："
_COPIES = "市纪委监委驻市教育局纪检监察组，局机关各科室。"
_INTERNAL = "此件发至各县（市、区）教育局和各学校，限系统内部使用，不得公开或者转发。"
_CONFIDENTIAL = "本件只送本人和所在学校负责人，不得公开或者转发。"

_ADDRESSEE = Block("addressee", N_("主送机关"), _TO_ALL, is_line=True)
_COPIED = Block("copies", N_("抄送"), _COPIES, is_line=True, may_be_empty=True)
_NOTE = Block("note", N_("附注：使用范围"), _INTERNAL, is_line=True)

_CIRCULAR = (
    Block(
        "title",
        N_("标题"),
        "{机关}关于{学期}教师师德师风考评情况的通报",
        _COMMON,
        frozenset({"学期"}),
        is_line=True,
    ),
    _ADDRESSEE,
    Block(
        "opening",
        N_("开头"),
        "为加强教师职业道德建设，强化警示教育，根据《中华人民共和国教师法》第二十三条、"
        "《中小学教师违反职业道德行为处理办法》第三条和第四条、《深化新时代教育评价改革总体方案》关于"
        "师德师风通报警示的要求，{机关}组织开展了{学期}教师师德师风考评。"
        "现将有关情况通报如下。",
        _COMMON,
        frozenset({"学期"}),
    ),
    Block(
        "method",
        N_("考评方法"),
        "综合得分由自评、同事互评、学生评、家长评和学校评加权得出，再依已经认定并生效的违反职业道德行为扣分，"
        "依荣誉加分。数据于{冻结时间}冻结。未经认定或者认定尚未生效的投诉，一律不计分。",
        _COMMON | {"冻结时间"},
        frozenset({"冻结时间"}),
    ),
    Block(
        "requirements",
        N_("工作要求（每行一项，第一句作小标题）"),
        "及时签收传达。各县（市、区）教育局、各学校收到本通报后，应当在{签收工作日}个工作日内在系统中签收，"
        "并在教职工会议上传达，开展警示教育。\n"
        "落实处理和帮扶。被通报教师所在学校应当落实处理决定，逐人谈话，制定整改措施；"
        "对单独告知的教师以提醒、帮助为主，不得在校内公开其得分和名次。\n"
        "保护投诉人和学生。任何单位和个人不得打听、泄露投诉人和学生信息，不得打击报复投诉人"
        "（《信访工作条例》第十八条、第三十条；《中华人民共和国未成年人保护法》第一百零三条）。\n"
        "严格限定使用。考评结果用于年度考核、职称评审、岗位聘用、评优奖励，应当以生效的认定为依据，"
        "不得仅以名次作出对教师不利的处理（《中华人民共和国个人信息保护法》第二十四条）。",
        _COMMON | {"签收工作日"},
        frozenset({"签收工作日"}),
    ),
    Block(
        "rights",
        N_("权利救济"),
        "被通报教师对本通报或者所依据的认定不服的，"
        "可以自知道之日起三十日内向作出认定的教育行政部门申请复核；对复核结果不服的，"
        "可以自接到复核决定之日起三十日内提出申诉。"
        "教师也可以依照《中华人民共和国教师法》第三十九条提出申诉，"
        "教育行政部门应当在接到申诉的三十日内作出处理。复核、申诉不加重处理。\n"
        "经复核、申诉变更或者撤销认定的，市教育局将另行发文更正或者撤销本通报，通知全部收文单位并恢复名誉"
        "（《事业单位人事管理条例》第四十二条）；已发布的名单不递补。",
        _COMMON,
        is_legal=True,
    ),
    Block("closing", N_("结束语"), "特此通报。", _COMMON, is_line=True),
    _NOTE,
    _COPIED,
)

_PRIOR_PLACES = _COMMON | {"冻结时间", "参评人数", "名次", "名单人数", "拟处理"}
_PRIOR = (
    Block("title", N_("标题"), "师德师风考评结果事先告知书", _COMMON, is_line=True),
    Block(
        "opening",
        N_("开头"),
        "{学期}教师师德师风考评数据已于{冻结时间}冻结。在{参评人数}名参评教师中，"
        "您的综合得分列第{名次}名，属于最后{名单人数}名。{拟处理}"
        "正式发布前，现将有关情况和您的权利事先告知如下。",
        _PRIOR_PLACES,
        frozenset({"名次", "拟处理"}),
    ),
    Block(
        "rights",
        N_("权利（每行一项，第一句作小标题）"),
        "异议。您对得分、数据或者扣分依据有异议的，请在{异议截止日}（含当日）前登录系统，"
        "在本人得分页面在线提出，也可以书面向{机关}提出或者通过学校转交。提出异议不会加重对您的处理。\n"
        "说明。您有权要求对计算方法、数据来源和结果予以说明，有权要求由工作人员复查，"
        "不接受仅由系统自动作出的决定（《中华人民共和国个人信息保护法》第二十四条）。\n"
        "查阅。您可以登录系统查看本人各部分得分、有关认定和计算过程。",
        _COMMON | {"异议截止日"},
        frozenset({"异议截止日"}),
        is_legal=True,
    ),
    Block("closing", N_("结束语"), "异议期满后，{机关}将按程序发布考评结果。", _COMMON, is_line=True),
    Block("note", N_("附注：使用范围"), _CONFIDENTIAL, is_line=True),
)

_RESULT_PLACES = _COMMON | {"得分", "参评人数", "名次", "名单人数", "等次", "告知方式", "文号"}
_INDIVIDUAL = (
    Block("title", N_("标题"), "师德师风考评结果告知书", _COMMON, is_line=True),
    Block(
        "opening",
        N_("开头"),
        "{学期}教师师德师风考评结果已经发布。您的综合得分为{得分}分，"
        "在{参评人数}名参评教师中列第{名次}名，属于最后{名单人数}名，师德考核等次为{等次}。{告知方式}",
        _RESULT_PLACES,
        frozenset({"得分", "名次", "告知方式"}),
    ),
    Block(
        "advice_charged",
        N_("后续安排（有扣分的）"),
        "请对照依据认真整改，并配合学校落实处理决定和谈话提醒。学校将了解整改情况，并给予帮助。",
        _COMMON,
    ),
    Block(
        "advice_clear",
        N_("后续安排（没有扣分的）"),
        "您本学期没有扣分，名次只说明本学期评价得分的相对位置，不等于违反职业道德。"
        "学校将与您沟通评价情况，并给予帮助。",
        _COMMON,
    ),
    Block(
        "rights",
        N_("权利和期限（每行一项，第一句作小标题）"),
        "复核。对认定或者处理不服的，自知道之日起三十日内（以本告知书送达之日计算，最后一日为{复核截止日}），"
        "向作出认定的教育行政部门申请复核，复核在三十日内作出。\n"
        "申诉。对复核结果不服的，自接到复核决定之日起三十日内提出申诉，"
        "申诉在六十日内作出处理，案情复杂的可以延长三十日；"
        "也可以依照《中华人民共和国教师法》第三十九条提出申诉，教育行政部门在接到申诉的三十日内作出处理。"
        "对得分、数据的申诉，可以在{复核截止日}（含当日）前登录系统在线提出。\n"
        "执行。复核、申诉期间处理不停止执行，也不会因您复核、申诉而加重处理。"
        "认定被变更或者撤销的，将更正结果、恢复名誉（《事业单位人事管理条例》第四十二条）。\n"
        "说明。您有权要求对计算方法、数据来源和结果予以说明（《中华人民共和国个人信息保护法》第二十四条）。",
        _COMMON | {"复核截止日"},
        frozenset({"复核截止日"}),
        is_legal=True,
    ),
    Block("closing", N_("结束语"), "特此告知。", _COMMON, is_line=True),
    Block("corrected_title", N_("更正时的标题"), "师德师风考评结果更正告知书", _COMMON, is_line=True),
    Block(
        "apology",
        N_("更正时的致歉"),
        "因原结果有误给您造成的影响，{机关}向您致歉，并按规定为您恢复名誉、消除影响"
        "（《事业单位人事管理条例》第四十二条）。此前依据原结果作出的使用，由有关单位重新办理。",
        _COMMON,
        is_legal=True,
    ),
    Block("note", N_("附注：使用范围"), _CONFIDENTIAL, is_line=True),
)

_CITED = _COMMON | {"原文号", "原标题", "原日期"}
_CORRECTION = (
    Block(
        "title",
        N_("标题"),
        "{机关}关于更正{学期}教师师德师风考评情况通报的通知",
        _COMMON,
        frozenset({"学期"}),
        is_line=True,
    ),
    _ADDRESSEE,
    Block(
        "opening",
        N_("开头"),
        "{原日期}，{机关}印发了《{原标题}》（{原文号}）。通报发布后，经依法办理教师提出的异议、复核、申诉，"
        "有关结果有变化。现按原冻结数据和同一方案重新计算，将有关内容更正如下。",
        _CITED,
        frozenset({"原文号"}),
    ),
    Block(
        "apology",
        N_("恢复名誉"),
        "因原通报有关内容不准确给有关教师造成的影响，{机关}致歉，并为其恢复名誉、消除影响"
        "（《事业单位人事管理条例》第四十二条）。",
        _COMMON,
        is_legal=True,
    ),
    Block(
        "requirements",
        N_("工作要求（每行一项，第一句作小标题）"),
        "及时签收传达。各县（市、区）教育局、各学校收到本通知后，应当在{签收工作日}个工作日内在系统中签收，"
        "在传达原通报的同一范围内传达更正内容。\n"
        "停止使用原内容。{原文号}中已更正的内容不得再引用、转发。已将其用于年度考核、职称评审、岗位聘用、"
        "评优奖励的，应当按更正后的结果重新办理。\n"
        "不递补。已发布的名单不因更正而递补其他教师。",
        _CITED | {"签收工作日"},
        frozenset({"签收工作日", "原文号"}),
    ),
    Block(
        "rights",
        N_("权利救济"),
        "教师对更正后的结果不服的，可以自知道之日起三十日内申请复核或者依照《中华人民共和国教师法》第三十九条"
        "提出申诉。复核、申诉不加重处理。",
        _COMMON,
        is_legal=True,
    ),
    Block("closing", N_("结束语"), "特此通知。", _COMMON, is_line=True),
    _NOTE,
    _COPIED,
)

_WITHDRAWAL = (
    Block(
        "title",
        N_("标题"),
        "{机关}关于撤销{学期}教师师德师风考评情况通报的通知",
        _COMMON,
        frozenset({"学期"}),
        is_line=True,
    ),
    _ADDRESSEE,
    Block(
        "opening",
        N_("开头"),
        "{原日期}，{机关}印发了《{原标题}》（{原文号}）。经研究，决定自本通知印发之日起撤销该文件。",
        _CITED,
        frozenset({"原文号"}),
    ),
    Block(
        "apology",
        N_("恢复名誉"),
        "因该文件给有关教师造成的影响，{机关}致歉，并为其恢复名誉、消除影响"
        "（《事业单位人事管理条例》第四十二条）。",
        _COMMON,
        is_legal=True,
    ),
    Block(
        "requirements",
        N_("工作要求（每行一项，第一句作小标题）"),
        "及时签收传达。各县（市、区）教育局、各学校收到本通知后，应当在{签收工作日}个工作日内在系统中签收，"
        "在传达原文件的同一范围内传达撤销决定。\n"
        "停止使用。{原文号}不再作为任何工作的依据，不得再引用、转发。已将其用于年度考核、职称评审、岗位聘用、"
        "评优奖励的，应当重新办理。\n"
        "不递补。撤销后不另行补充名单。",
        _CITED | {"签收工作日"},
        frozenset({"签收工作日", "原文号"}),
    ),
    Block("closing", N_("结束语"), "特此通知。", _COMMON, is_line=True),
    _NOTE,
    _COPIED,
)

BLOCKS: Mapping[str, tuple[Block, ...]] = {
    CIRCULAR: _CIRCULAR,
    PRIOR: _PRIOR,
    INDIVIDUAL: _INDIVIDUAL,
    CORRECTION: _CORRECTION,
    WITHDRAWAL: _WITHDRAWAL,
}


def default_texts(kind: str) -> dict[str, str]:
    """Block → text, as the program brings it."""
    return {block.key: block.default for block in BLOCKS[kind]}


def places_of(text: str) -> list[str]:
    """What stands in braces, each once, in order."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def faults(kind: str, texts: Mapping[str, str]) -> list[RuleViolation]:
    """What is wrong with the texts, each at its block; empty: they can be used."""
    return [fault for block in BLOCKS[kind] for fault in _faults(block, texts.get(block.key, ""))]


def _faults(block: Block, text: str) -> list[RuleViolation]:
    found: list[RuleViolation] = []
    if not text.strip():
        if block.is_legal:
            found.append(RuleViolation("template.legal", N_("这段是法律要求的，不能删空。"), field=block.key))
        elif not block.may_be_empty:
            found.append(RuleViolation("template.empty", N_("请写明这段内容。"), field=block.key))
        return found
    if len(text) > block.longest:
        found.append(
            RuleViolation("template.long", N_("最多%(count)s个字符。"), field=block.key, count=block.longest)
        )
    if block.is_line and len(text.strip().splitlines()) > 1:
        found.append(RuleViolation("template.line", N_("这里只能写一行。"), field=block.key))
    present = places_of(text)
    unknown = [place for place in present if place not in block.places]
    if unknown:
        found.append(
            RuleViolation(
                "template.place",
                N_("这里不能用%(places)s。"),
                field=block.key,
                places=_braced(unknown),
            )
        )
    elif re.search(r"[{}]", _PLACE.sub("", text)):
        found.append(RuleViolation("template.brace", N_("花括号没有成对。"), field=block.key))
    missing = sorted(block.needed - set(present))
    if missing:
        found.append(
            RuleViolation(
                "template.missing", N_("不能缺少%(places)s。"), field=block.key, places=_braced(missing)
            )
        )
    return found


def _braced(places: Sequence[str]) -> str:
    return "、".join(f"{{{place}}}" for place in places)


@dataclass(frozen=True)
class Words:
    """The texts of one kind of notice, with values for their places."""

    kind: str
    texts: Mapping[str, str]
    values: Mapping[str, str]

    def line(self, key: str) -> str:
        """The text of a block, filled, as one line. Raises: KeyError: a value is missing."""
        return " ".join(self._filled(key).split("\n")).strip()

    def lines(self, key: str) -> tuple[str, ...]:
        """The paragraphs or items of a block, filled; blank lines are left out."""
        return tuple(line.strip() for line in self._filled(key).splitlines() if line.strip())

    def _filled(self, key: str) -> str:
        text = self.texts.get(key)
        if text is None:  # a block that came after the template was saved
            text = default_texts(self.kind)[key]
        return _PLACE.sub(lambda found: self.values[found[1]], text)


def headings(*titles: str) -> tuple[str, ...]:
    """一、…, 二、… in order.

    >>> headings("考评总体情况", "工作要求")
    ('一、考评总体情况', '二、工作要求')
    """
    return tuple(f"{chinese_number(place)}、{title}" for place, title in enumerate(titles, start=1))
