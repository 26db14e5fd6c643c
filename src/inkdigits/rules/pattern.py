r"""Patterns: a small part of regular expressions, over digits and the marks between them.

In: a pattern as text. Out: the automaton of its digits, and its marks put between digits. Knows
nothing of other rules.

A pattern matches the whole text. It may have `\d`, classes such as `[0-9]`, `[135]` and `[^0]`,
digits, marks, groups `(...)`, alternatives `|`, and `?`, `*`, `+`, `{m}`, `{m,}`, `{m,n}`. Marks
are themselves: all of printable ASCII that is no letter, digit or sign of the pattern; with a
backslash those, too. A point is a point.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from inkdigits.errors import RulesError
from inkdigits.rules.automaton import TOO_COMPLEX, Automaton, built
from inkdigits.rules.syntax import Part, is_digit, parsed

MOST_NODES, MOST_STATES = 1000, 1000


@dataclass
class _Node:
    """A step: a digit of a set, a mark, a choice (the first is tried first), or, bare, the end."""

    digits: frozenset[int] | None = None
    mark: str = ""
    then: tuple[int, ...] = ()


@lru_cache(maxsize=128)
def pattern(source: str) -> Pattern:
    """The pattern of a text, parsed once.

    Raises:
        RulesError: the text is none; the message says where it is wrong.
    """
    return Pattern(source)


@dataclass(frozen=True)
class Pattern:
    """A pattern that was understood.

    Raises:
        RulesError: it was not; the message says where.
    """

    source: str

    def __post_init__(self) -> None:
        self._nodes  # noqa: B018  # a wrong pattern is refused at once

    @cached_property
    def _nodes(self) -> list[_Node]:
        return _Layer().lay(parsed(self.source))

    def automaton(self) -> Automaton:
        """The automaton of the pattern's digits; its marks cost nothing."""
        nodes = self._nodes

        def step(state: frozenset[int], digit: int) -> frozenset[int] | None:
            ahead = [nodes[it].then[0] for it in state if digit in (nodes[it].digits or ())]
            return self._reach(ahead) if ahead else None

        start = self._reach([len(nodes) - 1])
        return built(start, step, lambda state: 0 in state, MOST_STATES)

    def _reach(self, ahead: Iterable[int]) -> frozenset[int]:
        """Nodes that wait for a digit, or the end, which is node 0, behind marks and choices."""
        waiting, seen = list(ahead), set[int]()
        while waiting:
            at = waiting.pop()
            if at not in seen:
                seen.add(at)
                if self._nodes[at].digits is None:
                    waiting += self._nodes[at].then
        return frozenset(at for at in seen if at == 0 or self._nodes[at].digits is not None)

    def written(self, digits: str) -> str:
        """Digits that the pattern accepts, with its marks; where it leaves a choice, with more."""
        return self._walk(digits, marked=False) or digits

    def matches(self, text: str) -> bool:
        """Whether a text, marks and all, is as the pattern has it."""
        return self._walk(text, marked=True) is not None

    def _walk(self, text: str, *, marked: bool) -> str | None:
        """The first way through the pattern, in its own order; no node twice at one place."""
        waiting, seen = [(len(self._nodes) - 1, 0, "")], set[tuple[int, int]]()
        while waiting:
            at, place, written = waiting.pop()
            if (at, place) in seen:
                continue
            seen.add((at, place))
            node, following = self._nodes[at], text[place : place + 1]
            if at == 0 and not following:
                return written
            if node.digits is not None:
                if is_digit(following) and int(following) in node.digits:
                    waiting.append((node.then[0], place + 1, written + following))
            elif not node.mark:
                waiting += [(then, place, written) for then in reversed(node.then)]
            elif not marked or following == node.mark:
                waiting.append((node.then[0], place + marked, written + node.mark))
        return None


class _Layer:
    """From the end backwards, parts become nodes (Thompson, 1968)."""

    def __init__(self) -> None:
        self._made: list[_Node] = [_Node()]

    def lay(self, part: Part) -> list[_Node]:
        """All nodes: 0 is the end, the last is the start."""
        self._node(_Node(then=(self._lay(part, 0),)))
        return self._made

    def _node(self, node: _Node) -> int:
        if len(self._made) >= MOST_NODES:
            raise RulesError(TOO_COMPLEX)
        self._made.append(node)
        return len(self._made) - 1

    def _lay(self, part: Part, then: int) -> int:
        """Make the nodes of a part behind which node `then` follows; its first node."""
        if isinstance(part.what, frozenset):
            return self._node(_Node(part.what, then=(then,)))
        if part.kind == "mark":
            return self._node(_Node(mark=part.what, then=(then,)))
        if part.kind == "row":
            for it in reversed(part.parts):
                then = self._lay(it, then)
            # an empty row counts as a node, too, or repeating it would never end
            return then if part.parts else self._node(_Node(then=(then,)))
        if part.kind == "either":
            ways = [self._lay(it, then) for it in part.parts]
            return ways[0] if len(ways) == 1 else self._node(_Node(then=tuple(ways)))
        return self._lay_times(part.parts[0], part.fewest, part.most, then)

    def _lay_times(self, part: Part, fewest: int, most: int | None, then: int) -> int:
        after = then
        if most is None:
            loop = self._node(_Node())
            self._made[loop].then = (self._lay(part, loop), after)
            then = loop
        else:
            for _ in range(most - fewest):
                then = self._node(_Node(then=(self._lay(part, then), after)))
        for _ in range(fewest):
            then = self._lay(part, then)
        return then
