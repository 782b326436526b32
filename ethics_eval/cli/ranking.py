"""The ranking: what-if on files, the workbook, and the proof that it stands."""

from __future__ import annotations

from pathlib import Path

import click

from ethics_eval.cli import workbook
from ethics_eval.cli.province import province, snapshot
from ethics_eval.cli.running import application, instance, now, refuse, refusing
from ethics_eval.database import db
from ethics_eval.evaluation.rules.scheme import SchemeRefused, parse_scheme
from ethics_eval.ranking.exporting import export_ranking
from ethics_eval.ranking.proof import verify
from ethics_eval.ranking.rules.certainty import Certainty, Place, certainty_of
from ethics_eval.ranking.rules.computation import measure, outcome_of
from ethics_eval.ranking.rules.explanation import BottomLine, ScoreLine
from ethics_eval.ranking.rules.outcome import Outcome, RankedRow
from ethics_eval.ranking.rules.snapshot import digest, snapshot_bytes
from ethics_eval.ranking.rules.trial import Trial, plan_trial
from ethics_eval.ranking.service import code_version
from ethics_eval.ranking.sheets import outcome_notes, ranking_tables
from ethics_eval.roster.returning import as_rows

MOST_PROBLEMS = 200


@click.group("ranking")
def group() -> None:
    """The ranking of a semester."""


group.add_command(snapshot)
group.add_command(province)


@group.command("try")
@click.option("--scheme", required=True, type=workbook.FILE)
@click.option("--inputs", required=True, type=workbook.FILE)
@click.option("-o", "--output", required=True, type=workbook.OUT)
def try_files(scheme: Path, inputs: Path, output: Path) -> None:
    """Rank the workbook INPUTS by the scheme, without a database; writes the workbook OUTPUT."""
    try:
        parsed = parse_scheme(scheme.read_text("utf-8-sig"))
    except SchemeRefused as refusal:
        refuse("\n".join(refusal.faults))
    except UnicodeDecodeError:
        refuse(f"{scheme}: not UTF-8")
    trial = plan_trial(as_rows(workbook.read(inputs)), parsed)
    if trial.problems:
        more = len(trial.problems) - MOST_PROBLEMS
        lines = [str(problem) for problem in trial.problems[:MOST_PROBLEMS]]
        refuse("\n".join([*lines, f"… {more} more"] if more > 0 else lines))
    found = measure(trial.inputs)
    outcome = outcome_of(found)
    snapshot = snapshot_bytes(trial.inputs, semester="", code_version=code_version())
    certainty = certainty_of(trial.inputs, found, outcome.bottom, digest(snapshot))
    tables = ranking_tables(
        _lines(outcome, certainty, trial),
        rated_count=outcome.rated_count,
        bottom=_bottom(outcome, trial),
        notes=outcome_notes(parsed, digest(snapshot), outcome.counts()),
    )
    workbook.save(output, tables)
    click.echo(" ".join(f"{name}={count}" for name, count in outcome.counts().items()))


def _lines(outcome: Outcome, certainty: Certainty, trial: Trial) -> list[ScoreLine]:
    """Rated by place, then school code and number; the not rated after them."""
    ordered = sorted(
        outcome.rows, key=lambda row: (row.place is None, row.place or 0, row.school, row.teacher)
    )
    sure = {place.teacher: place for place in certainty.places}
    return [_line(row, trial.names[row.teacher], sure.get(row.teacher)) for row in ordered]


def _line(row: RankedRow, name: str, sure: Place | None) -> ScoreLine:
    line = ScoreLine(row, name)
    if sure is None:
        return line
    return line._replace(
        band_low=sure.band_low, band_high=sure.band_high, set_low=sure.set_low, set_high=sure.set_high
    )


def _bottom(outcome: Outcome, trial: Trial) -> list[BottomLine]:
    rows = {row.teacher: row for row in outcome.rows}
    return [
        BottomLine(
            number=entry.teacher,
            name=trial.names[entry.teacher],
            score=rows[entry.teacher].score or 0,
            place=rows[entry.teacher].place or 0,
            treatment=entry.treatment,
            basis=entry.basis,
        )
        for entry in outcome.bottom
    ]


@group.command("export")
@click.argument("semester")
@click.option("-o", "--output", required=True, type=workbook.OUT)
@click.option("--district", help="one district, by its code")
@click.option("--school", help="one school, by its code")
def export(semester: str, output: Path, district: str | None, school: str | None) -> None:
    """The workbook of a semester's newest ranking."""
    with application(), refusing():
        try:
            export_ranking(db.session(), semester, output, at=now(), district=district, school=school)
        except OSError as error:
            refuse(f"{output}: {error.strerror}")
        click.echo(str(output))


@group.command("verify")
@click.argument("semester")
def verify_semester(semester: str) -> None:
    """Compute the ranking again from its snapshot alone and compare every byte; exit code 1 where any differs."""
    with application(), refusing():
        proof = verify(db.session(), semester, instance=instance())
    click.echo(f"snapshot {proof.snapshot_sha256}\noutcome  {proof.outcome_sha256}\nrows     {proof.rows}")
    click.echo(f"certainty {proof.certainty_sha256}")
    if proof.faults:
        refuse("\n".join(proof.faults))
    click.echo("ok")
