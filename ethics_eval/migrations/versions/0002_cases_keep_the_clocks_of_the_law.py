"""Cases keep the clocks of the law

Revision: 0002; after: 0001; 2026-11-24 19:37:58.840055.
"""

from alembic import op
import sqlalchemy as sa
import ethics_eval.database


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


_OLD_STATUSES = (
    "'submitted','registered','accepted','declined','transferred','assigned','investigating','finding_draft',"
    "'hearing','decided','replied','closed'"
)
OLD = {
    "case_file": {
        "status": f"status IN ({_OLD_STATUSES})",
        "decided_has_outcome": "(status IN ('decided','replied','closed')) <= (outcome IS NOT NULL OR school_matter)",
    },
    "complaint": {},
}
NEW = {
    "case_file": {
        "status": f"status IN ({_OLD_STATUSES},'suspended','review','final_review','final','withdrawn','merged')",
        "decided_has_outcome": (
            "(status IN ('decided','replied','closed','final')) <= (outcome IS NOT NULL OR school_matter)"
        ),
        "merged": "(status = 'merged') = (merged_into_id IS NOT NULL)",
        "suspended": "(status = 'suspended') = (suspended_on IS NOT NULL)",
        "urgent": "urgent = (urgent_due_at IS NOT NULL)",
        "review_round": "review_round BETWEEN 0 AND 2",
        "petition_type": "petition_type IN ('REPORT','APPEAL','SUGGESTION','ENQUIRY')",
    },
    "complaint": {
        "satisfaction": "satisfaction IS NULL OR satisfaction BETWEEN 1 AND 3",
        "signer_count": "signer_count >= 1",
    },
}


def _replace_checks(batch_op, table, new, old):
    for name in old[table]:
        batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
    for name, text in new[table].items():
        batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), sa.text(text))


