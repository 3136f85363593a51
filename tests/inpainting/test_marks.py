import cv2
import numpy as np
import pytest

from liveswapping.inpainting.canvas import Canvas, grown, part_around
from liveswapping.inpainting.marks import FollowedMark
from liveswapping.inpainting.record import Record


def _overlap(one, other):
    return (one & other).sum() / (one | other).sum()


def test_a_drawn_box_goes_along_with_the_thing_and_not_with_the_background(astronaut_picture):
    thing = cv2.resize(astronaut_picture[60:200, 170:290], (36, 44))
    marker, start = FollowedMark(_box(30, 25, 36, 44)), None
    for time in range(20):
        left = 30 + 2 * time
        image = astronaut_picture[250:350, 100 + 3 * time : 260 + 3 * time].copy()
        image[25:69, left : left + 36] = thing
        found = marker.mark(image)
        start = found if start is None else start
    assert _overlap(found, _box(68, 25, 36, 44)) > 0.75
    assert _overlap(start, _box(30, 25, 36, 44)) == 1


def _box(left, top, width, height):
    hole = np.zeros((100, 160), bool)
    hole[top : top + height, left : left + width] = True
    return hole


def test_masks_grow_along_rows_and_columns_as_scipy_has_it():
    from scipy.ndimage import binary_dilation

    random = np.random.RandomState(0).random_sample((40, 50)) > 0.98
    assert np.array_equal(grown(random, 4), binary_dilation(random, iterations=4))


def test_a_canvas_puts_a_part_back_and_touches_nothing_else():
    image = np.random.RandomState(0).randint(0, 255, (200, 300, 3)).astype(np.uint8)
    hole = np.zeros((200, 300), bool)
    hole[90:100, 140:150] = True
    part = part_around(hole)
    canvas = Canvas(300, 200, (300, 200), (300, 200), 0, part)
    shot = canvas.shot(canvas.picture(image), hole)
    assert shot.image.shape[0] < 200
    assert shot.image.shape[0] % 16 == shot.image.shape[1] % 16 == 0
    whole = canvas.result(image, np.zeros_like(shot.image))
    assert np.array_equal(np.any(whole != image, axis=2)[part.slices], np.any(shot.image != 0, axis=2))
    assert not whole[part.slices].any()


def test_an_extended_canvas_asks_for_what_lies_around_and_keeps_the_source():
    image = np.full((64, 96, 3), 120, np.uint8)
    canvas = Canvas.of(96, 64, scales=(1.5, 1.0))
    shot = canvas.shot(canvas.picture(image), np.zeros((64, 96), bool))
    assert shot.image.shape == (64, 144, 3)
    assert (shot.image[:, 24:120] == 120).all()
    assert np.array_equal(shot.hole, shot.image[..., 0] == 0)
    assert shot.flow_hole.sum() == 64 * 48 + 2 * 4 * 64


def test_resizing_is_pillows_bicubic():
    import PIL.Image

    image = np.random.RandomState(0).randint(0, 255, (60, 80, 3)).astype(np.uint8)
    expected = PIL.Image.fromarray(image).resize((40, 30), PIL.Image.Resampling.BICUBIC)
    assert np.array_equal(Canvas.of(80, 60, ratio=0.5).picture(image), np.asarray(expected))


@pytest.mark.parametrize(("encoding", "sign"), [("utf-8", "🚀"), ("cp1252", ">>"), ("ascii", ">>")])
def test_log_lines_have_a_plain_form_where_the_console_shows_no_symbols(encoding, sign):
    lines = []
    Record(lines.append, "debug", encoding).log("debug", "Starting", "🚀")
    assert lines[0].endswith(f"] {sign} [DEBUG] Starting")
    assert lines[0].encode(encoding)


def test_a_record_sums_stages_and_keeps_fallbacks():
    lines = []
    record = Record(lines.append, "info")
    for _ in range(2):
        with record.stage("raft", lambda: 12.0):
            pass
    record.log("debug", "not shown")
    record.fallback("GPU OOM, falling back to CPU...")
    record.note(scale=0.5)
    metrics = record.metrics()
    assert (metrics["stages"]["raft"]["calls"], metrics["stages"]["raft"]["peak_mb"]) == (2, 12.0)
    assert metrics["fallbacks"] == ["GPU OOM, falling back to CPU..."]
    assert metrics["scale"] == 0.5
    assert len(lines) == 1
    assert "[WARNING] GPU OOM" in lines[0]
