from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.inference.child import environment
from liveswapping.media.info import SourceInfo
from liveswapping.media.part_file import WholeFile
from liveswapping.media.recorder import VideoRecorder
from liveswapping.media.video import VideoSource

TIMES = [Fraction(n, 1000) for n in (0, 40, 80, 95, 100, 400, 1400, 1401, 1500, 1533, 1600, 1700)]
HUGE = 1 << 40


@pytest.fixture
def copy(all_frames):
    """Record a file's frames as they come; `count` stops early. Answers what the recorder said."""

    def carry_over(path, target, count=None):
        source, said = VideoSource(path), []
        recorder = VideoRecorder(target, source.info, crf=8, say=said.append)
        for frame in all_frames(source)[:count]:
            recorder.write(frame)
        recorder.close()
        return said

    return carry_over


def stored(path, kind="audio", track=0):
    """The packets of a track: time in seconds and content."""
    with av.open(str(path)) as container:
        stream = container.streams.get({kind: track})[0]
        return [(packet.pts * packet.time_base, bytes(packet)) for packet in container.demux(stream) if packet.size]


def shown(path):
    """Times and pictures as any other program decodes them."""
    with av.open(str(path)) as container:
        return [(frame.pts * frame.time_base, frame.to_ndarray(format="bgr24")) for frame in container.decode(video=0)]


def frames(count, size=(96, 64), live=False):
    images = np.random.default_rng(0).integers(0, 255, (count, *size[::-1], 3), np.uint8)
    return [Frame(image, n, 100 + n / 50, None if live else Fraction(n, 25)) for n, image in enumerate(images)]


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".m4v"])
def test_pictures_keep_their_own_times_to_the_tick(clip, copy, tmp_path, ending):
    source = clip("a.mp4", TIMES, options={"bf": "3"}, time_base=Fraction(1, 12345))
    copy(source, tmp_path / f"b{ending}")
    assert [time for time, _ in shown(tmp_path / f"b{ending}")] == [time for time, _ in shown(source)]


def test_matroska_keeps_times_to_the_millisecond(clip, copy, tmp_path):
    copy(clip("a.mp4", TIMES), tmp_path / "b.mkv")
    assert [time for time, _ in shown(tmp_path / "b.mkv")] == TIMES


@pytest.mark.parametrize(("size", "tag"), [((320, 240), 6), ((1280, 720), 1)])
def test_colours_come_back_and_are_tagged_for_what_they_are(tmp_path, usual_picture, all_frames, size, tag):
    picture = usual_picture(*size, 5)
    recorder = VideoRecorder(tmp_path / "a.mp4", crf=5)
    recorder.write(Frame(picture, 0, 0.0, Fraction(0)))
    recorder.close()
    with av.open(str(tmp_path / "a.mp4")) as container:
        context = container.streams.video[0].codec_context
        tags = context.colorspace, context.color_primaries, context.color_trc, context.color_range
    assert tags == (tag, tag, tag, 1)
    read = all_frames(VideoSource(tmp_path / "a.mp4"))[0].image
    assert np.abs(read.astype(int) - picture).mean() < 1.5
    assert np.abs((read.astype(float) - picture).mean(axis=(0, 1))).max() < 0.6  # no tint


def test_the_index_comes_first_so_that_the_file_plays_while_it_downloads(tmp_path):
    recorder = VideoRecorder(tmp_path / "a.mp4")
    for frame in frames(3):
        recorder.write(frame)
    recorder.close()
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.find(b"moov") < data.find(b"mdat")


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".mov"])
def test_sound_goes_over_bit_by_bit_in_every_track(clip, copy, sound, tmp_path, ending):
    tracks = [sound(language="eng"), sound(language="rus", frequency=880.0)]
    source = clip("a.mp4", 30, sounds=tracks)
    target = tmp_path / f"b{ending}"
    assert copy(source, target) == []
    for track in range(2):
        ours, theirs = stored(target, track=track), stored(source, track=track)
        assert [content for _, content in ours] == [content for _, content in theirs]
        if ending != ".mkv":
            assert [time for time, _ in ours] == [time for time, _ in theirs]
    with av.open(str(target)) as container:
        assert len(container.streams.audio) == 2


