"""One teacher's frozen rows as a form, to be put right in place: what is left as it is changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, DecimalField, Field, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError

from ethics_eval.complaints.rules.finding import SEVERITY_LABELS
from ethics_eval.complaints.rules.machine import BURDENING, OUTCOME_LABELS
from ethics_eval.evaluation.rules.assessment import LEVEL_LABELS, Level
from ethics_eval.evaluation.rules.disclosure import least_raters, shown
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS, Component
from ethics_eval.evaluation.rules.tally import POINT
from ethics_eval.ranking.rules.correction import Change, ChangeKind, Faults
from ethics_eval.ranking.rules.inputs import GivenScore, Inputs, PostingInput, TallyInput
from ethics_eval.ranking.rules.reasons import NOT_RATED_LABELS
from ethics_eval.text import RuleViolation
from ethics_eval.web.forms import Form
from ethics_eval.web.page import category_name, translated_choices

K = ChangeKind
_NEEDED = InputRequired(lazy_gettext("请填写这一项。"))


@dataclass(frozen=True)
class Part:
    """Fields that stand together. ``names``: of the form's fields, in order."""

    heading: str
    names: tuple[str, ...]


class ChangesForm(Form):
    """The base of forms with a teacher's rows; :func:`changes_form` adds the fields."""

    parts: tuple[Part, ...] = ()
    inputs: Inputs
    teacher: str = ""

    def refuse(self, violation: RuleViolation) -> None:
        """Every fault of the changes at its own field."""
        for fault in violation.found if isinstance(violation, Faults) else (violation,):
            super().refuse(fault)

    def value(self, change: Change, name: str) -> Any:
        """What was filled in for a value of the row that a change would name; None: there is no such field."""
        field = self._fields.get(change.field(name))
        return None if field is None else field.data

    def to_changes(self) -> list[Change]:
        """What differs from the frozen rows."""
        return [
            *self._posting_changes(),
            *self._component_changes(),
            *self._finding_changes(),
            *self._person_changes(),
            *self._honour_changes(),
        ]

    def _differing(self, change: Change, now: Mapping[str, Any]) -> list[Change]:
        """The change with the values that were filled in otherwise; none: there is nothing to change."""
        values = {
            name: filled
            for name, stood in now.items()
            if (filled := _plain(self.value(change, name), name)) is not None and filled != stood
        }
        return [Change(change.kind, change.key, values)] if values else []

    def _posting_changes(self) -> list[Change]:
        return [
            found
            for row in self.inputs.postings
            for found in self._differing(
                Change(K.POSTING_SET, (row.teacher, row.school)), {"weeks": row.weeks, "held": row.held}
            )
        ]

    def _component_changes(self) -> list[Change]:
        found: list[Change] = []
        given, tallies = _results(self.inputs)
        for posting in self.inputs.postings:
            for component in Component:
                key = (posting.teacher, posting.school, component.value)
                whole = Change(K.COMPONENT_SET, key)
                if self.value(whole, "remove"):
                    found.append(Change(K.COMPONENT_REMOVED, key))
                    continue
                row = given.get(key)
                score, raters = _plain(self.value(whole, "score_e4"), "score_e4"), self.value(whole, "raters")
                if score is not None and (row is None or (score, raters) != (row.score_e4, row.raters or 1)):
                    found.append(Change(K.COMPONENT_SET, key, {"score_e4": score, "raters": raters or 0}))
                for tally in tallies.get(key, []):
                    change = Change(K.TALLY_SET, (*key, tally.item))
                    counts = _counts(self.value(change, "counts"))
                    if counts is not None and counts != list(tally.counts):
                        found.append(Change(change.kind, change.key, {"counts": counts}))
        return found

    def _finding_changes(self) -> list[Change]:
        found: list[Change] = []
        for row in self.inputs.findings:
            change = Change(K.FINDING_CHANGED, (row.teacher, row.key))
            if self.value(change, "drop"):
                found.append(Change(K.FINDING_DROPPED, change.key))
                continue
            now = {
                name: getattr(row, name) for name in ("points_e4", "outcome", "severity", "repeat", "veto")
            }
            found += self._differing(change, now)
        return found

    def _person_changes(self) -> list[Change]:
        return [
            found
            for row in self.inputs.persons
            for found in self._differing(
                Change(K.PERSON_SET, (row.teacher,)), {"warning": row.warning, "pending": row.pending}
            )
        ]

    def _honour_changes(self) -> list[Change]:
        removed = [Change(K.HONOUR_REMOVED, (row.teacher, row.level)) for row in self.inputs.honours]
        found = [change for change in removed if self.value(change, "remove")]
        added = self._fields["level-add"].data
        return [*found, Change(K.HONOUR_ADDED, (self.teacher, added))] if added else found


