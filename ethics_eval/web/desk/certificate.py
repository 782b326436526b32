"""A certificate of standing on paper: its QR code, its page, its PDF."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import structlog
from flask import Response, abort, current_app, render_template, send_file, url_for

from ethics_eval.database import db
from ethics_eval.ethics_file import queries
from ethics_eval.ethics_file.queries import CertificateView
from ethics_eval.ethics_file.rules.certificate import file_name
from ethics_eval.notices.paper import FONTS, MEDIA_TYPES, FileKind, document_styles
from ethics_eval.printing import Printer
from ethics_eval.web.drawing import qr_drawing
from ethics_eval.web.request import actor, now

_log = structlog.get_logger("ethics_eval.download")


def the_certificate(number: str) -> CertificateView:
    """The certificate of a number within the reader's reach; 404 beyond."""
    found = queries.certificate_of(db.session(), actor(), number, at=now())
    if found is None:
        abort(404)
    return found


def check_address(slip: str = "") -> str:
    """Where a certificate is checked, from outside."""
    path = url_for("public.verify.show", slip=slip) if slip else url_for("public.verify.show")
    return f"{current_app.config['PUBLIC_BASE_URL']}{path}"


def code_drawing(certificate: CertificateView) -> str:
    """The QR code that leads to the check, drawn for the page."""
    return qr_drawing(check_address(certificate.slip), scale=3)


def certificate_pdf(number: str) -> Response:
    """The certificate as PDF, one page A4; the download is logged."""
    found = the_certificate(number)
    page = render_template(
        "documents/certificate_file.html",
        certificate=found,
        qr=code_drawing(found),
        address=check_address(),
    )
    fonts = Path(current_app.config["INSTANCE"]) / FONTS
    content = Printer(document_styles(), fonts=fonts).print(page, tagged=True)
    who = actor()
    _log.info("certificate downloaded", account=who.id, role=who.kind, number=number)
    return send_file(
        BytesIO(content),
        mimetype=MEDIA_TYPES[FileKind.PDF],
        as_attachment=True,
        download_name=file_name(number),
    )
