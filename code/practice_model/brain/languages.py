"""Which requests are in another language than English, told by their commonest words."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORDS = {
    "German": """ich du er sie es wir ihr mein meine meinen mir mich dein ihre ihren der die das den
        dem des ein eine einen einem einer und oder nicht ist sind war habe hat haben bin bitte
        warum wie was wo wann wer kann können möchte hätte würde gern gerne für mit auf von zu zum
        zur im ist's kein keine zurück über schreibe schreib erkläre""",
    "French": """je tu il elle nous vous ils mon ma mes votre vos le la les un une des du de et ou
        ne pas est sont suis avez ai pourquoi comment quel quelle où quand qui peux pouvez voudrais
        veux pour avec sur dans au aux mauvais reçu j'ai c'est bonjour merci s'il plaît écris""",
    "Spanish": """yo tú él ella nosotros mi mis su sus el los las un una unos del y o no es son
        estoy está quiero quisiera puedo puede por qué cómo dónde cuándo quién para con en sobre
        gracias hola favor devolución cuesta cuánto escribe""",
    "Italian": """io tu lui lei noi voi mio mia miei suo il lo gli i un una uno di e o non è sono ho
        hai vorrei voglio posso può perché come dove quando chi per con su della del grazie ciao
        quanto costa scrivi""",
    "Dutch": """ik jij hij zij wij jullie mijn jouw uw de het een en of niet is zijn heb heeft ben
        wil kan kunt waarom hoe waar wanneer wie voor met op van naar graag terug geld schrijf""",
    "Portuguese": """eu tu ele ela nós meu minha seu sua o os as um uma e ou não é são estou quero
        queria posso pode por que como onde quando quem para com em sobre obrigado olá quanto
        custa escreva""",
}
_LISTS = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_COMMON = """the a an and or not is are was were be i you he she it we they my your his her its our
their me him them this that these those of to in on at for from with about what when where who why
how do does did can could will would should have has had please if but there write tell give by
no as"""
_ENGLISH = frozenset(_COMMON.split())
ANSWER = "I understand English only. Please write to me in English."


def choose(names: Sequence[str], text: str) -> str | None:
    """The language that a text is in, where all names are languages known here; else None."""
    by_name = {name.lower(): name for name in names}
    known = {"english": _ENGLISH, **{name.lower(): words for name, words in _LISTS.items()}}
    rest = [name for name in by_name if name in ("other", "unknown", "none")]
    if len(by_name) - len(rest) < 2 or not set(by_name) - set(rest) <= set(known):
        return None
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.lower().replace("’", "'"))
    counts = {name: sum(word in own for word in words) for name, own in known.items()}
    best = max(counts, key=lambda name: (counts[name], name == "english"))
    if counts[best] and best in by_name:
        return by_name[best]
    return by_name[rest[0]] if rest else None


def is_foreign(text: str) -> bool:
    """Whether a text is in a language that the model does not understand."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.lower().replace("’", "'"))
    letters = [char for char in text if char.isalpha()]
    if letters and sum(ord(char) > 0x24F for char in letters) > 0.5 * len(letters):
        return True
    if len(words) < 3:
        return False
    english = sum(word in _ENGLISH for word in words)
    other = max(sum(word in known for word in words) for known in _LISTS.values())
    accented = any(ord(char) > 0x7F and char.isalpha() for char in text)
    return other >= 2 and other > 2 * english and other >= (0.25 if accented else 0.4) * len(words)