Base = TypeVar("Base", bound=ChangesForm)


def changes_form(base: type[Base], inputs: Inputs, teacher: str, schools: Mapping[str, str]) -> Base:
    """A form of ``base`` with the rows of one teacher, as they stand and ready to be put right.

    Args: inputs: the teacher's rows alone; schools: names by code.
    """
    parts = [
        *(_posting_part(row, schools) for row in inputs.postings),
        *_component_parts(inputs, schools),
        *_finding_parts(inputs),
        _person_part(inputs),
        _honour_part(inputs),
    ]
    fields = {name: field for _heading, some in parts for name, field in some.items()}
    shown_parts = tuple(Part(heading, tuple(some)) for heading, some in parts if some)
    made = type(
        base.__name__, (base,), {**fields, "parts": shown_parts, "inputs": inputs, "teacher": teacher}
    )
    form: Base = made()
    return form


_Fields = dict[str, Any]  # name → unbound field


def _posting_part(row: PostingInput, schools: Mapping[str, str]) -> tuple[str, _Fields]:
    change = Change(K.POSTING_SET, (row.teacher, row.school))
    heading = gettext("任职：%(school)s", school=schools.get(row.school, row.school))
    held = [SelectChoice("", gettext("没有，照常参评")), *translated_choices(NOT_RATED_LABELS)]
    return heading, {
        change.field("weeks"): IntegerField(lazy_gettext("本学期任职周数"), [_NEEDED], default=row.weeks),
        change.field("held"): SelectField(lazy_gettext("暂缓或不参评的原因"), choices=held, default=row.held),
    }


def _component_parts(inputs: Inputs, schools: Mapping[str, str]) -> list[tuple[str, _Fields]]:
    given, tallies = _results(inputs)
    found = []
    for posting in inputs.postings:
        for component in Component:
            key = (posting.teacher, posting.school, component.value)
            least = least_raters(component, inputs.scheme.components[component])
            fields = (
                _tally_fields(key, tallies[key], least)
                if key in tallies
                else _given_fields(key, given.get(key), least)
            )
            name = gettext(COMPONENT_LABELS[component])
            heading = name if len(inputs.postings) == 1 else f"{name} · {schools.get(posting.school, '')}"
            found.append((heading, fields))
    return found


def _given_fields(key: tuple[str, str, str], row: GivenScore | None, least: int) -> _Fields:
    change = Change(K.COMPONENT_SET, key)
    is_shown = row is not None and shown(row.raters or 1, least)
    check = [_NEEDED] if is_shown else [Optional()]
    fields: _Fields = {
        change.field("score_e4"): DecimalField(
            lazy_gettext("得分（0到100，最多4位小数）"),
            [*check, _four_places],
            places=4,
            default=Decimal(row.score_e4) / POINT if row is not None and is_shown else None,
        ),
        change.field("raters"): IntegerField(
            lazy_gettext("评的人数"), check, default=row.raters or 1 if row is not None and is_shown else None
        ),
    }
    if row is not None:
        fields[change.field("remove")] = BooleanField(lazy_gettext("这一部分不算数，去掉"))
    return fields


def _tally_fields(key: tuple[str, str, str], rows: list[TallyInput], least: int) -> _Fields:
    fields: _Fields = {}
    for row in rows:
        if shown(sum(row.counts), least):  # fewer would let single answers be read
            change = Change(K.TALLY_SET, (*key, row.item))
            label = gettext("题目%(item)s各档票数，从最高档起，用空格分开", item=row.item)
            fields[change.field("counts")] = StringField(
                label, [_NEEDED, _whole_numbers], default=" ".join(map(str, row.counts))
            )
    fields[Change(K.COMPONENT_SET, key).field("remove")] = BooleanField(lazy_gettext("这一部分不算数，去掉"))
    return fields


