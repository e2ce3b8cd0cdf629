"""The first tables of the registrar."""

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
        "voters",
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("personal_number", sa.String(length=32), nullable=False),
        sa.Column("surname", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("patronymic", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("postal_address", sa.Text(), nullable=False),
        sa.Column("style", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_voters")),
        sa.UniqueConstraint("personal_number", name=op.f("uq_voters_personal_number")),
    )
    op.create_table(
        "parts",
        sa.Column("part", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("pledged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["reference"], ["voters.reference"], name=op.f("fk_parts_reference")),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_parts")),
    )
    op.create_index(op.f("ix_parts_reference"), "parts", ["reference"], unique=False)
    op.create_index(
        op.f("ix_parts_pledged_reference"),
        "parts",
        ["reference"],
        unique=True,
        sqlite_where=sa.text("pledged"),
    )
    op.create_table(
        "members",
        sa.Column("credential", sa.LargeBinary(length=32), nullable=False),
        sa.Column("own_part", sa.LargeBinary(length=32), nullable=False),
        sa.Column("parts", sa.LargeBinary(), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["own_part"], ["parts.part"], name=op.f("fk_members_own_part")),
        sa.PrimaryKeyConstraint("credential", name=op.f("pk_members")),
        sa.UniqueConstraint("own_part", name=op.f("uq_members_own_part")),
    )


def downgrade() -> None:
    op.drop_table("members")
    op.drop_index(op.f("ix_parts_pledged_reference"), table_name="parts")
    op.drop_index(op.f("ix_parts_reference"), table_name="parts")
    op.drop_table("parts")
    op.drop_table("voters")
    op.drop_table("election")
