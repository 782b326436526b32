"""The rankings of semesters: the newest version of each, from the freeze or from publication on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.evaluation.models import SchemeVersion
from ethics_eval.evaluation.rules.scheme import Scheme, parse_scheme
from ethics_eval.ranking.models import BottomEntry, Ranking
from ethics_eval.ranking.queries.sight import Sight
from ethics_eval.ranking.rules.outcome import NAMED
from ethics_eval.ranking.rules.steps import SemesterStatus
from ethics_eval.roster.models import Semester

SUPERSEDED = "superseded"
PUBLISHED = SemesterStatus.PUBLISHED.value
_WITHHELD = (
    select(func.count())
    .where(
        BottomEntry.ranking_id == Ranking.id, BottomEntry.treatment == NAMED, BottomEntry.withheld.is_(True)
    )
    .correlate(Ranking)
    .scalar_subquery()
)


@dataclass(frozen=True)
class RankingView:
    """One version of a semester's ranking. ``counts``: as the computation gives them, of the whole city, but those
    withheld from being named are counted as told privately.
    """

    id: int
    semester_code: str
    semester: str
    version: int
    status: str
    scheme_version: str
    scheme_name: str
    snapshot_sha256: str
    counts: Mapping[str, int]
    frozen_at: datetime
    announced_at: datetime | None
    objection_ends_on: date | None
    published_at: datetime | None
    scheme: Scheme

    @property
    def is_published(self) -> bool:
        """Whether districts, schools and teachers see it."""
        return self.status == PUBLISHED


def rankings(session: Session, sight: Sight, semester_code: str | None = None) -> list[RankingView]:
    """The newest version of each semester (or of one) that the reader may see, the latest semester first."""
    seen = Ranking.status != SUPERSEDED if sight.before_publication else Ranking.status == PUBLISHED
    query = (
        select(Ranking, Semester.name, SchemeVersion, _WITHHELD)
        .join(Semester, Semester.code == Ranking.semester_code)
        .join(SchemeVersion, SchemeVersion.version == Ranking.scheme_version)
        .where(seen)
        .order_by(Semester.starts_on.desc(), Ranking.version.desc())
    )
    if semester_code is not None:
        query = query.where(Ranking.semester_code == semester_code)
    found: dict[str, RankingView] = {}
    for ranking, semester, scheme, withheld in session.execute(query):
        if ranking.semester_code not in found:
            found[ranking.semester_code] = _ranking_view(ranking, semester, scheme, withheld)
    return list(found.values())


def _ranking_view(ranking: Ranking, semester: str, scheme: SchemeVersion, withheld: int) -> RankingView:
    counts = json.loads(ranking.counts)
    counts["named"] -= withheld
    counts["private"] += withheld
    return RankingView(
        id=ranking.id,
        semester_code=ranking.semester_code,
        semester=semester,
        version=ranking.version,
        status=ranking.status,
        scheme_version=ranking.scheme_version,
        scheme_name=scheme.name,
        snapshot_sha256=ranking.snapshot_sha256,
        counts=counts,
        frozen_at=ranking.frozen_at,
        announced_at=ranking.announced_at,
        objection_ends_on=ranking.objection_ends_on,
        published_at=ranking.published_at,
        scheme=parse_scheme(scheme.document),
    )


def ranking_of(session: Session, sight: Sight, semester_code: str) -> RankingView | None:
    """The ranking of a semester that the reader may see; None: not frozen, or not yet for this reader."""
    return next(iter(rankings(session, sight, semester_code)), None)


def version_of(session: Session, ranking_id: int) -> RankingView:
    """One version of a ranking, superseded ones too, for those who compare them. Raises: NoResultFound."""
    ranking, semester, scheme, withheld = session.execute(
        select(Ranking, Semester.name, SchemeVersion, _WITHHELD)
        .join(Semester, Semester.code == Ranking.semester_code)
        .join(SchemeVersion, SchemeVersion.version == Ranking.scheme_version)
        .where(Ranking.id == ranking_id)
    ).one()
    return _ranking_view(ranking, semester, scheme, withheld)
