"""Schemes in drafts, ballots, how sure a place is, corrections, the ethics file

Revision: 0003; after: 0002.
"""

from alembic import op
import sqlalchemy as sa
import ethics_eval.database


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


_TO_ALL = "kind IN ('circular','correction','withdrawal')"

# table → check → its text; ours, then as it was
_NEW_CHECKS = {
    "notice": {
        "kind": "kind IN ('prior','individual','circular','correction','withdrawal')",
        "person": f"({_TO_ALL}) = (teacher_id IS NULL)",
        "numbered": f"({_TO_ALL}) = (serial IS NOT NULL)",
        "status": "status IN ('in_force','corrected','withdrawn')",
        "cites": "(kind IN ('correction','withdrawal')) <= (cites_id IS NOT NULL)",
    },
    "ranking": {
        "cause": "cause IN ('','objection','appeal','finding','earlier','error')",
        "correction": "(cause = '') = (corrects_id IS NULL)",
    },
    "scheme_version": {
        "status": "status IN ('draft','adopted')",
        "adopted": "(status = 'draft') = (adopted_at IS NULL)",
    },
    "tally": {"source": "source IN ('paper','ballot')"},
}
_OLD_CHECKS = {
    "notice": {
        "kind": "kind IN ('prior','individual','circular')",
        "person": "(kind = 'circular') = (teacher_id IS NULL)",
        "numbered": "(kind = 'circular') = (serial IS NOT NULL)",
    },
}


def _replace_checks(table, new, old):
    with op.batch_alter_table(table, schema=None) as batch_op:
        for name in old.get(table, {}):
            batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        for name, text in new.get(table, {}).items():
            batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), sa.text(text))


