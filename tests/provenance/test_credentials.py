import json
import shutil
import stat
import subprocess
import sys

import av
import c2pa
import cv2
import numpy as np
import pytest

from liveswapping.provenance import credentials, keys, seal
from liveswapping.provenance.credentials import Story, actions_of, read
from liveswapping.provenance.inspection import CHANGED, NONE, VALID, explained, inspect
from liveswapping.provenance.seal import FileSeal
from liveswapping.provenance.words import SOURCE_TYPE, Done
from tests.clips import write_clip

PICTURES = ("png", "jpg", "webp", "tif")
FILMS = ("mp4", "mov")


@pytest.fixture(scope="session")
def noise():
    return np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)


@pytest.fixture
def make(tmp_path, noise):
    """`make(name)`: an unmarked picture or clip."""

    def make_one(name):
        path = tmp_path / name
        if path.suffix[1:] in (*PICTURES, "bmp"):
            cv2.imwrite(str(path), noise)
        else:
            write_clip(path, [noise, noise[::-1].copy(), noise], fps=25)
        return path

    return make_one


def _put(file, story=None, said=None):
    FileSeal(story or Story(Done(models=("mesh",))), ([] if said is None else said).append).put(file)
    return file


def _pixels(path):
    if path.suffix[1:] in PICTURES:
        return [cv2.imread(str(path))]
    with av.open(str(path)) as clip:
        return [frame.to_ndarray(format="bgr24") for frame in clip.decode(video=0)]


@pytest.mark.parametrize("kind", [*PICTURES, *FILMS])
def test_credentials_verify_survive_reopening_and_break_when_a_pixel_changes(make, kind, tmp_path):
    file = make(f"made.{kind}")
    before = _pixels(file)
    said = []
    _put(file, said=said)
    assert said == []
    assert all((one == other).all() for one, other in zip(before, _pixels(file), strict=True))
    with c2pa.Reader(str(file)) as reader:
        assert reader.get_validation_state() == "Valid"
        actions = list(actions_of(json.loads(reader.json())))
    assert [action["action"] for action in actions] == ["c2pa.created"]
    assert actions[0]["digitalSourceType"] == SOURCE_TYPE
    assert actions[0]["parameters"][credentials.MODELS] == ["mesh"]
    copy = shutil.copy(file, tmp_path / f"copy.{kind}")
    assert inspect(copy).credentials == VALID
    content = bytearray(file.read_bytes())
    content[_in_the_picture(content, kind)] ^= 1
    file.write_bytes(content)
    changed = inspect(file)
    assert changed.credentials == CHANGED
    assert any("mismatch" in why.lower() for why in changed.broken)


def _in_the_picture(content, kind):
    """A byte that is part of the coded picture."""
    if kind in FILMS:
        return content.index(b"mdat") + 200
    start = {"png": b"IDAT", "jpg": b"\xff\xda", "webp": b"VP8L", "tif": b"II*\0"}[kind]
    return content.index(start) + 600


def test_a_large_file_is_signed_in_a_process_of_its_own_that_copies_it_beside_itself(make, monkeypatch, tmp_path):
    monkeypatch.setattr(seal, "LARGE", 0)
    started = []
    really_run = subprocess.run
    monkeypatch.setattr(
        seal.subprocess, "run", lambda command, **how: started.append(how["env"]) or really_run(command, **how)
    )
    said = []
    file = _put(make("made.mp4"), Story(Done(models=("mesh",)), str(make("target.mp4"))), said)
    assert (said, len(started)) == ([], 1)
    assert started[0]["TMPDIR"] == str(tmp_path)  # beside the film there is room for its copy, elsewhere perhaps not
    assert inspect(file).credentials == VALID
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.mp4", "target.mp4"]


def test_what_a_file_is_made_of_is_kept_with_the_credentials_it_has(make):
    target, photograph, plain = _put(make("target.png")), _put(make("me.jpg")), make("other.jpg")
    made = _put(make("made.png"), Story(Done(models=("mesh",)), str(target), (str(photograph), str(plain))))
    found = read(made)
    assert [action["action"] for action in actions_of(found)] == ["c2pa.opened", "c2pa.edited", "c2pa.placed"]
    assert found["validation_state"] == "Valid"
    assert len(found["manifests"]) == 3
    assert inspect(made).ingredients == (
        "the original (with credentials, by LiveSwapping)",
        "a part of it (with credentials, by LiveSwapping)",
    )


@pytest.mark.parametrize("target", ["target.mkv", "target.bmp", "broken.png", "gone.png"])
def test_a_target_without_credentials_is_named_as_what_was_opened(make, tmp_path, target):
    if target == "broken.png":
        (tmp_path / target).write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    elif target != "gone.png":
        make(target)
    made = _put(make("made.png"), Story(Done(models=("mesh",)), str(tmp_path / target)))
    assert inspect(made).credentials == VALID
    assert inspect(made).ingredients == ("the original (without credentials)",)


