"""Letters: what a voter reads, a camera scans and a screen reader speaks is the same code."""

import re
from io import BytesIO
from typing import cast

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader
from pypdf.generic import BooleanObject, DictionaryObject

from crypto.crockford import decode_code, encode_code
from evote.registrar.letters import Letter, LetterPress, LetterSettings, default_website, fingerprint
from evote.registrar.voter import Voter
from evote.registrar.voter_list import parse_voter_list
from evote.texts import catalogue
from tests.evote.kyrgyzstan import VOTERS, manifest, manifest_fields, manifest_of

BITS = bytes.fromhex("00ff17c4a95d3e8812ab90ffee017734")
LANGUAGES = ("ky", "ru", "en")
SETTINGS = LetterSettings("https://vote.example.org")


def voter_of(language: str) -> Voter:
    voters = parse_voter_list(VOTERS.read_bytes(), manifest())
    return max((voter for voter in voters if voter.language == language), key=lambda v: len(v.postal_address))


@pytest.fixture(scope="module")
def letters() -> dict[str, Letter]:
    press = LetterPress(manifest(), SETTINGS)
    return {language: press.set_letter(voter_of(language), BITS) for language in LANGUAGES}


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def text_of(letter: Letter) -> str:
    return words(PdfReader(BytesIO(letter.pdf)).pages[0].extract_text())


def scanned(letter: Letter) -> list[str]:
    bitmap = pypdfium2.PdfDocument(letter.pdf)[0].render(scale=2, grayscale=True)
    pixels = bytes(bitmap.buffer)
    rows = [pixels[y * bitmap.stride :][: bitmap.width] for y in range(bitmap.height)]
    image = memoryview(b"".join(rows)).cast("B", shape=[bitmap.height, bitmap.width])
    return [barcode.text for barcode in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_camera_and_eye_read_the_same_code(letters: dict[str, Letter], language: str) -> None:
    code = encode_code(BITS)
    assert scanned(letters[language]) == [code]
    assert code.replace("-", " ") in text_of(letters[language])
    assert decode_code(code.replace("-", " ")) == BITS


@pytest.mark.parametrize("language", LANGUAGES)
def test_letter_is_one_page_in_its_language(letters: dict[str, Letter], language: str) -> None:
    reader = PdfReader(BytesIO(letters[language].pdf))
    assert len(reader.pages) == 1
    root = reader.root_object
    assert str(root["/Lang"]) == language
    assert cast("DictionaryObject", root["/MarkInfo"]).raw_get("/Marked") == BooleanObject(True)
    assert reader.metadata is not None
    assert manifest().title[language] in str(reader.metadata.title)
    text, texts, voter = text_of(letters[language]), catalogue(language), voter_of(language)
    for key in ("training", "training-note", "code", "how", "keep", "keep-text", "fingerprint", "help-place"):
        assert texts.text(f"letter-{key}") in text
    for shown in (voter.surname, voter.postal_address, voter.reference, "https://vote.example.org"):
        assert shown in text
    assert fingerprint(manifest()) in text
    assert manifest().unit(voter.unit).title[language] in text
    assert voter.personal_number not in text
    assert text.count(voter.reference) == 2  # at the head, and where it is to be typed
    assert voter.email not in text


def test_kyrgyz_letters_are_in_the_fonts(letters: dict[str, Letter]) -> None:
    for letter in "ңөүҢӨҮ":
        assert letter in text_of(letters["ky"]) or letter.isupper()
    bent = manifest_fields() | {"title": dict.fromkeys(LANGUAGES, "ҢӨҮ ңөү Ёё №")}
    pdf = LetterPress(manifest_of(bent), SETTINGS).set_letter(voter_of("ky"), BITS)
    assert "ҢӨҮ ңөү Ёё №" in text_of(pdf)


def test_closing_time_stands_by_both_clocks(letters: dict[str, Letter]) -> None:
    text = text_of(letters["ru"])
    assert "10 января 2021 года, 20:00 по времени Бишкека" in text
    assert "10 января 2021 года, 14:00 по UTC" in text


def test_real_election_looks_different(letters: dict[str, Letter]) -> None:
    witnesses = [{"name": f"w{n}", "key": key} for n, key in enumerate(_more_keys(), start=1)]
    bent = manifest_fields() | {"training": False, "witnesses": witnesses, "witness_quorum": 3}
    real = text_of(LetterPress(manifest_of(bent), SETTINGS).set_letter(voter_of("ru"), BITS))
    texts = catalogue("ru")
    assert texts.text("letter-real-note") in real
    assert texts.text("letter-training") not in real
    assert texts.text("letter-real") not in text_of(letters["ru"])


def _more_keys() -> list[str]:
    from bulletin_board.records.fields import encode_base64url
    from tests.evote.kyrgyzstan import key

    return [encode_base64url(key(f"witness {place}").public) for place in range(10, 14)]


def test_helpline_takes_the_place_of_the_polling_place() -> None:
    press = LetterPress(manifest(), LetterSettings("https://vote.example.org", "+996 312 000 000"))
    text = text_of(press.set_letter(voter_of("en"), BITS))
    assert "+996 312 000 000" in text
    assert catalogue("en").text("letter-help-place") not in text


def test_letters_of_one_press_do_not_mix() -> None:
    press = LetterPress(manifest(), SETTINGS)
    first = press.set_letter(voter_of("ky"), BITS)
    second = press.set_letter(voter_of("ru"), bytes(16))
    assert scanned(first) != scanned(second)
    assert voter_of("ky").surname not in text_of(second)


def test_markup_in_the_data_stays_text() -> None:
    bent = manifest_fields() | {"title": dict.fromkeys(LANGUAGES, '#sys.inputs *a* $x$ <l> "q" \\ @r')}
    text = text_of(LetterPress(manifest_of(bent), SETTINGS).set_letter(voter_of("en"), BITS))
    assert '#sys.inputs *a* $x$ <l> "q" \\ @r' in text


def test_long_titles_and_names_stay_on_one_page() -> None:
    long = "Досрочные выборы депутатов Жогорку Кенеша Кыргызской Республики и референдум, " * 2
    bent = manifest_fields() | {"title": dict.fromkeys(LANGUAGES, long.strip())}
    press = LetterPress(manifest_of(bent), LetterSettings("https://vote.example.org", "+996 312 000 000"))
    for language in LANGUAGES:
        assert len(PdfReader(BytesIO(press.set_letter(voter_of(language), BITS).pdf)).pages) == 1


def test_code_does_not_show_in_objects(letters: dict[str, Letter]) -> None:
    assert "pdf" not in repr(letters["ky"]).lower().replace(".pdf", "")


def test_website_comes_from_the_origin() -> None:
    assert default_website(manifest()) == "https://vote.example.org"
