"""Who may do what: roles, scopes and the permission table. Nothing is allowed that is not written here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ethics_eval.text import N_, RuleViolation


class Role(StrEnum):
    """The roles of the command line contract (design.md §4)."""

    SCHOOL_OFFICER = "school_officer"
    SCHOOL_HEAD = "school_head"
    DISTRICT_OFFICER = "district_officer"
    BUREAU_OFFICER = "bureau_officer"
    BUREAU_HEAD = "bureau_head"
    CUSTODIAN = "custodian"
    TEACHER = "teacher"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"


ROLE_LABELS: Mapping[Role, str] = {
    Role.SCHOOL_OFFICER: N_("学校师德专员"),
    Role.SCHOOL_HEAD: N_("校长(园长)"),
    Role.DISTRICT_OFFICER: N_("区县教育局专员"),
    Role.BUREAU_OFFICER: N_("市教育局专员"),
    Role.BUREAU_HEAD: N_("市教育局负责人"),
    Role.CUSTODIAN: N_("身份保管员"),
    Role.TEACHER: N_("教师"),
    Role.AUDITOR: N_("审计员"),
    Role.SYSADMIN: N_("系统管理员"),
}


class Scope(StrEnum):
    """How far a permission reaches."""

    OWN_SCHOOL = "own_school"
    OWN_DISTRICT = "own_district"
    CITY = "city"
    OWN_PERSON = "own_person"


SCOPE_LABELS: Mapping[Scope, str] = {
    Scope.OWN_SCHOOL: N_("本校"),
    Scope.OWN_DISTRICT: N_("本区县"),
    Scope.CITY: N_("全市"),
    Scope.OWN_PERSON: N_("本人"),
}


class Permission(StrEnum):
    """Everything a signed-in person can be allowed."""

    CASE_READ = "case.read"
    CASE_REGISTER = "case.register"
    CASE_ACCEPT = "case.accept"
    CASE_DECLINE = "case.decline"
    CASE_TRANSFER = "case.transfer"
    CASE_ASSIGN = "case.assign"
    CASE_OBJECT = "case.object"
    CASE_INVESTIGATE = "case.investigate"
    CASE_PROPOSE = "case.propose"
    CASE_HEAR = "case.hear"
    CASE_RECUSE = "case.recuse"
    CASE_SEND_BACK = "case.send_back"
    CASE_DECIDE = "case.decide"
    CASE_REPLY = "case.reply"
    CASE_CLOSE = "case.close"
    CASE_OWN = "case.own"
    CASE_MESSAGE = "case.message"
    CASE_EXTEND = "case.extend"
    CASE_SUSPEND = "case.suspend"
    CASE_REFER = "case.refer"
    CASE_REOPEN = "case.reopen"
    CASE_MERGE = "case.merge"
    CASE_LINK = "case.link"
    CASE_REDACT = "case.redact"
    CASE_REVIEW = "case.review"
    CASE_DISPUTE = "case.dispute"
    CASE_FILE = "case.file"
    CASE_SUPERVISE = "case.supervise"
    MEASURE_DECIDE = "measure.decide"
    MEASURE_FILE = "measure.file"
    REMEDY_ASK = "remedy.ask"
    REMEDY_DECIDE = "remedy.decide"
    CLEARANCE_OFFER = "clearance.offer"
    CLEARANCE_ANSWER = "clearance.answer"
    IDENTITY_ASK = "identity.ask"
    IDENTITY_AUTHORISE = "identity.authorise"
    IDENTITY_APPROVE = "identity.approve"
    REPORT_READ = "report.read"
    REPORT_EXPORT = "report.export"
    POSTER_PRINT = "poster.print"
    MAILBOX_READ = "mailbox.read"
    MAILBOX_REPLACE = "mailbox.replace"
    STATEMENT_WRITE = "statement.write"
    SCORE_READ = "score.read"
    RANKING_READ = "ranking.read"
    RANKING_EXPORT = "ranking.export"
    SEMESTER_READ = "semester.read"
    SEMESTER_STEP = "semester.step"
    NOTICE_READ = "notice.read"
    NOTICE_ACKNOWLEDGE = "notice.acknowledge"
    SCHEME_READ = "scheme.read"
    SCHEME_DRAFT = "scheme.draft"
    SCHEME_ADOPT = "scheme.adopt"
    BALLOT_PLAN = "ballot.plan"
    BALLOT_ISSUE = "ballot.issue"
    TURNOUT_READ = "turnout.read"
    BALLOT_REASON_READ = "ballot.reason_read"
    RANKING_VERIFY = "ranking.verify"
    SEMESTER_HOLD = "semester.hold"
    OBJECTION_FILE = "objection.file"
    OBJECTION_DECIDE = "objection.decide"
    RANKING_CORRECT = "ranking.correct"
    NOTICE_TEMPLATE = "notice.template"
    NOTICE_WITHDRAW = "notice.withdraw"
    FILE_READ = "file.read"
    CERTIFICATE_ISSUE = "certificate.issue"
    PERMISSION_READ = "permission.read"
    AUDIT_READ = "audit.read"


PERMISSION_LABELS: Mapping[Permission, str] = {
    Permission.CASE_READ: N_("查看案件"),
    Permission.CASE_REGISTER: N_("登记投诉"),
    Permission.CASE_ACCEPT: N_("受理"),
    Permission.CASE_DECLINE: N_("决定不予受理"),
    Permission.CASE_TRANSFER: N_("转送其他部门"),
    Permission.CASE_ASSIGN: N_("交办"),
    Permission.CASE_OBJECT: N_("提出不属本单位办理"),
    Permission.CASE_INVESTIGATE: N_("调查核实"),
    Permission.CASE_PROPOSE: N_("拟定认定"),
    Permission.CASE_HEAR: N_("告知教师并记录陈述申辩"),
    Permission.CASE_RECUSE: N_("回避并移交"),
    Permission.CASE_SEND_BACK: N_("退回补充调查"),
    Permission.CASE_DECIDE: N_("作出认定"),
    Permission.CASE_REPLY: N_("答复投诉人"),
    Permission.CASE_CLOSE: N_("办结"),
    Permission.CASE_OWN: N_("指定经办人"),
    Permission.CASE_MESSAGE: N_("与投诉人留言往来、写内部备注"),
    Permission.CASE_EXTEND: N_("批准延期"),
    Permission.CASE_SUSPEND: N_("中止和恢复办理"),
    Permission.CASE_REFER: N_("移送公安机关"),
    Permission.CASE_REOPEN: N_("重新登记不予受理的投诉"),
    Permission.CASE_MERGE: N_("并案"),
    Permission.CASE_LINK: N_("关联案件"),
    Permission.CASE_REDACT: N_("遮盖投诉内容"),
    Permission.CASE_REVIEW: N_("办理复查、复核"),
    Permission.CASE_DISPUTE: N_("答复异议"),
    Permission.CASE_FILE: N_("代为登记投诉"),
    Permission.CASE_SUPERVISE: N_("督办"),
    Permission.MEASURE_DECIDE: N_("作出、延长和解除处理决定"),
    Permission.MEASURE_FILE: N_("登记处理决定备案"),
    Permission.REMEDY_ASK: N_("申请复核、提出申诉"),
    Permission.REMEDY_DECIDE: N_("办理教师的复核、申诉"),
    Permission.CLEARANCE_OFFER: N_("拟写和发出澄清正名"),
    Permission.CLEARANCE_ANSWER: N_("答复是否同意澄清"),
    Permission.IDENTITY_ASK: N_("申请查看封存的身份"),
    Permission.IDENTITY_AUTHORISE: N_("保管员审查查看身份的申请"),
    Permission.IDENTITY_APPROVE: N_("第二人批准查看身份"),
    Permission.REPORT_READ: N_("查看调度通报"),
    Permission.REPORT_EXPORT: N_("下载调度通报"),
    Permission.POSTER_PRINT: N_("打印信箱海报"),
    Permission.MAILBOX_READ: N_("查看信箱和二维码"),
    Permission.MAILBOX_REPLACE: N_("更换信箱二维码"),
    Permission.STATEMENT_WRITE: N_("提交陈述申辩"),
    Permission.SCORE_READ: N_("查看本人得分和名次"),
    Permission.RANKING_READ: N_("查看榜单"),
    Permission.RANKING_EXPORT: N_("下载榜单"),
    Permission.SEMESTER_READ: N_("查看学期考评"),
    Permission.SEMESTER_STEP: N_("冻结、预告、发布榜单"),
    Permission.NOTICE_READ: N_("查看通报和告知"),
    Permission.NOTICE_ACKNOWLEDGE: N_("签收通报"),
    Permission.SCHEME_READ: N_("查看考评方案"),
    Permission.SCHEME_DRAFT: N_("拟定考评方案"),
    Permission.SCHEME_ADOPT: N_("批准考评方案"),
    Permission.BALLOT_PLAN: N_("设定评议时间"),
    Permission.BALLOT_ISSUE: N_("编排评议名单、发放评议码"),
    Permission.TURNOUT_READ: N_("查看评议进度"),
    Permission.BALLOT_REASON_READ: N_("查看最低档理由和异常票"),
    Permission.RANKING_VERIFY: N_("复核冻结的榜单"),
    Permission.SEMESTER_HOLD: N_("暂停和恢复考评步骤"),
    Permission.OBJECTION_FILE: N_("对得分提出异议、申诉"),
    Permission.OBJECTION_DECIDE: N_("办理得分异议、申诉"),
    Permission.RANKING_CORRECT: N_("更正已发布的榜单"),
    Permission.NOTICE_TEMPLATE: N_("编辑通报模板"),
    Permission.NOTICE_WITHDRAW: N_("撤销通报"),
    Permission.FILE_READ: N_("查看师德档案"),
    Permission.CERTIFICATE_ISSUE: N_("出具和撤销师德证明"),
    Permission.PERMISSION_READ: N_("查看权限表"),
    Permission.AUDIT_READ: N_("查看审计记录"),
}

_SCHOOL = {Role.SCHOOL_OFFICER: Scope.OWN_SCHOOL}
_SCHOOL_AND_HEAD = {**_SCHOOL, Role.SCHOOL_HEAD: Scope.OWN_SCHOOL}
_DISTRICT = {Role.DISTRICT_OFFICER: Scope.OWN_DISTRICT}
_BUREAU = {Role.BUREAU_OFFICER: Scope.CITY}
_BUREAU_AND_HEAD = {**_BUREAU, Role.BUREAU_HEAD: Scope.CITY}
_OWN = {Role.TEACHER: Scope.OWN_PERSON}
_AUDITOR = {Role.AUDITOR: Scope.CITY}

# permission → role → scope; the page "谁可以做什么" renders this very table.
PERMISSIONS: Mapping[Permission, Mapping[Role, Scope]] = {
    Permission.CASE_READ: {**_SCHOOL_AND_HEAD, **_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.CASE_REGISTER: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    Permission.CASE_ACCEPT: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    Permission.CASE_DECLINE: {**_DISTRICT, **_BUREAU},
    Permission.CASE_TRANSFER: {**_DISTRICT, **_BUREAU},
    Permission.CASE_ASSIGN: {**_DISTRICT, **_BUREAU},
    Permission.CASE_OBJECT: {**_SCHOOL, **_DISTRICT},
    Permission.CASE_INVESTIGATE: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    Permission.CASE_PROPOSE: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    Permission.CASE_HEAR: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    Permission.CASE_RECUSE: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    Permission.CASE_SEND_BACK: {**_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.CASE_DECIDE: {**_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.CASE_REPLY: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    Permission.CASE_CLOSE: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    Permission.CASE_OWN: {**_SCHOOL_AND_HEAD, **_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.CASE_MESSAGE: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    # The head of the body that handles it approves (信访工作条例 art. 34); at the bureau the next above does.
    Permission.CASE_EXTEND: {Role.SCHOOL_HEAD: Scope.OWN_SCHOOL, **_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.CASE_SUSPEND: {**_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.CASE_REFER: {**_DISTRICT, **_BUREAU},
    Permission.CASE_REOPEN: {**_DISTRICT, **_BUREAU},
    Permission.CASE_MERGE: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    Permission.CASE_LINK: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    Permission.CASE_REDACT: {**_DISTRICT, **_BUREAU},
    Permission.CASE_REVIEW: {**_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.CASE_DISPUTE: {**_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.CASE_FILE: {**_SCHOOL, **_DISTRICT, **_BUREAU},
    Permission.CASE_SUPERVISE: {**_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.MEASURE_DECIDE: {Role.SCHOOL_HEAD: Scope.OWN_SCHOOL, **_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.MEASURE_FILE: {**_SCHOOL_AND_HEAD, **_DISTRICT, **_BUREAU},
    Permission.REMEDY_ASK: _OWN,
    Permission.REMEDY_DECIDE: {**_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.CLEARANCE_OFFER: {**_DISTRICT, **_BUREAU},
    Permission.CLEARANCE_ANSWER: _OWN,
    Permission.IDENTITY_ASK: {**_DISTRICT, **_BUREAU},
    Permission.IDENTITY_AUTHORISE: {Role.CUSTODIAN: Scope.CITY},
    Permission.IDENTITY_APPROVE: {Role.BUREAU_HEAD: Scope.CITY},
    Permission.REPORT_READ: {**_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.REPORT_EXPORT: {**_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.POSTER_PRINT: {**_SCHOOL_AND_HEAD, **_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.MAILBOX_READ: {**_SCHOOL_AND_HEAD, **_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.MAILBOX_REPLACE: {**_DISTRICT, **_BUREAU},
    Permission.STATEMENT_WRITE: _OWN,
    Permission.SCORE_READ: _OWN,
    Permission.RANKING_READ: {**_SCHOOL_AND_HEAD, **_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.RANKING_EXPORT: {**_SCHOOL_AND_HEAD, **_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.SEMESTER_READ: {**_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.SEMESTER_STEP: _BUREAU_AND_HEAD,
    Permission.NOTICE_READ: {**_SCHOOL_AND_HEAD, **_DISTRICT, **_BUREAU_AND_HEAD, **_OWN},
    Permission.NOTICE_ACKNOWLEDGE: {**_SCHOOL_AND_HEAD, **_DISTRICT, **_OWN},
    Permission.SCHEME_READ: {**_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.SCHEME_DRAFT: _BUREAU_AND_HEAD,
    Permission.SCHEME_ADOPT: {Role.BUREAU_HEAD: Scope.CITY},
    Permission.BALLOT_PLAN: _BUREAU_AND_HEAD,
    Permission.BALLOT_ISSUE: _SCHOOL_AND_HEAD,
    Permission.TURNOUT_READ: {**_SCHOOL_AND_HEAD, **_DISTRICT, **_BUREAU_AND_HEAD},
    Permission.BALLOT_REASON_READ: _BUREAU_AND_HEAD,
    Permission.RANKING_VERIFY: _BUREAU_AND_HEAD,
    Permission.SEMESTER_HOLD: _BUREAU_AND_HEAD,
    Permission.OBJECTION_FILE: _OWN,
    Permission.OBJECTION_DECIDE: _BUREAU_AND_HEAD,
    Permission.RANKING_CORRECT: {Role.BUREAU_HEAD: Scope.CITY},
    Permission.NOTICE_TEMPLATE: _BUREAU_AND_HEAD,
    Permission.NOTICE_WITHDRAW: {Role.BUREAU_HEAD: Scope.CITY},
    Permission.FILE_READ: {Role.SCHOOL_HEAD: Scope.OWN_SCHOOL, **_DISTRICT, **_BUREAU_AND_HEAD, **_OWN},
    Permission.CERTIFICATE_ISSUE: _BUREAU_AND_HEAD,
    Permission.PERMISSION_READ: {**_BUREAU_AND_HEAD, **_AUDITOR, Role.SYSADMIN: Scope.CITY},
    Permission.AUDIT_READ: _AUDITOR,
}


@dataclass(frozen=True)
class Actor:
    """Who acts, detached from the database; ``id`` is None for the public and the clock."""

    id: int | None
    role: Role | None
    display_name: str = ""
    school_id: int | None = None
    district_code: str | None = None
    teacher_id: int | None = None

    @property
    def kind(self) -> str:
        """The word written into events: the role, or ``public``/``clock`` by name."""
        return self.role.value if self.role else self.display_name


PUBLIC = Actor(id=None, role=None, display_name="public")
CLOCK = Actor(id=None, role=None, display_name="clock")


def scope_of(actor: Actor, permission: Permission) -> Scope | None:
    """How far the actor's permission reaches; None: not allowed at all."""
    return None if actor.role is None else PERMISSIONS[permission].get(actor.role)


