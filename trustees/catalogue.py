"""Texts for people, in their language: one folder of Fluent files per language.

A text that is missing, or that does not fit its arguments, is our own mistake and raises; nobody is shown a
key or half a sentence.
"""

from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

LANGUAGES = ("ky", "ru", "en")


class Catalogue:
    """The texts of one folder in one language: all its `<language>/*.ftl` together."""

    __slots__ = ("_bundle", "language")

    def __init__(self, folder: Path, language: str) -> None:
        """
        Raises:
            LookupError: the folder has no texts in this language, or a text twice.
        """
        self.language = language
        self._bundle = _load(folder, language)

    def text(self, key: str, **arguments: str | int) -> str:
        """The text of a key with its arguments filled in.

        Raises:
            LookupError: there is no such text, or it asks for an argument that was not given.
        """
        if not self._bundle.has_message(key):
            raise LookupError(f"text {key}: missing in {self.language}")
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise LookupError(f"text {key}: empty in {self.language}")
        text, problems = self._bundle.format_pattern(pattern, arguments)
        if problems:
            raise LookupError(f"text {key}: {problems[0]}")
        return str(text)


@cache
def _load(folder: Path, language: str) -> FluentBundle:
    paths = sorted((folder / language).glob("*.ftl"))
    if not paths:
        raise LookupError(f"texts {folder.name}: none in {language}")
    # Marks that isolate directions are for mixed scripts; in mail and on paper they only show up as boxes.
    bundle = FluentBundle([language], use_isolating=False)
    for path in paths:
        bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    return bundle
