"""The journal: what it has taken stays, in order, whatever happens to the process, the disk or the file."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rumpus.errors import ConfigurationError
from rumpus.results.record import MatchRecord
from rumpus.results.storage.journal import Journal, line_of
from tests.support.examples import examples
from tests.support.matches import duel, matches


def all_of(journal: Journal) -> list[MatchRecord]:
    return [waiting.record for waiting in journal.read(0, 10_000)[0]]


def append(journal: Journal, records: list[MatchRecord]) -> None:
    journal.write([line_of(record) for record in records])
    journal.sync()


class Journals(RuleBasedStateMachine):
    """Appends, full disks, readers that are behind, and crashes that leave half a line."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="rumpus-journal-")
        self.path = Path(self.folder.name) / "journal"
        self.journal = Journal.open(self.path)
        self.kept: list[MatchRecord] = []
        self.position = self.read = 0

    @rule(records=st.lists(matches(), min_size=1, max_size=3))
    def append(self, records: list[MatchRecord]) -> None:
        append(self.journal, records)
        self.kept += records

    @rule(records=st.lists(matches(), min_size=1, max_size=3), taken=st.integers(0, 200))
    def append_to_a_full_disk(self, records: list[MatchRecord], taken: int) -> None:
        real = self.journal._file
        self.journal._file = FullDisk(real, taken)  # type: ignore[assignment]
        with pytest.raises(OSError, match="No space"):
            append(self.journal, records)
        self.journal._file = real

    @rule(most=st.integers(1, 4))
    def read_on(self, most: int) -> None:
        found, self.position = self.journal.read(self.position, most)
        assert [waiting.record for waiting in found] == self.kept[self.read : self.read + most]
        self.read += len(found)

    @rule()
    def empty(self) -> None:
        if self.journal.empty_if_at(self.position):
            assert self.read == len(self.kept)
            self.kept, self.position, self.read = [], 0, 0
        else:
            assert self.read < len(self.kept)

    @rule(torn=st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"")))
    def crash(self, torn: bytes) -> None:
        """In the middle of an append that never returned."""
        self.journal.close()
        with self.path.open("ab") as file:
            file.write(torn)
        self.journal = Journal.open(self.path)
        self.position = self.read = 0

    @invariant()
    def it_holds_what_it_has_taken(self) -> None:
        assert all_of(self.journal) == self.kept
        assert self.journal.empty == (not self.kept)

    def teardown(self) -> None:
        self.journal.close()
        self.folder.cleanup()


class FullDisk:
    """A file that takes so many more bytes and then none."""

    def __init__(self, file: Any, left: int) -> None:
        self._file = file
        self._left = left

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: memoryview) -> int:
        if not self._left:
            raise OSError(errno.ENOSPC, "No space left on device")
        written: int = self._file.write(data[: self._left])
        self._left -= written
        return written


TestJournals = Journals.TestCase
TestJournals.settings = settings(max_examples=examples(30), stateful_step_count=25)


@given(cut=st.integers(0, 2000))
def test_a_file_cut_anywhere_holds_its_whole_lines(cut: int) -> None:
    with tempfile.TemporaryDirectory(prefix="rumpus-journal-") as folder:
        path = Path(folder) / "journal"
        records = [duel("u:ann", "u:ben", match_id=str(number)) for number in range(3)]
        journal = Journal.open(path)
        append(journal, records)
        journal.close()
        os.truncate(path, min(cut, path.stat().st_size))
        whole = path.read_bytes().count(b"\n")
        journal = Journal.open(path)
        assert all_of(journal) == records[:whole]
        append(journal, records[whole:])
        assert all_of(journal) == records
        journal.close()


def test_a_line_that_is_no_result_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    record = duel("u:ann", "u:ben")
    damaged = b'{"this": "is none"}\n\xff\xfe\n{"match_id": "\xff"}\n{"settings": ' + b"[" * 100_000 + b"\n"
    path.write_bytes(damaged + msgspec.json.encode(record) + b"\n")
    journal = Journal.open(path)
    found, position = journal.read(0, 10)
    assert [waiting.record for waiting in found] == [record]
    assert position == path.stat().st_size
    journal.close()
    assert (tmp_path / "journal.refused").read_bytes() == damaged


def test_servers_beside_one_another_have_a_journal_each_and_one_takes_over_what_another_left(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    first, second, third = (Journal.open(path) for _ in range(3))
    assert [journal.path.name for journal in (first, second, third)] == ["journal", "journal.1", "journal.2"]
    left = [duel("u:ann", "u:ben")]
    append(second, left)
    append(third, left)
    assert first.orphans(path) == []
    second.close()
    (orphan,) = first.orphans(path)
    assert (orphan.path, all_of(orphan)) == (second.path, left)
    orphan.close()
    first.close()
    third.close()
    found = Journal.open(path)
    orphans = found.orphans(path)
    assert [orphan.path.name for orphan in orphans] == ["journal.1", "journal.2"]
    for journal in (found, *orphans):
        journal.close()


def test_a_journal_that_cannot_be_written_is_a_mistake_of_the_operator(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--journal .*no/such/journal cannot be written"):
        Journal.open(tmp_path / "no" / "such" / "journal")
