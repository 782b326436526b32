"""The workbook of one ethics file, for whoever may read the page; each download is logged."""

from __future__ import annotations

from io import BytesIO

import structlog
from flask import Response, send_file

from ethics_eval.ethics_file.queries import EthicsFile
from ethics_eval.ethics_file.sheets import file_name, file_table
from ethics_eval.web.desk.ranking import XLSX
from ethics_eval.web.request import actor, now
from ethics_eval.workbooks.writing import write_workbook

_log = structlog.get_logger("ethics_eval.download")


def workbook(contents: EthicsFile, teacher_id: int, number: str, name: str) -> Response:
    """The file of a teacher. Args: teacher_id, number, name: the teacher's."""
    who, at = actor(), now()
    table = file_table(contents, f"{name}（{number}）", by=f"{who.display_name}（{who.id}）", at=at)
    file = BytesIO()
    write_workbook(file, [table], made_at=at)
    file.seek(0)
    _log.info("ethics file downloaded", account=who.id, role=who.kind, teacher=teacher_id)
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=file_name(number))
