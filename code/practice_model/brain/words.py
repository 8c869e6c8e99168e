"""Words: splitting, light stemming, words without meaning of their own, kinship of words."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from practice_model.brain import everyday, thesaurus

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_STOP_WORDS = """
a an the this that these those some any each every all both either neither no not nor i me my
mine myself we us our ours you your yours he him his she her hers it its they them their theirs
who whom whose which what when where why how is am are was were be been being do does did done
doing have has had having will would shall should can could may might must to of in on at by for
from with without into onto about as than then so if or and but because while until till up out
off over under again there here just only also too very really please kindly let lets let's want
wants wanted need needs needed like would'd i'd i'm i'll i've it's that's what's where's who's
how's you're we're they're don't doesn't didn't can't won't isn't aren't hello hi hey thanks
thank ok okay yes yeah sure well now one ones thing things something anything someone anyone
everyone give tell get make got getting us per via between much many more most such same other
another ever still yet already actually
"""
STOP = frozenset(_STOP_WORDS.split())
_DETERMINERS_WORDS = """
a an the this that these those my our your his her its their some
"""
DETERMINERS = frozenset(_DETERMINERS_WORDS.split())
_PREPOSITIONS_WORDS = """
in on at to from for of with by about into as using until till via between under onto through
towards toward against regarding concerning without within near around per
"""
PREPOSITIONS = frozenset(_PREPOSITIONS_WORDS.split())
_IRREGULAR = {
    "sent": "send", "bought": "buy", "found": "find", "paid": "pay", "wrote": "write",
    "written": "write", "went": "go", "gone": "go", "said": "say", "told": "tell",
    "made": "make", "built": "build", "children": "child", "men": "man", "women": "woman",
    "people": "person", "mice": "mouse", "feet": "foot", "teeth": "tooth", "ran": "run",
    "kept": "keep", "lost": "lose", "began": "begin", "broke": "break",
    "broken": "break", "ate": "eat", "drove": "drive", "flew": "fly", "better": "good",
    "best": "good", "worse": "bad", "worst": "bad", "sold": "sell", "taught": "teach",
    "e-mail": "email", "e-mails": "email", "grew": "grow", "grown": "grow", "swam": "swim",
    "this": "this", "his": "his", "analysis": "analysis", "status": "status", "bus": "bus",
    "news": "news", "goods": "goods", "series": "series", "always": "always", "species": "species",
    "knives": "knife", "lives": "live", "wives": "wife", "leaves": "leave", "shipped": "ship",
    "during": "during", "thing": "thing", "nothing": "nothing", "evening": "evening",
    "morning": "morning", "string": "string", "spring": "spring", "king": "king",
    "building": "building", "number": "number", "paper": "paper", "weather": "weather",
    "water": "water", "letter": "letter", "dinner": "dinner", "summer": "summer",
    "winter": "winter", "customer": "customer", "computer": "computer", "server": "server",
    "member": "member", "september": "september", "october": "october", "need": "need",
    "seed": "seed", "feed": "feed", "speed": "speed", "red": "red", "bed": "bed",
    "warmer": "warm", "colder": "cold", "cheaper": "cheap", "hotter": "hot",
    "union": "union", "reminder": "remind", "payment": "pay", "mission": "mission",
    "frozen": "freez", "froze": "freez", "unfrozen": "unfreez", "hidden": "hid", "shut": "shut",
}  # fmt: skip


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Cut a word's commonest endings, so that its forms meet."""
    word = word.lower().replace("’", "'")
    for ending in ("'s", "'re", "'ll", "'ve", "'d"):
        word = word.removesuffix(ending)
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ing") and len(word) > 5:
        word = _undouble(word[:-3])
    elif word.endswith("ied") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("ed") and len(word) > 4:
        word = _undouble(word[:-2])
    elif word.endswith("ation") and len(word) > 7:
        word = word[:-5]
    elif word.endswith("ion") and len(word) > 5 and word[-4] in "ts":
        word = word[:-3]
    elif word.endswith("ment") and len(word) > 7:
        word = word[:-4]
    elif (word.endswith(("er", "or")) and len(word) > 6) or (word.endswith("ly") and len(word) > 5):
        word = word[:-2]
    if word.endswith("ise") and len(word) > 5:
        word = word[:-3] + "ize"
    elif word.endswith("is") and len(word) > 6:
        word = word[:-2] + "iz"
    if word.endswith("ate") and len(word) > 5:
        return word[:-3]
    if word.endswith("at") and len(word) > 4:
        return word[:-2]
    if word.endswith("e") and len(word) > 3:
        return word[:-1]
    return word


def _undouble(word: str) -> str:
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        return word[:-1]
    return word