def upgrade():
    op.create_table('outbox_item',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('channel', sa.String(length=8), nullable=False),
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('dedupe_key', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('created_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('next_try_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('sent_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('given_up_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("channel IN ('email','webhook')", name=op.f('ck_outbox_item_channel')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_item')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_outbox_item_dedupe_key'))
    )
    with op.batch_alter_table('outbox_item', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_item_sent_at_next_try_at', ['sent_at', 'next_try_at'], unique=False)

    op.create_table('quota_count',
    sa.Column('bucket_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('began_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('bucket_hash', 'began_at', name=op.f('pk_quota_count'))
    )
    op.create_table('spent_challenge',
    sa.Column('signature_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('expires_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('signature_hash', name=op.f('pk_spent_challenge'))
    )
    with op.batch_alter_table('spent_challenge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_spent_challenge_expires_at'), ['expires_at'], unique=False)

    op.create_table('mailbox_count',
    sa.Column('mailbox_id', sa.Integer(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('opened_count', sa.Integer(), nullable=False),
    sa.Column('began_count', sa.Integer(), nullable=False),
    sa.Column('sent_count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['mailbox_id'], ['mailbox.id'], name=op.f('fk_mailbox_count_mailbox_id_mailbox')),
    sa.PrimaryKeyConstraint('mailbox_id', 'on', name=op.f('pk_mailbox_count'))
    )
    op.create_table('saved_view',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('query', sa.String(length=400), nullable=False),
    sa.Column('created_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_saved_view_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('account_id', 'name', name=op.f('uq_saved_view_account_id_name'))
    )
    op.create_table('staff_notice',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('dedupe_key', sa.String(length=160), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('subject_kind', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.String(length=64), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('read_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_staff_notice_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_notice')),
    sa.UniqueConstraint('account_id', 'dedupe_key', name=op.f('uq_staff_notice_account_id_dedupe_key'))
    )
    with op.batch_alter_table('staff_notice', schema=None) as batch_op:
        batch_op.create_index('ix_staff_notice_account_id_read_at', ['account_id', 'read_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_staff_notice_at'), ['at'], unique=False)

    op.create_table('task',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('params', sa.Text(), nullable=False),
    sa.Column('requested_by_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('done_count', sa.Integer(), nullable=False),
    sa.Column('total_count', sa.Integer(), nullable=False),
    sa.Column('created_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('started_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('lease_until', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('finished_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('error', sa.String(length=200), nullable=False),
    sa.CheckConstraint("(state = 'done') <= (finished_at IS NOT NULL)", name=op.f('ck_task_finished')),
    sa.CheckConstraint("state IN ('waiting','running','done','failed')", name=op.f('ck_task_state')),
    sa.ForeignKeyConstraint(['requested_by_id'], ['account.id'], name=op.f('fk_task_requested_by_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task'))
    )
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_task_requested_by_id'), ['requested_by_id'], unique=False)
        batch_op.create_index('ix_task_state_created_at', ['state', 'created_at'], unique=False)

    op.create_table('case_link',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('first_id', sa.String(length=32), nullable=False),
    sa.Column('second_id', sa.String(length=32), nullable=False),
    sa.Column('linked_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('linked_by_id', sa.Integer(), nullable=False),
    sa.CheckConstraint('first_id < second_id', name=op.f('ck_case_link_ordered')),
    sa.ForeignKeyConstraint(['first_id'], ['case_file.id'], name=op.f('fk_case_link_first_id_case_file')),
    sa.ForeignKeyConstraint(['linked_by_id'], ['account.id'], name=op.f('fk_case_link_linked_by_id_account')),
    sa.ForeignKeyConstraint(['second_id'], ['case_file.id'], name=op.f('fk_case_link_second_id_case_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_link')),
    sa.UniqueConstraint('first_id', 'second_id', name=op.f('uq_case_link_first_id_second_id'))
    )
    with op.batch_alter_table('case_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_link_second_id'), ['second_id'], unique=False)

    op.create_table('clearance',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('teacher_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('audience', sa.String(length=12), nullable=False),
    sa.Column('text', sa.LargeBinary(), nullable=False),
    sa.Column('offered_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('offered_by_id', sa.Integer(), nullable=False),
    sa.Column('answered_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('issued_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(state = 'issued') = (issued_on IS NOT NULL)", name=op.f('ck_clearance_issued')),
    sa.CheckConstraint("state IN ('offered','consented','declined','issued')", name=op.f('ck_clearance_state')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_clearance_case_id_case_file')),
    sa.ForeignKeyConstraint(['issued_by_id'], ['account.id'], name=op.f('fk_clearance_issued_by_id_account')),
    sa.ForeignKeyConstraint(['offered_by_id'], ['account.id'], name=op.f('fk_clearance_offered_by_id_account')),
    sa.ForeignKeyConstraint(['teacher_id'], ['teacher.id'], name=op.f('fk_clearance_teacher_id_teacher')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clearance'))
    )
    with op.batch_alter_table('clearance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clearance_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_clearance_teacher_id'), ['teacher_id'], unique=False)

    op.create_table('reminder',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('clock', sa.String(length=12), nullable=False),
    sa.Column('due', sa.String(length=32), nullable=False),
    sa.Column('level', sa.String(length=12), nullable=False),
    sa.Column('given_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_reminder_case_id_case_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')),
    sa.UniqueConstraint('case_id', 'clock', 'due', 'level', name=op.f('uq_reminder_case_id_clock_due_level'))
    )
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reminder_given_at'), ['given_at'], unique=False)

    op.create_table('measure_decision',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('finding_id', sa.String(length=32), nullable=False),
    sa.Column('teacher_id', sa.Integer(), nullable=False),
    sa.Column('measure', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('decided_by', sa.String(length=8), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('decided_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=False),
    sa.Column('filing_needed', sa.Boolean(), nullable=False),
    sa.Column('filed_on', sa.Date(), nullable=True),
    sa.Column('changed_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('changed_by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("decided_by IN ('school','district','city')", name=op.f('ck_measure_decision_decided_by')),
    sa.CheckConstraint("state IN ('active','extended','lifted','expired','revoked')", name=op.f('ck_measure_decision_state')),
    sa.CheckConstraint('ends_on IS NULL OR ends_on > starts_on', name=op.f('ck_measure_decision_term')),
    sa.ForeignKeyConstraint(['changed_by_id'], ['account.id'], name=op.f('fk_measure_decision_changed_by_id_account')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['account.id'], name=op.f('fk_measure_decision_decided_by_id_account')),
    sa.ForeignKeyConstraint(['finding_id'], ['finding.id'], name=op.f('fk_measure_decision_finding_id_finding')),
    sa.ForeignKeyConstraint(['teacher_id'], ['teacher.id'], name=op.f('fk_measure_decision_teacher_id_teacher')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_measure_decision'))
    )
    with op.batch_alter_table('measure_decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_measure_decision_finding_id'), ['finding_id'], unique=False)
        batch_op.create_index('ix_measure_decision_state_ends_on', ['state', 'ends_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_measure_decision_teacher_id'), ['teacher_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('complaint_id', sa.String(length=32), nullable=False),
    sa.Column('direction', sa.String(length=16), nullable=False),
    sa.Column('sent_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('read_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(direction = 'to_complainant') = (author_id IS NOT NULL)", name=op.f('ck_message_author')),
    sa.CheckConstraint("direction IN ('from_complainant','to_complainant')", name=op.f('ck_message_direction')),
    sa.ForeignKeyConstraint(['author_id'], ['account.id'], name=op.f('fk_message_author_id_account')),
    sa.ForeignKeyConstraint(['complaint_id'], ['complaint.id'], name=op.f('fk_message_complaint_id_complaint')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_complaint_id'), ['complaint_id'], unique=False)
        batch_op.create_index('ix_message_unread', ['complaint_id'], unique=False, sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))

    op.create_table('redaction',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('complaint_id', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('spans', sa.LargeBinary(), nullable=False),
    sa.Column('masked_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('masked_by_id', sa.Integer(), nullable=False),
    sa.Column('changed_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('changed_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("state IN ('masked','lifted','burnt')", name=op.f('ck_redaction_state')),
    sa.ForeignKeyConstraint(['changed_by_id'], ['account.id'], name=op.f('fk_redaction_changed_by_id_account')),
    sa.ForeignKeyConstraint(['complaint_id'], ['complaint.id'], name=op.f('fk_redaction_complaint_id_complaint')),
    sa.ForeignKeyConstraint(['masked_by_id'], ['account.id'], name=op.f('fk_redaction_masked_by_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redaction'))
    )
    with op.batch_alter_table('redaction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_redaction_complaint_id'), ['complaint_id'], unique=False)

    op.create_table('remedy',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('finding_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('grounds', sa.LargeBinary(), nullable=False),
    sa.Column('asked_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('extended', sa.Boolean(), nullable=False),
    sa.Column('result', sa.String(length=8), nullable=True),
    sa.Column('reasons', sa.LargeBinary(), nullable=True),
    sa.Column('decided_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_in_time', sa.Boolean(), nullable=True),
    sa.CheckConstraint("kind IN ('reconsideration','appeal')", name=op.f('ck_remedy_kind')),
    sa.CheckConstraint("result IS NULL OR result IN ('upheld','varied','revoked')", name=op.f('ck_remedy_result')),
    sa.CheckConstraint('(result IS NULL) = (decided_at IS NULL)', name=op.f('ck_remedy_decided')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['account.id'], name=op.f('fk_remedy_decided_by_id_account')),
    sa.ForeignKeyConstraint(['finding_id'], ['finding.id'], name=op.f('fk_remedy_finding_id_finding')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_remedy'))
    )
    with op.batch_alter_table('remedy', schema=None) as batch_op:
        batch_op.create_index('uq_remedy_finding_id_kind', ['finding_id', 'kind'], unique=True)
        batch_op.create_index('uq_remedy_finding_id_open', ['finding_id'], unique=True, sqlite_where=sa.text('result IS NULL'), postgresql_where=sa.text('result IS NULL'))

    op.create_table('identity_request',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('complaint_id', sa.String(length=32), nullable=False),
    sa.Column('evidence_id', sa.String(length=32), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=False),
    sa.Column('answer', sa.LargeBinary(), nullable=True),
    sa.Column('asked_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('custodian_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('custodian_id', sa.Integer(), nullable=True),
    sa.Column('approved_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('approver_id', sa.Integer(), nullable=True),
    sa.Column('open_until', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('opened_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'approved') <= (approver_id IS NOT NULL)", name=op.f('ck_identity_request_approver')),
    sa.CheckConstraint("(state IN ('authorised','approved')) <= (custodian_id IS NOT NULL)", name=op.f('ck_identity_request_custodian')),
    sa.CheckConstraint("state IN ('asked','authorised','approved','refused')", name=op.f('ck_identity_request_state')),
    sa.CheckConstraint('approver_id IS NULL OR (approver_id <> custodian_id AND approver_id <> asked_by_id)', name=op.f('ck_identity_request_two_persons')),
    sa.CheckConstraint('custodian_id IS NULL OR custodian_id <> asked_by_id', name=op.f('ck_identity_request_not_by_asker')),
    sa.ForeignKeyConstraint(['approver_id'], ['account.id'], name=op.f('fk_identity_request_approver_id_account')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['account.id'], name=op.f('fk_identity_request_asked_by_id_account')),
    sa.ForeignKeyConstraint(['complaint_id'], ['complaint.id'], name=op.f('fk_identity_request_complaint_id_complaint')),
    sa.ForeignKeyConstraint(['custodian_id'], ['account.id'], name=op.f('fk_identity_request_custodian_id_account')),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_identity_request_evidence_id_evidence')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity_request'))
    )
    with op.batch_alter_table('identity_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_identity_request_complaint_id'), ['complaint_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_identity_request_state'), ['state'], unique=False)

    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('notify_email', sa.String(length=254), nullable=True))

    with op.batch_alter_table('case_file', schema=None) as batch_op:
        batch_op.add_column(sa.Column('petition_type', sa.String(length=12), nullable=False, server_default='REPORT'))
        batch_op.add_column(sa.Column('owner_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('queue_on', sa.Date(), nullable=False, server_default='9999-12-31'))
        batch_op.add_column(sa.Column('remind_on', sa.Date(), nullable=False, server_default='0001-01-01'))
        batch_op.add_column(sa.Column('urgent', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('urgent_due_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('urgent_in_time', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('return_due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('suspended_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('replied_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('review_round', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('review_base_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('review_due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('reviewed_in_time', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('disputed_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('dispute_due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('dispute_answered_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('merged_into_id', sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f('ix_case_file_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_file_remind_on'), ['remind_on'], unique=False)
        batch_op.create_index('ix_case_file_queue_on_received_at', ['queue_on', 'received_at', 'id'], unique=False)
        batch_op.create_index('ix_case_file_district_code_queue_on', ['district_code', 'queue_on', 'received_at', 'id'], unique=False)
        batch_op.create_index('ix_case_file_urgent_queue_on', ['queue_on'], unique=False, sqlite_where=sa.text('urgent = 1'), postgresql_where=sa.text('urgent'))
        batch_op.create_index('ix_case_file_owner_id_desk_queue_on', ['owner_id', 'desk', 'queue_on', 'received_at', 'id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_case_file_owner_id_account'), 'account', ['owner_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_case_file_merged_into_id_case_file'), 'case_file', ['merged_into_id'], ['id'])
        _replace_checks(batch_op, 'case_file', NEW, OLD)
    # the day a queue goes by, for the cases that are there (rules.queueing; none of the new clocks runs yet)
    op.execute(
        "UPDATE case_file SET queue_on = CASE WHEN status = 'submitted' THEN register_due_on "
        "WHEN status = 'registered' THEN accept_due_on "
        "ELSE coalesce(reply_due_on, '9999-12-30') END "
        "WHERE status NOT IN ('declined','transferred','replied','closed')"
    )

    with op.batch_alter_table('complaint', schema=None) as batch_op:
        batch_op.add_column(sa.Column('signer_count', sa.Integer(), nullable=False, server_default='1'))
        batch_op.add_column(sa.Column('filed_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('source_due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('claim_hash', sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column('claimed_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('disclosed_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('satisfaction', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('rated_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_complaint_claim_hash'), ['claim_hash'])
        batch_op.create_foreign_key(batch_op.f('fk_complaint_filed_by_id_account'), 'account', ['filed_by_id'], ['id'])
        _replace_checks(batch_op, 'complaint', NEW, OLD)

    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('message_id', sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f('ix_evidence_message_id'), ['message_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_evidence_message_id_message'), 'message', ['message_id'], ['id'])


def downgrade():
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_evidence_message_id_message'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_evidence_message_id'))
        batch_op.drop_column('message_id')

    with op.batch_alter_table('complaint', schema=None) as batch_op:
        _replace_checks(batch_op, 'complaint', OLD, NEW)
        batch_op.drop_constraint(batch_op.f('fk_complaint_filed_by_id_account'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_complaint_claim_hash'), type_='unique')
        batch_op.drop_column('rated_at')
        batch_op.drop_column('satisfaction')
        batch_op.drop_column('disclosed_at')
        batch_op.drop_column('claimed_at')
        batch_op.drop_column('claim_hash')
        batch_op.drop_column('source_due_on')
        batch_op.drop_column('filed_by_id')
        batch_op.drop_column('signer_count')

    with op.batch_alter_table('case_file', schema=None) as batch_op:
        _replace_checks(batch_op, 'case_file', OLD, NEW)
        batch_op.drop_constraint(batch_op.f('fk_case_file_merged_into_id_case_file'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_case_file_owner_id_account'), type_='foreignkey')
        batch_op.drop_index('ix_case_file_urgent_queue_on', sqlite_where=sa.text('urgent = 1'), postgresql_where=sa.text('urgent'))
        batch_op.drop_index('ix_case_file_owner_id_desk_queue_on')
        batch_op.drop_index('ix_case_file_district_code_queue_on')
        batch_op.drop_index('ix_case_file_queue_on_received_at')
        batch_op.drop_index(batch_op.f('ix_case_file_remind_on'))
        batch_op.drop_index(batch_op.f('ix_case_file_merged_into_id'))
        batch_op.drop_column('merged_into_id')
        batch_op.drop_column('dispute_answered_on')
        batch_op.drop_column('dispute_due_on')
        batch_op.drop_column('disputed_on')
        batch_op.drop_column('reviewed_in_time')
        batch_op.drop_column('review_due_on')
        batch_op.drop_column('review_base_on')
        batch_op.drop_column('review_round')
        batch_op.drop_column('replied_on')
        batch_op.drop_column('suspended_on')
        batch_op.drop_column('return_due_on')
        batch_op.drop_column('urgent_in_time')
        batch_op.drop_column('urgent_due_at')
        batch_op.drop_column('urgent')
        batch_op.drop_column('remind_on')
        batch_op.drop_column('queue_on')
        batch_op.drop_column('owner_id')
        batch_op.drop_column('petition_type')

    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_column('notify_email')

    with op.batch_alter_table('identity_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_identity_request_state'))
        batch_op.drop_index(batch_op.f('ix_identity_request_complaint_id'))

    op.drop_table('identity_request')
    with op.batch_alter_table('remedy', schema=None) as batch_op:
        batch_op.drop_index('uq_remedy_finding_id_open', sqlite_where=sa.text('result IS NULL'), postgresql_where=sa.text('result IS NULL'))
        batch_op.drop_index('uq_remedy_finding_id_kind')

    op.drop_table('remedy')
    with op.batch_alter_table('redaction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_redaction_complaint_id'))

    op.drop_table('redaction')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_unread', sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_message_complaint_id'))

    op.drop_table('message')
    with op.batch_alter_table('measure_decision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_measure_decision_teacher_id'))
        batch_op.drop_index('ix_measure_decision_state_ends_on')
        batch_op.drop_index(batch_op.f('ix_measure_decision_finding_id'))

    op.drop_table('measure_decision')
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reminder_given_at'))

    op.drop_table('reminder')
    with op.batch_alter_table('clearance', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_clearance_teacher_id'))
        batch_op.drop_index(batch_op.f('ix_clearance_case_id'))

    op.drop_table('clearance')
    with op.batch_alter_table('case_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_link_second_id'))

    op.drop_table('case_link')
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.drop_index('ix_task_state_created_at')
        batch_op.drop_index(batch_op.f('ix_task_requested_by_id'))

    op.drop_table('task')
    with op.batch_alter_table('staff_notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_notice_at'))
        batch_op.drop_index('ix_staff_notice_account_id_read_at')

    op.drop_table('staff_notice')
    op.drop_table('saved_view')
    op.drop_table('mailbox_count')
    with op.batch_alter_table('spent_challenge', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_spent_challenge_expires_at'))

    op.drop_table('spent_challenge')
    op.drop_table('quota_count')
    with op.batch_alter_table('outbox_item', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_item_sent_at_next_try_at')

    op.drop_table('outbox_item')