@pytest.mark.parametrize("late", ["sound", "pictures"])
def test_sound_and_pictures_keep_their_distance(clip, copy, sound, tmp_path, late):
    times = [Fraction(n, 25) + (Fraction(1, 2) if late == "pictures" else 0) for n in range(20)]
    source = clip("a.mp4", times, sounds=[sound(start=Fraction(1, 4) if late == "sound" else Fraction(0))])
    copy(source, tmp_path / "b.mp4")
    for kind in ("video", "audio"):
        ours, theirs = stored(tmp_path / "b.mp4", kind), stored(source, kind)
        assert min(time for time, _ in ours) == min(time for time, _ in theirs)


def test_sound_that_ends_after_the_last_picture_is_whole(clip, copy, sound, tmp_path):
    source = clip("a.mp4", 10, sounds=[sound(seconds=Fraction(3))])
    copy(source, tmp_path / "b.mp4")
    assert stored(tmp_path / "b.mp4") == stored(source)


def test_sound_ends_with_the_pictures_of_a_recording_that_stops_early(clip, copy, sound, tmp_path):
    source = clip("a.mp4", 150, sounds=[sound(seconds=Fraction(5))])
    copy(source, tmp_path / "b.mp4", count=30)
    assert stored(tmp_path / "b.mp4")[-1][0] == pytest.approx(1.0, abs=0.03)


def test_sound_out_of_a_transport_stream_fits_an_mp4(clip, copy, sound, tmp_path):
    copy(clip("a.ts", 30, sounds=[sound()]), tmp_path / "b.mp4")
    with av.open(str(tmp_path / "b.mp4")) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples == pytest.approx(48000, abs=3000)


def test_sound_that_does_not_fit_is_encoded_again_at_its_time_and_that_is_said(clip, copy, sound, tmp_path):
    source = clip("a.mkv", 60, sounds=[sound(codec="pcm_s16le", start=Fraction(1, 2))])
    (said,) = copy(source, tmp_path / "b.mp4")
    assert "pcm_s16le" in said
    assert "AAC" in said
    loud = []
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
        for frame in container.decode(audio=0):
            level = np.abs(frame.to_ndarray()).reshape(-1)
            loud += [float(frame.pts * frame.time_base) + at / 48000 for at in np.flatnonzero(level > 0.05)]
    assert min(loud) == pytest.approx(0.5, abs=0.005)
    assert max(loud) == pytest.approx(1.5, abs=0.03)


def test_odd_sides_become_even_without_losing_a_pixel_and_that_is_said(tmp_path, usual_picture):
    picture, said = usual_picture(97, 65), []
    recorder = VideoRecorder(tmp_path / "a.mp4", crf=5, say=said.append)
    recorder.write(Frame(picture, 0, 0.0, Fraction(0)))
    recorder.close()
    read = shown(tmp_path / "a.mp4")[0][1]
    assert read.shape == (66, 98, 3)
    assert np.abs(read[:65, :97].astype(int) - picture).mean() < 4
    assert "97×65" in said[0]
    assert "98×66" in said[0]


def test_a_frame_of_another_size_is_made_to_fit(tmp_path):
    recorder = VideoRecorder(tmp_path / "a.mp4")
    for frame in (frames(1)[0], frames(2, (48, 32))[1]):
        recorder.write(frame)
    recorder.close()
    assert [image.shape for _, image in shown(tmp_path / "a.mp4")] == [(64, 96, 3)] * 2


def test_live_frames_are_placed_by_when_they_were_captured(tmp_path):
    live = frames(10, live=True)
    recorder = VideoRecorder(tmp_path / "a.mp4")
    for frame in live[:4] + live[7:]:  # three were dropped
        recorder.write(frame)
    recorder.close()
    times = [float(time) for time, _ in shown(tmp_path / "a.mp4")]
    assert times == pytest.approx([0.0, 0.02, 0.04, 0.06, 0.14, 0.16, 0.18], abs=1e-4)


def test_frames_of_the_same_moment_do_not_stop_a_recording(tmp_path):
    recorder = VideoRecorder(tmp_path / "a.mp4")
    for frame in frames(3):
        recorder.write(Frame(frame.image, frame.index, 0.0, Fraction(1)))
    recorder.close()
    assert len(shown(tmp_path / "a.mp4")) == 3


def test_pixels_that_are_not_square_stay_so(tmp_path):
    recorder = VideoRecorder(tmp_path / "a.mp4", SourceInfo("a", 96, 64, pixel_aspect=Fraction(4, 3)))
    recorder.write(frames(1)[0])
    recorder.close()
    source = VideoSource(tmp_path / "a.mp4")
    assert source.info.pixel_aspect == Fraction(4, 3)
    source.close()


def test_without_a_frame_there_is_no_file(tmp_path):
    VideoRecorder(tmp_path / "new" / "a.mp4").close()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("count", [0, 1, 40])
