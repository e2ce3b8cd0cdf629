"""The key ceremony through the program: order, memory, and what a trustee finds wrong with the others."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from bulletin_board.records.canonical import jcs
from bulletin_board.records.ceremony import Commit, Confirm, EncodedPossessionProof, Pledge
from bulletin_board.records.fields import Bytes32, Bytes64
from crypto.ceremony import pledge_digest
from crypto.group import GroupElement, Scalar, base_multiply
from tests.support.ballots import bytes_for, scalar_for
from tests.support.ceremony_hall import Hall
from tests.support.sample_manifest import STRANGER
from trustees import dealing
from trustees.board import CEREMONY_CHECKS, open_board
from trustees.errors import NotYetError
from trustees.secret import CeremonySecret, ceremony_randomness_size, draw_ceremony_secret


def test_pledge_is_kept_before_it_is_shown(opened: Hall) -> None:
    """The secret is in the sealed file although what came of it could not be written."""
    done = opened.run("pledge", 1, "--out", opened.folder / "no" / "such" / "folder.json")
    assert done.code == 64
    assert "cannot be written" in done.err
    ceremony = opened.secret(1).ceremony
    assert ceremony is not None
    opened.take("pledge", 1)
    assert opened.body("pledge", 1) == dealing.pledge(ceremony, opened.manifest)


def test_pledging_again_gives_the_same_pledge(opened: Hall) -> None:
    opened.take("pledge", 1)
    first = opened.out("pledge", 1).read_bytes()
    sealed = opened.store(1).path.read_bytes()
    assert opened.run("pledge", 1, "--out", opened.out("pledge", 1)).code == 0
    assert opened.out("pledge", 1).read_bytes() == first
    assert opened.store(1).path.read_bytes() == sealed


def test_keys_are_not_used_for_a_second_election(opened: Hall) -> None:
    """N49: the file knows its election; another pin, or another board under any pin, is refused."""
    opened.take("pledge", 1)
    other = replace(opened, world=Hall.world_with(changed(opened.manifest, threshold=3)))
    other.publish_manifest()
    assert "belongs to the election" in other.refuse("pledge", 1)
    assert "belongs to another election" in opened.refuse("pledge", 1, board=other.stick())
    assert "belongs to another election" in opened.refuse("pledge", 2, board=other.stick())


def test_a_pledge_that_the_file_does_not_know_is_refused(opened: Hall) -> None:
    """A file set back to before its pledge would draw a second polynomial."""
    before = opened.secret(1)
    opened.take("pledge", 1)
    opened.store(1).save(before)
    assert "(pledge) that is not yours" in opened.refuse("pledge", 1)
    assert opened.secret(1).ceremony is None


def test_commit_waits_for_all_pledges(opened: Hall) -> None:
    """N44: nobody shows commitments while somebody may still choose."""
    assert "not pledged yet" in opened.refuse("commit", 1)
    opened.take("pledge", 1)
    assert "pledge of trustee 2, 3 is not on the log" in opened.refuse("commit", 1)
    opened.take("pledge", 2)
    assert "pledge of trustee 3 is not on the log" in opened.refuse("commit", 1)


def test_commit_waits_for_witnesses(opened: Hall) -> None:
    """N44: all pledges on the log, but no published checkpoint covers the last one."""
    opened.run_ceremony(until="pledge")
    log = open_board(str(opened.stick()), opened.manifest.digest, until=CEREMONY_CHECKS).ceremony
    log.require_witnessed(Pledge)
    early = tuple(each for each in log.log.published if each.size < 4)
    assert early
    with pytest.raises(NotYetError, match="not-witnessed"):
        replace(log, log=replace(log.log, published=early)).require_witnessed(Pledge)


def test_later_steps_wait_for_everybody(committed: Hall) -> None:
    del committed.board.entries[-1]
    del committed.board.kept[-1]
    assert "commit of trustee 3 is not on the log" in committed.refuse("share", 1)
    committed.carry(committed.out("commit", 3))
    assert "share of trustee 1, 2, 3 is not on the log" in committed.refuse("confirm", 1)
    assert "share of trustee 1, 2, 3 is not on the log" in committed.refuse("complain", 1, "--dealer", 2)
    committed.take("share", 1)
    assert "share of trustee 2, 3 is not on the log" in committed.refuse("confirm", 1)


@pytest.mark.parametrize("step", ["share", "confirm"])
def test_own_entry_must_follow_from_the_file(committed: Hall, step: str) -> None:
    """What stands under our name was made by another file: our key is in foreign hands."""
    if step == "confirm":
        committed.take_all("share")
    committed.change_secret(2, lambda secret: replace(secret, ceremony=_fresh(committed, 2)))
    assert "is not yours" in committed.refuse(step, 2)


def test_own_entry_must_be_there(opened: Hall) -> None:
    """Trustee 1's own commit never reached the board; nobody else's stands in for it."""
    opened.run_ceremony(until="pledge")
    ceremony = opened.secret(1).ceremony
    assert ceremony is not None
    log = open_board(str(opened.stick()), opened.manifest.digest, until=CEREMONY_CHECKS).ceremony
    with pytest.raises(NotYetError, match="step-missing: step commit, trustees 1"):
        log.require_own(dealing.commit(ceremony, opened.manifest))


def _fresh(hall: Hall, trustee: int) -> CeremonySecret:
    trustees, threshold = len(hall.homes), hall.manifest.threshold
    size = ceremony_randomness_size(trustees, threshold)
    return draw_ceremony_secret(
        hall.manifest.digest,
        trustee,
        trustees=trustees,
        threshold=threshold,
        randomness=bytes_for("fresh", size),
    )


def test_a_stranger_is_told_so(opened: Hall) -> None:
    """N50: the file of a trustee that the manifest does not name."""
    opened.change_secret(
        2,
        lambda secret: replace(
            secret, signing_key=STRANGER, box_key=opened.secret(1).box_key.__class__(bytes_for("b"))
        ),
    )
    assert "None of the trustees in this manifest has your keys" in opened.refuse("pledge", 2)


@pytest.mark.parametrize("foreign", ["signing_key", "box_key"])
def test_a_manifest_with_one_foreign_key_is_refused(opened: Hall, foreign: str) -> None:
    """N50: whoever put a key of their own beside ours would read what is dealt to us, or sign for us."""
    other = opened.secret(3)
    opened.change_secret(2, lambda secret: replace(secret, **{foreign: getattr(other, foreign)}))
    assert "has one of your keys beside a foreign one" in opened.refuse("pledge", 2)


def test_counts_that_would_be_too_small_are_refused_at_the_start(opened: Hall) -> None:
    """Outside training the least size of a cell is no matter of the manifest alone."""
    hall = replace(opened, world=Hall.world_with(changed(opened.manifest, training=False)))
    hall.publish_manifest()
    assert "your own least size is 5" in hall.refuse("pledge", 1)


Change = Callable[[Commit], Commit]


def _identity_first(commit: Commit) -> Commit:
    return changed(commit, coefficient_commitments=(Bytes32(bytes(32)), *commit.coefficient_commitments[1:]))


def _one_more(commit: Commit) -> Commit:
    return changed(
        commit, coefficient_commitments=(*commit.coefficient_commitments, commit.coefficient_commitments[0])
    )


def _one_fewer(commit: Commit) -> Commit:
    return changed(commit, coefficient_commitments=commit.coefficient_commitments[:1])


def _no_proof(commit: Commit) -> Commit:
    nothing = EncodedPossessionProof(commitment=Bytes32(bytes(32)), response=Bytes32(bytes(32)))
    return changed(commit, proof=nothing)


def _off_by_one(commit: Commit) -> Commit:
    z = Scalar.decode(commit.proof.response) + Scalar.from_int(1)
    return changed(commit, proof=changed(commit.proof, response=Bytes32(z.encoded)))


def _other_constant(commit: Commit) -> Commit:
    constant = Bytes32(base_multiply([scalar_for("another constant")])[0].encoded)
    return changed(commit, coefficient_commitments=(constant, *commit.coefficient_commitments[1:]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(_no_proof, "4.2", id="N42-no-proof"),
        pytest.param(_off_by_one, "4.2", id="N42-wrong-proof"),
        pytest.param(_other_constant, "4.2", id="N42-proof-of-another-key"),
        pytest.param(_identity_first, "4.2", id="N46-identity"),
        pytest.param(_one_more, "4.2", id="N46-one-more"),
        pytest.param(_one_fewer, "4.2", id="N46-one-fewer"),
    ],
)
def test_bad_commitments_stop_everybody(opened: Hall, change: Change, reason: str) -> None:
    """N42, N46: pledged or not, they make no key; the program names who posted them."""
    opened.take_all("pledge", (1, 2))
    opened.refuse("commit", 3)
    bad = change(_commit_of(opened, 3))
    _pledge(opened, bad)
    opened.take_all("commit", (1, 2))
    opened.post(bad, 3)
    said = opened.refuse("share", 1)
    assert f"{reason} entry 6, commit of trustee 3" in said
    assert "this step is refused" in said


def test_a_rogue_key_has_no_proof(opened: Hall) -> None:
    """N43: a constant term that cancels the others' is nothing that its dealer knows the logarithm of."""
    opened.take_all("pledge", (1, 2))
    honest = _commit_of(opened, 3)
    others = [GroupElement.decode(_commit_of(opened, i).coefficient_commitments[0]) for i in (1, 2)]
    target = base_multiply([scalar_for("the attacker's key")])[0]
    rogue = target - others[0] - others[1]
    bad = changed(
        honest,
        coefficient_commitments=(Bytes32(rogue.encoded), *honest.coefficient_commitments[1:]),
    )
    _pledge(opened, bad)
    opened.take_all("commit", (1, 2))
    opened.post(bad, 3)
    assert "4.2 entry 6, commit of trustee 3" in opened.refuse("share", 1)


