"""How far the election has come. Spec: board.md §5.6"""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Response

from bulletin_board.answers import BoardStatus
from bulletin_board.records.manifest import Manifest
from bulletin_board.sequencer import Sequencer
from bulletin_board.store.port import BoardStore
from evote.api.answers import json_answer


def status_routes(
    store: BoardStore, sequencer: Sequencer, manifest: Manifest, clock: Callable[[], float]
) -> APIRouter:
    """The state of the board in one look, which nothing is decided by."""
    router = APIRouter()

    def described() -> BoardStatus:
        account = sequencer.desk.account()
        with store.snapshot() as tables:
            ballots = tables.electorate.ballot_count(account.published_size)
            checkpoints = tables.log.checkpoint_count()
        closes_at = account.in_force.closes_at if account.in_force else manifest.schedule.closes_at
        return BoardStatus(
            election_id=manifest.election_id,
            phase=account.state.phase,
            now=int(clock()),
            opens_at=manifest.schedule.opens_at,
            closes_at=closes_at,
            beat=manifest.beat,
            tree_size=account.published_size,
            ballots=ballots,
            checkpoints=checkpoints,
        )

    @router.get("/status")
    async def status() -> Response:
        return json_answer(await asyncio.to_thread(described))

    return router
