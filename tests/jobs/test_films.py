"""What films keep: every frame at its time, sound to the bit, colours, and what belongs to them."""

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from liveswapping.domain.errors import NoFaceFound, SinkError
from liveswapping.media.film_source import Scale, Shaping
from tests.jobs.films import packets, picture, shown

NTSC, FILM = Fraction(30000, 1001), Fraction(24000, 1001)
UNEVEN = [Fraction(n, 1000) for n in (0, 40, 80, 95, 100, 400, 900, 901, 1000, 1033, 1100, 1200)]


def times(path):
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


CASES = {
    "29.97": {"times": 10, "rate": NTSC, "base": 1 / NTSC},
    "23.976": {"times": 10, "rate": FILM, "base": Fraction(1, 24000)},
    "variable": {"times": UNEVEN},
    "b-frames": {"times": 14, "options": {"preset": "veryfast", "bf": "3", "b-pyramid": "normal"}},
    "rotated": {"times": 8, "rotation": 90.0, "size": (160, 192)},
    "odd": {"times": 8, "size": (193, 161), "pixels": "yuv444p"},
    "10 bit": {"times": 8, "pixels": "yuv420p10le", "codec": "libx265", "options": {"x265-params": "log-level=none"}},
    "no audio": {"times": 8},
    "two tracks": {"times": 8, "sounds": (Fraction(2, 5), Fraction(2, 5))},
    "long audio": {"times": 8, "sounds": (Fraction(2),)},
}


def turned(face, number, size):
    return np.ascontiguousarray(np.rot90(picture(face, number), -1))


@pytest.mark.parametrize("name", CASES)
def test_frames_times_and_sound_are_the_source_s_and_ten_bits_are_told_of(film, job, tmp_path, name, monkeypatch):
    if name == "rotated":
        monkeypatch.setattr("tests.jobs.films.picture", turned)
    source, said = film("in.mp4", **CASES[name]), []
    outcome = job(source, tmp_path / "o.mp4", said=said).run()
    assert any("10 bits" in line for line in said) == (name == "10 bit")
    assert outcome.tally.swapped == outcome.tally.frames
    assert times(tmp_path / "o.mp4") == times(source)
    for track in range(len(CASES[name].get("sounds", ()))):
        assert packets(tmp_path / "o.mp4", track=track) == packets(source, track=track)
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert len(container.streams.audio) == len(CASES[name].get("sounds", ()))
        stream = container.streams.video[0]
        if name == "rotated":
            assert (stream.width, stream.height) == (192, 160)


@pytest.mark.parametrize(("codec", "ending"), [("hevc", ".mp4"), ("hevc", ".mkv"), ("av1", ".mp4"), ("prores", ".mov")])
def test_every_codec_goes_into_the_containers_that_take_it(film, job, tmp_path, codec, ending):
    source = film("in.mp4", 8, sounds=(Fraction(1, 4),))
    job(source, tmp_path / f"o{ending}", codec=codec, segment_frames=5).run()
    with av.open(str(tmp_path / f"o{ending}")) as container:
        assert container.streams.video[0].codec_context.name in (codec, f"lib{codec}", "libdav1d")
        assert sum(1 for _ in container.decode(video=0)) == 8
    assert packets(tmp_path / f"o{ending}") == packets(source)


@pytest.mark.parametrize(("codec", "ending"), [("av1", ".mov"), ("prores", ".mp4")])
def test_a_container_that_does_not_take_a_codec_is_refused_before_any_work(job, tmp_path, codec, ending):
    with pytest.raises(SinkError, match=f"{codec} cannot go into {ending}; use"):
        job(tmp_path / "in.mp4", tmp_path / f"o{ending}", codec=codec)


def test_a_part_at_another_rate_and_size(film, job, tmp_path):
    source = film("in.mp4", 30, rate=NTSC, sounds=(Fraction(1),))  # its last frame in the part goes on after its end
    shaping = Shaping(start=Fraction(1, 5), end=Fraction(4, 5), fps=Fraction(10), scale=Scale(height=120))
    job(source, tmp_path / "o.mp4", shaping=shaping).run()
    assert times(tmp_path / "o.mp4") == [Fraction(n, 10) for n in range(6)]
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert container.streams.video[0].height == 120
        heard = sum(packet.duration * packet.time_base for packet in container.demux(audio=0) if packet.size)
    assert float(heard) == pytest.approx(0.6, abs=0.05)


def test_full_range_stays_full_range(film, job, tmp_path):
    source = film("in.mp4", 6, pixels="yuvj420p")
    job(source, tmp_path / "o.mp4").run()
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert container.streams.video[0].codec_context.color_range == 2
        after = next(container.decode(video=0)).to_ndarray(format="gray").astype(int)
    with av.open(str(source)) as container:
        before = next(container.decode(video=0)).to_ndarray(format="gray").astype(int)
    assert np.median(np.abs(after - before)) <= 2


@pytest.mark.parametrize(("curve", "name"), [(16, "PQ"), (18, "HLG")])
def test_hdr_becomes_bt709_and_says_so(film, job, tmp_path, curve, name):
    said = []
    tags = {"color_trc": curve, "color_primaries": 9, "colorspace": 9, "color_range": 1}
    how = {**CASES["10 bit"], "tags": tags}
    how["options"] = {"x265-params": f"log-level=none:transfer={curve}:colorprim=9:colormatrix=9"}
    source = film("in.mp4", **how)
    job(source, tmp_path / "o.mp4", said=said).run()
    assert any(name in line and "BT.709" in line for line in said)
    with av.open(str(tmp_path / "o.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert context.color_trc == context.color_primaries == context.colorspace
        assert context.color_trc in (1, 6)


def test_chapters_metadata_and_subtitles_go_along(film, job, tmp_path, face_picture):
    def extras(container):
        container.metadata["title"] = "A film"
        container.set_chapters(
            [{"id": 1, "start": 0, "end": 200, "time_base": Fraction(1, 1000), "metadata": {"title": "One"}}]
        )

    source = film("in.mkv", 12, sounds=(Fraction(2, 5),), extras=extras)
    job(source, tmp_path / "o.mkv").run()
    with av.open(str(tmp_path / "o.mkv")) as container:
        assert container.metadata["title"] == "A film"
        chapter = container.chapters()[0]
        assert chapter["metadata"]["title"] == "One"
        assert chapter["end"] * chapter["time_base"] == Fraction(1, 5)


def test_a_film_without_a_face_leaves_nothing_behind(job, tmp_path, film, monkeypatch):
    monkeypatch.setattr("tests.jobs.films.picture", lambda face, number, size: np.full((*size[::-1], 3), 90, np.uint8))
    source = film("in.mp4", 6)
    with pytest.raises(NoFaceFound, match="nothing was written"):
        job(source, tmp_path / "o.mp4").run()
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_frames_decode_without_a_word_across_segments(film, job, tmp_path):
    job(film("in.mp4", 14), tmp_path / "o.mp4", segment_frames=6).run()
    assert len(shown(tmp_path / "o.mp4")) == 14
    with av.open(str(tmp_path / "o.mp4")) as container:
        stamps = [(packet.dts, packet.pts) for packet in container.demux(video=0) if packet.size]
    assert all(one[0] < other[0] for one, other in pairwise(stamps))
    assert all(dts <= pts for dts, pts in stamps)
