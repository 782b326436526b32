"""身份保管: who may have a sealed identity, or the original of a file, opened. Nobody alone, and never by default.

An officer asks with a reason; the custodian authorises; a second person, who is neither, approves; then the officer may
look for a day. Without a custodian nothing is opened. A finding of malice changes none of this.
Source: security.md §1; anchors.md (a missing guardian must not open the gate); 信访工作条例 art. 30.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.text import N_, RuleViolation

OPEN_FOR = timedelta(hours=24)


class CustodyState(StrEnum):
    """How far a request is."""

    ASKED = "asked"
    AUTHORISED = "authorised"
    APPROVED = "approved"
    REFUSED = "refused"


CUSTODY_LABELS: Mapping[CustodyState, str] = {
    CustodyState.ASKED: N_("等待保管员审查"),
    CustodyState.AUTHORISED: N_("等待第二人批准"),
    CustodyState.APPROVED: N_("已批准"),
    CustodyState.REFUSED: N_("未批准"),
}


@dataclass(frozen=True)
class CustodyFacts:
    """A request as the rules see it. ``about_ids``: accounts of those the case is about."""

    state: CustodyState
    asked_by_id: int
    custodian_id: int | None = None
    open_until: datetime | None = None
    about_ids: frozenset[int] = frozenset()


def check_ask(*, has_custodian: bool, is_sealed: bool, is_open: bool) -> None:
    """Whether a request can be made. Raises: RuleViolation: no custodian (refused, never granted), nothing is sealed,
    or one of the asker's own is under way.
    """
    if not has_custodian:
        raise RuleViolation(
            "custody.no_custodian", N_("还没有身份保管员，不能查看。请联系系统管理员设立后再申请。")
        )
    if not is_sealed:
        raise RuleViolation("custody.nothing_sealed", N_("这件投诉没有封存的内容。"))
    if is_open:
        raise RuleViolation("custody.asked", N_("您已经申请过，请等待答复。"))


def check_authorise(request: CustodyFacts, actor: Actor) -> None:
    """The custodian's word. Raises: RuleViolation: not the custodian, the asker, one the case is about, too late."""
    require(actor, Permission.IDENTITY_AUTHORISE)
    _check_stranger(request, actor, {request.asked_by_id})
    _check_state(request, CustodyState.ASKED)


def check_approve(request: CustodyFacts, actor: Actor) -> None:
    """The second person's word. Raises: RuleViolation: not of that office, or asker, custodian, one it is about."""
    require(actor, Permission.IDENTITY_APPROVE)
    _check_stranger(request, actor, {request.asked_by_id, request.custodian_id})
    _check_state(request, CustodyState.AUTHORISED)


def check_refuse(request: CustodyFacts, actor: Actor) -> None:
    """Either may refuse while it is theirs to answer. Raises: RuleViolation."""
    if request.state is CustodyState.ASKED:
        check_authorise(request, actor)
    else:
        check_approve(request, actor)


def check_open(request: CustodyFacts, actor: Actor, at: datetime) -> None:
    """Looking, for the asker, within a day. Raises: RuleViolation: somebody else, not approved, the day is over."""
    if actor.id is None or actor.id != request.asked_by_id or actor.id in request.about_ids:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    _check_state(request, CustodyState.APPROVED)
    if request.open_until is None or at >= request.open_until:
        raise RuleViolation("custody.over", N_("查看期限已过，需要再看请重新申请。"))


def _check_stranger(request: CustodyFacts, actor: Actor, not_these: set[int | None]) -> None:
    if actor.id in not_these or actor.id in request.about_ids:
        raise RuleViolation(
            "custody.same_person", N_("申请人、保管员和批准人须是三个不同的人，且与案件无关。")
        )


def _check_state(request: CustodyFacts, wanted: CustodyState) -> None:
    if request.state is not wanted:
        raise RuleViolation("custody.wrong_state", N_("这项申请现在不能这样办理。"))