def test_an_aborted_recording_leaves_nothing(tmp_path, capfd, count):
    recorder = VideoRecorder(tmp_path / "new" / "a.mp4")
    for frame in frames(count):
        recorder.write(frame)
    recorder.abort()
    recorder.abort()
    recorder.close()
    del recorder
    assert not list(tmp_path.iterdir())
    assert capfd.readouterr() == ("", "")


def test_an_ending_that_is_no_video_format_is_refused_at_once(tmp_path):
    for name in ("a.avi", "a.jpg", "a"):
        with pytest.raises(SinkError, match="video format"):
            VideoRecorder(tmp_path / name)


@pytest.mark.parametrize("room", [0, 30_000, 200_000, "index"])
def test_a_full_disk_is_one_line_and_leaves_nothing_but_the_old_file(tmp_path, monkeypatch, capfd, room):
    target = tmp_path / "a.mp4"
    target.write_bytes(b"old")
    really_write = WholeFile.write
    left = [HUGE if room == "index" else room]

    def write(file, data):
        left[0] -= len(data)
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return really_write(file, data)

    monkeypatch.setattr(WholeFile, "write", write)
    recorder = VideoRecorder(target, crf=1)
    with pytest.raises(SinkError, match="disk is full") as caught:
        _record(recorder, 40, lambda: left.__setitem__(0, 100 if room == "index" else left[0]))
    assert "\n" not in str(caught.value)
    with pytest.raises(SinkError, match="not being recorded"):
        recorder.write(frames(1)[0])
    recorder.close()
    del recorder, caught
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert target.read_bytes() == b"old"
    assert capfd.readouterr() == ("", "")


def _record(recorder, count, before_close):
    for frame in frames(count, (320, 240)):
        recorder.write(frame)
    before_close()
    recorder.close()


@pytest.mark.skipif(os.name == "nt", reason="the limit on a file's size is POSIX's")
@pytest.mark.parametrize("limit", [2_000, 400_000])
def test_a_file_that_may_not_grow_is_a_full_disk_too(tmp_path, limit):
    program = f"""
import resource, sys
from fractions import Fraction
import numpy as np
from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.media.recorder import VideoRecorder
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
recorder = VideoRecorder("new/a.mp4", crf=1)
images = np.random.default_rng(0).integers(0, 255, (8, 240, 320, 3), np.uint8)
try:
    for n, image in enumerate(images):
        recorder.write(Frame(image, n, 0.0, Fraction(n, 25)))
    recorder.close()
except SinkError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 1, ran.stderr
    assert "disk is full" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_source_of_sound_that_has_gone_is_one_line_and_leaves_nothing(tmp_path):
    like = SourceInfo("gone", 96, 64, path=tmp_path / "gone.mp4", audio=("aac",))
    recorder = VideoRecorder(tmp_path / "a.mp4", like)
    with pytest.raises(SinkError, match="there is no file"):
        recorder.write(frames(1)[0])
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no signal that ends a process at once")
@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_a_live_recording_that_was_killed_can_be_played_is_in_sight_and_is_told_of_by_the_next(tmp_path, ending):
    program = """
import os, signal, sys
import numpy as np
from liveswapping.domain.frame import Frame
from liveswapping.media.recorder import VideoRecorder
recorder = VideoRecorder(sys.argv[1], preset="superfast", safe=True)
noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
for number in range(300):
    recorder.write(Frame(np.roll(noise, number, 1), number, 100 + number / 30))
os.kill(os.getpid(), signal.SIGKILL)
"""
    answer = subprocess.run([sys.executable, "-c", program, str(tmp_path / f"a{ending}")], env=environment())
    assert answer.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.name == f"a.unfinished{ending}"
    assert len(shown(left)) >= 150  # what the encoder was still looking at is lost
    said = []
    recorder = VideoRecorder(tmp_path / f"a{ending}", safe=True, say=said.append)
    recorder.write(frames(1, live=True)[0])
    recorder.close()
    assert [str(left) in line for line in said] == [True]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a{ending}", f"a.unfinished{ending}"]


def test_a_live_recording_that_ends_well_is_a_usual_file(tmp_path):
    recorder = VideoRecorder(tmp_path / "a.mp4", safe=True)
    for frame in frames(30, live=True):
        recorder.write(frame)
    recorder.close()
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.count(b"moof") == 0 or data.rfind(b"moov") > data.rfind(b"moof")
    assert len(shown(tmp_path / "a.mp4")) == 30
