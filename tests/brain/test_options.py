"""A choice among listed options is seen whatever the verb, and only where one is asked for."""

import pytest

from practice_model.brain import languages, options, respond


def chosen(system: str, message: str) -> str:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": message}]
    return respond(messages).content or ""


@pytest.mark.parametrize(
    ("system", "names"),
    [
        ("Choose who speaks next: fox, owl, or END.", ["fox", "owl", "END"]),
        ("Options: red (hot things), blue (cold things), END (all said).", ["red", "blue", "END"]),
        ("Send the letter to attic, cellar or barn.", ["attic", "cellar", "barn"]),
        ("Grade the essay A, B, C or D.", ["A", "B", "C", "D"]),
        ("Which shelf? crime / travel / it", ["crime", "travel", "it"]),
        ("Priority? low | medium | high", ["low", "medium", "high"]),
        ("Rate the tone as warm, cool or neutral.", ["warm", "cool", "neutral"]),
        ("Say whether it is true or false.", ["true", "false"]),
        ("Is it a riddle or a joke?", ["riddle", "joke"]),
        ("Has the guest arrived? Answer yes or no.", ["yes", "no"]),
    ],
)
def test_a_list_of_options_is_read_whatever_the_verb(system: str, names: list[str]) -> None:
    assert options.listed(system) == names


@pytest.mark.parametrize(
    "system",
    [
        "You are a helpful assistant for questions, orders or returns.",
        "Answer politely, in a short or long form.",
        "Answer in English or German.",
        "Tone: friendly or formal.",
        "Send urgent mails to Ada or Bob.",
        "Help the user: book flights, hotels or trains.",
        "Use tools such as search or calculator.",
        "You are the reviewer. Check the draft: it names a price. Approve it, or list the changes.",
    ],
)
def test_a_list_that_is_no_choice_is_left_alone(system: str) -> None:
    assert options.listed(system) == []


@pytest.mark.parametrize(
    ("system", "message", "answer"),
    [
        ("Route to sales, support or billing.", "You debited my card twice", "billing"),
        ("Route to sales, support or billing.", "The program crashes at the start", "support"),
        ("Which department? hr / it / finance", "My screen stays black", "it"),
        ("Which department? hr / it / finance", "May I take two weeks of vacation?", "hr"),
        (
            "Rate the mood of the guest as positive, negative or neutral.",
            "Awful, rude!",
            "negative",
        ),
        ("Label the mail: spam or not spam.", "Click here to claim your prize!", "spam"),
        ("Label the mail: spam or not spam.", "Lunch at noon on Friday?", "not spam"),
        ("Is the text about animals? Answer yes or no.", "Write a page on wasps.", "yes"),
        ("Is the text about animals? Answer yes or no.", "Write a page on income tax.", "no"),
        ("Say whether it is about food. Reply with yes or no.", "I baked a cake.", "yes"),
        ("Does it sound urgent? yes / no", "Water pours in, hurry, this is an emergency!", "yes"),
    ],
)
def test_the_option_that_suits_is_the_whole_answer(system: str, message: str, answer: str) -> None:
    assert chosen(system, message) == answer


def test_a_stand_in_for_the_workers_is_no_worker() -> None:
    system = (
        "You are a supervisor of researcher and writer. "
        "Respond with the next worker, or FINISH when the page is done."
    )
    asked = [
        {"role": "system", "content": system},
        {"role": "user", "content": "Write a page on moss."},
    ]
    assert respond(asked).content == "researcher"
    done = [
        {"role": "assistant", "content": "researcher"},
        {"role": "user", "content": "researcher: Moss needs no soil."},
        {"role": "assistant", "content": "writer"},
        {"role": "user", "content": "writer: Moss is a plant without roots. The page is done."},
    ]
    assert respond([*asked, *done]).content == "FINISH"


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("Wo ist meine Tasche?", "german"),
        ("Où est la gare ?", "french"),
        ("Where is the station?", "english"),
    ],
)
def test_the_language_of_a_text_is_told_by_its_small_words(message: str, language: str) -> None:
    system = "Detect the language of the text. Answer english, german or french."
    assert chosen(system, message) == language


def test_a_language_that_is_not_among_the_options_is_the_other() -> None:
    assert languages.choose(["spanish", "italian", "other"], "Wo ist meine Tasche?") == "other"
    assert languages.choose(["sales", "english"], "Where is it?") is None
