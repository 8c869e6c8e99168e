"""Put, search, update, delete, time to live and namespaces, on every kind of store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.agent_patterns.longterm.stores import Vectors

from agent_patterns.durable.errors import UnknownBackend
from agent_patterns.longterm import LongTermError, open_memories
from agent_patterns.longterm.errors import InvalidMemory, InvalidUser, NoSuchMemory
from agent_patterns.longterm.vectors import cosine
from agent_patterns.testing import FakeClock
from practice_model.mind.vectors import embed

HOSTILE = [
    "",
    " ",
    ".",
    "u.1",
    "*",
    "%",
    "u_%",
    "u-1/..",
    "u-1\x00",
    "memories.u-1",
    "ü",
    "u" * 129,
]


def test_what_is_put_is_found_by_meaning_with_a_cosine(url: str, vectors: Vectors) -> None:
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        texts = ["I live in Porto.", "I prefer e-mail to phone calls.", "I have two dogs."]
        mine.put_many({"text": text, "source": "thread-1"} for text in texts)
        question = "How should we contact you, by phone or e-mail?"
        found = mine.search(question, k=3)
        expected = {text: cosine(embed(question), embed(text)) for text in texts}
        assert [each.text for each in found] == sorted(texts, key=lambda text: -expected[text])
        for each in found:
            assert each.score == pytest.approx(expected[each.text], abs=1e-5)
            assert each.sources == ("thread-1",)
        assert mine.search("I live in Porto.", k=1)[0].score == pytest.approx(1, abs=1e-5)


def test_a_threshold_is_the_lowest_similarity(url: str, vectors: Vectors) -> None:
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        mine.put_many({"text": text} for text in ("My cat is called Nib.", "I pay in cash."))
        scores = [each.score for each in mine.search("What is my cat called?", k=2)]
        assert scores[0] is not None
        assert scores[1] is not None
        assert scores[0] > scores[1]
        for least, count in (
            (-1.0, 2),
            (scores[1], 2),
            (scores[1] + 1e-4, 1),
            (scores[0] + 1e-4, 0),
        ):
            assert len(mine.search("What is my cat called?", min_score=least)) == count


def test_update_corrects_and_keeps_what_held_before(url: str, vectors: Vectors) -> None:
    clock = FakeClock(100.0)
    with open_memories(url, vectors, clock=clock) as memories:
        mine = memories.of("u-1")
        key = mine.put("I live in Porto.", topic="Home", source="t1").key
        assert key == "home"
        updated = mine.update(key, "I live in Lisbon.", source="t2")
        assert (updated.text, updated.sources) == ("I live in Lisbon.", ("t2",))
        assert [(each.text, each.sources) for each in updated.previous] == [
            ("I live in Porto.", ("t1",))
        ]
        assert mine.get(key) == updated
        assert [each.text for each in mine.search("Porto")] == ["I live in Lisbon."]
        with pytest.raises(NoSuchMemory, match="'job'"):
            mine.update("job", "I teach.")


def test_delete_removes_one_and_clear_all_of_one_user(url: str, vectors: Vectors) -> None:
    with open_memories(url, vectors) as memories:
        mine, other = memories.of("u-1"), memories.of("u-10")
        keys = [each.key for each in mine.put_many({"text": f"Fact {n}."} for n in range(3))]
        other.put("I live in Oslo.")
        assert mine.delete(keys[0])
        assert not mine.delete(keys[0])
        assert mine.get(keys[0]) is None
        assert len(mine.all()) == 2
        assert memories.users() == ["u-1", "u-10"]
        assert mine.clear() == 2
        assert (mine.all(), mine.search("Fact")) == ([], [])
        assert memories.users() == ["u-10"]
        assert [each.text for each in other.all()] == ["I live in Oslo."]


def test_an_expired_memory_is_gone_before_anybody_sweeps(url: str, vectors: Vectors) -> None:
    clock = FakeClock(1_000.0)
    with open_memories(url, vectors, clock=clock) as memories:
        mine = memories.of("u-1")
        mine.put_many({"text": f"I am away in week {n}.", "ttl": 60.0} for n in range(8))
        mine.put("I am away a lot.")
        clock.advance(59.9)
        assert len(mine.all()) == 9
        clock.advance(0.1)
        assert [each.text for each in mine.all()] == ["I am away a lot."]
        # Eight expired ones are nearer; the ninth must be found behind them.
        assert [each.text for each in mine.search("I am away in week 3.", k=1)] == [
            "I am away a lot."
        ]
        assert len(mine.all(expired=True)) == 9
        assert memories.purge() == 8
        assert len(mine.all(expired=True)) == 1


def test_what_has_expired_does_not_come_back_as_history(vectors: Vectors) -> None:
    clock = FakeClock(0.0)
    with open_memories("memory://", vectors, clock=clock) as memories:
        mine = memories.of("u-1")
        mine.put("I am in Rome.", topic="place", ttl=10.0)
        clock.advance(11)
        assert mine.put("I am in Bari.", topic="place").previous == ()


def test_the_same_text_is_one_memory_with_all_sources(url: str, vectors: Vectors) -> None:
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        for at, text in enumerate(("I like green ink.", "i like  green ink", "I like green ink!")):
            mine.put(text, source=f"thread-{at}", said_at=float(at))
        (only,) = mine.all()
        assert only.sources == ("thread-0", "thread-1", "thread-2")
        assert only.said_at == 2.0


def test_the_later_statement_holds_whatever_arrives_first(url: str, vectors: Vectors) -> None:
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        for text, said_at in (("In Porto.", 20.0), ("In Braga.", 10.0), ("In Lisbon.", 30.0)):
            mine.put(text, topic="home", said_at=said_at)
        (only,) = mine.all()
        assert [each.text for each in only.statements] == ["In Lisbon.", "In Porto.", "In Braga."]
        found = mine.search("In Braga.")
        assert [each.text for each in found] == ["In Lisbon."]
        assert found[0].score == pytest.approx(
            cosine(embed("In Braga."), embed("In Lisbon.")), abs=1e-5
        )


def test_threads_share_a_store(url: str, vectors: Vectors) -> None:
    def work(name: str) -> None:
        for n in range(10):
            mine.put("I like green ink.", source=f"{name}-{n}")
            mine.put(f"Fact {n} of {name}.")
            assert mine.search("I like green ink.", k=1)[0].text == "I like green ink."
            assert len(mine.all()) > n

    with open_memories(url, vectors) as memories, ThreadPoolExecutor(4) as pool:
        mine = memories.of("u-1")
        for done in [pool.submit(work, name) for name in "abcd"]:
            done.result(120)
        ink = next(each for each in mine.all() if each.text == "I like green ink.")
        assert set(ink.sources) == {f"{name}-{n}" for name in "abcd" for n in range(10)}
        assert len(mine.all()) == 41


@pytest.mark.parametrize("user", [*HOSTILE, None, 7])
def test_an_id_that_a_store_might_interpret_is_refused(user: object) -> None:
    with (
        open_memories("memory://", Vectors()) as memories,
        pytest.raises(InvalidUser, match="opaque id"),
    ):
        memories.of(user)  # type: ignore[arg-type]


ID = st.text("ab-_@+:=", min_size=1, max_size=4)


@settings(deadline=None)
@given(users=st.sets(ID, min_size=2, max_size=5))
def test_nobody_sees_what_another_user_said(users: set[str]) -> None:
    with open_memories("memory://", Vectors()) as memories:
        for user in users:
            memories.of(user).put_many({"text": f"The secret of {user}.", "key": k} for k in users)
        for user in users:
            mine = memories.of(user)
            seen = [*mine.all(), *mine.search("The secret", k=50), mine.get(user)]
            assert {each.text for each in seen if each} == {f"The secret of {user}."}


def test_ids_that_look_alike_are_kept_apart(url: str, vectors: Vectors) -> None:
    users = ["u-1", "u-10", "u_1", "U-1", "u:1", "u=1"]
    with open_memories(url, vectors) as memories:
        for user in users:
            memories.of(user).put(f"The secret of {user}.")
        for user in users:
            assert [each.text for each in memories.of(user).search("secret", k=50)] == [
                f"The secret of {user}."
            ]
        assert memories.of("u-1").clear() == 1
        assert sorted(memories.users()) == sorted(users[1:])


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"text": ""}, "needs a text"),
        ({"text": " \n"}, "needs a text"),
        ({"text": "a", "key": ""}, "not empty"),
        ({"text": "a\x00b"}, "NUL"),
        ({"text": 7}, "strings"),
        ({"text": "a", "topic": None}, "strings"),
        ({"text": "a", "ttl": 0}, "ttl=0"),
        ({"text": "a", "ttl": float("nan")}, "ttl=nan"),
        ({"text": "a", "said_at": float("inf")}, "said_at=inf"),
    ],
)
def test_a_memory_that_makes_no_sense_is_refused_whole(
    told: dict[str, object], reason: str, vectors: Vectors
) -> None:
    with open_memories("memory://", vectors) as memories:
        mine = memories.of("u-1")
        with pytest.raises(InvalidMemory, match=reason):
            mine.put_many([{"text": "Good."}, told])
        assert mine.all() == []


@pytest.mark.parametrize(("question", "k"), [("", 5), (" ", 5), ("Who?", 0), ("Who?", -1)])
def test_a_search_that_makes_no_sense_is_refused(question: str, k: int) -> None:
    with (
        open_memories("memory://", Vectors()) as memories,
        pytest.raises(InvalidMemory, match="needs a question"),
    ):
        memories.of("u-1").search(question, k=k)


@pytest.mark.parametrize("wrong", ["", "memories.db", "mysql://host/name", "sqlite://"])
def test_a_url_that_names_no_store_is_refused(wrong: str, vectors: Vectors) -> None:
    with pytest.raises(UnknownBackend, match="Cannot open"):
        open_memories(wrong, vectors)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "qdrant"])
def test_a_store_outlives_its_process(
    kind: str, place: Callable[[str], str], vectors: Vectors
) -> None:
    url = place(kind)
    with open_memories(url, vectors) as memories:
        memories.of("u-1").put("I live in Porto.", topic="home")
    with open_memories(url, vectors) as memories:
        assert [each.text for each in memories.of("u-1").search("home")] == ["I live in Porto."]


def test_a_folder_of_qdrant_belongs_to_one_process_at_a_time(
    place: Callable[[str], str], vectors: Vectors
) -> None:
    url = place("qdrant")
    with open_memories(url, vectors), pytest.raises(UnknownBackend, match="already accessed"):
        open_memories(url, vectors)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgresql"])
def test_ten_thousand_memories_of_one_user(
    kind: str, place: Callable[[str], str], vectors: Vectors
) -> None:
    vectors.size = 32
    with open_memories(place(kind), vectors) as memories:
        mine = memories.of("u-1")
        stored = mine.put_many(
            {"text": f"Invoice {n} is paid.", "key": str(n)} for n in range(10_000)
        )
        assert len(stored) == 10_000
        memories.of("u-2").put("I am new.")
        assert {each.key for each in mine.all()} == {str(n) for n in range(10_000)}
        best = mine.search("Invoice 4711 is paid.", k=1)[0]  # its vector knows digits, not order
        assert sorted(best.key) == sorted("4711")
        assert best.score == pytest.approx(1, abs=1e-5)
        assert mine.clear() == 10_000
        assert mine.all() == []
        assert len(memories.of("u-2").all()) == 1


def test_errors_are_one_tree() -> None:
    assert issubclass(InvalidUser, LongTermError)
    assert issubclass(InvalidUser, ValueError)
    assert issubclass(NoSuchMemory, LookupError)
