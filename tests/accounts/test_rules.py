"""Who may do what, what a password must be, when a lock ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.accounts.rules import (
    CLOCK,
    LOCK_AFTER_FAILURES,
    LOCK_WINDOW,
    PERMISSION_LABELS,
    PERMISSIONS,
    PUBLIC,
    ROLE_LABELS,
    SCOPE_LABELS,
    Actor,
    Permission,
    Role,
    Scope,
    check_password,
    locked_until,
    require,
    scope_of,
)
from ethics_eval.text import RuleViolation

AT = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
COMMON = frozenset({"password123", "1234567890", "qwertyuiop"})
REACH = {
    Role.SCHOOL_OFFICER: Scope.OWN_SCHOOL,
    Role.SCHOOL_HEAD: Scope.OWN_SCHOOL,
    Role.DISTRICT_OFFICER: Scope.OWN_DISTRICT,
    Role.TEACHER: Scope.OWN_PERSON,
}


def test_every_permission_is_in_the_table_and_every_word_is_there() -> None:
    assert set(PERMISSIONS) == set(PERMISSION_LABELS) == set(Permission)
    assert set(ROLE_LABELS) == set(Role)
    assert set(SCOPE_LABELS) == set(Scope)


def test_no_role_reaches_further_than_its_place() -> None:
    for permission, roles in PERMISSIONS.items():
        for role, scope in roles.items():
            assert scope is REACH.get(role, Scope.CITY), f"{permission} {role}"


def test_only_district_and_city_decide() -> None:
    for permission in (Permission.CASE_DECIDE, Permission.CASE_SEND_BACK):
        assert set(PERMISSIONS[permission]) == {
            Role.DISTRICT_OFFICER,
            Role.BUREAU_OFFICER,
            Role.BUREAU_HEAD,
        }


@pytest.mark.parametrize("role", [Role.CUSTODIAN, Role.TEACHER, Role.AUDITOR, Role.SYSADMIN])
def test_these_roles_have_nothing_to_do_with_cases(role: Role) -> None:
    assert not [
        permission
        for permission, roles in PERMISSIONS.items()
        if permission.value.startswith("case.") and role in roles
    ]


def test_the_public_and_the_clock_may_nothing() -> None:
    for permission in Permission:
        for nobody in (PUBLIC, CLOCK):
            assert scope_of(nobody, permission) is None
            with pytest.raises(RuleViolation) as refused:
                require(nobody, permission)
            assert refused.value.code == "permission.denied"


def test_require_gives_the_scope() -> None:
    assert require(Actor(1, Role.AUDITOR), Permission.AUDIT_READ) is Scope.CITY


def test_events_name_the_role_or_the_kind() -> None:
    assert (PUBLIC.kind, CLOCK.kind, Actor(1, Role.TEACHER, "王芳").kind) == ("public", "clock", "teacher")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password.short"),
        ("九个字符的密码呢呢", "password.short"),
        ("十个字符的密码呢呢啊", None),
        ("1234567890", "password.common"),
        ("QwertyUIOP", "password.common"),
        ("xx-WangFang-2026", "password.common"),
        ("株洲的春天-42", "password.short"),
        ("株洲的春天-2042", None),
        ("correct horse battery", None),
    ],
)
def test_passwords(password: str, code: str | None) -> None:
    if code is None:
        check_password(password, "wangfang", COMMON)
        return
    with pytest.raises(RuleViolation) as refused:
        check_password(password, "wangfang", COMMON)
    assert (refused.value.code, refused.value.field) == (code, "password")


def minutes(*ago: float) -> list[datetime]:
    return [AT - timedelta(minutes=each) for each in ago]


@pytest.mark.parametrize(
    ("failures", "ends"),
    [
        ([], None),
        (minutes(0, 1, 2, 3), None),
        (minutes(0, 1, 2, 3, 4), AT + LOCK_WINDOW),
        (minutes(4, 3, 2, 1, 0), AT + LOCK_WINDOW),
        (minutes(0, 4, 8, 12, 15), AT + LOCK_WINDOW),
        (minutes(0, 4, 8, 12, 16), None),
        (minutes(5, 6, 7, 8, 9), AT + timedelta(minutes=10)),
        (minutes(0, 20, 21, 22, 23, 24), None),
    ],
)
def test_five_failures_within_a_quarter_of_an_hour_lock(
    failures: list[datetime], ends: datetime | None
) -> None:
    assert locked_until(failures) == ends


@given(st.lists(st.integers(0, 3600).map(lambda ago: AT - timedelta(seconds=ago)), max_size=12))
def test_a_lock_ends_a_quarter_of_an_hour_after_the_last_failure(failures: list[datetime]) -> None:
    ends = locked_until(failures)
    if ends is None:
        return
    assert ends == max(failures) + LOCK_WINDOW
    recent = [at for at in failures if at >= max(failures) - LOCK_WINDOW]
    assert len(recent) >= LOCK_AFTER_FAILURES