def upgrade():
    op.create_table('ballot_flag',
    sa.Column('semester_code', sa.String(length=11), nullable=False),
    sa.Column('school_id', sa.Integer(), nullable=False),
    sa.Column('teacher_id', sa.Integer(), nullable=False),
    sa.Column('component', sa.String(length=6), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.CheckConstraint("component IN ('self','peer','pupil','parent','school')", name=op.f('ck_ballot_flag_component')),
    sa.CheckConstraint("kind IN ('straight','fast')", name=op.f('ck_ballot_flag_kind')),
    sa.ForeignKeyConstraint(['school_id'], ['school.id'], name=op.f('fk_ballot_flag_school_id_school')),
    sa.ForeignKeyConstraint(['semester_code'], ['semester.code'], name=op.f('fk_ballot_flag_semester_code_semester')),
    sa.ForeignKeyConstraint(['teacher_id'], ['teacher.id'], name=op.f('fk_ballot_flag_teacher_id_teacher')),
    sa.PrimaryKeyConstraint('semester_code', 'school_id', 'teacher_id', 'component', 'kind', name=op.f('pk_ballot_flag')),
    sqlite_with_rowid=False
    )
    op.create_table('ballot_group',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('semester_code', sa.String(length=11), nullable=False),
    sa.Column('school_id', sa.Integer(), nullable=False),
    sa.Column('component', sa.String(length=6), nullable=False),
    sa.Column('label', sa.String(length=40), nullable=False),
    sa.Column('stage', sa.String(length=3), nullable=False),
    sa.Column('grade', sa.Integer(), nullable=True),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('batch', sa.Integer(), nullable=False),
    sa.Column('issued_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("component IN ('self','peer','pupil','parent','school')", name=op.f('ck_ballot_group_component')),
    sa.CheckConstraint("stage IN ('KG','PRI','JUN','SEN','VOC','SPE')", name=op.f('ck_ballot_group_stage')),
    sa.CheckConstraint('seats BETWEEN 0 AND 2000', name=op.f('ck_ballot_group_seats')),
    sa.ForeignKeyConstraint(['school_id'], ['school.id'], name=op.f('fk_ballot_group_school_id_school')),
    sa.ForeignKeyConstraint(['semester_code'], ['semester.code'], name=op.f('fk_ballot_group_semester_code_semester')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ballot_group')),
    sa.UniqueConstraint('semester_code', 'school_id', 'component', 'label', name=op.f('uq_ballot_group_semester_code_school_id_component_label'))
    )
    with op.batch_alter_table('ballot_group', schema=None) as batch_op:
        batch_op.create_index('ix_ballot_group_school_id', ['school_id'], unique=False)

    op.create_table('ballot_reason',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('semester_code', sa.String(length=11), nullable=False),
    sa.Column('school_id', sa.Integer(), nullable=False),
    sa.Column('teacher_id', sa.Integer(), nullable=False),
    sa.Column('component', sa.String(length=6), nullable=False),
    sa.Column('item', sa.String(length=10), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint("component IN ('self','peer','pupil','parent','school')", name=op.f('ck_ballot_reason_component')),
    sa.ForeignKeyConstraint(['school_id'], ['school.id'], name=op.f('fk_ballot_reason_school_id_school')),
    sa.ForeignKeyConstraint(['semester_code'], ['semester.code'], name=op.f('fk_ballot_reason_semester_code_semester')),
    sa.ForeignKeyConstraint(['teacher_id'], ['teacher.id'], name=op.f('fk_ballot_reason_teacher_id_teacher')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ballot_reason')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('ballot_reason', schema=None) as batch_op:
        batch_op.create_index('ix_ballot_reason_semester_code_school_id', ['semester_code', 'school_id'], unique=False)

    op.create_table('flagged_tally',
    sa.Column('semester_code', sa.String(length=11), nullable=False),
    sa.Column('teacher_id', sa.Integer(), nullable=False),
    sa.Column('school_id', sa.Integer(), nullable=False),
    sa.Column('component', sa.String(length=6), nullable=False),
    sa.Column('item', sa.String(length=10), nullable=False),
    sa.Column('option_1', sa.Integer(), nullable=False),
    sa.Column('option_2', sa.Integer(), nullable=False),
    sa.Column('option_3', sa.Integer(), nullable=False),
    sa.Column('option_4', sa.Integer(), nullable=False),
    sa.Column('option_5', sa.Integer(), nullable=False),
    sa.Column('option_6', sa.Integer(), nullable=False),
    sa.Column('option_7', sa.Integer(), nullable=False),
    sa.Column('option_8', sa.Integer(), nullable=False),
    sa.Column('option_9', sa.Integer(), nullable=False),
    sa.Column('option_10', sa.Integer(), nullable=False),
    sa.CheckConstraint("component IN ('self','peer','pupil','parent','school')", name=op.f('ck_flagged_tally_component')),
    sa.ForeignKeyConstraint(['school_id'], ['school.id'], name=op.f('fk_flagged_tally_school_id_school')),
    sa.ForeignKeyConstraint(['semester_code'], ['semester.code'], name=op.f('fk_flagged_tally_semester_code_semester')),
    sa.ForeignKeyConstraint(['teacher_id'], ['teacher.id'], name=op.f('fk_flagged_tally_teacher_id_teacher')),
    sa.PrimaryKeyConstraint('semester_code', 'teacher_id', 'school_id', 'component', 'item', name=op.f('pk_flagged_tally')),
    sqlite_with_rowid=False
    )
    op.create_table('ballot_code',
    sa.Column('code_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('group_id', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=4), nullable=False),
    sa.Column('holder_teacher_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("state IN ('open','used','void')", name=op.f('ck_ballot_code_state')),
    sa.ForeignKeyConstraint(['holder_teacher_id'], ['teacher.id'], name=op.f('fk_ballot_code_holder_teacher_id_teacher')),
    sa.ForeignKeyConstraint(['group_id'], ['ballot_group.id'], name=op.f('fk_ballot_code_group_id_ballot_group')),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_ballot_code')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('ballot_code', schema=None) as batch_op:
        batch_op.create_index('ix_ballot_code_group_id_state', ['group_id', 'state'], unique=False)

    op.create_table('ballot_group_teacher',
    sa.Column('group_id', sa.String(length=32), nullable=False),
    sa.Column('teacher_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['ballot_group.id'], name=op.f('fk_ballot_group_teacher_group_id_ballot_group')),
    sa.ForeignKeyConstraint(['teacher_id'], ['teacher.id'], name=op.f('fk_ballot_group_teacher_teacher_id_teacher')),
    sa.PrimaryKeyConstraint('group_id', 'teacher_id', name=op.f('pk_ballot_group_teacher'))
    )
    with op.batch_alter_table('ballot_group_teacher', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ballot_group_teacher_teacher_id'), ['teacher_id'], unique=False)

    op.create_table('ballot_round',
    sa.Column('semester_code', sa.String(length=11), nullable=False),
    sa.Column('opens_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('closes_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint('closes_at > opens_at', name=op.f('ck_ballot_round_window')),
    sa.ForeignKeyConstraint(['changed_by_id'], ['account.id'], name=op.f('fk_ballot_round_changed_by_id_account')),
    sa.ForeignKeyConstraint(['semester_code'], ['semester.code'], name=op.f('fk_ballot_round_semester_code_semester')),
    sa.PrimaryKeyConstraint('semester_code', name=op.f('pk_ballot_round'))
    )
    op.create_table('certificate',
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('teacher_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=12), nullable=False),
    sa.Column('standing', sa.String(length=10), nullable=False),
    sa.Column('facts', sa.Text(), nullable=False),
    sa.Column('issued_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('issued_by_id', sa.Integer(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.Column('withdrawn_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_reason', sa.String(length=200), nullable=False),
    sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason = '')", name=op.f('ck_certificate_withdrawn')),
    sa.CheckConstraint("purpose IN ('title','post','transfer','award','registration','other')", name=op.f('ck_certificate_purpose')),
    sa.CheckConstraint("standing IN ('clear','restricted','vetoed')", name=op.f('ck_certificate_standing')),
    sa.ForeignKeyConstraint(['issued_by_id'], ['account.id'], name=op.f('fk_certificate_issued_by_id_account')),
    sa.ForeignKeyConstraint(['teacher_id'], ['teacher.id'], name=op.f('fk_certificate_teacher_id_teacher')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_certificate'))
    )
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.create_index('ix_certificate_teacher_id', ['teacher_id'], unique=False)

    op.create_table('file_access',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('teacher_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('opened_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("purpose IN ('title','post','transfer','award','registration','other')", name=op.f('ck_file_access_purpose')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_file_access_account_id_account')),
    sa.ForeignKeyConstraint(['teacher_id'], ['teacher.id'], name=op.f('fk_file_access_teacher_id_teacher')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_file_access'))
    )
    with op.batch_alter_table('file_access', schema=None) as batch_op:
        batch_op.create_index('ix_file_access_teacher_id_account_id', ['teacher_id', 'account_id'], unique=False)

    op.create_table('notice_template',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('blocks', sa.Text(), nullable=False),
    sa.Column('saved_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('saved_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind IN ('prior','individual','circular','correction','withdrawal')", name=op.f('ck_notice_template_kind')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['account.id'], name=op.f('fk_notice_template_saved_by_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_template')),
    sa.UniqueConstraint('kind', 'version', name=op.f('uq_notice_template_kind_version'))
    )
    op.create_table('semester_hold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('semester_code', sa.String(length=11), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('held_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('held_by_id', sa.Integer(), nullable=True),
    sa.Column('released_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('released_by_id', sa.Integer(), nullable=True),
    sa.Column('release_reason', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint('(released_at IS NULL) >= (released_by_id IS NULL)', name=op.f('ck_semester_hold_released')),
    sa.ForeignKeyConstraint(['held_by_id'], ['account.id'], name=op.f('fk_semester_hold_held_by_id_account')),
    sa.ForeignKeyConstraint(['released_by_id'], ['account.id'], name=op.f('fk_semester_hold_released_by_id_account')),
    sa.ForeignKeyConstraint(['semester_code'], ['semester.code'], name=op.f('fk_semester_hold_semester_code_semester')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_semester_hold'))
    )
    with op.batch_alter_table('semester_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_semester_hold_semester_code'), ['semester_code'], unique=False)

    op.create_table('ballot_draft',
    sa.Column('code_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['code_hash'], ['ballot_code.code_hash'], name=op.f('fk_ballot_draft_code_hash_ballot_code')),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_ballot_draft')),
    sqlite_with_rowid=False
    )
    op.create_table('objection',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=9), nullable=False),
    sa.Column('semester_code', sa.String(length=11), nullable=False),
    sa.Column('ranking_id', sa.Integer(), nullable=False),
    sa.Column('teacher_id', sa.Integer(), nullable=False),
    sa.Column('topic', sa.String(length=8), nullable=False),
    sa.Column('grounds', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.String(length=9), nullable=False),
    sa.Column('filed_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('reviewer_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('is_late', sa.Boolean(), nullable=True),
    sa.Column('decision', sa.LargeBinary(), nullable=True),
    sa.Column('changes', sa.Text(), nullable=False),
    sa.Column('corrected_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(status IN ('upheld','rejected')) = (decision IS NOT NULL)", name=op.f('ck_objection_decided')),
    sa.CheckConstraint("kind IN ('objection','appeal')", name=op.f('ck_objection_kind')),
    sa.CheckConstraint("status IN ('open','upheld','rejected','withdrawn')", name=op.f('ck_objection_status')),
    sa.CheckConstraint("topic IN ('status','score','finding','honour','other')", name=op.f('ck_objection_topic')),
    sa.ForeignKeyConstraint(['corrected_id'], ['ranking.id'], name=op.f('fk_objection_corrected_id_ranking')),
    sa.ForeignKeyConstraint(['ranking_id'], ['ranking.id'], name=op.f('fk_objection_ranking_id_ranking')),
    sa.ForeignKeyConstraint(['reviewer_id'], ['account.id'], name=op.f('fk_objection_reviewer_id_account')),
    sa.ForeignKeyConstraint(['semester_code'], ['semester.code'], name=op.f('fk_objection_semester_code_semester')),
    sa.ForeignKeyConstraint(['teacher_id'], ['teacher.id'], name=op.f('fk_objection_teacher_id_teacher')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_objection'))
    )
    with op.batch_alter_table('objection', schema=None) as batch_op:
        batch_op.create_index('ix_objection_semester_code_status', ['semester_code', 'status'], unique=False)
        batch_op.create_index('ix_objection_teacher_id', ['teacher_id'], unique=False)

    with op.batch_alter_table('bottom_entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('separable', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('chance_permille', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('weight_sensitive', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('reason', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('reason_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('reason_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('withheld', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_bottom_entry_reason_by_id_account'), 'account', ['reason_by_id'], ['id'])

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reminded_level', sa.Integer(), server_default='0', nullable=False))

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('status', sa.String(length=9), server_default='in_force', nullable=False))
        batch_op.add_column(sa.Column('cites_id', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('take_down_on', sa.Date(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_notice_cites_id_notice'), 'notice', ['cites_id'], ['id'])

    with op.batch_alter_table('ranking', schema=None) as batch_op:
        batch_op.add_column(sa.Column('certainty_sha256', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('means', sa.Text(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('certainty', sa.Text(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('corrects_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('cause', sa.String(length=10), server_default='', nullable=False))
        batch_op.add_column(sa.Column('reason', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('changes', sa.Text(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('verified_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('verified_by_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_ranking_corrects_id_ranking'), 'ranking', ['corrects_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_ranking_verified_by_id_account'), 'account', ['verified_by_id'], ['id'])

    with op.batch_alter_table('ranking_row', schema=None) as batch_op:
        batch_op.add_column(sa.Column('band_low', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('band_high', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('set_low', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('set_high', sa.Integer(), nullable=True))

    with op.batch_alter_table('scheme_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('forms', sa.Text(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('status', sa.String(length=8), server_default='adopted', nullable=False))
        batch_op.add_column(sa.Column('base_version', sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column('changed_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('drafted_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('adopted_at', ethics_eval.database.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('adopted_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('approval_number', sa.String(length=60), server_default='', nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_scheme_version_base_version_scheme_version'), 'scheme_version', ['base_version'], ['version'])
        batch_op.create_foreign_key(batch_op.f('fk_scheme_version_drafted_by_id_account'), 'account', ['drafted_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_scheme_version_adopted_by_id_account'), 'account', ['adopted_by_id'], ['id'])

    with op.batch_alter_table('tally', schema=None) as batch_op:
        batch_op.add_column(sa.Column('source', sa.String(length=6), server_default='paper', nullable=False))

    op.execute("UPDATE scheme_version SET adopted_at = imported_at")
    for table in _NEW_CHECKS:
        _replace_checks(table, _NEW_CHECKS, _OLD_CHECKS)


def downgrade():
    for table in _NEW_CHECKS:
        _replace_checks(table, _OLD_CHECKS, _NEW_CHECKS)
    with op.batch_alter_table('tally', schema=None) as batch_op:
        batch_op.drop_column('source')

    with op.batch_alter_table('scheme_version', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_scheme_version_adopted_by_id_account'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_scheme_version_drafted_by_id_account'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_scheme_version_base_version_scheme_version'), type_='foreignkey')
        batch_op.drop_column('approval_number')
        batch_op.drop_column('adopted_by_id')
        batch_op.drop_column('adopted_at')
        batch_op.drop_column('drafted_by_id')
        batch_op.drop_column('changed_at')
        batch_op.drop_column('base_version')
        batch_op.drop_column('status')
        batch_op.drop_column('forms')

    with op.batch_alter_table('ranking_row', schema=None) as batch_op:
        batch_op.drop_column('set_high')
        batch_op.drop_column('set_low')
        batch_op.drop_column('band_high')
        batch_op.drop_column('band_low')

    with op.batch_alter_table('ranking', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_ranking_verified_by_id_account'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_ranking_corrects_id_ranking'), type_='foreignkey')
        batch_op.drop_column('verified_by_id')
        batch_op.drop_column('verified_at')
        batch_op.drop_column('changes')
        batch_op.drop_column('reason')
        batch_op.drop_column('cause')
        batch_op.drop_column('corrects_id')
        batch_op.drop_column('certainty')
        batch_op.drop_column('means')
        batch_op.drop_column('certainty_sha256')

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_notice_cites_id_notice'), type_='foreignkey')
        batch_op.drop_column('take_down_on')
        batch_op.drop_column('cites_id')
        batch_op.drop_column('status')

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_column('reminded_level')

    with op.batch_alter_table('bottom_entry', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_bottom_entry_reason_by_id_account'), type_='foreignkey')
        batch_op.drop_column('withheld')
        batch_op.drop_column('reason_at')
        batch_op.drop_column('reason_by_id')
        batch_op.drop_column('reason')
        batch_op.drop_column('weight_sensitive')
        batch_op.drop_column('chance_permille')
        batch_op.drop_column('separable')

    with op.batch_alter_table('objection', schema=None) as batch_op:
        batch_op.drop_index('ix_objection_teacher_id')
        batch_op.drop_index('ix_objection_semester_code_status')

    op.drop_table('objection')
    op.drop_table('ballot_draft')
    with op.batch_alter_table('semester_hold', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_semester_hold_semester_code'))

    op.drop_table('semester_hold')
    op.drop_table('notice_template')
    with op.batch_alter_table('file_access', schema=None) as batch_op:
        batch_op.drop_index('ix_file_access_teacher_id_account_id')

    op.drop_table('file_access')
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.drop_index('ix_certificate_teacher_id')

    op.drop_table('certificate')
    op.drop_table('ballot_round')
    with op.batch_alter_table('ballot_group_teacher', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ballot_group_teacher_teacher_id'))

    op.drop_table('ballot_group_teacher')
    with op.batch_alter_table('ballot_code', schema=None) as batch_op:
        batch_op.drop_index('ix_ballot_code_group_id_state')

    op.drop_table('ballot_code')
    op.drop_table('flagged_tally')
    with op.batch_alter_table('ballot_reason', schema=None) as batch_op:
        batch_op.drop_index('ix_ballot_reason_semester_code_school_id')

    op.drop_table('ballot_reason')
    with op.batch_alter_table('ballot_group', schema=None) as batch_op:
        batch_op.drop_index('ix_ballot_group_school_id')

    op.drop_table('ballot_group')
    op.drop_table('ballot_flag')
