"""Which type of entry may come when: the order of records.md §4.1, step by step and refused otherwise."""

from collections.abc import Sequence

import pytest

from bulletin_board.errors import AppendRefused
from bulletin_board.phases import BoardState, Phase
from bulletin_board.records.ceremony import Answer, Complaint
from bulletin_board.records.record import Record
from bulletin_board.records.roll import IssuerPledge, Roll
from bulletin_board.records.tally import Aggregate, Decryption, Result, TallyConfirm
from bulletin_board.records.voting import Close, Identified, Open, Reissue, Revocation
from tests.bulletin_board.live_board import commit, confirm, pledge, share
from tests.support import records
from tests.support.records import BODIES, b32, b64, sample

ALL = (1, 2, 3)
PLEDGES = [pledge(trustee) for trustee in ALL]
COMMITS = [commit(trustee) for trustee in ALL]
SHARES = [share(trustee) for trustee in ALL]
CONFIRMS = [confirm(trustee) for trustee in ALL]
ISSUERS = [IssuerPledge(issuer=name, digest=b64(name)) for name in records.ISSUERS]
DEALT = [records.MANIFEST, *PLEDGES, *COMMITS, *SHARES]
READY = [*DEALT, *CONFIRMS, *ISSUERS, sample(Roll)]
VOTING = [*READY, sample(Open)]
CLOSED = [*VOTING, sample(Close)]
TALLY = [*CLOSED, sample(Aggregate)]


def tally_confirm(trustee: int, aggregate: str = "aggregate") -> TallyConfirm:
    return TallyConfirm(
        trustee=trustee, base=b64("base"), round=1, size=41, root=b32("root"), aggregate=b64(aggregate)
    )


def decryption(trustee: int, aggregate: str = "aggregate") -> Decryption:
    form = sample(Decryption)
    return Decryption(
        trustee=trustee,
        aggregate=b64(aggregate),
        partials=form.partials,
        commitments=form.commitments,
        response=form.response,
    )


CONFIRMED = [*TALLY, tally_confirm(1), tally_confirm(3)]
RELEASED = [*CONFIRMED, decryption(1), decryption(3)]
FINISHED = [*RELEASED, sample(Result)]


def after(bodies: Sequence[Record], *, published: int | None = None) -> BoardState:
    """The state after bodies that are all admissible, each witnessed before the next."""
    state = BoardState()
    for index, body in enumerate(bodies):
        state.require_admissible(body, published_size=index if published is None else published)
        state = state.after(body, index)
    return state


def refusal(bodies: Sequence[Record], body: Record, *, published: int | None = None) -> AppendRefused:
    state = after(bodies)
    with pytest.raises(AppendRefused) as caught:
        state.require_admissible(body, published_size=len(bodies) if published is None else published)
    return caught.value


@pytest.mark.parametrize(
    ("bodies", "phase"),
    [
        ([], Phase.EMPTY),
        (DEALT, Phase.CEREMONY),
        ([*DEALT, Complaint(trustee=2, dealer=3)], Phase.FAILED),
        (READY, Phase.READY),
        (VOTING, Phase.VOTING),
        (CLOSED, Phase.CLOSED),
        (RELEASED, Phase.TALLY),
        (FINISHED, Phase.FINISHED),
    ],
)
def test_phase(bodies: list[Record], phase: Phase) -> None:
    assert after(bodies).phase is phase


@pytest.mark.parametrize("kind", [kind for kind in BODIES if kind != "manifest"])
def test_a_log_begins_with_its_manifest(kind: str) -> None:
    assert refusal([], BODIES[kind]).code == "out-of-order"


def test_one_manifest() -> None:
    assert refusal([records.MANIFEST], records.MANIFEST).code == "out-of-order"


