"""The fields of a letter: the complainant's own form has them, and the one staff fill in for somebody else."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    DateField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from ethics_eval.complaints.categories import CATEGORIES, SCHOOL_MATTERS
from ethics_eval.complaints.evidence import Upload
from ethics_eval.complaints.rules.submission import (
    IDENTITY_LABELS,
    RESPONDENT_LABELS,
    IdentityMode,
    RespondentRole,
    Submission,
)
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import locale


class LetterFields:
    """The fields of design.md §4, in the order of the page; to be mixed into a form."""

    body = TextAreaField(lazy_gettext("发生了什么？"))
    category = SelectField(lazy_gettext("您反映的是哪一类问题？"), validate_choice=False)
    injured = BooleanField(lazy_gettext("孩子受伤了，或正处在危险中"))
    happened_on = DateField(lazy_gettext("哪一天发生的？"), [Optional()])
    place = StringField(lazy_gettext("在什么地方？"))
    respondent_role = RadioField(lazy_gettext("您反映的人在学校做什么？"), default="unknown")
    respondent = StringField(lazy_gettext("他（她）叫什么？"))
    subject_class = StringField(lazy_gettext("任教学科和班级"))
    evidence = MultipleFileField(lazy_gettext("照片、截图、录音或文件"))
    identity = RadioField(lazy_gettext("您愿意留下姓名吗？"), default="real_name_hidden")
    name = StringField(lazy_gettext("您的姓名"))
    phone = StringField(lazy_gettext("您的电话"))
    relation = StringField(lazy_gettext("您与学校的关系"))
    signers = TextAreaField(lazy_gettext("联名人"))
    pledge = BooleanField(lazy_gettext("我所写的是我知道的实情"))

    def offer(self) -> None:
        """Give the choices their words in the reader's language."""
        language = locale()
        conduct = [
            SelectChoice(row.code, row.name(language), optgroup=lazy_gettext("教师的行为"))
            for row in CATEGORIES.values()
        ]
        matters = [
            SelectChoice(row.code, row.name(language), optgroup=lazy_gettext("学校的事"))
            for row in SCHOOL_MATTERS.values()
        ]
        self.category.choices = [SelectChoice("", lazy_gettext("请选择")), *conduct, *matters]
        self.respondent_role.choices = translated_choices(RESPONDENT_LABELS)
        self.identity.choices = translated_choices(IDENTITY_LABELS)

    def to_submission(self) -> Submission:
        """Exactly what was typed."""
        return Submission(
            category=self.category.data or "",
            respondent=self.respondent.data or "",
            respondent_role=RespondentRole(self.respondent_role.data),
            subject_class=self.subject_class.data or "",
            happened_on=self.happened_on.data if isinstance(self.happened_on.data, date) else None,
            place=self.place.data or "",
            body=self.body.data or "",
            identity=IdentityMode(self.identity.data),
            name=self.name.data or "",
            phone=self.phone.data or "",
            relation=self.relation.data or "",
            signers=self.signers.data or "",
            pledge=bool(self.pledge.data),
            injured=bool(self.injured.data),
        )

    def uploads(self) -> list[Upload]:
        """The files chosen, by their own names."""
        return [
            Upload(file.filename or "", file.stream.read())
            for file in self.evidence.data or []
            if not isinstance(file, str) and file.filename
        ]
