"""A folder of one's own takes the shop's place, in searches, tools, checks and desks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from courseware.lessons.shop import (
    NoDocuments,
    library,
    read_document,
    search,
    search_library,
    unsupported,
    use_library,
)
from courseware.lessons.team_shapes.crew import shelves


@pytest.fixture(autouse=True)
def the_shop_afterwards() -> Iterator[None]:
    yield
    use_library()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bees").mkdir()
    (tmp_path / "Tea Notes.md").write_text(
        "# Tea\n\nGreen tea steeps for two minutes.\n\n- Keep it in a [dark tin](http://x)\n"
        "## More\n* **Black** tea steeps for four\n",
        encoding="utf-8",
    )
    (tmp_path / "bees" / "hive.txt").write_text("A hive drinks ten litres a week.", "utf-8")
    (tmp_path / "tea_notes.txt").write_text("Tea grows in Assam.", "utf-8")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    (tmp_path / "empty.md").write_text("# Nothing\n", "utf-8")
    (tmp_path / ".hidden.md").write_text("Secret.", "utf-8")
    return tmp_path


def test_files_become_documents_with_ids_titles_and_sentences(folder: Path) -> None:
    found = use_library(folder)
    assert list(found) == ["tea-notes", "bees-hive", "tea-notes-2"]
    assert found["tea-notes"].title == "Tea"
    assert found["tea-notes"].sentences == [
        "Green tea steeps for two minutes.",
        "Keep it in a dark tin.",
        "Black tea steeps for four.",
    ]
    assert found["bees-hive"].title == "bees hive"
    assert library() == found


def test_searches_tools_and_checks_know_the_own_documents_alone(folder: Path) -> None:
    shop = search_library.description
    use_library(folder)
    assert [document.id for document in search("what does a hive drink")] == ["bees-hive"]
    assert search("parcels to Europe") == []
    assert "ten litres" in read_document.invoke({"document_id": "bees-hive"})
    assert "Marlow" in shop
    assert "Marlow" not in search_library.description
    assert unsupported("A hive drinks ten litres a week. [bees-hive]") == []
    assert len(unsupported("A hive drinks ten litres a week. [ship-01]")) == 1
    assert len(unsupported("A hive drinks twenty litres a week. [bees-hive]")) == 1
    use_library()
    assert search_library.description == shop
    assert "ship-01" in library()
    assert "bees-hive" not in library()


@pytest.mark.parametrize(("number", "desks"), [(1, 1), (2, 2), (3, 3), (4, 2), (7, 3)])
def test_every_document_lies_on_one_of_at_most_three_shelves(
    tmp_path: Path, number: int, desks: int
) -> None:
    for place in range(number):
        (tmp_path / f"note{place}.md").write_text("It is so.", encoding="utf-8")
    ids = list(use_library(tmp_path))
    assert [one for shelf in shelves().values() for one in shelf] == ids
    assert len(shelves()) == desks


def test_a_folder_without_texts_or_no_folder_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    before = library()
    with pytest.raises(NoDocuments, match=r"no \.md or \.txt"):
        use_library(tmp_path)
    with pytest.raises(FileNotFoundError, match="no folder"):
        use_library(tmp_path / "missing")
    assert library() == before
