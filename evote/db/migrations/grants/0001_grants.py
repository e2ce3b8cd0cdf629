"""The first tables of the voting server's grants."""

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
        "grants",
        sa.Column("credential", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("credential", name=op.f("pk_grants")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("grants")
    op.drop_table("election")
