"""What the respondent is going to read, held against what the complainants wrote."""

from __future__ import annotations

from ethics_eval.complaints.models import Case, Complaint, Message
from ethics_eval.complaints.queries import complaints_of, content_cipher, units_of
from ethics_eval.complaints.rules.fact_sheet import Sender, check_fact_sheet
from ethics_eval.complaints.service.step import Step
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.service import IDENTITY, KeyMissing


def check_for_respondent(step: Step, case: Case, text: str, field: str) -> None:
    """Refuse a text for the respondent that copies the complainants' letters or messages, or says who they are.

    Letters are opened by the system, identities with the writer's own keys only: sealed from the writer, a name is
    not compared, since the refusal would confirm whoever guesses it. Raises: RuleViolation at ``field``.
    """
    letters: list[str] = []
    persons: list[Sender] = []
    for complaint in complaints_of(step.session, case):
        cipher = content_cipher(step.session, step.vault, complaint.case)
        letters.append(cipher.unseal_json(complaint.content, f"complaint:content:{complaint.id}")["body"])
        letters += _messages(complaint, cipher)
        persons += _senders(step, complaint)
    check_fact_sheet(text, letters, persons, field=field)


def _messages(complaint: Complaint, cipher: Cipher) -> list[str]:
    def words(message: Message) -> str:
        return str(cipher.unseal_json(message.body, f"message:body:{message.id}")["text"])

    return [words(message) for message in complaint.messages if message.direction == "from_complainant"]


def _senders(step: Step, complaint: Complaint) -> list[Sender]:
    if complaint.identity is None:
        return []
    try:
        identity = step.vault.open_key(
            step.session, f"case:{complaint.case_id}", IDENTITY, units_of(step.actor)
        )
    except KeyMissing:
        return []
    person = identity.unseal_json(complaint.identity, f"complaint:identity:{complaint.id}")
    others = [Sender(name, "") for name in str(person.get("signers", "")).splitlines()]
    return [Sender(person["name"], person["phone"]), *others]
