import cv2
import numpy as np
import pytest

from liveswapping.provenance.words import SOURCE_TYPE, Done
from liveswapping.provenance.xmp import description, embed


def _encoded(ending, *options):
    image = np.random.default_rng(0).integers(0, 256, (41, 33, 3), np.uint8)
    return cv2.imencode(ending, image, list(options))[1].tobytes()


@pytest.mark.parametrize(
    ("ending", "options"),
    [(".png", ()), (".jpg", ()), (".webp", (cv2.IMWRITE_WEBP_QUALITY, 80)), (".webp", (cv2.IMWRITE_WEBP_QUALITY, 101))],
)
def test_the_packet_is_read_back_and_the_pixels_are_the_same(tmp_path, ending, options):
    plain = _encoded(ending, *options)
    marked = embed(plain, Done(models=("mesh", "a & b <c>")))
    file = tmp_path / f"made{ending}"
    file.write_bytes(marked)
    said = description(file)
    assert (said["tool"], said["source_type"]) == ("LiveSwapping", SOURCE_TYPE)
    assert "a & b <c>" in said["words"]
    decoded = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) for data in (plain, marked)]
    assert (decoded[0] == decoded[1]).all()


def test_other_programs_read_the_packet(tmp_path):
    from PIL import Image

    for ending in (".png", ".jpg", ".webp"):
        file = tmp_path / f"made{ending}"
        file.write_bytes(embed(_encoded(ending), Done(models=("mesh",))))
        with Image.open(file) as image:
            image.load()
            found = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
        assert SOURCE_TYPE in (found if isinstance(found, str) else found.decode())


def test_what_is_no_picture_stays_as_it_is(tmp_path):
    assert embed(b"BM....", Done()) == b"BM...."
    for name, content in (("a.png", b"\x89PNG\r\n\x1a\n\0\0"), ("b.jpg", b"\xff\xd8\xff\xe1\0"), ("c.txt", b"words")):
        (tmp_path / name).write_bytes(content)
        assert description(tmp_path / name) == {}
    assert description(tmp_path / "none.png") == {}
