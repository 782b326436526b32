"""Through which channel a complaint came (domain.md §7.6)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ethics_eval.text import N_


class Source(StrEnum):
    """The channel of a complaint."""

    WEB = "WEB"
    QR = "QR"
    PHONE = "PHONE"
    PAPER_BOX = "PAPER_BOX"
    LETTER = "LETTER"
    VISIT = "VISIT"
    EMAIL = "EMAIL"
    WECHAT = "WECHAT"
    HOTLINE_12345 = "HOTLINE_12345"
    PETITION_FORWARD = "PETITION_FORWARD"
    SUPERIOR_ASSIGN = "SUPERIOR_ASSIGN"
    MEDIA = "MEDIA"
    INSPECTION = "INSPECTION"


SOURCE_LABELS: Mapping[Source, str] = {
    Source.WEB: N_("网页"),
    Source.QR: N_("二维码"),
    Source.PHONE: N_("电话"),
    Source.PAPER_BOX: N_("纸质信箱"),
    Source.LETTER: N_("来信"),
    Source.VISIT: N_("来访"),
    Source.EMAIL: N_("电子邮件"),
    Source.WECHAT: N_("微信"),
    Source.HOTLINE_12345: N_("12345热线"),
    Source.PETITION_FORWARD: N_("信访转办"),
    Source.SUPERIOR_ASSIGN: N_("上级交办"),
    Source.MEDIA: N_("媒体反映"),
    Source.INSPECTION: N_("巡查发现"),
}
