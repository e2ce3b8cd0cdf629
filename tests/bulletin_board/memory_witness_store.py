"""A witness's memory without a disk, for tests that need a real store and no power cut."""

from threading import Lock

from bulletin_board.witness import ForkEvidence, WitnessedCheckpoint


class MemoryWitnessStore:
    def __init__(self) -> None:
        self._lock = Lock()
        self._latest: dict[str, WitnessedCheckpoint] = {}
        self.evidence: list[ForkEvidence] = []

    def latest(self, origin: str) -> WitnessedCheckpoint | None:
        return self._latest.get(origin)

    def advance(self, origin: str, *, old_size: int, new: WitnessedCheckpoint) -> bool:
        with self._lock:
            known = self._latest.get(origin)
            if (known.tree_size if known else 0) != old_size:
                return False
            self._latest[origin] = new
            return True

    def keep_evidence(self, evidence: ForkEvidence) -> None:
        with self._lock:
            if evidence not in self.evidence:
                self.evidence.append(evidence)
