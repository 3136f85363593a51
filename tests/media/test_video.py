from __future__ import annotations

import gc
import logging
import threading
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from liveswapping.domain.errors import EndOfStream, SourceError
from liveswapping.media.video import VideoSource

TIMES = [Fraction(n, 1000) for n in (0, 40, 80, 95, 100, 400, 1400, 1401, 1500, 1533, 1600, 1700)]


def psnr(one, other):
    return 10 * np.log10(255**2 / max(1e-9, ((one.astype(float) - other) ** 2).mean()))


def flip(path, start, stop, step=3):
    """Spoil bytes between two shares of the file's pictures."""
    data = bytearray(path.read_bytes())
    begin = data.find(b"mdat") + 4 if b"mdat" in data else 0
    length = len(data) - begin if data.find(b"moov") < begin else data.find(b"moov") - begin
    for at in range(begin + int(length * start), begin + int(length * stop), step):
        data[at] ^= 0xFF
    path.write_bytes(data)
    return path


def noisy(index):
    return np.random.default_rng(index).integers(0, 255, (64, 96, 3), np.uint8)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov", "a.ts"])
def test_every_frame_comes_in_order_at_its_own_time(clip, all_frames, usual_picture, name):
    path = clip(name, TIMES, options={"bf": "3", "g": "250", "crf": "10"})
    frames = all_frames(VideoSource(path))
    assert [frame.pts for frame in frames] == TIMES
    assert [frame.index for frame in frames] == list(range(len(TIMES)))
    for index, frame in enumerate(frames):
        assert psnr(frame.image, usual_picture(96, 64, index)) > 36


@pytest.mark.parametrize(("name", "codec"), [("a.avi", "libx264"), ("a.avi", "mpeg4"), ("a.h264", "libx264")])
def test_where_a_file_has_no_times_pictures_follow_at_its_rate(clip, all_frames, name, codec):
    path = clip(name, 12, codec=codec, options={"bf": "2"}, time_base=Fraction(1, 30))
    frames = all_frames(VideoSource(path))
    assert len(frames) == 12
    distances = {other.pts - one.pts for one, other in pairwise(frames)}
    assert len(distances) == 1
    assert frames[0].pts == 0


def test_times_count_from_the_files_beginning_which_may_be_its_sound(clip, all_frames, sound):
    late = [Fraction(1, 2) + Fraction(n, 30) for n in range(4)]
    path = clip("late.mp4", late, sounds=[sound()])
    assert [frame.pts for frame in all_frames(VideoSource(path))] == late
    shifted = clip("shifted.ts", [10 + time for time in late])
    assert [frame.pts for frame in all_frames(VideoSource(shifted))] == [time - late[0] for time in late]


def test_what_the_file_says_of_itself_is_told(clip, sound):
    path = clip("a.mp4", 30, sounds=[sound(), sound(language="rus")])
    source = VideoSource(path)
    info = source.info
    assert (info.name, info.width, info.height, info.fps, info.frames) == ("a.mp4", 96, 64, 30, 30)
    assert info.duration == 1
    assert info.path == path
    assert info.audio == ("aac, 48000 Hz, mono, eng", "aac, 48000 Hz, mono, rus")
    assert not source.live
    source.close()


@pytest.mark.parametrize(("angle", "turns"), [(0, 0), (90, 1), (180, 2), (-90, 3)])
def test_a_clip_filmed_sideways_stands_upright(clip, all_frames, usual_picture, angle, turns):
    path = clip("phone.mp4", 3, rotation=angle, options={"crf": "5"})
    source = VideoSource(path)
    upright = np.rot90(usual_picture(96, 64, 0), turns)  # a display matrix turns anticlockwise
    assert (source.info.height, source.info.width) == upright.shape[:2]
    assert psnr(all_frames(source)[0].image, upright) > 36


@pytest.mark.parametrize(("tag", "red", "blue"), [(1, 0.2126, 0.0722), (6, 0.299, 0.114)])
@pytest.mark.parametrize("full", [False, True])
def test_colours_follow_the_files_matrix_and_range(tmp_path, all_frames, tag, red, blue, full):
    wanted = (200, 120, 40)  # red, green, blue
    r, g, b = (value / 255 for value in wanted)
    luma = red * r + (1 - red - blue) * g + blue * b
    chroma = ((b - luma) / (2 - 2 * blue), (r - luma) / (2 - 2 * red))
    low, luma_span, chroma_span = (0, 255, 255) if full else (16, 219, 224)
    levels = [low + luma * luma_span, *(c * chroma_span + 128 for c in chroma)]
    path = tmp_path / "colours.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.colorspace, stream.codec_context.color_range = tag, 2 if full else 1
        picture = av.VideoFrame(64, 48, "yuv420p")
        picture.colorspace, picture.color_range = tag, 2 if full else 1
        for plane, level in zip(picture.planes, levels, strict=True):
            plane.update(np.full(plane.buffer_size, round(level), np.uint8))
        picture.pts = 0
        container.mux([*stream.encode(picture), *stream.encode()])
    frame = all_frames(VideoSource(path))[0]
    assert np.abs(frame.image.astype(int) - wanted[::-1]).max() <= 2