def _finding_parts(inputs: Inputs) -> list[tuple[str, _Fields]]:
    outcomes = translated_choices({one: OUTCOME_LABELS[one] for one in OUTCOME_LABELS if one in BURDENING})
    found = []
    for row in inputs.findings:
        change = Change(K.FINDING_CHANGED, (row.teacher, row.key))
        fields: _Fields = {
            change.field("drop"): BooleanField(lazy_gettext("本学期不计入这项认定")),
            change.field("points_e4"): DecimalField(
                lazy_gettext("扣分（只能减）"),
                [_NEEDED, _four_places],
                places=4,
                default=Decimal(row.points_e4) / POINT,
            ),
            change.field("outcome"): SelectField(lazy_gettext("结论"), choices=outcomes, default=row.outcome),
            change.field("severity"): SelectField(
                lazy_gettext("程度"), choices=translated_choices(SEVERITY_LABELS), default=row.severity
            ),
            change.field("repeat"): BooleanField(
                lazy_gettext("24个月内重复，按1.5倍扣分"), default=row.repeat
            ),
            change.field("veto"): BooleanField(lazy_gettext("一票否决"), default=row.veto),
        }
        found.append((gettext("认定：%(category)s", category=category_name(row.category)), fields))
    return found


def _person_part(inputs: Inputs) -> tuple[str, _Fields]:
    fields: _Fields = {}
    for row in inputs.persons:
        change = Change(K.PERSON_SET, (row.teacher,))
        fields[change.field("warning")] = BooleanField(
            lazy_gettext("本学期在警告或更重的处分期内，得分最高69.99"), default=row.warning
        )
        fields[change.field("pending")] = BooleanField(
            lazy_gettext("有没办结的事项，得分暂定，不列入名单"), default=row.pending
        )
    return gettext("处分和未决事项"), fields


def _honour_part(inputs: Inputs) -> tuple[str, _Fields]:
    held = [row.level for row in inputs.honours]
    fields: _Fields = {}
    for level in held:
        label = gettext("去掉：%(honour)s", honour=gettext(LEVEL_LABELS[Level(level)]))
        fields[Change(K.HONOUR_REMOVED, ("", level)).field("remove")] = BooleanField(label)
    missing = {level: text for level, text in LEVEL_LABELS.items() if level not in held}
    choices = [SelectChoice("", gettext("不补")), *translated_choices(missing)]
    fields["level-add"] = SelectField(lazy_gettext("补上荣誉"), choices=choices, default="")
    return gettext("荣誉"), fields


def _results(
    inputs: Inputs,
) -> tuple[dict[tuple[str, str, str], GivenScore], dict[tuple[str, str, str], list[TallyInput]]]:
    given = {(row.teacher, row.school, row.component): row for row in inputs.given}
    tallies: dict[tuple[str, str, str], list[TallyInput]] = {}
    for row in sorted(inputs.tallies, key=lambda row: row.item):
        tallies.setdefault((row.teacher, row.school, row.component), []).append(row)
    return given, tallies


def _plain(value: Any, name: str) -> Any:
    """What was filled in, as the rows have it: points as units of 0.0001."""
    return int(value * POINT) if name.endswith("_e4") and value is not None else value


def _counts(text: str | None) -> list[int] | None:
    return None if text is None else [int(part) for part in text.split()]


def _four_places(_form: Form, field: Field) -> None:
    value = field.data
    if value is None:
        return
    if not value.is_finite() or abs(value) > 1000 or value * POINT != int(value * POINT):
        raise ValidationError(gettext("请填0到100之间、最多4位小数的数。"))


def _whole_numbers(_form: Form, field: Field) -> None:
    parts = (field.data or "").split()
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
        raise ValidationError(gettext("请填整数，用空格分开，例如 12 5 1 0 0。"))