def require(actor: Actor, permission: Permission) -> Scope:
    """The scope, or a refusal. Raises: RuleViolation ``permission.denied``."""
    scope = scope_of(actor, permission)
    if scope is None:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    return scope


MIN_PASSWORD_LENGTH = 10
LOCK_AFTER_FAILURES = 5
LOCK_WINDOW = timedelta(minutes=15)


def check_password(password: str, username: str, common: frozenset[str]) -> None:
    """Refuse what is short, common, or the name itself (security.md §2). Raises: RuleViolation at ``password``."""
    if len(password) < MIN_PASSWORD_LENGTH:
        raise RuleViolation(
            "password.short",
            N_("密码至少 %(length)s 个字符。"),
            field="password",
            length=MIN_PASSWORD_LENGTH,
        )
    if password.casefold() in common or username.casefold() in password.casefold():
        raise RuleViolation("password.common", N_("这个密码太容易被猜到，请换一个。"), field="password")


def locked_until(failures: list[datetime]) -> datetime | None:
    """When the lock of five failures within 15 minutes ends; None while not locked.

    Args: failures: the instants of failures since the last success, in any order.
    """
    ordered = sorted(failures)
    if len(ordered) < LOCK_AFTER_FAILURES:
        return None
    last = ordered[-LOCK_AFTER_FAILURES:]
    return last[-1] + LOCK_WINDOW if last[-1] - last[0] <= LOCK_WINDOW else None


class Channel(StrEnum):
    """The ways word goes out of the application."""

    EMAIL = "email"
    WEBHOOK = "webhook"


# After the n-th try the next waits so long; a try still on its way counts as failed by then.
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 60, 180, 480, 960))


def retry_after(tries: int) -> timedelta | None:
    """How long to wait after the try of this number (from 1) before the next; None: one gives up instead.

    >>> retry_after(1), retry_after(len(RETRY_AFTER) + 1)
    (datetime.timedelta(seconds=120), None)
    """
    return RETRY_AFTER[tries - 1] if tries <= len(RETRY_AFTER) else None


MAX_EMAIL = 254
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+"
)


def checked_email(text: str) -> str | None:
    """The address as it is kept; None: none is wanted. Raises: RuleViolation at ``email``: it is none."""
    address = text.strip()
    if not address:
        return None
    if len(address) > MAX_EMAIL or _EMAIL.fullmatch(address) is None:
        raise RuleViolation(
            "account.email", N_("请填写完整的电子邮箱，例如 name@example.gov.cn。"), field="email"
        )
    return address
