"""The ranking of a province: a city's snapshot as Parquet, and the cities together on an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ethics_eval.cli import workbook
from ethics_eval.cli.running import application, instance, refuse, refusing
from ethics_eval.database import db
from ethics_eval.ranking.archive import file_of
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.snapshot import SnapshotBroken, digest, read_snapshot

FOLDER = click.Path(path_type=Path, file_okay=False)


def _packages() -> Any:
    """The modules that need the extra ``cluster``; ends with one line where it is not installed."""
    try:
        from ethics_eval.province import parquet, ranking  # noqa: PLC0415 - an extra of its own
    except ImportError:
        refuse("a province needs more packages: pip install 'ethics-eval[cluster]'")
    return parquet, ranking


@click.command("snapshot")
@click.argument("semester")
@click.option("--city", required=True, help="a name of the city's own, as the code of its division: 430200")
@click.option("-o", "--output", required=True, type=FOLDER, help="the folder of all cities")
def snapshot(semester: str, city: str, output: Path) -> None:
    """Write the frozen inputs of a semester's newest ranking as Parquet, for the ranking of a province."""
    parquet, _ranking = _packages()
    if not (city.isascii() and city.isalnum()):
        refuse(f"--city {city}: letters and digits only")
    with application(), refusing():
        sha256 = standing(db.session(), semester).snapshot_sha256
        try:
            content = file_of(instance(), sha256).read_bytes()
            if digest(content) != sha256:
                refuse(f"{sha256}: the snapshot's SHA-256 is another")
            click.echo(str(parquet.write_city(output, city, read_snapshot(content).inputs)))
        except SnapshotBroken as error:
            refuse(f"{sha256}: {error}")
        except OSError as error:
            refuse(f"{error.filename}: {error.strerror}")


@click.command("province")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("-o", "--output", required=True, type=workbook.OUT, help="a row a teacher, as Parquet")
@click.option("--engine", default="duckdb", show_default=True, help="duckdb, or spark://host:port")
def province(folder: Path, output: Path, engine: str) -> None:
    """Rank the cities whose snapshots lie in FOLDER as one; writes the rows, prints the counts and the list."""
    _parquet, ranking = _packages()
    with refusing():
        found = ranking.rank_province(folder, address=engine)
        try:
            ranking.write_rows(found, output)
        except OSError as error:
            refuse(f"{output}: {error.strerror}")
    click.echo(" ".join(f"{name}={count}" for name, count in found.counts().items()))
    for entry in found.listed:
        basis = " ".join(entry.basis)
        click.echo(
            f"{entry.place} {entry.city} {entry.teacher} {entry.score} {entry.treatment} {basis}".rstrip()
        )
