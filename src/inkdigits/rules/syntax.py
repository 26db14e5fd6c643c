r"""What a pattern means: its text -> parts.

In: a pattern as text; `pattern` says what it may have. Out: `Part`, a tree. Does not know what is
done with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from inkdigits.errors import RulesError

LONGEST_PATTERN, DEEPEST, MOST_REPEATS = 500, 20, 60
_SIGNS = frozenset("()[]{}|?*+\\^$")
_ALL = frozenset(range(10))


@dataclass(frozen=True)
class Part:
    """What was parsed: "digit" or "mark" (`what`), "row" or "either" or "times" of `parts`."""

    kind: str
    what: frozenset[int] | str = ""
    parts: tuple[Part, ...] = ()
    fewest: int = 1
    most: int | None = 1


def parsed(source: str) -> Part:
    """The parts of a pattern.

    Raises:
        RulesError: it is none; the message says where it is wrong.
    """
    if not source or len(source) > LONGEST_PATTERN:
        raise RulesError(f"A pattern has 1 to {LONGEST_PATTERN} characters.")
    return _Parser(source).whole()


class _Parser:
    """Recursive descent; each method reads what its name says and moves on."""

    def __init__(self, source: str) -> None:
        self._source, self._at, self._depth = source, 0, 0

    def whole(self) -> Part:
        self._taken("^")
        part = self._either()
        if self._next() == "$" and self._at == len(self._source) - 1:
            self._at += 1
        if self._at < len(self._source):
            raise self._wrong()
        return part

    def _next(self) -> str:
        return self._source[self._at : self._at + 1]

    def _taken(self, word: str) -> bool:
        if self._source.startswith(word, self._at):
            self._at += len(word)
            return True
        return False

    def _wrong(self, why: str = "") -> RulesError:
        sign = self._next()
        why = why or (f"{sign!r} is not understood there" if sign else "it ends too early")
        return RulesError(
            f"The pattern {self._source!r} is wrong at character {self._at + 1}: {why}; it may "
            r"have \d, [0-9], digits, marks, (...), |, ?, *, + and {m,n}."
        )

    def _either(self) -> Part:
        parts = [self._row()]
        while self._taken("|"):
            parts.append(self._row())
        return Part("either", parts=tuple(parts))

    def _row(self) -> Part:
        parts = []
        while self._next() not in ("", "|", ")", "$"):
            parts.append(self._repeated())
        return Part("row", parts=tuple(parts))

    def _repeated(self) -> Part:
        part, times = self._single(), {"?": (0, 1), "*": (0, None), "+": (1, None)}
        sign = self._next()
        if sign == "{":
            fewest, most = self._braces()
        elif sign in times:
            self._at += 1
            fewest, most = times[sign]
        else:
            return part
        if self._next() in ("?", "*", "+", "{"):
            raise self._wrong("two repetitions follow one another")
        return Part("times", parts=(part,), fewest=fewest, most=most)

    def _braces(self) -> tuple[int, int | None]:
        end = self._source.find("}", self._at)
        inside = self._source[self._at + 1 : end] if end > 0 else ""
        low, comma, high = inside.partition(",")
        if not all(is_digit(it) and len(it) < 4 for it in (low, high or "0")):
            raise self._wrong("a repetition is {m}, {m,} or {m,n}")
        fewest, most = int(low), int(high) if high else None if comma else int(low)
        if max(fewest, most or 0) > MOST_REPEATS or (most is not None and most < fewest):
            raise self._wrong(f"a repetition goes from fewer to more, {MOST_REPEATS} at most")
        self._at = end + 1
        return fewest, most

    def _single(self) -> Part:
        sign = self._next()
        if self._taken(r"\d"):
            return Part("digit", _ALL)
        if self._taken("("):
            return self._group()
        if self._taken("["):
            return self._class()
        if self._taken("\\"):
            sign = self._next()
            if not sign or not _is_mark(sign):
                raise self._wrong(r"behind a backslash stands d or a mark")
        elif sign in _SIGNS:
            raise self._wrong()
        self._at += 1
        if is_digit(sign):
            return Part("digit", frozenset({int(sign)}))
        if _is_mark(sign):
            return Part("mark", sign)
        self._at -= 1
        raise self._wrong(f"{sign!r} is neither a digit nor a mark")

    def _group(self) -> Part:
        self._taken("?:")
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong(f"more than {DEEPEST} groups stand in one another")
        part = self._either()
        if not self._taken(")"):
            raise self._wrong("" if self._next() else "a group is not closed")
        self._depth -= 1
        return part

    def _class(self) -> Part:
        others, digits = self._taken("^"), set[int]()
        while not self._taken("]"):
            if self._taken(r"\d"):
                digits |= _ALL
                continue
            first = self._class_digit()
            last = self._class_digit() if self._taken("-") else first
            if last < first:
                raise self._wrong(f"{first}-{last} runs backwards")
            digits |= set(range(first, last + 1))
        chosen = _ALL - digits if others else frozenset(digits)
        if not chosen:
            raise self._wrong("no digit is in the class")
        return Part("digit", chosen)

    def _class_digit(self) -> int:
        sign = self._next()
        if not is_digit(sign):
            raise self._wrong("a class has digits only, as in [0-9]")
        self._at += 1
        return int(sign)


def is_digit(sign: str) -> bool:
    """Whether a text is nothing but digits 0 to 9."""
    return sign.isascii() and sign.isdigit()


def _is_mark(sign: str) -> bool:
    return sign.isascii() and sign.isprintable() and not sign.isalnum()
