"""The flags of `inpaint` alone, in the spellings of ProPainter and of its forks."""

from __future__ import annotations

from typing import Final

from liveswapping.cli.flag import Flag
from liveswapping.domain.rules import choice, number, switch, text, whole

_HERE: Final = ("inpaint",)

INPAINT_FLAGS: Final = (
    Flag(("-i", "--video", "--target"), "video", "the clip, or a folder of pictures", _HERE, text(),
         metavar="FILE", required=_HERE),
    Flag(("-m", "--mask"), "mask", "what is to go: a picture, folder or clip that is white there; "
         "LEFT,TOP,WIDTH,HEIGHT; face, person, hair", _HERE, text(), metavar="WHAT"),
    Flag(("-o", "--output", "--output_path"), "inpaint_output", "the file to write (inpaint_out.mp4), or a folder",
         _HERE, text(), metavar="FILE"),
    Flag(("--engine",), "engine", "builtin: by optical flow, without weights", _HERE, choice("auto", "builtin"),
         metavar="WHICH"),
    Flag(("--track",), "track", "follow what the mask marks on the first picture", _HERE, switch(), "true"),
    Flag(("--mask_dilation",), "mask_dilation", "pixels by which masks grow (default 4)", _HERE, whole(0, 200),
         metavar="PX"),
    Flag(("--crop",), "crop", "auto: work only on the part around the mask; off (default)", _HERE,
         choice("off", "auto"), metavar="WHAT"),
    Flag(("--scene_cuts",), "scene_cuts", "on (default): nothing is carried across a cut; off", _HERE,
         choice("on", "off"), metavar="WHAT"),
    Flag(("--mode",), "mode", "video_inpainting (default), or video_outpainting: paint room around the picture",
         _HERE, choice("video_inpainting", "video_outpainting"), metavar="MODE"),
    Flag(("--scale_w",), "scale_w", "outpainting: times as wide (default 1.2)", _HERE, number(1, 4)),
    Flag(("--scale_h",), "scale_h", "outpainting: times as high (default 1)", _HERE, number(1, 4)),
    Flag(("--resize_ratio",), "resize_ratio", "work and write at so many times the size (default 1)", _HERE,
         number(0.05, 4)),
    Flag(("--width",), "process_width", "work and write at this width, with --height", _HERE, whole(16, 8192),
         metavar="PX"),
    Flag(("--height",), "process_height", "work and write at this height, with --width", _HERE,
         whole(16, 8192), metavar="PX"),
    Flag(("--save_fps",), "save_fps", "frames a second of a folder of pictures (default 24)", _HERE,
         number(1, 240), metavar="FPS"),
    Flag(("--save_frames",), "save_frames", "write every picture as PNG, too, into a folder beside the film",
         _HERE, switch(), "true"),
    Flag(("--metrics",), "metrics", "write what was measured into this JSON file", _HERE, text(),
         metavar="FILE"),
)  # fmt: skip
