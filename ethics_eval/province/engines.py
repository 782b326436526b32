"""Where the expression runs: DuckDB in this process, or a Spark cluster by its address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from ethics_eval.province.parquet import COLUMNS
from ethics_eval.text import N_, RuleViolation

DUCKDB = "duckdb"
SPARK = "spark://"


@contextmanager
def engine(address: str) -> Iterator[Any]:
    """A connection to the engine of an address: ``duckdb``, ``spark://host:port``, ``local[2]`` (Spark in here).

    Raises: RuleViolation ``province.engine``: another address, or the engine's package or Java is not there.
    """
    if address == DUCKDB:
        connection = ibis.duckdb.connect()
        try:
            yield connection
        finally:
            connection.disconnect()
    elif address.startswith((SPARK, "local")):
        session = _spark(address)
        try:
            yield ibis.pyspark.connect(session)
        finally:
            session.stop()
    else:
        raise RuleViolation(
            "province.engine",
            N_("没有这个计算引擎：%(engine)s。可用 duckdb 或 spark://<主机>:<端口>。"),
            engine=address,
        )


def _spark(address: str) -> Any:
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - 500 MB that one machine does without
    except ImportError as error:
        raise RuleViolation(
            "province.engine", N_("没有安装 Spark：pip install ethics-eval[cluster]，并需要 Java 17。")
        ) from error
    builder = (
        SparkSession.builder.appName("ethics_eval province")
        .master(address)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "16")
    )
    return builder.getOrCreate()


def tables(connection: Any, places: Sequence[Path]) -> dict[str, Table]:
    """The snapshots of the cities as tables of the engine, by kind. Spark's workers must see the same folder."""
    found = {}
    for kind in COLUMNS:
        files = [str(place / f"{kind}.parquet") for place in places]
        if connection.name == "pyspark":
            frame = connection._session.read.parquet(*files)
            frame.createOrReplaceTempView(f"city_{kind}")
            found[kind] = connection.table(f"city_{kind}")
        else:
            found[kind] = connection.read_parquet(files, table_name=f"city_{kind}", hive_partitioning=False)
    return found


def keeper(connection: Any) -> Callable[[Table], Table]:
    """How this engine computes a table and holds it until the connection ends."""
    names = (f"kept_{place}" for place in count())

    def keep(rows: Table) -> Table:
        if connection.name == "pyspark":
            name = next(names)
            connection._session.sql(connection.compile(rows)).persist().createOrReplaceTempView(name)
            return connection.table(name)
        return connection.create_table(next(names), rows, temp=True)

    return keep


def fetched(connection: Any, rows: Table) -> pa.Table:
    """The rows of an expression, brought here. Any number of them: 4 million take about 1 GB."""
    result: pa.Table = connection.to_pyarrow(rows)
    return result