def test_a_broken_pledge_stops_everybody(opened: Hall) -> None:
    """N44: the last to commit has thought better of it."""
    opened.run_ceremony(until="pledge")
    opened.take_all("commit", (1, 2))
    opened.post(dealing.commit(_fresh(opened, 3), opened.manifest), 3)
    assert "4.1 entry 6, commit of trustee 3: not what this trustee pledged" in opened.refuse("share", 1)


def test_a_commit_under_a_foreign_index_is_refused(opened: Hall) -> None:
    """N47: a trustee signs for itself alone."""
    opened.run_ceremony(until="pledge")
    opened.take_all("commit", (1, 2))
    opened.world.log(opened.body("commit", 2), [opened.secret(3).signing_key])
    opened.world.publish()
    assert "3.1 entry 6" in opened.refuse("share", 1)


def test_a_confirmation_of_another_key_stops_everybody(committed: Hall) -> None:
    """N48: h is recomputed by everyone, so a confirm of another base is a fault for all to see."""
    committed.take_all("share")
    committed.take("confirm", 1)
    honest = committed.body("confirm", 1)
    committed.post(Confirm(trustee=2, base=Bytes64(bytes(64)), transcript=honest.transcript), 2)
    assert "4.4 entry 11, confirm of trustee 2: of another base" in committed.refuse("confirm", 3)


def _commit_of(hall: Hall, trustee: int) -> Commit:
    """What a trustee will post; its secret is drawn if need be."""
    if hall.secret(trustee).ceremony is None:
        assert hall.run("pledge", trustee, "--out", hall.folder / "unused.json").code == 0
    ceremony = hall.secret(trustee).ceremony
    assert ceremony is not None
    return dealing.commit(ceremony, hall.manifest)


def _pledge(hall: Hall, commit: Commit) -> None:
    digest = pledge_digest(hall.manifest.digest, commit.trustee, jcs(commit))
    hall.post(Pledge(trustee=commit.trustee, digest=Bytes64(digest)), commit.trustee)


def test_status_tells_where_the_ceremony_stands(opened: Hall) -> None:
    assert "No ceremony yet." in opened.run("status", 1).out
    opened.take_all("pledge", (1, 3))
    done = opened.run("status", 1)
    assert done.code == 0
    assert "pledge: 2 of 3\ncommit: 0 of 3\nshare: 0 of 3\nconfirm: 0 of 3\n" in done.out
    assert "The file holds the keys of Trustee 1." in done.out
    assert "Election: Sample election in English" in done.out
