"""Taking something out of a film, from files to a file."""

import os
from fractions import Fraction

import cv2
import numpy as np
import pytest
import torch

from liveswapping.build_inpaint import InpaintOptions, inpaint_job
from liveswapping.build_propainter import ProPainterOptions, procedure
from liveswapping.domain.errors import LiveSwappingError, ModelError, ModelLoadError, SinkError, SourceError
from liveswapping.domain.settings import load_settings
from liveswapping.jobs.inpaint import InpaintPlan
from liveswapping.media.video import VideoSource
from liveswapping.provenance.inspection import VALID, inspect
from tests.clips import write_clip
from tests.inpainting.moving import moving_scene
from tests.jobs.films import packets, shown

SIZE = (128, 80)


@pytest.fixture(scope="module")
def place(tmp_path_factory, astronaut_picture):
    """A clip with sound, and its masks as files, a clip and one picture."""
    folder = tmp_path_factory.mktemp("inpaint")
    scene = moving_scene(cv2.resize(astronaut_picture, (300, 300)), 16, size=SIZE)
    write_clip(folder / "clip.mp4", scene.images, sound=True)
    write_clip(folder / "masks.mp4", [_picture(hole) for hole in scene.holes])
    for number, hole in enumerate(scene.holes):
        (folder / "masks").mkdir(exist_ok=True)
        cv2.imwrite(str(folder / "masks" / f"{number}.png"), _picture(hole))
    cv2.imwrite(str(folder / "mask.png"), _picture(scene.holes[0]))
    return folder


def _picture(hole):
    return np.repeat(hole[..., None], 3, axis=2).astype(np.uint8) * 255


def _job(place, output, mask="masks", target="clip.mp4", said=None, options=None, **plan):
    mask = None if mask is None else str(place / mask) if (place / mask).exists() else mask
    wanted = InpaintPlan(str(place / target), output, **plan)
    given = InpaintOptions(mask, **{"engine": "builtin", **(options or {})})
    say = (lambda line: None) if said is None else said.append
    return inpaint_job(load_settings({}, os.environ, None), given, wanted, say=say)


def _green(path):
    """Share of pixels in the colour of the thing."""
    with VideoClip(path) as images:
        return np.mean([np.abs(image.astype(int) - (40, 180, 90)).max(axis=2) < 40 for image in images])


class VideoClip:
    def __init__(self, path):
        self._source = VideoSource(path)

    def __enter__(self):
        from liveswapping.domain.errors import EndOfStream

        images = []
        try:
            while True:
                images.append(self._source.read(1.0).image)
        except EndOfStream:
            return images

    def __exit__(self, *_):
        self._source.close()


@pytest.mark.parametrize("mask", ["masks", "masks.mp4", "mask.png"])
def test_the_thing_is_gone_and_times_and_sound_are_kept(place, tmp_path, mask):
    outcome = _job(place, tmp_path / "out.mp4", mask).run()
    assert outcome.complete
    assert (outcome.tally.frames, outcome.tally.swapped) == (16, 16)
    assert _green(place / "clip.mp4") > 0.05
    assert _green(tmp_path / "out.mp4") < (0.02 if mask == "mask.png" else 0.002)
    assert [time for time, _ in shown(tmp_path / "out.mp4")] == [time for time, _ in shown(place / "clip.mp4")]
    assert packets(tmp_path / "out.mp4") == packets(place / "clip.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mp4"]
    found = inspect(tmp_path / "out.mp4")
    assert (found.by_us, found.credentials, found.models) == (True, VALID, ("builtin inpainting",))
    assert "taken out" in found.description


def test_a_run_that_was_ended_goes_on_to_the_same_bits(place, tmp_path):
    _job(place, tmp_path / "whole.mp4", segment_frames=6).run()
    job, seen = _job(place, tmp_path / "out.mp4", segment_frames=6), []
    job._meter._tell = lambda progress: (seen.append(progress.done), progress.done >= 14 and job.cancel())
    assert not job.run().complete
    assert job.begun
    said = []
    outcome = _job(place, tmp_path / "out.mp4", segment_frames=6, said=said).run()
    assert outcome.resumed == 12
    assert any("going on with frame 12" in line for line in said)
    assert shown(tmp_path / "out.mp4") == shown(tmp_path / "whole.mp4")


