"""Posters of a city of schools, beside what comes to mind first: every page whole, its code as SVG, one document."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import segno
import weasyprint
from flask import current_app

from ethics_eval.complaints.posters import PaperSize, Poster, write_posters
from ethics_eval.jobs.kinds import Means, poster_layout, poster_styles
from tests.bench.measuring import Measured, median_of

SCHOOLS = 1743
SAMPLE = 60
_PAGE = """<article class="sheet"><p class="band">师德师风投诉信箱</p><p class="school">{school}</p>
<p class="call">扫一扫，反映师德师风问题</p><div class="code">{code}</div><p class="address">{address}</p>
<ul class="points"><li>不用注册，可以匿名</li><li>反映校长的，学校看不到</li><li>凭查询码看进展和答复</li></ul>
<p class="urgent">孩子正在受到伤害，请立即拨打 110</p><p class="issuer">株洲市教育局</p></article>"""


def _poster(number: int) -> Poster:
    address = f"https://sdsf.example.org/m/m{number:011}"
    return Poster(f"m{number:011}", f"荷塘区第{number}小学", address, f"{address}?via=qr&s={'a' * 26}")


def _ours() -> None:
    means = Means(current_app.extensions["vault"], current_app.config, current_app.jinja_env)
    with tempfile.TemporaryDirectory() as folder:
        write_posters(
            [_poster(number) for number in range(SCHOOLS)],
            Path(folder, "posters.pdf"),
            size=PaperSize.A4,
            layout=poster_layout(means),
            styles=poster_styles(),
            tell=lambda _done, _total: None,
        )


def _plain() -> None:
    pages = []
    for number in range(SAMPLE):
        poster = _poster(number)
        code = segno.make(poster.target, error="q", micro=False).svg_inline(omitsize=True)
        pages.append(_PAGE.format(school=poster.school, code=code, address=poster.address))
    whole = f'<html lang="zh-CN" class="A4"><body>{"".join(pages)}</body></html>'
    styles = weasyprint.CSS(string=poster_styles())
    weasyprint.HTML(string=whole).write_pdf(io.BytesIO(), stylesheets=[styles])


def measure_posters() -> Measured:
    """All schools once; the plain way on a sample, as if it went on like that."""
    plain = median_of(_plain) * SCHOOLS / SAMPLE
    return Measured(f"posters for {SCHOOLS} schools", median_of(_ours, 1), plain, "a plain page each")
