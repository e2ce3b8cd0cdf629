"""Bad shares: the complaint that a trustee makes, the answer of the dealer, and whose fault it was.

N45: a share inconsistent with the commitments aborts the ceremony and names the dealer.
"""

from collections.abc import Callable

import pytest
from msgspec.structs import replace as changed

from bulletin_board.records.ceremony import Complaint, Share, ShareBox
from bulletin_board.records.fields import Bytes32, SealedShare
from crypto.boxes import BoxSecretKey, seal_share
from crypto.group import Scalar
from crypto.hashing import le64
from crypto.sharing import deal
from tests.support.ballots import bytes_for
from tests.support.ceremony_hall import Hall
from tests.support.small_board import MemoryFiles
from trustees import dealing
from trustees.board import CEREMONY_CHECKS, open_board
from verifier.election import Pins, verify_record

DEALER, VICTIM, BYSTANDER = 2, 1, 3


def seal(hall: Hall, plaintext: bytes) -> SealedShare:
    """A box from the dealer to the victim, under the ephemeral key that the dealer keeps for it."""
    ceremony = hall.secret(DEALER).ceremony
    assert ceremony is not None
    key = hall.manifest.trustee(VICTIM).box_key
    return SealedShare(seal_share(plaintext, key, ceremony.ephemeral_for(VICTIM)))


def plaintext_of(hall: Hall, *, value: bytes = b"", digest: bytes = b"", recipient: int = VICTIM) -> bytes:
    ceremony = hall.secret(DEALER).ceremony
    assert ceremony is not None
    value = value or deal(ceremony.polynomial, VICTIM).value.encoded
    return value + (digest or hall.manifest.digest) + le64(DEALER) + le64(recipient)


def honest_share(hall: Hall) -> Share:
    ceremony = hall.secret(DEALER).ceremony
    assert ceremony is not None
    log = open_board(str(hall.stick()), hall.manifest.digest, until=CEREMONY_CHECKS).ceremony
    return dealing.share(ceremony, log)


def with_box(share: Share, **changes: object) -> Share:
    """The share with the victim's box changed."""
    boxes: list[ShareBox] = [changed(box, **changes) if box.trustee == VICTIM else box for box in share.boxes]
    return changed(share, boxes=tuple(boxes))


def deal_badly(hall: Hall, bad: Share) -> None:
    """Everybody shares, the dealer badly."""
    hall.take_all("share", (VICTIM, BYSTANDER))
    hall.post(bad, DEALER)


def complain(hall: Hall) -> str:
    """The victim asks to confirm and complains instead."""
    out = hall.out("confirm", VICTIM)
    done = hall.run("confirm", VICTIM, "--out", out)
    assert done.code == 1, done.text
    hall.carry(out)
    assert hall.body("confirm", VICTIM) == Complaint(trustee=VICTIM, dealer=DEALER)
    return done.text


def judgement(hall: Hall) -> list[str]:
    """What every verifier says of the complaint."""
    report, _ = verify_record(MemoryFiles(hall.board.files()), pins=Pins(hall.manifest.digest))
    return [finding.reason for finding in report.findings if finding.rule == "4.5"]


Bad = Callable[[Hall], SealedShare]

BAD_BOXES: dict[str, Bad] = {
    "another value": lambda hall: seal(hall, plaintext_of(hall, value=Scalar.from_int(7).encoded)),
    "another election": lambda hall: seal(hall, plaintext_of(hall, digest=bytes_for("other election"))),
    "for another trustee": lambda hall: seal(hall, plaintext_of(hall, recipient=BYSTANDER)),
    "not canonical": lambda hall: seal(hall, plaintext_of(hall, value=b"\xff" * 32)),
    "does not open": lambda _: SealedShare(bytes_for("noise", 96)),
}


