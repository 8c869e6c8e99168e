"""What may be said on any topic at all without a wrong word about it.

Every sentence here is about the reader, the text or the task, never about the topic.
"""

# ruff: noqa: E501  (patterns and sentences are kept on one line each)

from __future__ import annotations

import re

from practice_model.brain.writing import questions
from practice_model.brain.writing.model import Task
from practice_model.brain.writing.text import capital, finish, listing

ARTICLE = (
    "The aim is a plain start: which questions to ask, where to look for answers, and how to tell a"
    " good answer from a poor one.",
    "Three questions help with nearly every subject: what exactly is meant, whom does it concern, and"
    " what would change if it were otherwise?",
    "It pays to settle the words first, because people who use one word for two things talk past each"
    " other.",
    "Examples do more than definitions: one case looked at closely teaches more than ten"
    " that are only named.",
    "A statement is worth as much as the source behind it, so it helps to write down where each one"
    " comes from.",
    "Where two sources disagree, the disagreement itself is worth a sentence.",
    "A reader who wants to act on this should start small, look at the result, and then decide about"
    " the next step.",
    "Asking someone who deals with the subject every day is often the shortest way to a useful answer.",
    "It is worth asking what is not known yet, and who would be able to find out.",
    "Numbers deserve a second look: what was counted, when, and by whom?",
    "An honest text says what it leaves out, so that silence is not taken for an answer.",
    "A short list of open questions is a good end to a first look, and a good beginning of a second.",
    "Whoever explains the matter to somebody else finds the gaps in his own understanding first.",
    "Opinions are welcome as long as they are marked as opinions.",
    "It is better to read one good account twice than two poor ones once.",
    "What matters to a beginner differs from what matters to an expert, so it helps to say whom one"
    " is writing for.",
    "A drawing or a small table often replaces a page of text.",
    "A date on the page tells the next reader how far to trust it.",
)

NO_SOURCES = (
    "No sources came with this request, so no names, dates or figures are given here; with notes to"
    " hand, each statement can be backed by one of them."
)


def article_sentences(topic: str) -> list[str]:
    """The general sentences in an order that differs from topic to topic."""
    first, *rest = ARTICLE
    turn = sum(map(ord, topic)) % len(rest)
    return [first, *rest[turn:], *rest[:turn]]


def about(topic: str) -> str:
    """The topic as it stands after 'about'."""
    return questions.named(topic) or "this subject"


def purpose(request: str) -> str:
    """What a message is for: apology, invitation, thanks, reminder ... or an empty string."""
    text = request.lower()
    for name, pattern in (
        ("apology", r"apolog|say(?:ing)? sorry"),
        ("invitation", r"\binvit"),
        ("thanks", r"\bthank"),
        ("reminder", r"\bremind"),
        ("congratulation", r"\bcongratulat"),
        ("welcome", r"\bwelcom"),
        ("complaint", r"\bcomplain"),
        ("refusal", r"\bdeclin|\brefus|\bturn(?:ing)? down\b|\breject"),
        ("confirmation", r"\bconfirm"),
        ("follow-up", r"\bfollow(?:ing)?[- ]?up\b"),
        (
            "request",
            r"\basking\b|\brequest(?:ing)? (?!for proposal)|\bask (?:for|them|him|her|if|whether)",
        ),
        ("announcement", r"\bannounc|\binform|\bnotif|\btell(?:ing)?\b"),
    ):
        if re.search(pattern, text):
            return name
    return ""


def message_sentences(task: Task) -> list[str]:
    """Opening, middle and end of an e-mail or message, as single sentences."""
    topic = questions.named(task.topic)
    if task.recipient:
        topic = re.sub(r"^(?:her|his|their)\b", "your", topic)
    clause = bool(
        re.match(r"(?:why|how|what|when|where|whether|who|which|that|if)\b|the question \"", topic)
    )
    named = f" about {topic}" if topic else ""
    goal = purpose(task.request)
    opening = {
        "apology": f"I am sorry{named}." if topic else "I am sorry.",
        "invitation": f"You are warmly invited to {topic}."
        if topic and not clause
        else "You are warmly invited.",
        "thanks": f"Thank you for {topic}." if topic and not clause else "Thank you very much.",
        "reminder": f"This is a friendly reminder{named}.",
        "congratulation": f"Congratulations on {topic}!"
        if topic and not clause
        else "Congratulations!",
        "welcome": "Welcome! It is good to have you with us.",
        "complaint": f"I am writing because I want to raise a problem: {topic}."
        if topic and not clause
        else "I am writing because I want to raise a problem.",
        "refusal": f"Thank you for asking{named}." if topic else "Thank you for asking.",
        "confirmation": f"This is to confirm what we agreed{named}.",
        "follow-up": f"I am following up on {topic}."
        if topic and not clause
        else "I am following up on my last message.",
        "request": f"I have a request{named}.",
        "announcement": f"I am writing with news{named}." if topic else "I am writing with news.",
    }.get(goal, f"I am writing to you{named}.")
    middle = {
        "apology": "I understand that this is inconvenient, and I take it seriously.",
        "invitation": "It would be a pleasure to have you there.",
        "thanks": "It is much appreciated.",
        "refusal": "I am afraid that the answer is no this time.",
        "complaint": "I would like to find a solution together with you.",
        "welcome": "If you have a question in the first days, just ask.",
        "request": "Please let me know whether this is possible.",
    }.get(goal, "")
    end = {
        "invitation": "Please let me know whether you can come.",
        "reminder": "If it is already done, please ignore this message.",
        "thanks": "I look forward to hearing from you.",
        "refusal": "I hope that you understand, and wish you all the best.",
        "congratulation": "You can be proud of it.",
    }.get(goal, "If anything is unclear, please reply to this message.")
    return [entry for entry in (opening, middle, end) if entry]


