"""The same province on a real Spark cluster: one master and two workers on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ethics_eval.province.ranking import rank_province
from tests.province.provinces import check_equal, province, written

pytestmark = pytest.mark.cluster
STARTS_WITHIN = 60


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(log: Path, words: str) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while words not in log.read_text("utf-8"):
        if time.monotonic() > until:
            pytest.fail(f"the cluster did not start: {log.read_text('utf-8')[-2000:]}")
        time.sleep(0.2)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A standalone cluster; its address."""
    import pyspark  # noqa: PLC0415 - in the cluster's lock only

    folder = tmp_path_factory.mktemp("cluster")
    home = Path(pyspark.__file__).parent
    port = _free_port()
    address = f"spark://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder),
        "PYSPARK_PYTHON": sys.executable,
    }
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    deploy = "org.apache.spark.deploy"

    def start(stack: ExitStack, name: str, *words: str) -> Path:
        log = folder / f"{name}.log"
        out = stack.enter_context(log.open("w"))
        process = subprocess.Popen(
            [home / "bin" / "spark-class", *words], env=environment, stdout=out, stderr=out, cwd=folder
        )
        stack.callback(process.wait)
        stack.callback(process.terminate)
        return log

    with ExitStack() as stack:
        master = start(
            stack,
            "master",
            f"{deploy}.master.Master",
            *("--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"),
        )
        _wait_for(master, "New state: ALIVE")
        workers = [
            start(
                stack,
                name,
                f"{deploy}.worker.Worker",
                *("-c", "1", "-m", "1500m", "--webui-port", "0", address),
            )
            for name in ("first", "second")
        ]
        for worker in workers:
            _wait_for(worker, "Successfully registered with master")
        yield address


def test_a_cluster_says_what_the_embedded_engine_says(cluster: str, tmp_path: Path) -> None:
    parts = province(3)
    check_equal(rank_province(written(parts, tmp_path), address=cluster), parts)
