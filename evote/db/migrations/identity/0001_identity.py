"""The first tables of the identity service."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "election",
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("manifest_digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_election")),
    )
    op.create_table(
        "persons",
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("personal_number", sa.String(length=32), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("style", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("identified", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_persons")),
        sa.UniqueConstraint("personal_number", name=op.f("uq_persons_personal_number")),
    )
    op.create_table(
        "progress",
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tree_size", sa.Integer(), nullable=False),
        sa.Column("root_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("posted_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_progress")),
    )
    op.create_table(
        "sessions",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("subject", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sessions_token_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sessions_opened_at"), "sessions", ["opened_at"], unique=False)
    op.create_index(op.f("ix_sessions_subject"), "sessions", ["subject"], unique=False)
    op.create_table(
        "parts",
        sa.Column("part", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.LargeBinary(length=32), nullable=True),
        sa.Column("parts", sa.LargeBinary(), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("pledged", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["reference"], ["persons.reference"], name=op.f("fk_parts_reference")),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_parts")),
        sa.UniqueConstraint("credential", name=op.f("uq_parts_credential")),
    )
    op.create_index(op.f("ix_parts_reference"), "parts", ["reference"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_parts_reference"), table_name="parts")
    op.drop_table("parts")
    op.drop_index(op.f("ix_sessions_subject"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_opened_at"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("progress")
    op.drop_table("persons")
    op.drop_table("election")