def frame(task: Task) -> tuple[str, str, str]:
    """Opening, middle and end around what a message has to say; each may be empty."""
    goal = purpose(task.request)
    first = " ".join(task.says)
    thanks = bool(re.search(r"\bThank you for\b", first))
    opening = {
        "apology": "" if task.bad_news or "I apologise" in first else "I am sorry.",
        "reminder": "This is a friendly reminder.",
        "welcome": "Welcome! It is good to have you with us.",
        "complaint": "I am writing because I want to raise a problem.",
        "refusal": "",
    }.get(goal, "")
    if not opening and goal == "thanks" and not thanks:
        opening = "Thank you very much."
    middle = ""
    if goal == "apology" or "I apologise" in first:
        middle = "I apologise for the trouble this causes you."
        middle = "" if "I apologise" in first else middle
    elif "invite you" in first:
        middle = "It would be a pleasure to have you there."
    end = "If anything is unclear, please reply to this message."
    if goal == "reminder":
        end = "If it is already done, please ignore this message."
    elif "invite you" in first:
        end = "Please let me know whether you can come."
    elif re.search(r"Please let me know\b|ask you for\b", first):
        end = "I look forward to your answer."
    return opening, middle, end


def verse(task: Task) -> list[str]:
    """A few lines that hold for any subject."""
    topic = about(task.topic)
    if "haiku" in task.form:
        return [
            f"{topic[:1].upper()}{topic[1:]}",
            "",
            "A quiet morning:",
            "someone asks a small question,",
            "and nobody knows.",
        ]
    return [
        f"A few plain lines about {topic},",
        "written with care and read without haste:",
        "look once, and you see what you expected;",
        "look twice, and something new begins.",
    ]


def mention(point: str) -> str:
    """A sentence that takes up a requested point without claiming anything beyond it."""
    point = point.strip().rstrip(".")
    if is_clause(point):
        return finish(capital(re.sub(r"^that\s+", "", point)))
    return f"About {lower_article(point)}: the details are still to be added."


def is_clause(text: str) -> bool:
    """Whether a text is a statement of its own ('the shop is closed') and not a noun phrase."""
    if re.match(r"that\s+\w+", text):
        return True
    return bool(
        re.match(
            r"(?:the |our |a |an |we|i|you|they|he|she|it|this|these|all|every|orders?|[A-Z]\w+)?\b"
            r"(?:[\w'’-]+ ){0,6}?(?:is|are|was|were|will|can|cannot|can't|has|have|must|may|should|does|do|"
            r"takes?|costs?|opens?|closes?|starts?|ends?|begins?|ships?|leaves?|arrives?|comes?|need(?:s)?)\b\s+\S",
            text,
        )
        and not re.match(r"(?:how|why|what|when|where|which|who|whether|if)\b", text)
        and not re.match(
            r"(?:[\w'’-]+ ){0,3}(?:costs?|needs?|starts?|ends?|comes?|ships?|leaves?) (?:of|for|to|and|from)\b",
            text,
        )
    )


def lower_article(text: str) -> str:
    """A phrase for mid-sentence: a leading article or determiner in lower case."""
    return re.sub(
        r"^(The|A|An|Our|Your|Their|This|That|Its|How|Why|What|When|Where|Whether)\b",
        lambda match: match.group().lower(),
        text,
    )


def points_sentence(points: tuple[str, ...]) -> str:
    """One sentence naming the requested points."""
    return f"The points to take up are {listing(lower_article(point) for point in points)}."