def split(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return _WORD.findall(text.lower())


def name_parts(name: str) -> list[str]:
    """Split `snake_case`, `camelCase` and `kebab-case` names into lower-case words."""
    spaced = _CAMEL.sub(" ", name)
    return [word for word in re.split(r"[\W_]+", spaced.lower()) if word]


@lru_cache(maxsize=4096)
def stems(text: str) -> tuple[str, ...]:
    """Return the stems of a text's meaningful words, in order."""
    text = re.sub(r"\b([eE])-(mails?)\b", r"\1\2", text)
    return tuple(stem(word) for word in split(text) if word not in STOP)


@lru_cache(maxsize=4096)
def phrase_stems(text: str) -> tuple[str, ...]:
    """Return the meaningful stems and the known phrases (`turn_on`) of a text."""
    plain = [stem(word) for word in split(text)]
    pairs = {f"{a}_{b}" for a, b in pairwise(plain)}
    return (*stems(text), *sorted(pairs & _PHRASES))


def _groups(lines: str) -> list[list[str]]:
    return [
        ["_".join(stem(part) for part in word.split("_")) for word in line.split()]
        for line in lines.strip().splitlines()
    ]


def _index(groups: list[list[str]], first: int) -> dict[str, frozenset[int]]:
    index: dict[str, set[int]] = {}
    for number, group in enumerate(groups, first):
        for word in group:
            index.setdefault(word, set()).add(number)
    return {word: frozenset(found) for word, found in index.items()}


_ALIKE = _index(_groups(thesaurus.ALIKE), 0)
_SUBJECTS = _index(_groups(thesaurus.SUBJECTS), 10_000)
_FAMILIES = _index(_groups(everyday.FAMILIES), 20_000)
_PHRASES = frozenset(word for word in {**_ALIKE, **_SUBJECTS} if "_" in word)
_NOTHING: frozenset[int] = frozenset()
_COMMON = frozenset(
    part
    for lines in (thesaurus.ALIKE, thesaurus.SUBJECTS)
    for word in lines.split()
    for part in word.split("_")
)


def alike(stem_: str) -> frozenset[int]:
    """Numbers of the groups of near-synonyms that hold a stem or phrase."""
    return _ALIKE.get(stem_, _NOTHING)


def subjects(stem_: str) -> frozenset[int]:
    """Numbers of the subjects that a stem or phrase belongs to."""
    return _SUBJECTS.get(stem_, _NOTHING)


def families(stem_: str) -> frozenset[int]:
    """Numbers of the families of everyday words that a stem belongs to."""
    return _FAMILIES.get(stem_, _NOTHING)


@lru_cache(maxsize=16384)
def kinship(a: str, b: str) -> float:
    """How near two stems are: 1 the same, 0.6 near-synonyms, 0 strangers."""
    if a == b:
        return 1.0
    if alike(a) & alike(b):
        return 0.6
    if len(a) > 4 and len(b) > 4 and (a.startswith(b) or b.startswith(a)):
        return 0.7
    return 0.0


_VERBS = frozenset(
    word
    for words in (thesaurus.DEEDS, thesaurus.SHOWING, thesaurus.OTHER_DEEDS, thesaurus.MORE_DEEDS)
    for word in words.split()
    if "_" not in word
)


def is_deed(word: str) -> bool:
    """Whether a word can open a request as its verb."""
    return word.lower() in _VERBS


_COUNTRY_WORDS = """
france chad chile china cuba greece guinea iceland ireland jordan mali poland turkey wales
"""
_COUNTRIES = frozenset(_COUNTRY_WORDS.split())


def is_common(word: str) -> bool:
    """Whether a word is ordinary English rather than a name."""
    lower = word.lower()
    if lower in _COUNTRIES and word[:1].isupper():
        return False
    return lower in STOP or lower in _COMMON or lower in _EVERYDAY or stem(lower) in _COMMON_STEMS


_EVERYDAY_WORDS = """
according after again ago all almost along although amount answer apart apparently article ask
based before below best better bring by change charge choose clean close come compare consider
contact continue copy count dear decide design did draw during early either else enough even
every example fill final finally find first follow force from full further given go going good
hand happen hold however if imagine include instead invite join keep know last later least leave
lend less list look mark may maybe mean meanwhile mention more move must name need never next no
none number often once only other our over own part pass perhaps pick plan play please point
pour prepare press print provide push put question quickly reach really record regarding rename
repeat replace report resolve ring round said say second see seems select sell several she
should since sign some sometimes soon sorry speak spend split sure switch take talk thank then
there therefore third though three through together tomorrow tonight too topic total toward try
turn two under unless use using usually version visit wait walk want watch we welcome what when
where whether which while who whole why will wish with within without wonder yesterday yet you
your monday tuesday wednesday thursday friday saturday sunday january february march april june
july august september october november december dr mr mrs ms okay right left note task subject
body title reason context source sources document documents input output user assistant system
result results critique draft text item items customer order ticket request complaint review
feedback decision option options assign label classify triage estimate measure rate rank sort
group merge extract identify detect determine recommend suggest propose outline discuss describe
summarize summarise rewrite shorten translate proofread dim ship insure wake scale force fetch
enter exit grant deny approve reject reply forward archive tag untag pin mute unmute block
unblock enable disable install uninstall upgrade rollback lookup log calculate compute subtract
divide multiply convert dial text snap shoot lock unlock raise lower increase decrease reduce
set get run kill show tell give let make do does is are was were has have had can could would
should shall might
"""
_EVERYDAY = frozenset(_EVERYDAY_WORDS.split())


def is_everyday(word: str) -> bool:
    """Whether a word is so plain that even with a capital it names nobody: "Monday", "Please"."""
    return word.lower() in STOP or word.lower() in _EVERYDAY


_COMMON_STEMS = frozenset(stem(word) for word in _EVERYDAY | _COMMON)
