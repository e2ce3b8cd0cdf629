"""The first tables of a witness."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "witnessed",
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("tree_size", sa.BigInteger(), nullable=False),
        sa.Column("root_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_witnessed"),
    )
    op.create_table(
        "evidence",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("known_note", sa.Text(), nullable=False),
        sa.Column("offered_note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_evidence"),
    )
    op.create_index("ix_evidence_origin", "evidence", ["origin"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_evidence_origin", table_name="evidence")
    op.drop_table("evidence")
    op.drop_table("witnessed")