def test_a_folder_of_pictures_becomes_a_film_and_pictures_again(place, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    with VideoClip(place / "clip.mp4") as images:
        for number, image in enumerate(images[:3]):
            cv2.imwrite(str(folder / f"{number}.png"), image)
    options = {"fps": Fraction(10)}
    plan = {"save_frames": tmp_path / "frames", "options": options}
    _job(place, tmp_path / "out.mkv", "mask.png", target=folder, **plan).run()
    assert [time for time, _ in shown(tmp_path / "out.mkv")] == [0, Fraction(1, 10), Fraction(2, 10)]
    assert sorted(path.name for path in (tmp_path / "frames").iterdir()) == ["0000.png", "0001.png", "0002.png"]
    assert {inspect(path).credentials for path in (tmp_path / "frames").iterdir()} == {VALID}


@pytest.mark.parametrize(
    ("options", "mask", "size"),
    [
        ({"ratio": 0.5}, "masks", (64, 40)),
        ({"size": (96, 96)}, "masks", (96, 96)),
        ({"scales": (1.5, 1.0)}, None, (192, 80)),
        ({"crop": True}, "masks", SIZE),
        ({"track": True}, "50,20,28,40", SIZE),
    ],
)
def test_sizes_and_ways(place, tmp_path, options, mask, size):
    _job(place, tmp_path / "out.mp4", mask, options=options, frames=4).run()
    with VideoClip(tmp_path / "out.mp4") as images:
        assert [image.shape[1::-1] for image in images] == [size] * 4


@pytest.mark.parametrize("kind", ["face", "person", "hair"])
def test_a_person_is_masked_without_a_drawing(place, tmp_path, kind, astronaut_picture):
    face = cv2.resize(astronaut_picture[:320, 60:380], (160, 160))
    write_clip(tmp_path / "face.mp4", [face] * 2)
    _job(place, tmp_path / "out.mp4", kind, target=tmp_path / "face.mp4").run()
    with VideoClip(tmp_path / "out.mp4") as out:
        changed = np.abs(out[0].astype(int) - face).max(axis=2) > 30
    at_face, at_edge = changed[60:80, 70:95].mean(), changed[:10, :10].mean()
    assert at_edge == 0
    assert at_face > 0.8 if kind != "hair" else (at_face < 0.2 and changed[:60].mean() > 0.05)


def _write(path, image):
    cv2.imwrite(str(path), image)
    return path


BAD = {
    "other size": (lambda at: _write(at / "m.png", np.full((90, 90), 255, np.uint8)), r"90×90 .* 128×80"),
    "empty": (lambda at: _write(at / "m.png", np.zeros((80, 128), np.uint8)), "is empty"),
    "all": (lambda at: _write(at / "m.png", np.full((80, 128), 255, np.uint8)), "covers the whole picture"),
    "none": (lambda at: at / "nothing.png", "no file"),
    "no picture": (lambda at: at / "text.png", "not an image"),
    "box outside": (lambda at: "500,500,10,10", "marks nothing"),
    "box over all": (lambda at: "0,0,128,80", "covers the whole picture"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_mask_that_does_not_fit_is_one_line(place, tmp_path, bad):
    (tmp_path / "text.png").write_text("no picture")
    make, said = BAD[bad]
    with pytest.raises(LiveSwappingError, match=said) as caught:
        _job(place, tmp_path / "out.mp4", str(make(tmp_path))).run()
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.glob("*out.mp4*"))


@pytest.mark.parametrize("count", [9, 20])
@pytest.mark.parametrize("kind", ["folder", "clip"])
def test_masks_of_another_length_are_one_line(place, tmp_path, count, kind):
    mask = np.zeros((80, 128, 3), np.uint8)
    mask[30:50, 50:70] = 255
    given = tmp_path / ("m" if kind == "folder" else "m.mp4")
    if kind == "folder":
        given.mkdir()
        for number in range(count):
            _write(given / f"{number}.png", mask)
    else:
        write_clip(given, [mask] * count)
    with pytest.raises(SourceError, match=r"masks and the clip \d* ?(more )?pictures"):
        _job(place, tmp_path / "out.mp4", str(given)).run()


def test_masks_that_mark_nothing_in_any_picture_write_nothing(place, tmp_path):
    write_clip(tmp_path / "m.mp4", [np.zeros((80, 128, 3), np.uint8)] * 16)
    with pytest.raises(SourceError, match="marks nothing"):
        _job(place, tmp_path / "out.mp4", str(tmp_path / "m.mp4")).run()
    assert [path.name for path in tmp_path.iterdir()] == ["m.mp4"]


@pytest.mark.parametrize("size", [(32, 24), (67, 45)])
def test_small_and_odd_pictures_and_a_clip_of_one_are_filled(place, tmp_path, size, astronaut_picture):
    image = cv2.resize(astronaut_picture, size)
    _write(tmp_path / "one.png", image)
    folder = tmp_path / "pictures"
    folder.mkdir()
    _write(folder / "one.png", image)
    outcome = _job(place, tmp_path / "out.mp4", "10,8,6,6", target=folder).run()
    assert outcome.tally.frames == 1


def test_a_damaged_picture_does_not_end_the_run(place, tmp_path):
    data = bytearray((place / "clip.mp4").read_bytes())
    middle = len(data) // 3
    data[middle : middle + 60] = bytes(60)
    (tmp_path / "bad.mp4").write_bytes(data)
    outcome = _job(place, tmp_path / "out.mp4", "mask.png", target=tmp_path / "bad.mp4").run()
    assert outcome.complete
    assert outcome.tally.frames > 8


def test_a_full_disk_is_one_line_and_what_is_done_is_kept(place, tmp_path, monkeypatch):
    from liveswapping.media.segment import SegmentWriter

    really, written = SegmentWriter.add, []

    def add(self, coded):
        written.append(coded)
        if len(written) > 14:
            raise SinkError(f"'{self.path}' cannot be written: the disk is full")
        really(self, coded)

    monkeypatch.setattr(SegmentWriter, "add", add)
    with pytest.raises(SinkError, match=r"disk is full.*what is done is kept"):
        _job(place, tmp_path / "out.mp4", segment_frames=6).run()
    monkeypatch.undo()
    outcome = _job(place, tmp_path / "out.mp4", segment_frames=6).run()
    assert outcome.resumed >= 6
    assert outcome.complete


def test_of_two_people_only_the_chosen_one_goes(place, tmp_path, astronaut_picture):
    face = cv2.resize(astronaut_picture[:320, 60:380], (160, 160))
    write_clip(tmp_path / "two.mp4", [np.hstack([face, cv2.flip(face, 1)])] * 2)
    _job(place, tmp_path / "out.mp4", "face", target=tmp_path / "two.mp4", options={"faces": "rightmost"}).run()
    with VideoClip(tmp_path / "out.mp4") as out, VideoClip(tmp_path / "two.mp4") as before:
        changed = np.abs(out[0].astype(int) - before[0]).max(axis=2) > 40
    assert changed[:, :160].mean() < 0.01 < 0.03 < changed[:, 160:].mean()


def test_propainter_without_its_weights_says_how_to_fetch_them(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(tmp_path))
    with pytest.raises(ModelError, match="models pull propainter"):
        _job(place, tmp_path / "out.mp4", "mask.png", options={"engine": "propainter"}).run()
    said = []
    _job(place, tmp_path / "out.mp4", "mask.png", said=said, options={"engine": "auto"}, frames=2).run()
    assert any("filled by the built-in engine" in line for line in said)


def test_weights_of_another_network_are_one_line(place, tmp_path):
    torch.save({"conv.weight": torch.zeros(1)}, tmp_path / "other.pth")
    path = str(tmp_path / "other.pth")
    options = {"engine": "propainter", "propainter": ProPainterOptions((path, path, path))}
    with pytest.raises(ModelLoadError, match="no weights of RAFT") as caught:
        _job(place, tmp_path / "out.mp4", "mask.png", options=options).run()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("preset", "device", "found"),
    [
        ("fast", "cuda", (50, "auto", None)),
        ("fast", "cpu", (50, "bf16", None)),
        ("memory", "cuda", (5, "auto", 6_000_000_000)),
        ("cpu", "cpu", (1, "fp32", None)),
        (None, "cuda", (10, "auto", None)),
    ],
)
def test_presets(preset, device, found):
    given = procedure(ProPainterOptions.of(preset), device, bfloat=True)
    assert (given.at_once, given.precision, given.device_bytes) == found
    assert procedure(ProPainterOptions.of(preset, at_once=7), device, bfloat=True).at_once == 7
