from __future__ import annotations

import os
import struct

import cv2
import numpy as np
import pytest

from liveswapping.domain.errors import EndOfStream, SinkError, SourceError
from liveswapping.domain.frame import Frame
from liveswapping.media.image_sinks import FolderSink, ImageSink
from liveswapping.media.images import FolderSource, ImageSource, pictures_in, read_image, write_image
from liveswapping.media.part_file import PartFile


@pytest.fixture
def picture():
    y, x = np.mgrid[0:40, 0:60]
    return np.dstack([x * 4, y * 6, x + y]).astype(np.uint8)


def with_exif(jpeg: bytes, orientation: int) -> bytes:
    """The same JPEG with an EXIF block of one entry, the orientation."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 1) + entry + b"\0\0\0\0"
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize(("name", "tolerance"), [("a.png", 0), ("Гаfé 画.png", 0), ("a.bmp", 0), ("b.JPG", 12)])
def test_a_picture_comes_back_as_it_was_written(tmp_path, picture, name, tolerance):
    write_image(tmp_path / name, picture)
    read = read_image(tmp_path / name)
    assert read.dtype == np.uint8
    assert read.flags.c_contiguous
    assert np.abs(read.astype(int) - picture).max() <= tolerance


def test_quality_decides_how_large_a_jpeg_is(tmp_path, picture):
    write_image(tmp_path / "low.jpg", picture, quality=20)
    write_image(tmp_path / "high.jpg", picture, quality=98)
    assert (tmp_path / "low.jpg").stat().st_size < (tmp_path / "high.jpg").stat().st_size


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [(1, lambda a: a), (3, lambda a: a[::-1, ::-1]), (6, lambda a: np.rot90(a, -1)), (8, np.rot90)],
)
def test_a_photograph_stands_upright_by_its_exif_tag(tmp_path, picture, orientation, upright):
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    (tmp_path / "a.jpg").write_bytes(with_exif(jpeg, orientation))
    expected = upright(picture)
    read = read_image(tmp_path / "a.jpg")
    assert read.shape == expected.shape
    assert np.abs(read.astype(int) - expected).mean() < 2


def test_sixteen_bits_grey_and_transparency_become_plain_bgr(tmp_path, picture):
    deep = picture.astype(np.uint16) * 257
    alpha = np.zeros(picture.shape[:2], np.uint8)
    alpha[:20] = 255
    for name, stored in (("deep", deep), ("grey", picture[:, :, 0]), ("clear", np.dstack([picture, alpha]))):
        cv2.imwrite(str(tmp_path / f"{name}.png"), stored)
    assert np.array_equal(read_image(tmp_path / "deep.png"), picture)
    assert np.array_equal(read_image(tmp_path / "grey.png"), picture[:, :, [0, 0, 0]])
    clear = read_image(tmp_path / "clear.png")
    assert np.array_equal(clear[:20], picture[:20])
    assert (clear[20:] == 255).all()


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_picture_that_was_cut_off_is_called_damaged(tmp_path, picture, ending, kept):
    data = cv2.imencode(ending, picture)[1].tobytes()
    path = tmp_path / f"cut{ending}"
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(SourceError, match="damaged or cut off"):
        read_image(path)


def test_what_is_no_picture_is_refused_in_one_line(tmp_path):
    (tmp_path / "text.jpg").write_text("no picture", encoding="utf-8")
    (tmp_path / "empty.jpg").touch()
    for name, reason in (("text.jpg", "not an image"), ("empty.jpg", "is empty"), ("none.jpg", "there is no file")):
        with pytest.raises(SourceError, match=reason) as caught:
            ImageSource(tmp_path / name)
        assert "\n" not in str(caught.value)
    with pytest.raises(SourceError, match="cannot be read"):
        read_image(tmp_path)


def test_a_picture_is_one_frame_and_then_the_end(tmp_path, picture):
    write_image(tmp_path / "a.png", picture)
    source = ImageSource(tmp_path / "a.png")
    frame = source.read(0)
    assert (frame.index, frame.pts, source.live) == (0, 0, False)
    assert (source.info.width, source.info.height, source.info.frames) == (60, 40, 1)
    with pytest.raises(EndOfStream):
        source.read(0)
    source.close()


def test_a_folder_is_read_in_natural_order_without_what_is_damaged(tmp_path, picture, all_frames):
    for number in (10, 9, 1, 2):
        write_image(tmp_path / f"shot{number}.png", np.full_like(picture, number))
    (tmp_path / "shot3.png").write_bytes(b"\x89PNG broken")
    (tmp_path / "notes.txt").write_text("not a picture", encoding="utf-8")
    source = FolderSource(tmp_path)
    seen = all_frames(source)
    assert [int(frame.image[0, 0, 0]) for frame in seen] == [1, 2, 9, 10]
    assert [frame.index for frame in seen] == [0, 1, 3, 4]
    assert source.damaged == 1
    assert source.info.frames == 5
    source.close()


def test_a_folder_without_a_readable_picture_is_refused(tmp_path):
    with pytest.raises(SourceError, match="no picture in the folder"):
        FolderSource(tmp_path)
    (tmp_path / "a.png").write_bytes(b"broken")
    with pytest.raises(SourceError, match="none of the 1 pictures"):
        FolderSource(tmp_path)
    with pytest.raises(SourceError, match="cannot be read"):
        pictures_in(tmp_path / "nowhere")


def test_an_ending_that_is_no_picture_format_is_refused_before_any_work(tmp_path, picture):
    for name in ("a.txt", "a"):
        with pytest.raises(SinkError, match="picture format"):
            write_image(tmp_path / name, picture)
        with pytest.raises(SinkError, match="picture format"):
            ImageSink(tmp_path / name)
    with pytest.raises(SinkError, match="picture format"):
        FolderSink(tmp_path, ending=".gif")


def test_a_picture_too_large_for_its_format_is_refused(tmp_path):
    with pytest.raises(SinkError, match="20000×2"):
        write_image(tmp_path / "wide.webp", np.zeros((2, 20000, 3), np.uint8))
    assert not list(tmp_path.iterdir())


def test_folders_that_lack_are_made(tmp_path, picture):
    write_image(tmp_path / "a" / "b" / "c.png", picture)
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["c.png"]


def test_a_failed_write_leaves_nothing_behind_and_the_old_file_alone(tmp_path, picture, monkeypatch):
    old = tmp_path / "old.png"
    old.write_bytes(b"old")

    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    for target in (old, tmp_path / "new" / "deep" / "a.png"):
        with pytest.raises(SinkError, match="disk is full"):
            write_image(target, picture)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["old.png"]
    assert old.read_bytes() == b"old"


def test_a_target_that_cannot_be_a_file_is_refused(tmp_path, picture):
    (tmp_path / "file").touch()
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(SinkError, match="is not a folder"):
        write_image(tmp_path / "file" / "a.png", picture)
    with pytest.raises(SinkError, match="is a folder"):
        write_image(tmp_path / "folder.png", picture)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that this user may not write into")
def test_a_read_only_folder_is_named(tmp_path, picture):
    tmp_path.chmod(0o500)
    with pytest.raises(SinkError, match="read-only"):
        write_image(tmp_path / "a.png", picture)
    tmp_path.chmod(0o700)


def test_a_refusal_of_the_system_is_called_read_only(tmp_path, picture, monkeypatch):
    def refused(path, *args, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.touch", refused)
    with pytest.raises(SinkError, match="read-only"):
        PartFile(tmp_path / "new" / "a.png")
    assert not list(tmp_path.iterdir())


def test_a_written_file_has_the_permissions_of_any_other(tmp_path, picture):
    (tmp_path / "plain").touch()
    write_image(tmp_path / "a.png", picture)
    assert (tmp_path / "a.png").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_one_picture_takes_one_frame_and_a_folder_numbers_them(tmp_path, picture):
    frame = Frame(picture, 7, 0.0)
    single = ImageSink(tmp_path / "one.png")
    single.write(frame)
    with pytest.raises(SinkError, match="holds one picture"):
        single.write(frame)
    single.close()
    folder = FolderSink(tmp_path / "many")
    for _ in range(2):
        folder.write(frame)
    folder.close()
    assert sorted(path.name for path in (tmp_path / "many").iterdir()) == ["000000.png", "000001.png"]


def test_opencv_says_nothing_while_pictures_are_read_and_written(tmp_path, picture, capfd):
    for name in ("a.png", "a.jpg", "a.webp", "a.tif"):
        write_image(tmp_path / name, picture)
        read_image(tmp_path / name)
    assert capfd.readouterr() == ("", "")


def test_a_film_taken_for_a_picture_does_not_fill_the_memory(tmp_path):
    with (tmp_path / "film.mp4").open("wb") as film:
        film.truncate(1 << 30)
    with pytest.raises(SourceError, match="not an image"):
        read_image(tmp_path / "film.mp4")


def test_the_longest_name_that_a_folder_takes_can_be_written(tmp_path, picture):
    write_image(tmp_path / ("n" * 250 + ".png"), picture)
    assert len(list(tmp_path.iterdir())) == 1
