"""Letters: one page per voter, in the voter's language, with the secret code in symbols and as a QR code.

The page is set by `letter.typ` next to this file; all words come from the catalogue.
"""

import json
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path

import segno
import typst

from bulletin_board.records.manifest import Manifest
from crypto.crockford import encode_code, grouped
from evote.errors import RegistrarError
from evote.issuing.credential import REGISTRAR
from evote.registrar.voter import Voter
from evote.texts import bishkek_time, catalogue, utc_time
from trustees.catalogue import Catalogue

FINGERPRINT_DIGITS = 16

_TEMPLATE = Path(__file__).with_name("letter.typ")
_STEPS = ("open", "identify", "code", "mark", "cast")


@dataclass(frozen=True, slots=True)
class LetterSettings:
    """What stands in every letter and not in the manifest.

    website:  where to vote, as people type it
    helpline: whom to ask; empty for the polling place
    """

    website: str
    helpline: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One page as PDF. Whoever holds it holds the secret code."""

    reference: str
    pdf: bytes = field(repr=False)

    @property
    def file_name(self) -> str:
        return f"{self.reference}.pdf"


class LetterPress:
    """Sets the letters of one election, one after the other, with one warm compiler."""

    def __init__(self, manifest: Manifest, settings: LetterSettings) -> None:
        self._manifest = manifest
        self._settings = settings
        # Fonts come with the compiler, so that a letter looks the same wherever it is made.
        self._compiler = typst.Compiler(str(_TEMPLATE), ignore_system_fonts=True)

    def set_letter(self, voter: Voter, code_bits: bytes) -> Letter:
        """The letter of one voter.

        Args:
            voter: whose letter; the language is one of the manifest and of the catalogue.
            code_bits: the 16 bytes of the registrar's part.

        Raises:
            RegistrarError: the page cannot be set.
        """
        content = json.dumps(self._content(voter, encode_code(code_bits)), ensure_ascii=False)
        try:
            pdf = self._compiler.compile(
                format="pdf", sys_inputs={"letter": content}, pdf_standards="ua-1", timestamp=0
            )
        except typst.TypstError:
            # What the compiler says may quote the content, and so the code.
            raise RegistrarError(f"letter {voter.reference}: the page cannot be set") from None
        if not isinstance(pdf, bytes):
            raise RegistrarError(f"letter {voter.reference}: the compiler gave no page")
        return Letter(voter.reference, pdf)

    def _content(self, voter: Voter, code: str) -> dict[str, object]:
        manifest, texts = self._manifest, catalogue(voter.language)
        kind = "training" if manifest.training else "real"
        return {
            "language": voter.language,
            "training": manifest.training,
            "sender": manifest.issuer(REGISTRAR).name,
            "reference": texts.text("letter-reference", reference=voter.reference),
            "name": _full_name(voter),
            "address": voter.postal_address,
            "banner": texts.text(f"letter-{kind}"),
            "banner_note": texts.text(f"letter-{kind}-note"),
            "title": manifest.title[voter.language],
            "heading": texts.text("letter-heading"),
            "greeting": texts.text("letter-greeting", name=_greeted_name(voter)),
            "intro": texts.text("letter-intro"),
            "code_label": texts.text("letter-code"),
            "code": code,
            "qr": _qr_svg(code),
            "qr_label": texts.text("letter-qr"),
            "qr_description": texts.text("letter-qr-description"),
            "how": texts.text("letter-how"),
            "steps": self._steps(texts, voter),
            "keep": texts.text("letter-keep"),
            "keep_text": texts.text("letter-keep-text"),
            **self._facts(texts, voter),
        }

    def _steps(self, texts: Catalogue, voter: Voter) -> list[list[str]]:
        arguments = {
            "open": {"website": self._settings.website},
            "identify": {"email": _masked_email(voter.email), "reference": voter.reference},
        }
        return [
            [
                texts.text(f"letter-step-{step}"),
                texts.text(f"letter-step-{step}-text", **arguments.get(step, {})),
            ]
            for step in _STEPS
        ]

    def _facts(self, texts: Catalogue, voter: Voter) -> dict[str, object]:
        schedule, helpline = self._manifest.schedule, self._settings.helpline
        both_clocks = partial(_both_clocks, texts)
        return {
            "fingerprint_label": texts.text("letter-fingerprint"),
            "fingerprint": fingerprint(self._manifest),
            "place_label": texts.text("letter-place"),
            "place": self._manifest.unit(voter.unit).title[voter.language],
            "opens_label": texts.text("letter-opens"),
            "opens": both_clocks(schedule.opens_at),
            "closes_label": texts.text("letter-closes"),
            "closes": both_clocks(schedule.closes_at),
            "help_label": texts.text("letter-help"),
            "help": texts.text("letter-help-contact", contact=helpline)
            if helpline
            else texts.text("letter-help-place"),
        }


def fingerprint(manifest: Manifest) -> str:
    """What a voter compares with the screen: the manifest's digest, its first 16 digits in groups of four."""
    return grouped(manifest.digest.hex()[:FINGERPRINT_DIGITS]).replace("-", " ")


def default_website(manifest: Manifest) -> str:
    """The host that the board's origin names."""
    return f"https://{manifest.board.origin.partition('/')[0]}"


def _both_clocks(texts: Catalogue, time: int) -> list[str]:
    return [bishkek_time(texts, time), utc_time(texts, time)]


def _full_name(voter: Voter) -> str:
    return " ".join(part for part in (voter.surname, voter.given_name, voter.patronymic) if part)


def _greeted_name(voter: Voter) -> str:
    if voter.language == "en":
        return f"{voter.given_name} {voter.surname}"
    return f"{voter.given_name} {voter.patronymic}".strip()


def _masked_email(email: str) -> str:
    """Enough to recognise one's own address, too little to write to it."""
    local, _, domain = email.partition("@")
    return f"{local[0]}…@{domain}"


def _qr_svg(code: str) -> str:
    # Level Q bears a quarter of damage: letters get folded and stained.
    drawn = BytesIO()
    segno.make_qr(code, error="q", boost_error=False).save(
        drawn, kind="svg", border=4, xmldecl=False, omitsize=True
    )
    return drawn.getvalue().decode()
