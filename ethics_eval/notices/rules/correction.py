"""更正 and 撤销: documents to all who got an earlier one, which they cite.

A correction goes out when something the circular stated has changed: who is listed or named, what is said of them, a
figure. What moved nothing of that is told to the teacher alone (rules.individual).
Source: domain.md §7.4.11; 事业单位人事管理条例 art. 42 (apology, name cleared).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from ethics_eval.notices.document import Document, Section
from ethics_eval.notices.rules.circular import (
    ACKNOWLEDGE_WORKING_DAYS,
    basis_notes,
    common_values,
    counted_words,
    named_paragraph,
    printed_by,
    rated_words,
    who,
)
from ethics_eval.notices.rules.facts import Cited, RankingFacts, written_day
from ethics_eval.notices.rules.template import CORRECTION, WITHDRAWAL, Words, default_texts, headings

STANDARD = {kind: default_texts(kind) for kind in (CORRECTION, WITHDRAWAL)}


def corrections(old: RankingFacts, new: RankingFacts) -> tuple[str, ...]:
    """What the notice on ``old`` stated and is otherwise now, an item each in neutral words; empty: nothing."""
    items = []
    now = {person.number: person for person in new.listed}
    for before in old.named:
        after = now.get(before.number)
        if after is None:
            items.append(f"撤销对{who(before)}的点名通报。该教师不应列入名单，原通报中关于该教师的内容作废。")
        elif not after.is_named:
            items.append(f"撤销对{who(before)}的点名通报。原通报中关于该教师的内容作废。")
        elif named_paragraph(before, old) != named_paragraph(after, new):
            items.append(f"更正关于{who(before)}的内容。更正为：{named_paragraph(after, new)}")
    named_before = {person.number for person in old.named}
    items += [
        f"更正关于{who(person)}的内容。更正为：{named_paragraph(person, new)}"
        for person in new.named
        if person.number not in named_before
    ]
    if rated_words(old) != rated_words(new):
        items.append(f"更正参评人数。更正为：{rated_words(new)}")
    if counted_words(old) != counted_words(new):
        items.append(f"更正名单人数。更正为：{counted_words(new)}")
    return tuple(items)


def compose_correction(
    old: RankingFacts,
    new: RankingFacts,
    cited: Cited,
    *,
    number: str,
    issued_on: date,
    clears_name: bool,
    texts: Mapping[str, str] = STANDARD[CORRECTION],
) -> Document:
    """The correction of a circular, to everybody who got it.

    Args: old, new: the versions the cited notice and this one rest on; clears_name: whether somebody was wronged;
    texts: the template. Raises: ValueError: nothing stated has changed.
    """
    items = corrections(old, new)
    if not items:
        raise ValueError("nothing the circular stated has changed")
    words = Words(CORRECTION, texts, _values(new, cited))
    if new.named:
        named = f"仍予点名通报{len(new.named)}名；除上述更正外，原通报关于这些教师的内容继续有效。"
    else:
        named = "更正后本学期无点名通报对象。"
    result = f"更正后，列入名单{len(new.listed)}名，{named}名单不递补。"
    parts = [
        ("更正内容", Section("", items=items)),
        ("更正后的结果", Section("", (result,))),
        ("恢复名誉", Section("", words.lines("apology"))),
        ("工作要求", Section("", items=words.lines("requirements"))),
        ("权利救济", Section("", words.lines("rights"))),
    ]
    if not clears_name:
        del parts[2]
    return _document(new, words, parts, number=number, issued_on=issued_on)


def compose_withdrawal(
    facts: RankingFacts,
    cited: Cited,
    *,
    reason: str,
    number: str,
    issued_on: date,
    texts: Mapping[str, str] = STANDARD[WITHDRAWAL],
) -> Document:
    """The withdrawal of a notice, to everybody who got it. ``reason``: lines in the words of who withdraws it."""
    words = Words(WITHDRAWAL, texts, _values(facts, cited))
    parts = [
        ("撤销理由", Section("", tuple(line.strip() for line in reason.splitlines() if line.strip()))),
        ("恢复名誉", Section("", words.lines("apology"))),
        ("工作要求", Section("", items=words.lines("requirements"))),
    ]
    return _document(facts, words, parts, number=number, issued_on=issued_on)


def _values(facts: RankingFacts, cited: Cited) -> dict[str, str]:
    return common_values(facts) | {
        "原文号": cited.number,
        "原标题": cited.title,
        "原日期": written_day(cited.issued_on),
        "签收工作日": str(ACKNOWLEDGE_WORKING_DAYS),
    }


def _document(
    facts: RankingFacts,
    words: Words,
    parts: Sequence[tuple[str, Section]],
    *,
    number: str,
    issued_on: date,
) -> Document:
    titles = headings(*(title for title, _section in parts))
    return Document(
        issuer=f"{facts.bureau}文件",
        number=number,
        title=words.line("title"),
        addressee=words.line("addressee"),
        opening=words.lines("opening"),
        sections=tuple(
            replace(section, heading=heading)
            for heading, (_title, section) in zip(titles, parts, strict=True)
        ),
        closing=(words.line("closing"),),
        signature=facts.bureau,
        issued_on=written_day(issued_on),
        annotations=(words.line("note"), *basis_notes(facts)),
        copies=words.line("copies"),
        printed_by=printed_by(facts, issued_on),
    )
