"""A letter is stored whole and sealed, once, or not at all."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ethics_eval.complaints import queries
from ethics_eval.complaints.evidence import PreparedFile
from ethics_eval.complaints.models import Case, Complaint, Evidence
from ethics_eval.complaints.rules.query_code import normalise
from ethics_eval.complaints.rules.submission import IdentityMode, RespondentRole, Submission
from ethics_eval.complaints.submitting import derive_code, submit
from ethics_eval.database import Base
from ethics_eval.text import Conflict
from ethics_eval.vault.service import KeyMissing
from tests.complaints.town import LETTER, NAMED, Town

PHOTO = PreparedFile("聊天记录 截图.jpg", b"\xff\xd8 the original " * 9000, "image/jpeg", b"the viewing copy")
RECORDING = PreparedFile("录音.amr", b"#!AMR\n" + bytes(500), "audio/amr", None)


def stored(session: Session) -> list[tuple[str, int]]:
    """Every table with its number of rows."""
    return [(table.name, len(session.execute(select(table)).all())) for table in Base.metadata.sorted_tables]


def files(town: Town) -> list[Path]:
    return [path for path in town.folder.rglob("*") if path.is_file()]


def test_a_letter_becomes_a_case_with_its_clocks(town: Town) -> None:
    receipt = town.send()
    case = town.case_of(receipt)
    assert normalise(receipt.query_code) == receipt.query_code
    assert (case.status, case.desk, case.recused, case.school_matter) == ("submitted", "school", False, False)
    assert (case.number, len(case.number)) == (receipt.case_number, 19)
    assert case.number.startswith("43020220260320")
    assert (str(case.register_due_on), str(case.accept_due_on)) == ("2026-03-23", "2026-04-07")
    assert [complaint.source for complaint in case.complaints] == ["WEB"]
    (began,) = case.events
    assert (began.actor_id, began.actor_kind, began.action, began.seq) == (None, "public", "submit", 1)


@pytest.mark.parametrize(
    ("sent_at", "day", "due"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), "20261231", ("2027-01-04", "2027-01-15")),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "20270101", ("2027-01-04", "2027-01-18")),
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), "20261001", ("2026-10-08", "2026-10-16")),
        (datetime(2028, 2, 28, 16, 0, tzinfo=UTC), "20280229", ("2028-03-01", "2028-03-15")),
    ],
)
def test_the_day_is_the_citys_in_the_number_and_in_the_clocks(
    town: Town, sent_at: datetime, day: str, due: tuple[str, str]
) -> None:
    town.at = sent_at
    case = town.case_of(town.send())
    assert case.number.startswith(f"430202{day}")
    assert (str(case.register_due_on), str(case.accept_due_on)) == due


def test_nothing_that_was_written_lies_open_anywhere(town: Town) -> None:
    letter = replace(NAMED, identity=IdentityMode.REAL_NAME_HIDDEN)
    receipt = town.send(letter, [PHOTO, RECORDING], key="the key of the form, never stored")
    words = [
        letter.respondent,
        letter.subject_class,
        letter.place,
        letter.name,
        letter.phone,
        letter.relation,
        "罚站",
        "2026-03-02",
        PHOTO.name,
        "截图",
        "the key of the form",
        receipt.query_code,
        receipt.query_code[6:],
    ]
    secret = {form for word in words for form in (word.encode(), ascii(word)[1:-1].encode())}
    for table in Base.metadata.sorted_tables:
        if table.name in {"teacher", "account", "audit_event"}:  # the roster knows its own people
            continue
        for row in town.session.execute(select(table)):
            for column, value in row._mapping.items():
                raw = value if isinstance(value, bytes) else str(value).encode()
                assert not [word for word in secret if word in raw], f"{table.name}.{column}"
    audit = "".join(map(str, town.session.execute(select(Base.metadata.tables["audit_event"])).all()))
    assert not [word for word in words if word in audit]
    assert len(files(town)) == 3
    for path in files(town):
        raw = path.read_bytes()
        assert b"original" not in raw
        assert b"viewing" not in raw
        assert b"AMR" not in raw
        assert path.name.isalnum()


@pytest.mark.parametrize(
    ("identity", "school_knows", "custodian_knows"),
    [(IdentityMode.REAL_NAME, True, True), (IdentityMode.REAL_NAME_HIDDEN, False, True)],
)
def test_who_knows_the_name(
    town: Town, identity: IdentityMode, school_knows: bool, custodian_knows: bool
) -> None:
    case = town.case(replace(NAMED, identity=identity))
    for reader in (town.officer, town.head, town.district, town.bureau):
        (letter,) = queries.letters(town.session, town.vault, case, reader)
        assert (letter.person is not None) is school_knows
    cipher = town.vault.open_key(town.session, f"case:{case.id}", "identity", ["custodian"])
    (complaint,) = case.complaints
    assert complaint.identity is not None
    known = cipher.unseal_json(complaint.identity, f"complaint:identity:{complaint.id}")
    assert (known == {"name": "赵敏之", "phone": "13800001111", "relation": "学生的母亲"}) is custodian_knows


def test_an_anonymous_letter_has_no_identity_key(town: Town) -> None:
    case = town.case(replace(NAMED, identity=IdentityMode.ANONYMOUS))
    (complaint,) = case.complaints
    assert complaint.identity is None
    with pytest.raises(KeyMissing):
        town.vault.open_key(town.session, f"case:{case.id}", "identity")


def test_a_blob_moved_to_another_letter_does_not_open(town: Town) -> None:
    first, second = town.case(), town.case(key="another key of sixteen")
    (one,), (two,) = first.complaints, second.complaints
    one.content, two.content = two.content, one.content
    town.session.flush()
    for case in (first, second):
        with pytest.raises(Exception, match="complaint:content"):
            queries.letters(town.session, town.vault, case, town.officer)


# --- once ---------------------------------------------------------------------------------------------------


def test_the_same_form_twice_is_one_letter_and_one_receipt(town: Town) -> None:
    first = town.send(files=[PHOTO])
    before = stored(town.session), files(town)
    again = town.send(files=[PHOTO])
    assert (again.query_code, again.case_number) == (first.query_code, first.case_number)
    assert (first.replayed, again.replayed) == (False, True)
    assert (stored(town.session), files(town)) == before


@pytest.mark.parametrize(
    "other",
    [
        replace(LETTER, body=LETTER.body + "。"),
        replace(LETTER, category="C07"),
        replace(LETTER, respondent_role=RespondentRole.STAFF),
        replace(LETTER, happened_on=None),
        NAMED,
    ],
)
def test_the_same_form_with_another_text_is_a_conflict(town: Town, other: Submission) -> None:
    town.send()
    before = stored(town.session)
    with pytest.raises(Conflict):
        town.send(other)
    town.session.rollback()
    assert stored(town.session) == before


def test_the_same_form_with_another_file_is_a_conflict(town: Town) -> None:
    town.send(files=[PHOTO])
    with pytest.raises(Conflict):
        town.send(files=[RECORDING])


def test_the_same_key_at_another_mailbox_is_another_letter(town: Town) -> None:
    first, second = town.send(), town.send(school=1)
    assert first.case_id != second.case_id
    assert first.query_code != second.query_code


def test_codes_are_derived_not_drawn(town: Town) -> None:
    assert (
        derive_code(town.vault, "k", 0) == derive_code(town.vault, "k", 0) != derive_code(town.vault, "k", 1)
    )


# --- or not at all ------------------------------------------------------------------------------------------


def test_a_disk_that_fills_up_keeps_nothing(town: Town, tmp_path: Path) -> None:
    before = stored(town.session)
    town.folder = tmp_path / "occupied"
    town.folder.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="occupied"):
        town.send(files=[RECORDING])
    town.session.rollback()
    assert stored(town.session) == before


def test_a_failure_after_the_files_removes_the_files(town: Town) -> None:
    before = stored(town.session)

    def fail(*_args: object) -> None:
        raise RuntimeError("the database is gone")

    event.listen(Evidence, "before_insert", fail)
    try:
        with pytest.raises(RuntimeError):
            town.send(files=[PHOTO, RECORDING])
    finally:
        event.remove(Evidence, "before_insert", fail)
    town.session.rollback()
    assert files(town) == []
    assert stored(town.session) == before
    assert town.case_of(town.send(files=[PHOTO, RECORDING])).complaints[0].evidence


def test_a_rollback_by_the_caller_removes_the_files(town: Town) -> None:
    submit(
        town.session,
        town.vault,
        town.mailbox(),
        LETTER,
        [PHOTO],
        idempotency_key="a key of sixteen characters",
        source="WEB",
        folder=town.folder,
        actor=town.officer,
        at=town.at,
    )
    assert len(files(town)) == 2
    town.session.rollback()
    assert files(town) == []


def test_a_rollback_after_the_commit_leaves_the_files(town: Town) -> None:
    town.send(files=[PHOTO])
    town.session.scalars(select(Case)).all()
    town.session.rollback()
    assert len(files(town)) == 2


def test_the_database_itself_refuses_a_second_row_of_one_form(town: Town) -> None:
    town.send()
    (row,) = town.session.scalars(select(Complaint))
    twin = Complaint(
        id="x" * 32,
        case_id=row.case_id,
        mailbox_id=row.mailbox_id,
        source="WEB",
        category="C06",
        respondent_role="teacher",
        identity_mode="anonymous",
        submitted_at=town.at,
        content=b"",
        identity=None,
        selector="ZZZZZZ",
        verifier="",
        idempotency_hash=row.idempotency_hash,
        content_digest=bytes(32),
    )
    town.session.add(twin)
    with pytest.raises(IntegrityError):
        town.session.flush()
    town.session.rollback()


# --- evidence -----------------------------------------------------------------------------------------------


def test_files_come_back_with_their_names(town: Town) -> None:
    case = town.case_of(town.send(files=[PHOTO, RECORDING]))
    (letter,) = queries.letters(town.session, town.vault, case, town.officer)
    assert [(file.name, file.has_copy) for file in letter.attachments] == [
        ("聊天记录 截图.jpg", True),
        ("录音.amr", False),
    ]

    def read(number: int) -> bytes:
        found = queries.evidence_stream(
            town.session,
            town.vault,
            case,
            letter.attachments[number].id,
            folder=town.folder,
            actor=town.officer,
        )
        assert found is not None
        return b"".join(found[1])

    assert read(0) == b"the viewing copy", "the handler never gets the original of a picture"
    assert read(1) == RECORDING.body


def test_the_original_is_sealed_whole_and_no_handler_gets_it(town: Town) -> None:
    damaged = PreparedFile("👨‍👩‍👧 合同.pdf", b"%PDF-1.7 cut off", "application/pdf", None)
    case = town.case_of(town.send(files=[PHOTO, damaged]))
    for who in (town.officer, town.bureau):
        (letter,) = queries.letters(town.session, town.vault, case, who)
        photo, broken = letter.attachments
        assert (photo.is_viewable, broken.is_viewable) == (True, False)
        assert broken.name == damaged.name
        assert photo.sha256 == hashlib.sha256(PHOTO.body).hexdigest()
        place = (town.session, town.vault, case)
        assert queries.evidence_stream(*place, broken.id, folder=town.folder, actor=who) is None
    for attachment, sent in ((photo, PHOTO), (broken, damaged)):
        found = queries.evidence_stream(
            *place, attachment.id, folder=town.folder, actor=town.bureau, original=True
        )
        assert found is not None
        assert b"".join(found[1]) == sent.body


def test_files_taken_in_before_copies_were_made_stay_readable(town: Town) -> None:
    case = town.case_of(town.send(files=[PreparedFile("旧.pdf", b"%PDF-1.7 old", "application/pdf", None)]))
    (evidence,) = case.complaints[0].evidence
    cipher = queries.content_cipher(town.session, town.vault, case, town.officer)
    evidence.label = cipher.seal_json({"name": "旧.pdf"}, f"evidence:label:{evidence.id}")
    found = queries.evidence_stream(
        town.session, town.vault, case, evidence.id, folder=town.folder, actor=town.officer
    )
    assert found is not None
    assert (found[0].sha256, b"".join(found[1])) == (None, b"%PDF-1.7 old")


def test_evidence_of_another_case_is_not_there(town: Town) -> None:
    case = town.case_of(town.send(files=[RECORDING]))
    other = town.case(key="another key of sixteen")
    (evidence,) = case.complaints[0].evidence
    for place, name in ((other, evidence.id), (case, "0" * 32), (case, "../../etc/passwd")):
        assert (
            queries.evidence_stream(
                town.session, town.vault, place, name, folder=town.folder, actor=town.officer
            )
            is None
        )


# --- recusal ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "about",
    [
        replace(LETTER, respondent="李国华"),
        replace(LETTER, respondent="李国华老师"),
        replace(LETTER, respondent="王芳"),
        replace(LETTER, respondent="校长"),
        replace(LETTER, respondent="", respondent_role=RespondentRole.HEAD),
        replace(NAMED, respondent="李 国 华", identity=IdentityMode.REAL_NAME),
    ],
)
def test_the_school_holds_no_key_of_a_case_about_its_own(town: Town, about: Submission) -> None:
    case = town.case_of(town.send(about, [PHOTO]))
    assert (case.desk, case.recused) == ("district", True)
    for purpose in ("content", "identity"):
        with pytest.raises(KeyMissing):
            town.vault.open_key(town.session, f"case:{case.id}", purpose, queries.units_of(town.officer))
    (letter,) = queries.letters(town.session, town.vault, case, town.district)
    assert letter.body == about.body
    (letter,) = queries.letters(town.session, town.vault, case, town.bureau)
    assert letter.respondent == about.respondent


def test_case_numbers_form_no_series(town: Town) -> None:
    numbers = [town.send(key=f"key number {at} of the series").case_number for at in range(30)]
    steps = Counter(int(later) - int(earlier) for earlier, later in zip(numbers, numbers[1:], strict=False))
    assert len(set(numbers)) == 30
    assert numbers != sorted(numbers)
    assert max(steps.values()) <= 2
