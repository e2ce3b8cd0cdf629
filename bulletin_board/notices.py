"""What the authorities' notices have decided so far: the close in force, suspended or not, annulled or not.

Spec: records.md §4.3, §4.4, §4.6
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from bulletin_board.phases import IndexedNotice
from bulletin_board.records.manifest import Manifest, Schedule


@dataclass(frozen=True, slots=True)
class InForce:
    """The decisions in force. `closes_at` in POSIX seconds."""

    closes_at: int
    suspended: bool = False
    annulled: bool = False

    def last_flush(self, manifest: Manifest) -> int:
        """The last second in which a beat takes ballots, so that their cosignatures come in time.

        Clients are turned away from `closes_at` on. What was sent before gets in while the grace lasts, but
        for the length of one beat.
        """
        grace = manifest.schedule.grace
        return self.closes_at + grace - min(grace, -(-manifest.beat // 1000))


def decisions_in_force(
    notices: Iterable[IndexedNotice], schedule: Schedule, witnessed_by: Callable[[int], int | None]
) -> InForce:
    """Fold the valid notices, oldest first; a notice that came too late changes nothing.

    Args:
        notices: all of the log, in order.
        schedule: what the manifest says.
        witnessed_by: index of an entry → earliest time by which a quorum had seen it, or None.
    """
    state = InForce(schedule.closes_at)
    for item in notices:
        time = witnessed_by(item.entry_index)
        if time is None or time > state.closes_at:
            continue
        notice = item.notice
        match notice.kind:
            case "suspend":
                state = replace(state, suspended=True)
            case "resume":
                state = replace(state, suspended=False)
            case "annul":
                state = replace(state, annulled=True)
            case "extend" if notice.closes_at is not None and notice.closes_at > state.closes_at:
                state = replace(state, closes_at=notice.closes_at)
            case _:
                pass
    return state
