"""What the board says about one credential: its row of the roll, its standing, its ballots.

Spec: board.md §5.3
"""

import asyncio

from fastapi import APIRouter, Response

from bulletin_board.answers import BallotAnswer, CredentialAnswer, RowAnswer
from bulletin_board.errors import AppendRefused
from bulletin_board.records.fields import Bytes32, Bytes64, decode_base64url
from bulletin_board.standing import CredentialView, look_up
from bulletin_board.store.port import BoardStore
from evote.api.answers import json_answer


def credential_routes(store: BoardStore) -> APIRouter:
    """Looking up a credential; whoever asks knows it already, since it is a point of 32 bytes."""
    router = APIRouter()

    @router.get("/credentials/{name}")
    async def credential(name: str) -> Response:
        try:
            wanted = decode_base64url(name)
        except ValueError:
            wanted = b""
        view = await asyncio.to_thread(look_up, store, wanted)
        if view is None:
            raise AppendRefused("not-found", "this credential is not on the roll")
        return json_answer(_described(view))

    return router


def _described(view: CredentialView) -> CredentialAnswer:
    proof = tuple(Bytes32(item) for item in view.row_proof)
    return CredentialAnswer(
        credential=Bytes32(view.credential),
        standing=view.standing.value,
        ballots=tuple(
            BallotAnswer(index=ballot.entry_index, digest=Bytes64(ballot.digest)) for ballot in view.ballots
        ),
        row=RowAnswer(index=view.row_index, text=view.row_text, proof=proof),
        tree_size=view.tree_size,
    )
