"""Step 4 of the key ceremony: open what was dealt to us, and confirm or complain; and answering a complaint.

Spec: protocol.md §2.5, §2.6
"""

from bulletin_board.records.ceremony import Answer, Complaint, Confirm, Share
from bulletin_board.records.fields import Bytes32, Bytes64
from crypto.boxes import open_with_recipient
from crypto.errors import CryptoError, DealerError
from crypto.sharing import (
    DealtShare,
    SecretShare,
    combine_shares,
    deal,
    parse_share_plaintext,
    verify_dealt_share,
)
from trustees.ceremony_log import CeremonyLog
from trustees.errors import BoardFaultError, NotYetError, UsageError
from trustees.secret import CeremonySecret, TrusteeSecret


def receive_share(
    secret: TrusteeSecret, ceremony: CeremonySecret, log: CeremonyLog, *, dealer: int
) -> DealtShare:
    """f_i(l) from one dealer, opened and checked.

    Raises:
        DealerError: the box does not open, or holds something else than the dealer committed to.
    """
    own = ceremony.trustee_index
    if dealer == own:
        return deal(ceremony.polynomial, own)
    box = log.box_for(own, dealer=dealer)
    try:
        plaintext = open_with_recipient(box.box, box.ephemeral_key, secret.box_key)
    except CryptoError as exc:
        raise DealerError(f"share: {exc}", culprit=dealer) from exc
    dealt = parse_share_plaintext(
        plaintext, manifest_digest=log.manifest.digest, dealer=dealer, recipient=own
    )
    verify_dealt_share(dealt, log.commitments(dealer))
    return dealt


def receive_shares(secret: TrusteeSecret, ceremony: CeremonySecret, log: CeremonyLog) -> SecretShare:
    """x_l, from all dealers.

    Raises:
        NotYetError: a dealer has not shared yet.
        DealerError: the first dealer whose share is bad, by `culprit`.
    """
    log.require_all(Share)
    dealt = [receive_share(secret, ceremony, log, dealer=dealer) for dealer in log.trustees]
    return combine_shares(dealt)


def confirm(secret: TrusteeSecret, ceremony: CeremonySecret, log: CeremonyLog) -> Confirm:
    """Our word that every share is good and this is the transcript we saw.

    Raises:
        NotYetError: a dealer has not shared yet.
        DealerError: a share is bad; `complain` is the next step.
        BoardFaultError: somebody complained already.
    """
    log.require_running()
    receive_shares(secret, ceremony, log)
    return Confirm(
        trustee=ceremony.trustee_index, base=Bytes64(log.base()), transcript=Bytes64(log.transcript())
    )


def complain(secret: TrusteeSecret, ceremony: CeremonySecret, log: CeremonyLog, *, dealer: int) -> Complaint:
    """Say in public that a dealer's box is bad. It ends the ceremony, so it is refused for a good one.

    Raises:
        NotYetError: shares are missing.
        UsageError: there is no such dealer.
        BoardFaultError: the box is good.
    """
    log.require_all(Share)
    if dealer not in log.trustees:
        raise UsageError("no-such-trustee", trustee=dealer)
    try:
        receive_share(secret, ceremony, log, dealer=dealer)
    except DealerError:
        return Complaint(trustee=ceremony.trustee_index, dealer=dealer)
    raise BoardFaultError("share-good", dealer=dealer)


def answer(ceremony: CeremonySecret, log: CeremonyLog, *, complainant: int) -> Answer:
    """Open our box for a trustee that complained, to everybody.

    Raises:
        NotYetError: this trustee has not complained about us.
    """
    own = ceremony.trustee_index
    if not any(each.trustee == complainant and each.dealer == own for each in log.complaints):
        raise NotYetError("no-complaint", trustee=complainant)
    secret = ceremony.ephemeral_for(complainant)
    return Answer(trustee=own, complainant=complainant, ephemeral_secret=Bytes32(secret.secret))
