"""`ethics-eval serve`: protections are switched off on this machine's own addresses only."""

from __future__ import annotations

from pathlib import Path

import pytest

from ethics_eval.cli import serving
from ethics_eval.config import ConfigurationError, load, switched_off
from tests.cli.running import run

SECRETS = {"SECRET_KEY": "x", "ETHICS_EVAL_MASTER_KEY": "x"}


@pytest.mark.parametrize("name", ["ETHICS_EVAL_CHALLENGE", "ETHICS_EVAL_QUOTAS"])
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "127.0.0.1.example.org"])  # noqa: S104
def test_a_switch_that_is_off_refuses_to_be_served_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, host: str
) -> None:
    monkeypatch.setenv(name, "off")
    result = run("serve", "--host", host, instance=tmp_path)
    assert result.exit_code == 1
    assert result.stderr.strip() == f"{name}=off works on a loopback address only, not on {host}"


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)],  # noqa: S104
)
def test_loopback_addresses_are_known(host: str, own: bool) -> None:
    assert serving._is_loopback(host) is own


def test_the_switches_are_on_unless_said_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ETHICS_EVAL_CHALLENGE", "ETHICS_EVAL_QUOTAS"):
        monkeypatch.delenv(name, raising=False)
    settings = load({"INSTANCE": tmp_path, **SECRETS})
    assert (settings["ETHICS_EVAL_CHALLENGE"], settings["ETHICS_EVAL_QUOTAS"]) == ("pow", "on")
    assert switched_off(settings) == []
    monkeypatch.setenv("ETHICS_EVAL_QUOTAS", "off")
    settings = load({"INSTANCE": tmp_path, **SECRETS})
    assert switched_off(settings) == ["ETHICS_EVAL_QUOTAS"]
    assert switched_off(load({"INSTANCE": tmp_path, "ETHICS_EVAL_QUOTAS": "on", **SECRETS})) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("ETHICS_EVAL_CHALLENGE", "on"), ("ETHICS_EVAL_CHALLENGE", ""), ("ETHICS_EVAL_QUOTAS", "no")],
)
def test_other_values_are_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name):
        load({"INSTANCE": tmp_path, **SECRETS})
    result = run("serve", instance=tmp_path)
    assert result.exit_code == 2
    assert name in result.stderr
