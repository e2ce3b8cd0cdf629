"""The merging rule word by word, for the tests. Spec: protocol.md §5.2"""

Group = tuple[frozenset[str], int, str]  # members, size, node


def merge(sizes: dict[str, int], parents: dict[str, str | None], floor: int) -> tuple[set[Group], set[Group]]:
    """(groups, withheld), found by looking at everything in every round."""
    groups: set[Group] = {(frozenset([unit]), size, unit) for unit, size in sizes.items() if size > 0}
    while True:
        too_small = {group for group in groups if group[1] < floor}
        if not too_small:
            return groups, set()
        deepest = max(_depth(node, parents) for _, _, node in too_small)
        too_small = {group for group in too_small if _depth(group[2], parents) == deepest}
        smallest = min(size for _, size, _ in too_small)
        (taken,) = _of_lowest_id({group for group in too_small if group[1] == smallest})
        below = {group for group in groups - {taken} if taken[2] in _line(group[2], parents)}
        if below:
            smallest = min(size for _, size, _ in below)
            (other,) = _of_lowest_id({group for group in below if group[1] == smallest})
            groups = groups - {taken, other} | {(taken[0] | other[0], taken[1] + other[1], taken[2])}
            continue
        above = parents[taken[2]]
        if above is None:
            return groups - {taken}, {taken}
        groups = groups - {taken} | {(taken[0], taken[1], above)}


def _line(node: str, parents: dict[str, str | None]) -> list[str]:
    above = parents[node]
    return [node] if above is None else [node, *_line(above, parents)]


def _depth(node: str, parents: dict[str, str | None]) -> int:
    return len(_line(node, parents))


def _of_lowest_id(groups: set[Group]) -> list[Group]:
    lowest = min(min(unit.encode() for unit in group[0]) for group in groups)
    return [group for group in groups if lowest.decode() in group[0]]
