"""The first tables of a board."""

import sqlalchemy as sa
from alembic import op

from bulletin_board.log.merkle import EMPTY_ROOT

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tree_size", sa.Integer(), nullable=False),
        sa.Column("quorum_by", sa.BigInteger(), nullable=False),
        sa.Column("quorum_since", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_checkpoints"),
    )
    op.create_index("ix_checkpoints_tree_size", "checkpoints", ["tree_size"], unique=False)
    op.create_table(
        "credential_parts",
        sa.Column("part", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("part", name="pk_credential_parts"),
    )
    op.create_table(
        "entries",
        sa.Column("entry_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_type", sa.String(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("entry_index", name="pk_entries"),
        sa.UniqueConstraint("leaf_hash", name="uq_entries_leaf_hash"),
    )
    op.create_index(
        "ix_entries_entry_type_entry_index", "entries", ["entry_type", "entry_index"], unique=False
    )
    op.create_table(
        "pads",
        sa.Column("pad", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("pad", name="pk_pads"),
    )
    op.create_table(
        "pending",
        sa.Column("arrival", sa.Integer(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("ballot_digest", sa.LargeBinary(length=64), nullable=True),
        sa.PrimaryKeyConstraint("arrival", name="pk_pending"),
        sa.UniqueConstraint("leaf_hash", name="uq_pending_leaf_hash"),
    )
    op.create_index("ix_pending_ballot_digest", "pending", ["ballot_digest"], unique=False)
    op.create_table(
        "refusals",
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_hash", name="pk_refusals"),
    )
    op.create_table(
        "trees",
        sa.Column("name", sa.String(length=8), nullable=False),
        sa.Column("tree_size", sa.Integer(), nullable=False),
        sa.Column("root_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_trees"),
    )
    op.create_table(
        "wanted_addenda",
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_wanted_addenda"),
    )
    op.create_table(
        "addenda",
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("entry_index", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_addenda_entry_index"),
        sa.PrimaryKeyConstraint("sha256", name="pk_addenda"),
    )
    op.create_index("ix_addenda_entry_index", "addenda", ["entry_index"], unique=False)
    op.create_table(
        "credentials",
        sa.Column("credential", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_index", sa.Integer(), nullable=False),
        sa.Column("row_index", sa.Integer(), nullable=True),
        sa.Column("style", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("row_text", sa.Text(), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("since_index", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_credentials_entry_index"),
        sa.ForeignKeyConstraint(["since_index"], ["entries.entry_index"], name="fk_credentials_since_index"),
        sa.PrimaryKeyConstraint("credential", name="pk_credentials"),
    )
    op.create_table(
        "tiles",
        sa.Column("tree", sa.String(length=8), nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("tile_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(length=8192), nullable=False),
        sa.ForeignKeyConstraint(["tree"], ["trees.name"], name="fk_tiles_tree"),
        sa.PrimaryKeyConstraint("tree", "level", "tile_index", name="pk_tiles"),
    )
    op.create_table(
        "ballots",
        sa.Column("entry_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("credential", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=64), nullable=False),
        sa.ForeignKeyConstraint(["credential"], ["credentials.credential"], name="fk_ballots_credential"),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_ballots_entry_index"),
        sa.PrimaryKeyConstraint("entry_index", name="pk_ballots"),
        sa.UniqueConstraint("digest", name="uq_ballots_digest"),
    )
    op.create_index(
        "ix_ballots_credential_entry_index", "ballots", ["credential", "entry_index"], unique=False
    )
    # The log starts empty; its row is what every writer locks.
    trees = sa.table("trees", sa.column("name"), sa.column("tree_size"), sa.column("root_hash"))
    op.bulk_insert(trees, [{"name": "log", "tree_size": 0, "root_hash": EMPTY_ROOT}])


def downgrade() -> None:
    op.drop_index("ix_ballots_credential_entry_index", table_name="ballots")
    op.drop_table("ballots")
    op.drop_table("tiles")
    op.drop_table("credentials")
    op.drop_index("ix_addenda_entry_index", table_name="addenda")
    op.drop_table("addenda")
    op.drop_table("wanted_addenda")
    op.drop_table("trees")
    op.drop_table("refusals")
    op.drop_index("ix_pending_ballot_digest", table_name="pending")
    op.drop_table("pending")
    op.drop_table("pads")
    op.drop_index("ix_entries_entry_type_entry_index", table_name="entries")
    op.drop_table("entries")
    op.drop_table("credential_parts")
    op.drop_index("ix_checkpoints_tree_size", table_name="checkpoints")
    op.drop_table("checkpoints")
