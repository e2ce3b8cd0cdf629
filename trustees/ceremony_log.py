"""The ceremony as it stands on the verified log, in the order of trustees.

Spec: records.md §4.1, §4.2; protocol.md §2
"""

from dataclasses import dataclass
from typing import TypeVar

from bulletin_board.records.ceremony import Commit, Complaint, Confirm, Pledge, Share, ShareBox
from bulletin_board.records.manifest import Manifest
from crypto.ceremony import election_base, transcript_digest
from crypto.errors import DealerError
from crypto.group import ElementArray
from crypto.sharing import joint_key
from trustees.errors import BoardFaultError, NotYetError
from verifier.checks.check_01_log import LogView
from verifier.checks.check_03_order import OrderView, Posted

Step = TypeVar("Step", Pledge, Commit, Share, Confirm)


@dataclass(frozen=True, slots=True)
class CeremonyLog:
    """What each trustee has posted so far; signatures and places were checked by the verifier."""

    manifest: Manifest
    order: OrderView
    log: LogView

    @property
    def trustees(self) -> range:
        """All trustee indices."""
        return range(1, len(self.manifest.trustees) + 1)

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        return tuple(posted.body for posted in self.order.all_of(Complaint))

    def progress(self) -> dict[str, int]:
        """How many trustees have made each step, in the order of the ceremony."""
        return {
            Pledge.record_type: len(self.step(Pledge)),
            Commit.record_type: len(self.step(Commit)),
            Share.record_type: len(self.step(Share)),
            Confirm.record_type: len(self.step(Confirm)),
        }

    def step(self, kind: type[Step]) -> dict[int, Posted[Step]]:
        """The entries of one step by trustee_index, ascending."""
        posted = {each.body.trustee: each for each in self.order.all_of(kind)}
        return dict(sorted(posted.items()))

    def require_running(self) -> None:
        """Refuse to go on after a complaint.

        Raises:
            BoardFaultError: somebody complained; a restart is a new election.
        """
        for complaint in self.complaints:
            raise BoardFaultError("ceremony-ended", trustee=complaint.trustee, dealer=complaint.dealer)

    def require_all(self, kind: type[Step]) -> dict[int, Posted[Step]]:
        """A step that everybody has made.

        Raises:
            NotYetError: some trustees' entries of this type are missing.
        """
        posted = self.step(kind)
        missing = [str(index) for index in self.trustees if index not in posted]
        if missing:
            raise NotYetError("step-missing", step=kind.record_type, trustees=", ".join(missing))
        return posted

    def require_witnessed(self, kind: type[Step]) -> None:
        """Refuse to answer a step before witnesses have seen all of it. Spec: records.md §4.2

        Raises:
            NotYetError: an entry is missing, or no kept checkpoint covers all of them.
        """
        covered = max(posted.index for posted in self.require_all(kind).values()) + 1
        if not any(published.size >= covered for published in self.log.published):
            raise NotYetError("not-witnessed")

    def require_own(self, body: Step) -> None:
        """Refuse to build on an entry under our name that our sealed file does not lead to.

        Args:
            body: what we posted, made anew.

        Raises:
            NotYetError: it is not on the log.
            BoardFaultError: something else stands there.
        """
        step = body.record_type
        posted = self.step(type(body)).get(body.trustee)
        if posted is None:
            raise NotYetError("step-missing", step=step, trustees=str(body.trustee))
        if posted.body != body:
            raise BoardFaultError("record-foreign", step=step)

    def commitments(self, dealer: int) -> ElementArray:
        """C_ij of one dealer, constant term first."""
        packed = b"".join(self.step(Commit)[dealer].body.coefficient_commitments)
        return ElementArray.decode(packed, subject=f"commit of trustee {dealer}")

    def base(self) -> bytes:
        """64 bytes. Spec: protocol.md §2.7"""
        commitments = [self.commitments(dealer) for dealer in self.trustees]
        return election_base(self.manifest.digest, joint_key(commitments), commitments)

    def transcript(self) -> bytes:
        """64 bytes. Spec: protocol.md §2.5"""
        pledges, commits, shares = self.step(Pledge), self.step(Commit), self.step(Share)
        entries = [0, *(posted.index for step in (pledges, commits, shares) for posted in step.values())]
        return transcript_digest([self.log.leaf_hashes[index] for index in entries])

    def box_for(self, recipient: int, *, dealer: int) -> ShareBox:
        """The box that a dealer posted for one trustee.

        Raises:
            DealerError: the dealer left it out.
        """
        for box in self.step(Share)[dealer].body.boxes:
            if box.trustee == recipient:
                return box
        raise DealerError(f"dealt share: no box for trustee {recipient}", culprit=dealer)
