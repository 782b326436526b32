"""The kinds of background work, how long a worker may be silent, and how long a file is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from ethics_eval.text import N_


class TaskKind(StrEnum):
    """What can be asked for."""

    POSTERS = "posters"
    BALLOT_SHEETS = "ballot_sheets"
    BALLOT_CODES = "ballot_codes"
    WORKBOOK = "workbook"
    PUBLISHED_FILES = "published_files"


class TaskState(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


TASK_KIND_LABELS: Mapping[TaskKind, str] = {
    TaskKind.POSTERS: N_("信箱海报"),
    TaskKind.BALLOT_SHEETS: N_("评议码打印单"),
    TaskKind.BALLOT_CODES: N_("评议码清单"),
    TaskKind.WORKBOOK: N_("数据表格"),
    TaskKind.PUBLISHED_FILES: N_("发布文件"),
}
TASK_STATE_LABELS: Mapping[TaskState, str] = {
    TaskState.WAITING: N_("等待处理"),
    TaskState.RUNNING: N_("正在制作"),
    TaskState.DONE: N_("已完成"),
    TaskState.FAILED: N_("没有成功"),
}

# Renewed with every step of the work; a worker silent for longer is taken for dead.
LEASE = timedelta(minutes=2)
# Work begun so long ago and still not done has killed its workers: it is not tried for ever.
GIVE_UP_AFTER = timedelta(hours=6)
KEPT = timedelta(days=7)

GAVE_UP = N_("多次中断，没有做完。请重新生成；如再出现，请联系系统管理员。")
BROKE = N_("系统出错，没有做成。请重新生成；如再出现，请联系系统管理员。")


def kept_until(finished_at: datetime) -> datetime:
    """The instant after which the file of a finished task is removed."""
    return finished_at + KEPT