@pytest.mark.parametrize(
    ("bodies", "body", "detail"),
    [
        ([records.MANIFEST], COMMITS[0], "only 0 of 3 pledges"),
        ([records.MANIFEST, *PLEDGES[:2]], COMMITS[0], "only 2 of 3 pledges"),
        ([records.MANIFEST, *PLEDGES, *COMMITS[:2]], SHARES[0], "only 2 of 3 commits"),
        ([*DEALT[:-1]], CONFIRMS[0], "only 2 of 3 shares"),
        ([records.MANIFEST, PLEDGES[0]], PLEDGES[0], "trustee 1 has posted its pledge"),
        ([*DEALT, CONFIRMS[1]], CONFIRMS[1], "trustee 2 has posted its confirm"),
        ([records.MANIFEST], pledge(4), "trustee 4 is not in the manifest"),
        (DEALT[:-1], Complaint(trustee=1, dealer=2), "not all shares"),
        (DEALT, Complaint(trustee=1, dealer=4), "not in the manifest"),
        ([*DEALT, CONFIRMS[0]], Complaint(trustee=1, dealer=2), "trustee 1 has confirmed"),
        ([*DEALT, Complaint(trustee=1, dealer=2)], Complaint(trustee=1, dealer=2), "stands already"),
        ([*DEALT, Complaint(trustee=1, dealer=2)], CONFIRMS[2], "has ended the ceremony"),
        ([*DEALT, Complaint(trustee=1, dealer=2)], ISSUERS[0], "has ended the ceremony"),
        (READY, ISSUERS[0], "the roll stands"),
        ([*DEALT, ISSUERS[0]], ISSUERS[0], "has pledged"),
        (DEALT, IssuerPledge(issuer="nobody", digest=b64("x")), "issuer nobody"),
        ([*DEALT, *CONFIRMS[:2], *ISSUERS], sample(Roll), "not all have confirmed"),
        ([*DEALT, *CONFIRMS, ISSUERS[0]], sample(Roll), "not all issuers"),
        (READY, sample(Roll), "has its roll already"),
        (DEALT, sample(Open), "there is no roll"),
        (VOTING, sample(Open), "opened already"),
        (READY, sample(Close), "was not opened"),
        (CLOSED, sample(Close), "closed already"),
        (DEALT, sample(Revocation), "there is no roll"),
        (DEALT, sample(Reissue), "there is no roll"),
        (CLOSED, sample(Revocation), "voting is closed"),
        (CLOSED, sample(Reissue), "voting is closed"),
        (READY, sample(Identified), "has not been opened"),
        (CLOSED, sample(Identified), "voting is closed"),
        ([*VOTING, Identified(count=12)], Identified(count=11), "fewer than the 12"),
        (VOTING, sample(Aggregate), "voting is not closed"),
        (CLOSED, sample(TallyConfirm), "there is no aggregate"),
        (VOTING, sample(TallyConfirm), "voting is not closed"),
        (TALLY, decryption(1), "only 0 witnessed confirms"),
        ([*TALLY, tally_confirm(1)], decryption(1), "only 1 witnessed confirms"),
        ([*CONFIRMED, tally_confirm(3, "other")], decryption(1), "only 1 witnessed confirms"),
        ([*CONFIRMED, decryption(1)], tally_confirm(1, "other"), "trustee 1 has released"),
        ([*CONFIRMED, decryption(1)], sample(Result), "only 1 trustees have released"),
        (FINISHED, sample(Aggregate), "the result stands"),
        (FINISHED, sample(Result), "the result stands"),
    ],
)
def test_out_of_order(bodies: list[Record], body: Record, detail: str) -> None:
    refused = refusal(bodies, body)
    assert refused.code == "out-of-order"
    assert detail in refused.detail


def test_the_ceremony_ends_with_a_complaint_that_may_be_answered() -> None:
    quarrel = [*DEALT, Complaint(trustee=2, dealer=3), Complaint(trustee=1, dealer=3)]
    answer = Answer(trustee=3, complainant=2, ephemeral_secret=b32("secret"))
    state = after([*quarrel, answer])
    assert state.answers == {(2, 3)}
    assert "answered" in refusal([*quarrel, answer], answer).detail
    unasked = Answer(trustee=1, complainant=2, ephemeral_secret=b32("secret"))
    assert "no such complaint" in refusal(quarrel, unasked).detail


def test_no_complaint_once_the_roll_stands() -> None:
    # All have confirmed by then, so this is refused twice over.
    assert refusal(READY, Complaint(trustee=1, dealer=2)).code == "out-of-order"


@pytest.mark.parametrize("published", range(4))
def test_no_commit_before_all_pledges_are_witnessed(published: int) -> None:
    bodies = [records.MANIFEST, *PLEDGES]
    assert "not all pledges are witnessed" in refusal(bodies, COMMITS[0], published=published).detail


def test_no_roll_before_all_issuer_pledges_are_witnessed() -> None:
    bodies = [*DEALT, *CONFIRMS, *ISSUERS]
    assert (
        "not all issuer pledges are witnessed"
        in refusal(bodies, sample(Roll), published=len(bodies) - 1).detail
    )


def test_no_release_before_the_confirms_are_witnessed() -> None:
    assert "only 1 witnessed" in refusal(CONFIRMED, decryption(1), published=len(CONFIRMED) - 1).detail


def test_ballots_have_codes_of_their_own() -> None:
    ballot = records.ballot()
    assert refusal(READY, ballot).code == "not-open"
    assert refusal(CLOSED, ballot).code == "closed"
    after([*VOTING, ballot])


def test_a_trustee_stays_with_the_aggregate_it_has_released() -> None:
    bodies = [*CONFIRMED, decryption(1), tally_confirm(2, "other"), tally_confirm(3, "other")]
    assert "of another aggregate" in refusal(bodies, decryption(1, "other")).detail
    after([*bodies, decryption(2, "other")])


def test_confirms_may_be_superseded_and_releases_repeated() -> None:
    state = after([*TALLY, tally_confirm(1, "wrong"), *CONFIRMED[len(TALLY) :], decryption(1), decryption(1)])
    assert state.confirms[1].aggregate == b64("aggregate")
    assert state.releases == {1: b64("aggregate")}


def test_notices_may_come_at_any_time() -> None:
    notice = records.notice("incident", "Жарык өчтү")
    for bodies in ([records.MANIFEST], DEALT, VOTING, FINISHED):
        assert after([*bodies, notice]).notices[0].entry_index == len(bodies)