@pytest.mark.parametrize(("size", "hd"), [((96, 64), False), ((1280, 720), True)])
def test_without_a_word_small_is_bt601_and_large_is_bt709(clip, all_frames, size, hd):
    plain = np.full((*size[::-1], 3), (20, 200, 40), np.uint8)
    frame = all_frames(VideoSource(clip("a.mp4", 1, size, pictures=lambda i: plain, options={"crf": "1"})))[0]
    # PyAV encoded it with BT.601 and did not say so.
    error = np.abs(frame.image[10, 10].astype(int) - plain[0, 0]).max()
    assert (error > 8) == hd


def test_damage_in_the_middle_costs_only_the_damaged_pictures(clip, all_frames):
    path = clip("a.mp4", 60, pictures=noisy, options={"g": "10", "bf": "2"})
    whole = all_frames(VideoSource(path))
    source = VideoSource(flip(path, 0.4, 0.5))
    rest = all_frames(source)
    assert 3 <= source.damaged <= 20
    assert len(rest) + source.damaged >= 60
    assert all(one.pts < other.pts for one, other in pairwise(rest))
    assert {frame.pts for frame in rest} <= {frame.pts for frame in whole}
    by_time = {frame.pts: frame.image for frame in rest}
    good = sum(frame.pts in by_time and np.array_equal(by_time[frame.pts], frame.image) for frame in whole)
    assert good >= 60 - 20  # the damage reaches to the next key frame
    assert np.array_equal(rest[-1].image, whole[-1].image)


@pytest.mark.parametrize("spoilt", [50, 57, 58, 59])
def test_damage_near_the_end_does_not_take_good_pictures_with_it(clip, all_frames, spoilt):
    path = clip("a.mp4", 60, pictures=noisy, options={"g": "1", "bf": "0"})
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    begin = packets[spoilt].pos
    data[begin : begin + packets[spoilt].size] = bytes(packets[spoilt].size)
    path.write_bytes(data)
    source = VideoSource(path)
    assert [frame.pts * 30 for frame in all_frames(source)] == [n for n in range(60) if n != spoilt]
    assert source.damaged == 1


def test_a_file_that_was_cut_off_plays_as_far_as_it_goes(clip, all_frames):
    path = clip("a.mkv", 60, pictures=noisy)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 20 < len(all_frames(VideoSource(path))) < 50


def test_what_is_no_video_is_refused_in_one_line(tmp_path, clip, sound):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "notes.txt").write_text("not a film\n" * 50, encoding="utf-8")
    (tmp_path / "noise.mp4").write_bytes(bytes(range(256)) * 20)
    clip("cut.mp4", 20)
    (tmp_path / "cut.mp4").write_bytes((tmp_path / "cut.mp4").read_bytes()[:300])
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        track = container.add_stream("aac", rate=48000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 48000
        container.mux([*track.encode(silence), *track.encode()])
    with av.open(str(tmp_path / "frameless.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    refused = {
        "empty.mp4": "is empty",
        "notes.txt": "not a video",
        "noise.mp4": "not a video",
        "cut.mp4": "not a video",
        "sound.mp4": "no video in it",
        "frameless.mp4": "no picture that can be decoded|no video in it",
        "missing.mp4": "there is no file",
        ".": "cannot be read",
    }
    for name, reason in refused.items():
        with pytest.raises(SourceError, match=reason) as caught:
            VideoSource(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_name_with_a_colon_is_a_file_all_the_same(tmp_path, clip, all_frames):
    path = clip("a.mp4", 2)
    try:
        odd = path.rename(tmp_path / "rtsp:clip.mp4")
    except OSError:
        pytest.skip("this system has no such names")
    assert len(all_frames(VideoSource(odd))) == 2


def test_a_file_can_be_closed_while_another_thread_reads_it(clip):
    source = VideoSource(clip("a.mp4", 300))
    ended = threading.Event()

    def read():
        try:
            while source.read(1.0):
                pass
        except EndOfStream:
            ended.set()

    reader = threading.Thread(target=read)
    reader.start()
    source.close()
    source.close()
    reader.join(5)
    assert ended.is_set()
    with pytest.raises(EndOfStream):
        source.read(1.0)


def test_no_picture_stays_behind_until_the_garbage_collector_comes(clip):
    source = VideoSource(clip("a.mp4", 40, rotation=90))
    gc.collect()
    gc.disable()
    try:
        for _ in range(30):
            source.read(1.0)
        kept = sum(type(thing) is av.VideoFrame for thing in gc.get_objects())  # asking no proxy for its class
    finally:
        gc.enable()
        source.close()
    assert kept <= 3


def test_what_ffmpeg_complains_of_goes_to_the_log_and_not_to_stderr(clip, all_frames, caplog, capfd):
    threads = threading.active_count()
    with caplog.at_level(logging.INFO, logger="liveswapping"):
        all_frames(VideoSource(flip(clip("a.mp4", 30, pictures=noisy), 0.3, 0.7)))
    assert "a.mp4: a picture near" in caplog.text
    assert "h264: " in caplog.text
    assert threading.active_count() == threads
    assert capfd.readouterr() == ("", "")
