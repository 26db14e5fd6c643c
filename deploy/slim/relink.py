"""Cut a shared library loose from others that it was linked with, and shorten it.

In: an ELF file for 64 bits (Linux), and the files that it shall do without. Out: the same file,
which loads without them; a call of anything in them raises a C++ exception, which Python bindings
hand on as one of Python's. Knows the tables of ELF that the loader reads, not who calls what.

Every call into another library goes by an entry of the relocation table, which names a symbol.
Entries that name a symbol of a lost library are made to name `ESCAPE` instead: a function of the
C++ library without arguments, which does nothing but throw std::bad_function_call.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: What is called in place of what is gone.
ESCAPE = "_ZSt25__throw_bad_function_callv"
_LOAD, _RELA, _DYNAMIC, _DYNSYM, _VERNEED = 1, 4, 6, 11, 0x6FFFFFFE
_NEEDED, _VERNEEDNUM, _VERNEEDED = 1, 0x6FFFFFFF, 0x6FFFFFFE
_SECTION, _ENTRY, _VERSION = struct.Struct("<IIQQQQIIQQ"), struct.Struct("<QQ"), "<HHIII"


class RelinkError(Exception):
    """A file that is not as it has to be; it is left as it was."""


@dataclass(frozen=True)
class _Section:
    kind: int
    address: int
    offset: int
    size: int
    link: int


class Elf:
    """The bytes of a library, and where its tables are."""

    def __init__(self, path: Path) -> None:
        self.data = bytearray(path.read_bytes())
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise RelinkError(f"{path.name} is no ELF file for 64 bits, little-endian.")
        (at,) = struct.unpack_from("<Q", self.data, 0x28)
        size, count = struct.unpack_from("<HH", self.data, 0x3A)
        found = [_SECTION.unpack_from(self.data, at + i * size) for i in range(count)]
        self.sections = [_Section(s[1], s[3], s[4], s[5], s[6]) for s in found]

    def _only(self, kind: int) -> _Section | None:
        return next((section for section in self.sections if section.kind == kind), None)

    def _word(self, strings: _Section, at: int) -> str:
        begin = strings.offset + at
        return self.data[begin : self.data.index(0, begin)].decode("ascii", "replace")

    def symbols(self) -> list[tuple[str, bool]]:
        """What it exports and imports, by place: the name, and whether it is its own."""
        table = self._only(_DYNSYM)
        if table is None:
            return []
        strings, found = self.sections[table.link], []
        for at in range(table.offset, table.offset + table.size, 24):
            name, _, _, section = struct.unpack_from("<IBBH", self.data, at)
            found.append((self._word(strings, name), section != 0))
        return found

    def _entries(self) -> Iterator[tuple[int, int, int]]:
        table = self._only(_DYNAMIC)
        if table is not None:
            for at in range(table.offset, table.offset + table.size, 16):
                yield at, *_ENTRY.unpack_from(self.data, at)

    def needed(self) -> list[str]:
        """The names of the libraries that are loaded with it."""
        table = self._only(_DYNAMIC)
        strings = self.sections[table.link] if table else None
        return [
            self._word(strings, v) for _, tag, v in self._entries() if tag == _NEEDED and strings
        ]

    def divert(self, names: set[str]) -> int:
        """Let every reference to these symbols be one to `ESCAPE`; how many there were."""
        symbols = self.symbols()
        lost = {i for i, (name, own) in enumerate(symbols) if name in names and not own}
        if not lost:
            return 0
        escape = next((i for i, (name, _) in enumerate(symbols) if name == ESCAPE), None)
        if escape is None:
            raise RelinkError(f"It does not import {ESCAPE}, which its calls were to go to.")
        diverted = 0
        for table in self.sections:
            if table.kind != _RELA:
                continue
            for at in range(table.offset + 8, table.offset + table.size, 24):
                (info,) = struct.unpack_from("<Q", self.data, at)
                if info >> 32 in lost:
                    struct.pack_into("<Q", self.data, at, escape << 32 | info & 0xFFFFFFFF)
                    diverted += 1
        return diverted

    def forget(self, libraries: set[str]) -> None:
        """Take libraries out of the lists of what is loaded and of whose versions count."""
        left = self._forget_versions(libraries)
        table = self._only(_DYNAMIC)
        assert table is not None
        strings, kept = self.sections[table.link], []
        for _, tag, value in self._entries():
            if tag == _NEEDED and self._word(strings, value) in libraries:
                continue
            changed = {_VERNEEDNUM: left[1], _VERNEEDED: left[0]}.get(tag, value) if left else value
            kept.append((tag, changed))
        kept += [(0, 0)] * (table.size // 16 - len(kept))
        for number, entry in enumerate(kept):
            _ENTRY.pack_into(self.data, table.offset + number * 16, *entry)

    def _forget_versions(self, libraries: set[str]) -> tuple[int, int] | None:
        """The chain of wanted versions without these; its address now, and its length."""
        table = self._only(_VERNEED)
        if table is None:
            return None
        strings, kept, at = self.sections[table.link], [], table.offset
        while True:
            _, _, file, _, step = struct.unpack_from(_VERSION, self.data, at)
            if self._word(strings, file) not in libraries:
                kept.append(at)
            if not step:
                break
            at += step
        for here, there in zip(kept, [*kept[1:], None], strict=True):
            struct.pack_into("<I", self.data, here + 12, there - here if there else 0)
        return (table.address + kept[0] - table.offset, len(kept)) if kept else None

    def shorten(self) -> int:
        """Drop what stands behind all that is ever loaded: names for debuggers; the bytes saved."""
        (at,) = struct.unpack_from("<Q", self.data, 0x20)
        size, count = struct.unpack_from("<HH", self.data, 0x36)
        ends = []
        for number in range(count):
            offset, _, _, length = struct.unpack_from("<QQQQ", self.data, at + number * size + 8)
            ends.append(offset + length)
        end: int = max([*ends, at + size * count])
        before = len(self.data)
        if end >= before:
            return 0
        del self.data[end:]
        struct.pack_into("<Q", self.data, 0x28, 0)  # the table of sections went with it
        struct.pack_into("<HH", self.data, 0x3C, 0, 0)
        return before - end


def cut_loose(path: Path, libraries: list[Path]) -> int:
    """Make a library do without others of those that it names; the references diverted.

    Raises:
        RelinkError: it cannot be done; the file is as it was.
    """
    elf = Elf(path)
    named = set(elf.needed())
    gone = [library for library in libraries if library.name in named]
    if not gone:
        return 0
    names = {name for library in gone for name, own in Elf(library).symbols() if own and name}
    diverted = elf.divert(names)
    elf.forget({library.name for library in gone})
    path.write_bytes(elf.data)
    return diverted


def shorten(path: Path) -> int:
    """Take out of a library what only debuggers read; the bytes saved."""
    elf = Elf(path)
    saved = elf.shorten()
    if saved:
        path.write_bytes(elf.data)
    return saved
