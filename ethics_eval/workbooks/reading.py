"""An .xlsx as sheets of plain values; whatever cannot be read is refused with a text that says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ethics_eval.text import N_, RuleViolation
from ethics_eval.workbooks import parsing
from ethics_eval.workbooks.sheet import Sheet, Value

Progress = Callable[[int], None]

MEMORY_BYTES = 1024 * parsing.MIB
WALL_SECONDS = 600.0
_ZIP = b"PK"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old .xls, and the envelope of workbooks with a password
_LOCKED = "EncryptedPackage".encode("utf-16-le")
OLD_XLS = "workbook.old_xls"

REFUSALS: Mapping[str, str] = {
    parsing.NOT_XLSX: N_("这不是 .xlsx 工作簿。请用 Excel 或 WPS 打开它，“另存为” .xlsx 后再试。"),
    OLD_XLS: N_("这是旧的 .xls 格式。请用 Excel 或 WPS 打开它，“另存为” .xlsx 后再试。"),
    parsing.ENCRYPTED: N_("这个工作簿设了打开密码，读不了。请去掉密码后再试。"),
    parsing.DAMAGED: N_("这个工作簿已损坏，读不出来。请用 Excel 或 WPS 打开它，“另存为” .xlsx 后再试。"),
    parsing.TOO_LARGE: N_(
        "这个工作簿太大（展开后最多 %(megabytes)s MB、%(cells)s 万个单元格）。"
        "请删去图片和多余的工作表，或分成几个文件。"
    ),
    parsing.TOO_MANY_ROWS: N_("这个工作簿有一张表超过 %(rows)s 行。请分成几个文件。"),
    parsing.TOO_MANY_COLUMNS: N_("这个工作簿有一张表超过 %(columns)s 列。请删去多余的列。"),
    parsing.TOO_COSTLY: N_(
        "读这个工作簿要用太多内存或时间，已停止。请只保留要导入的工作表，“另存为” .xlsx 后再试。"
    ),
}

_MOST = {
    "megabytes": parsing.MOST_BYTES // parsing.MIB,
    "cells": parsing.MOST_CELLS // 10_000,
    "rows": parsing.MOST_ROWS,
    "columns": parsing.MOST_COLUMNS,
}


def _refusal(code: str) -> RuleViolation:
    return RuleViolation(code, REFUSALS[code], field="workbook", **_MOST)


def read_workbook(path: Path, *, progress: Progress | None = None) -> tuple[Sheet, ...]:
    """The sheets of an .xlsx in their order; formulas as the values last shown, empty rows left out.

    The file is parsed by a process of its own with an end to its memory (1 GB) and time (240 s of computing);
    where no process can be started, here, under the caps on size, rows and columns alone.

    Args: progress: called with the number of rows read so far, now and then.
    Raises: RuleViolation ``workbook.…`` (one of ``REFUSALS``) at ``workbook``; OSError: the file cannot be opened.
    """
    _check_kind(path)
    return _collected(_parsed(path), progress)


def _check_kind(path: Path) -> None:
    with path.open("rb") as file:
        first = file.read(len(_OLE))
        if first == _OLE:
            locked = _LOCKED in file.read(parsing.MOST_BYTES)
            raise _refusal(parsing.ENCRYPTED if locked else OLD_XLS)
        if not first.startswith(_ZIP):
            raise _refusal(parsing.NOT_XLSX)
    if path.stat().st_size > parsing.MOST_BYTES:
        raise _refusal(parsing.TOO_LARGE)


def _parsed(path: Path) -> Iterator[str | parsing.Row]:
    child = _child(path)
    if child is not None:
        yield from _from_child(child)
        return
    try:
        with path.open("rb") as file:
            yield from parsing.parse(file)
    except parsing.Unreadable as refusal:
        raise _refusal(refusal.code) from refusal


def _child(path: Path) -> subprocess.Popen[str] | None:
    """A process that parses the file, ready to do so; None where there can be none."""
    kept = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ
    }
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    with path.open("rb") as file:
        try:
            child = subprocess.Popen(  # noqa: S603 - this interpreter, a module of ours
                [sys.executable, "-m", parsing.__name__, str(MEMORY_BYTES)],
                env={  # none of our secrets: what it reads is not to be trusted
                    **kept,
                    "PYTHONPATH": os.pathsep.join(paths),
                    "PYTHONUTF8": "1",
                    "OPENBLAS_NUM_THREADS": "1",  # each thread would claim its share of the memory allowed
                },
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
            )
        except OSError:
            return None
    assert child.stdout is not None  # noqa: S101 - asked for above
    if child.stdout.readline() == "{}\n":
        return child
    _stop(child)
    return None


def _stop(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()
    if child.stdout is not None:
        child.stdout.close()


def _from_child(child: subprocess.Popen[str]) -> Iterator[str | parsing.Row]:
    assert child.stdout is not None  # noqa: S101 - asked for when it was started
    clock = threading.Timer(WALL_SECONDS, child.kill)
    clock.daemon = True
    clock.start()
    texts: dict[str, str] = {}  # the same codes and names stand in many rows: each is kept once
    try:
        for line in child.stdout:
            if not line.endswith("\n"):
                break  # killed in the middle of a row
            found = json.loads(line)
            if isinstance(found, list):
                yield found[0], tuple(_decoded(value, texts) for value in found[1])
            elif "sheet" in found:
                yield str(found["sheet"])
            else:
                if found["end"] is not None:
                    raise _refusal(found["end"])
                return
        raise _refusal(parsing.TOO_COSTLY)  # it ended without saying so
    finally:
        clock.cancel()
        _stop(child)


def _decoded(value: Any, texts: dict[str, str]) -> Value:
    if isinstance(value, str):
        return texts.setdefault(value, value)
    if isinstance(value, dict):
        return datetime.fromisoformat(value["t"])
    plain: Value = value
    return plain


def _collected(parsed: Iterator[str | parsing.Row], progress: Progress | None) -> tuple[Sheet, ...]:
    titles: list[str] = []
    heads: list[tuple[Value, ...]] = []
    rows: list[list[parsing.Row]] = []
    count = 0
    for found in parsed:
        if isinstance(found, str):
            titles.append(found)
            heads.append(())
            rows.append([])
        elif found[0] == 1:
            heads[-1] = found[1]
        else:
            rows[-1].append(found)
            count += 1
            if progress is not None and count % 1000 == 0:
                progress(count)
    return tuple(map(Sheet, titles, heads, rows))