def test_neither_names_nor_pictures_of_what_was_there_before_go_into_the_file(make, tmp_path):
    target, photograph = make("jane-doe.png"), _put(make("john-roe.jpg"))
    made = _put(make("made.png"), Story(Done(models=("mesh",)), str(target), (str(photograph),)))
    content = made.read_bytes()
    assert not any(word in content for word in (b"jane-doe", b"john-roe", str(tmp_path).encode()))
    assert b"thumbnail" not in content


def test_pictures_say_it_in_plain_metadata_too(make):
    for kind in ("png", "jpg", "webp"):
        found = inspect(_put(make(f"made.{kind}")))
        assert found.plain["tool"] == "LiveSwapping"
        assert found.plain["source_type"] == SOURCE_TYPE


def test_without_the_library_plain_metadata_are_left_and_that_is_said(make, monkeypatch):
    def lacking(name):
        raise ImportError(f"no module named {name}")

    monkeypatch.setattr(credentials.importlib, "import_module", lacking)
    said = []
    file = _put(make("made.png"), said=said)
    assert len(said) == 1
    assert "c2pa-python" in said[0]
    assert inspect(file).by_us
    assert inspect(file).synthetic


def test_a_format_with_no_place_for_words_is_said_to_have_none(make):
    said = []
    before = make("made.bmp").read_bytes()
    file = _put(make("made.bmp"), said=said)
    assert len(said) == 1
    assert "use PNG" in said[0]
    assert file.read_bytes() == before


def test_a_timestamp_server_that_does_not_answer_costs_the_time_and_not_the_file(make):
    said = []
    file = _put(make("made.png"), Story(Done(models=("mesh",)), None, (), "http://127.0.0.1:9/stamp"), said)
    assert len(said) == 1
    assert "did not vouch" in said[0]
    assert inspect(file).credentials == VALID
    assert inspect(file).signed_at == ""


def test_nothing_that_goes_wrong_costs_the_file(make, monkeypatch, tmp_path):
    def broken(*_):
        raise RuntimeError("no signature today")

    monkeypatch.setattr(seal, "sign", broken)
    said = []
    file = _put(make("made.jpg"), said=said)
    assert said == ["the file has no content credentials: RuntimeError: no signature today"]
    assert cv2.imread(str(file)) is not None
    assert [path.name for path in tmp_path.iterdir()] == ["made.jpg"]


def test_an_unmarked_file_is_not_taken_for_one_of_ours(make, tmp_path):
    words = tmp_path / "notes.txt"
    words.write_text("LiveSwapping", encoding="utf-8")
    for file in (make("photo.png"), make("clip.mp4"), words):
        found = inspect(file)
        assert (found.by_us, found.synthetic, found.credentials) == (False, False, NONE)
        assert "proves nothing" in next(iter(explained(found)))


def test_ours_is_explained_as_valid_but_untrusted(make):
    text = "\n".join(explained(inspect(_put(make("made.png")))))
    assert "made with LiveSwapping" in text
    assert "valid but untrusted" in text
    assert "no list of trusted" in text


def test_damaged_credentials_are_broken_ones(make):
    file = _put(make("made.png"))
    content = bytearray(file.read_bytes())
    content[content.index(b"c2pa.actions.v2") + 60] ^= 0xFF
    file.write_bytes(content)
    assert inspect(file).credentials == CHANGED


@pytest.mark.skipif(sys.platform == "win32", reason="who may read a file is told otherwise there")
def test_the_key_is_kept_for_its_user_alone_and_used_again(tmp_path):
    made = keys.signing_key(tmp_path / "config")
    file = tmp_path / "config" / keys.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys.signing_key(tmp_path / "config") == made
    assert [path.name for path in file.parent.iterdir()] == [keys.FILE]


def test_a_key_that_is_none_or_cannot_be_kept_is_made_anew(tmp_path):
    (tmp_path / keys.FILE).write_text("no key", encoding="utf-8")
    made = keys.signing_key(tmp_path)
    assert "PRIVATE KEY" in made.key
    assert keys.signing_key(tmp_path) == made
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "PRIVATE KEY" in keys.signing_key(tmp_path / "file").key


def test_the_certificate_names_no_person_and_no_computer(tmp_path):
    from cryptography import x509

    certificates = x509.load_pem_x509_certificates(keys.signing_key(tmp_path).certificates.encode())
    assert len(certificates) == 2
    names = {part.value for one in certificates for name in (one.subject, one.issuer) for part in name}
    assert names == {"LiveSwapping", keys.SIGNER, f"{keys.SIGNER}, issuer"}
