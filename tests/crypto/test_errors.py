import pytest

from crypto.errors import (
    CryptoError,
    DealerError,
    DecryptionError,
    EncodingError,
    ProofError,
    SignatureError,
)


@pytest.mark.parametrize("kind", [DealerError, DecryptionError, EncodingError, ProofError, SignatureError])
def test_every_error_has_one_root_and_no_other_parent(kind: type[CryptoError]) -> None:
    assert kind.__bases__ == (CryptoError,)


def test_a_dealer_error_names_its_culprit() -> None:
    error = DealerError("share: contradicts the commitments", culprit=3)
    assert error.culprit == 3
    assert str(error) == "share: contradicts the commitments (trustee 3)"
