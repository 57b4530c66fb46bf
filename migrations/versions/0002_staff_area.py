"""The staff area: invitations, drafts, proposals, the audit log, broker's terms, and figures by day."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PROPOSED = ("id", "kind", "subject_id", "draft_id", "payload", "digest", "proposed_by", "proposed_at")


def upgrade():
    op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "brand_asset",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_brand_asset")),
    )
    op.create_table(
        "broker_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("pays_for", sa.SmallInteger(), nullable=True),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broker_term")),
    )
    op.create_index("uq_broker_term_key", "broker_term", ["kind", "key"], unique=True)
    op.create_table(
        "day_figure",
        sa.Column("figure", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("figure", "day", "subject_id", name=op.f("pk_day_figure")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tally",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_audit_entry_staff_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "audit_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("bad_seq", sa.Integer(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_check")),
    )
    op.create_index("ix_audit_entry_made_at", "audit_entry", ["made_at"], unique=False)
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "seq"], unique=False)
    op.create_index("ix_audit_entry_staff_id", "audit_entry", ["staff_id", "seq"], unique=False)
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject_id", "seq"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["staff.id"], name=op.f("fk_draft_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_draft_key", "draft", ["kind", "key"], unique=True)
    op.create_index(
        "uq_draft_subject",
        "draft",
        ["kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("subject_id IS NOT NULL"),
        sqlite_where=sa.text("subject_id IS NOT NULL"),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_proposal_decided")),
        sa.CheckConstraint(
            "state <> 'approved' OR decided_by IS NOT NULL AND decided_by <> proposed_by",
            name=op.f("ck_proposal_four_eyes"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'rejected', 'withdrawn', 'void')", name=op.f("ck_proposal_state")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_proposal_decided_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["staff.id"], name=op.f("fk_proposal_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(
        "ix_proposal_open",
        "proposal",
        ["kind", "subject_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_proposal_digest", "proposal", ["digest"], unique=False)
    op.create_index(
        "uq_proposal_open_draft",
        "proposal",
        ["draft_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open' AND draft_id IS NOT NULL"),
        sqlite_where=sa.text("state = 'open' AND draft_id IS NOT NULL"),
    )
    op.create_table(
        "member_word",
        sa.Column("word", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_word_member_id")),
        sa.PrimaryKeyConstraint("word", "member_id", name=op.f("pk_member_word")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_member_word_member_id", "member_word", ["member_id", "word"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_code_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_staff_id"), "recovery_code", ["staff_id"], unique=False)
    op.create_table(
        "sent_form",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_sent_form_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "token", name=op.f("pk_sent_form")),
    )
    op.create_table(
        "staged_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("staged_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staged_file_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_file")),
    )
    op.create_index(op.f("ix_staged_file_staff_id"), "staged_file", ["staff_id"], unique=False)
    op.create_table(
        "staff_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("role IN ('viewer', 'manager', 'approver', 'owner')", name=op.f("ck_staff_invitation_role")),
        sa.ForeignKeyConstraint(["invited_by"], ["staff.id"], name=op.f("fk_staff_invitation_invited_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_invitation_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_invitation_token_hash")),
    )
    op.create_index(
        "uq_staff_invitation_open",
        "staff_invitation",
        ["email"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "active_day",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_active_day_member_id")),
        sa.PrimaryKeyConstraint("member_id", "day", name=op.f("pk_active_day")),
        sqlite_with_rowid=False,
    )
    only_blocked, of_members, of_nobody = (
        sa.text(clause) for clause in ("earning_blocked", "member_id IS NOT NULL", "member_id IS NULL")
    )
    op.create_index("ix_member_blocked", "member", ["id"], postgresql_where=only_blocked, sqlite_where=only_blocked)
    op.create_index(
        "ix_outbox_member_id", "outbox", ["member_id", "id"], postgresql_where=of_members, sqlite_where=of_members
    )
    op.create_index("ix_outbox_recipient", "outbox", ["recipient"], postgresql_where=of_nobody, sqlite_where=of_nobody)
    given_up = sa.text("done_at IS NOT NULL AND error IS NOT NULL")
    op.create_index("ix_outbox_given_up", "outbox", ["id"], postgresql_where=given_up, sqlite_where=given_up)
    op.create_index("ix_trading_account_login", "trading_account", ["login"], unique=False)
    op.add_column("adjustment", sa.Column("proposal_id", sa.Integer(), nullable=True))
    op.add_column("adjustment", sa.Column("token", sa.Text(), nullable=True))
    op.add_column("adjustment", sa.Column("reverses", sa.Integer(), nullable=True))
    op.create_index("uq_adjustment_token", "adjustment", ["token"], unique=True)
    op.create_index("ix_adjustment_staff_id", "adjustment", ["staff_id", "made_at"], unique=False)
    op.create_index("ix_adjustment_proposal_id", "adjustment", ["proposal_id"], unique=False)
    op.create_index("uq_adjustment_reverses", "adjustment", ["wallet_id", "reverses"], unique=True)
    op.add_column("api_key", sa.Column("scopes", sa.Text(), server_default="send read", nullable=False))
    op.add_column("legal_entity", sa.Column("retired_at", sa.BigInteger(), nullable=True))
    op.add_column("programme", sa.Column("settled_to", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("programme", sa.Column("settling_since", sa.BigInteger(), nullable=True))
    op.add_column("sign_in", sa.Column("confirmed_at", sa.BigInteger(), nullable=True))
    op.add_column("staff", sa.Column("theme", sa.Text(), server_default="auto", nullable=False))
    op.add_column("staff", sa.Column("time_zone", sa.Text(), server_default="UTC", nullable=False))
    op.add_column("staff", sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
    op.add_column("staff", sa.Column("totp_since", sa.BigInteger(), nullable=True))
    op.add_column("staff", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.add_column("staff", sa.Column("left_at", sa.BigInteger(), nullable=True))
    op.add_column("staff", sa.Column("demo_role", sa.Text(), nullable=True))
    find_by_word()
    refuse("audit_entry", "update", "UPDATE", "rows are never changed")
    refuse("audit_entry", "delete", "DELETE", "rows are never deleted")
    refuse("audit_head", "delete", "DELETE", "the log has an end")
    refuse("proposal", "update", f"UPDATE OF {', '.join(PROPOSED)}", "what was proposed is never changed")
    refuse("proposal", "decided_insert", "INSERT", "a proposal begins open", when="NEW.state <> 'open'")
    decision = "UPDATE OF state, decided_by, decided_at"
    refuse("proposal", "second_decision", decision, "a proposal is decided once", when="OLD.state <> 'open'")
    # What people wrote beside it is blanked when whom it names is erased, and never becomes something else.
    blank = "notes are blanked and never changed"
    refuse("proposal", "other_note", "UPDATE OF note", blank, when="NEW.note <> ''")
    other = "OLD.state <> 'open' AND NEW.decision_note <> ''"
    refuse("proposal", "other_decision_note", "UPDATE OF decision_note", blank, when=other)
    refuse("proposal", "delete", "DELETE", "proposals are kept")
    # A revision that is to end some day may end sooner, for the next one to take its place; never later.
    drop_trigger("rule_revision", "second_end")
    refuse(
        "rule_revision",
        "later_end",
        "UPDATE OF effective_to",
        "the end of a revision only comes nearer",
        when="OLD.effective_to IS NOT NULL AND (NEW.effective_to IS NULL OR NEW.effective_to > OLD.effective_to)",
    )
    # Figures count what is recorded from now on; `insight rebuild` adds what was before and takes this mark away.
    op.execute(
        "INSERT INTO day_figure (figure, day, subject_id, amount)"
        " SELECT 91, -1000000, 0, 1 WHERE EXISTS (SELECT 1 FROM decision)"
    )
    op.execute("INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, %s)" % ("''" if on_postgresql() else "x''"))


def find_by_word():
    """The words of those who are members already; app/gamification/members/names.py makes those of later ones."""
    members = sa.table("member", *(sa.column(name) for name in ("id", "name", "alias", "email", "erased_at")))
    words = sa.table("member_word", sa.column("word"), sa.column("member_id"))
    page = sa.select(members.c.id, members.c.name, members.c.alias, members.c.email).where(
        members.c.id > sa.bindparam("after"), members.c.erased_at.is_(None)
    )
    connection, after = op.get_bind(), 0
    while rows := connection.execute(page.order_by(members.c.id).limit(2000), {"after": after}).all():
        found = [{"word": word, "member_id": row.id} for row in rows for word in sorted(words_of(*row[1:]))]
        if found:
            connection.execute(words.insert(), found)
        after = rows[-1].id


def words_of(name, alias, email):
    """What a member is found by, folded: each word of name and alias, and the address as a whole."""
    found = {email.casefold()[:80]} if email else set()
    for text in (name, alias or ""):
        apart = unicodedata.normalize("NFKD", text)
        plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()
        for word in re.split(r"[\W_]+", plain):
            is_chinese = len(word) <= 8 and all("\u3400" <= letter <= "\u9fff" for letter in word)
            found |= {word[start:][:80] for start in range(len(word) if is_chinese else 1)} if word else set()
    return found


def refuse(table, name, event, reason, when=None):
    """Refuse an event on a table as an integrity error."""
    condition = f" WHEN ({when})" if when else ""
    if on_postgresql():
        does = f"EXECUTE FUNCTION refuse_change('{reason}')"
    else:
        does = f"BEGIN SELECT RAISE(ABORT, '{table}: {reason}'); END"
    op.execute(f"CREATE TRIGGER {table}_refuses_{name} BEFORE {event} ON {table} FOR EACH ROW{condition} {does}")


def drop_trigger(table, name):
    """Let a refusal of before go."""
    op.execute(f"DROP TRIGGER {table}_refuses_{name}" + (f" ON {table}" if on_postgresql() else ""))


def on_postgresql():
    return op.get_context().dialect.name == "postgresql"


def downgrade():
    drop_trigger("rule_revision", "later_end")
    refuse(
        "rule_revision",
        "second_end",
        "UPDATE OF effective_to",
        "the end of a revision is set once",
        when="OLD.effective_to IS NOT NULL",
    )
    op.drop_index("ix_trading_account_login", table_name="trading_account")
    op.drop_index("ix_outbox_recipient", table_name="outbox")
    op.drop_index("ix_outbox_given_up", table_name="outbox")
    op.drop_index("ix_outbox_member_id", table_name="outbox")
    op.drop_index("ix_member_blocked", table_name="member")
    op.drop_column("staff", "demo_role")
    op.drop_column("staff", "left_at")
    op.drop_column("staff", "totp_step")
    op.drop_column("staff", "totp_since")
    op.drop_column("staff", "totp_secret")
    op.drop_column("staff", "time_zone")
    op.drop_column("staff", "theme")
    op.drop_column("sign_in", "confirmed_at")
    op.drop_column("programme", "settling_since")
    op.drop_column("programme", "settled_to")
    op.drop_column("legal_entity", "retired_at")
    op.drop_column("api_key", "scopes")
    op.drop_index("uq_adjustment_reverses", table_name="adjustment")
    op.drop_index("ix_adjustment_proposal_id", table_name="adjustment")
    op.drop_index("ix_adjustment_staff_id", table_name="adjustment")
    op.drop_index("uq_adjustment_token", table_name="adjustment")
    op.drop_column("adjustment", "reverses")
    op.drop_column("adjustment", "token")
    op.drop_column("adjustment", "proposal_id")
    op.drop_table("active_day")
    op.drop_index(
        "uq_staff_invitation_open",
        table_name="staff_invitation",
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("staff_invitation")
    op.drop_index(op.f("ix_staged_file_staff_id"), table_name="staged_file")
    op.drop_table("staged_file")
    op.drop_table("sent_form")
    op.drop_index(op.f("ix_recovery_code_staff_id"), table_name="recovery_code")
    op.drop_table("recovery_code")
    op.drop_table("member_word")
    op.drop_index(
        "uq_proposal_open_draft",
        table_name="proposal",
        postgresql_where=sa.text("state = 'open' AND draft_id IS NOT NULL"),
        sqlite_where=sa.text("state = 'open' AND draft_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_proposal_open",
        table_name="proposal",
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.drop_index("ix_proposal_digest", table_name="proposal")
    op.drop_table("proposal")
    op.drop_index(
        "uq_draft_subject",
        table_name="draft",
        postgresql_where=sa.text("subject_id IS NOT NULL"),
        sqlite_where=sa.text("subject_id IS NOT NULL"),
    )
    op.drop_index("uq_draft_key", table_name="draft")
    op.drop_table("draft")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.drop_index("ix_audit_entry_staff_id", table_name="audit_entry")
    op.drop_index("ix_audit_entry_action", table_name="audit_entry")
    op.drop_index("ix_audit_entry_made_at", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("audit_check")
    op.drop_table("tally")
    op.drop_table("day_figure")
    op.drop_index("uq_broker_term_key", table_name="broker_term")
    op.drop_table("broker_term")
    op.drop_table("brand_asset")
    op.drop_table("audit_head")