@pytest.mark.parametrize("bad", BAD_BOXES.values(), ids=BAD_BOXES.keys())
def test_a_bad_box_ends_in_a_complaint_and_a_judgement(committed: Hall, bad: Bad) -> None:
    """N45, N49: wrong value, wrong context, or no box at all for all that anyone can open."""
    deal_badly(committed, with_box(honest_share(committed), box=bad(committed)))
    said = complain(committed)
    assert "The share of trustee 2 is bad" in said
    assert judgement(committed) == ["trustee 2 has not answered yet"]
    for step in ("confirm", "share"):
        assert "ceremony has ended: trustee 1 complained about trustee 2" in committed.refuse(step, BYSTANDER)
    assert "Trustee 1 complained about trustee 2." in committed.run("status", BYSTANDER).out
    committed.take("answer", DEALER, "--complainant", VICTIM)
    assert len(judgement(committed)) == 1
    assert judgement(committed)[0].startswith("trustee 2 is at fault: ")


def test_a_false_complaint_falls_back_on_its_maker(committed: Hall) -> None:
    """The program makes none; one made past it is answered, and everybody sees a good share."""
    committed.take_all("share")
    assert "The share of trustee 2 is good" in committed.refuse("complain", VICTIM, "--dealer", DEALER)
    committed.post(Complaint(trustee=VICTIM, dealer=DEALER), VICTIM)
    committed.take("answer", DEALER, "--complainant", VICTIM)
    assert judgement(committed) == ["trustee 1 is at fault: the box holds a good share"]


def test_a_key_that_opens_nothing_is_complained_about(committed: Hall) -> None:
    """A public key of small order is a fault of the log as well; its victim complains, the others stop."""
    small = Bytes32(bytes([1]) + bytes(31))
    deal_badly(committed, with_box(honest_share(committed), ephemeral_key=small))
    said = committed.refuse("confirm", BYSTANDER)
    assert "4.3" in said
    assert "box for trustee 1" in said
    complain(committed)
    assert judgement(committed) == ["trustee 2 has not answered yet"]


def test_a_missing_box_is_complained_about(committed: Hall) -> None:
    share = honest_share(committed)
    deal_badly(committed, changed(share, boxes=tuple(box for box in share.boxes if box.trustee != VICTIM)))
    assert "4.3" in committed.refuse("confirm", BYSTANDER)
    assert "no box for trustee 1" in complain(committed)


def test_a_second_complaint_names_another_dealer(committed: Hall) -> None:
    """Once the ceremony has ended, only what tells more about its end is still made."""
    deal_badly(committed, with_box(honest_share(committed), box=BAD_BOXES["does not open"](committed)))
    committed.post(Complaint(trustee=BYSTANDER, dealer=VICTIM), BYSTANDER)
    assert "ceremony has ended" in committed.refuse("confirm", VICTIM)
    committed.take("complain", VICTIM, "--dealer", DEALER)
    assert committed.body("complain", VICTIM) == Complaint(trustee=VICTIM, dealer=DEALER)
    assert len(judgement(committed)) == 2


@pytest.mark.parametrize(
    ("dealer", "code", "reason"), [(1, 1, "is good"), (0, 64, "no trustee 0"), (4, 64, "no trustee 4")]
)
def test_nobody_complains_about_nobody(committed: Hall, dealer: int, code: int, reason: str) -> None:
    """N47: oneself, and indexes that nobody has."""
    committed.take_all("share")
    assert reason in committed.refuse("complain", VICTIM, "--dealer", dealer, code=code)


def test_only_a_complaint_is_answered(committed: Hall) -> None:
    """An ephemeral secret that is published without need gives a share away."""
    committed.take_all("share")
    assert "has not complained about you" in committed.refuse("answer", DEALER, "--complainant", VICTIM)
    committed.post(Complaint(trustee=VICTIM, dealer=BYSTANDER), VICTIM)
    assert "has not complained about you" in committed.refuse("answer", DEALER, "--complainant", VICTIM)


def test_an_answer_opens_the_posted_box_and_no_other(committed: Hall) -> None:
    deal_badly(
        committed, with_box(honest_share(committed), box=seal(committed, plaintext_of(committed)[::-1]))
    )
    complain(committed)
    committed.take("answer", DEALER, "--complainant", VICTIM)
    answer = committed.body("answer", DEALER)
    (box,) = (box for box in honest_share(committed).boxes if box.trustee == VICTIM)
    assert BoxSecretKey(bytes(answer.ephemeral_secret)).public == box.ephemeral_key
