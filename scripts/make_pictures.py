"""Makes the pictures of README.md: `python scripts/make_pictures.py [FOLDER]`.

Only NASA's astronaut is free to show. So she plays both parts: the source is her portrait as it is, the target is her
portrait made into another person, with other proportions and another light, moved by the demo's animation.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np

from liveswapping.build import build_pipeline
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.settings import Settings
from liveswapping.imaging.face_mesh import CHEEK_LEFT, CHEEK_RIGHT, CHIN, IRIS_LEFT, IRIS_RIGHT, LIPS_OUTER, NOSE_TIP
from liveswapping.media.images import write_image
from liveswapping.media.scene import Scene
from liveswapping.pipeline.timing import Laps
from scripts.measures.people import faces_in, identity, picture_of
from scripts.occluders import OCCLUDERS

SIZE = (384, 432)
FACE_WIDTH = 190.0
GAP = 6
Light = Callable[[Image], Image]


def main(arguments: list[str] | None = None) -> int:
    """Make both pictures."""
    parser = argparse.ArgumentParser(description="Make the README's pictures.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parents[1] / "docs" / "images")
    folder = parser.parse_args(arguments).folder
    portrait = picture_of("astronaut")
    face = faces_in(portrait)[0]
    assert face.mesh is not None
    other = another_person(portrait, face.mesh)
    source = portrait_like(portrait, face.box)
    space = np.full(((SIZE[1] + GAP) // 2, SIZE[0], 3), 255, np.uint8)
    looks = [
        stacked(swapped(film(light(other), moment))) for light, moment in ((warmer, 40), (grey, 77), (one_sided, 118))
    ]
    write_image(folder / "swap.jpg", beside([np.vstack([space, source, space]), *looks]))
    things = [
        stacked(swapped(film(warmer(other), 60, thing))) for thing in ("glasses", "microphone", "hair-dark", "hand")
    ]
    write_image(folder / "occlusion.jpg", beside(things))
    return 0


def another_person(image: Image, mesh: F32) -> Image:
    """The portrait with a broader jaw, a longer chin, smaller eyes, a broader nose and mouth, and darker hair."""
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    unit = float(np.linalg.norm(mesh[CHEEK_RIGHT, :2] - mesh[CHEEK_LEFT, :2]))
    mouth = mesh[list(LIPS_OUTER), :2].mean(axis=0)
    changes = [
        (mesh[IRIS_LEFT[0], :2], 0.13, (-0.22, -0.30)),
        (mesh[IRIS_RIGHT[0], :2], 0.13, (-0.22, -0.30)),
        (mesh[NOSE_TIP, :2], 0.15, (0.35, 0.18)),
        (mouth, 0.20, (0.25, 0.05)),
        ((mesh[CHIN, :2] + mouth) / 2, 0.42, (0.22, 0.18)),
    ]
    for (at_x, at_y), reach, (across, down) in changes:
        near = np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / (2 * (reach * unit) ** 2))
        x, y = x - across * near * (x - at_x), y - down * near * (y - at_y)
    moved = cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    lab = cv2.cvtColor(moved, cv2.COLOR_BGR2LAB).astype(np.float32)
    lab[..., 0] = 255 * (lab[..., 0] / 255) ** 1.35
    return np.asarray(cv2.cvtColor(lab.round().astype(np.uint8), cv2.COLOR_LAB2BGR), np.uint8)


def warmer(image: Image) -> Image:
    """Evening light."""
    return np.asarray(np.clip(image * np.array([0.82, 0.97, 1.08]), 0, 255), np.uint8)


def grey(image: Image) -> Image:
    """Black and white."""
    return np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)


def one_sided(image: Image) -> Image:
    """Light from the right only."""
    ramp = np.interp(np.arange(image.shape[1]), [0.2 * image.shape[1], 0.62 * image.shape[1]], [0.25, 1.1])
    return np.clip(image * ramp[None, :, None], 0, 255).astype(np.uint8)


def film(image: Image, moment: int, occluder: str = "", lead: int = 15) -> Iterator[Image]:
    """The frames up to `moment` of the picture's people moving and talking, with something in front of the face."""
    scene = Scene(image, faces_in(image)[:1], SIZE, face_width=FACE_WIDTH)
    for index in range(moment - lead, moment + 1):
        frame = scene.draw(index)
        if occluder:
            mesh = faces_in(frame)[0].mesh
            assert mesh is not None
            frame = OCCLUDERS[occluder](frame, mesh, index - moment + lead + 8).over(frame)
        yield frame


def swapped(frames: Iterator[Image]) -> tuple[Image, Image]:
    """The last frame as it came, and as the live pipeline gives it."""
    pipeline = build_pipeline(Settings(), identity(("astronaut",)))
    try:
        for frame in frames:
            result = frame, pipeline.process(frame, Settings(), Laps()).image.copy()
    finally:
        pipeline.close()
    return result


def portrait_like(portrait: Image, box: F32) -> Image:
    """The portrait, cut to the size of the frames with the face in the same place."""
    scale = FACE_WIDTH / float(box[2] - box[0])
    centre = (box[:2] + box[2:]) / 2
    shift = np.array(SIZE) * (0.5, 0.56) - scale * centre
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    return np.asarray(
        cv2.warpAffine(portrait, matrix, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101), np.uint8
    )


def stacked(images: tuple[Image, Image]) -> Image:
    """One picture above the other, with a white gap."""
    above, below = images
    return np.vstack([above, np.full((GAP, above.shape[1], 3), 255, np.uint8), below])


def beside(images: list[Image]) -> Image:
    """Pictures side by side, with white gaps."""
    gap = np.full((images[0].shape[0], GAP, 3), 255, np.uint8)
    return np.hstack([part for image in images for part in (image, gap)][:-1])


if __name__ == "__main__":
    sys.exit(main())
