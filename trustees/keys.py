"""The keys of a trustee, and the public card that goes into the manifest.

Spec: records.md §2.1
"""

from pathlib import Path

from bulletin_board.durable_file import PUBLIC, write_durably
from bulletin_board.errors import RecordError
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.fields import Bytes32, Text
from bulletin_board.records.record import Part
from crypto.boxes import BoxSecretKey
from crypto.signing import SigningKey
from trustees.errors import SecretFileError
from trustees.secret import TrusteeSecret
from trustees.store import RandomBytes, SecretStore

CARD_NAME = "trustee.card.json"
_MOST_BYTES = 4096


class _Card(Part):
    role: str
    name: Text
    key: Bytes32
    box_key: Bytes32


def make_keys(store: SecretStore, name: str, random_bytes: RandomBytes) -> Path:
    """Draw both keys, keep them sealed, and write the card; its path.

    Args:
        store: of a folder that has no sealed file yet.
        name: as it will stand in the manifest.
        random_bytes: where the keys come from.

    Raises:
        SecretFileError: keys are there already, or the name or passphrase cannot be used.
    """
    secret = TrusteeSecret(name, SigningKey(random_bytes(32)), BoxSecretKey(random_bytes(32)))
    card = _card(secret)
    store.create(secret, random_bytes)
    path = store.folder / CARD_NAME
    write_durably(path, card, mode=PUBLIC)
    return path


def _card(secret: TrusteeSecret) -> bytes:
    card = _Card(
        role="trustee",
        name=secret.name,
        key=Bytes32(secret.signing_key.public),
        box_key=Bytes32(secret.box_key.public),
    )
    content = jcs(card)
    try:
        decode_json(content, _Card, limit=_MOST_BYTES, subject="card")
    except RecordError as exc:
        raise SecretFileError("name-unusable", reason=str(exc)) from exc
    return content
