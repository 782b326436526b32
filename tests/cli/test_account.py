"""``ethics-eval account``: made, given a new password, shut."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.cli.running import on
from tests.support.city import PASSWORD
from tests.support.forms import sign_in, submit

NEW = "炎帝陵前的银杏树-77"


def may_sign_in(app: Flask, name: str, password: str) -> bool:
    answer = submit(app.test_client(), "/login", {"username": name, "password": password})
    return answer.status_code == 303


def test_an_account_is_made_and_signs_in(city: Flask) -> None:
    made = on(
        city, "account", "create", "新区", "--role", "district_officer", "--district", "430211",
        "--password-stdin", given=f"{NEW}\n",
    )  # fmt: skip
    assert (made.exit_code, made.stdout) == (0, "新区: district_officer\n"), made.output
    assert may_sign_in(city, "新区", NEW)


@pytest.mark.parametrize(
    ("arguments", "password", "told"),
    [
        (("--role", "district_officer", "--district", "999999"), NEW, "没有这个区县：999999"),
        (("--role", "school_head", "--school", "1"), NEW, "没有这个学校：1"),
        (("--role", "teacher", "--teacher", "T9"), NEW, "没有这个教师：T9"),
        (("--role", "bureau_officer", "--district", "430211"), NEW, "角色与所属学校、区县或教师不相符。"),
        (("--role", "school_officer"), NEW, "角色与所属学校、区县或教师不相符。"),
        (("--role", "auditor"), "short", "密码至少 10 个字符。"),
        (("--role", "auditor"), "password1234", "这个密码太容易被猜到，请换一个。"),
    ],
)
def test_what_cannot_be_made_is_told_in_one_line(
    city: Flask, arguments: tuple[str, ...], password: str, told: str
) -> None:
    done = on(city, "account", "create", "somebody", *arguments, "--password-stdin", given=f"{password}\n")
    assert (done.exit_code, done.stderr) == (1, f"{told}\n")


def test_a_name_is_taken_once_and_a_role_must_exist(city: Flask) -> None:
    taken = on(city, "account", "create", "auditor", "--role", "auditor", "--password-stdin", given=NEW)
    assert (taken.exit_code, taken.stderr) == (1, "账号名“auditor”已被使用。\n")
    assert on(city, "account", "create", "x", "--role", "king", "--password-stdin", given=NEW).exit_code == 2


def test_a_new_password_signs_out_everywhere(city: Flask) -> None:
    client = city.test_client()
    sign_in(client, "bureau_officer", PASSWORD)
    assert client.get("/account").status_code == 200
    assert on(city, "account", "reset", "bureau_officer", "--password-stdin", given=NEW).exit_code == 0
    assert client.get("/account").status_code == 303
    assert not may_sign_in(city, "bureau_officer", PASSWORD)
    assert may_sign_in(city, "bureau_officer", NEW)


def test_a_closed_account_is_out_at_once_and_may_be_opened_again(city: Flask) -> None:
    client = city.test_client()
    sign_in(client, "school_officer", PASSWORD)
    assert on(city, "account", "close", "school_officer").stdout == "school_officer: closed\n"
    assert client.get("/school/cases").status_code == 303
    assert not may_sign_in(city, "school_officer", PASSWORD)
    on(city, "account", "reset", "school_officer", "--password-stdin", given=NEW)
    assert may_sign_in(city, "school_officer", NEW)


@pytest.mark.parametrize("command", [("close",), ("reset", "--password-stdin")])
def test_nobody_of_that_name(city: Flask, command: tuple[str, ...]) -> None:
    done = on(city, "account", *command, "nobody", given=NEW)
    assert (done.exit_code, done.stderr) == (1, "没有这个账号：nobody\n")
