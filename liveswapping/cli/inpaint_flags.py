"""The flags of `inpaint` alone, in the spellings of ProPainter and of its forks."""

from __future__ import annotations

from typing import Final

from liveswapping.cli.flag import Flag
from liveswapping.domain.rules import choice, number, switch, text, whole
from liveswapping.domain.settings import FACES

_HERE: Final = ("inpaint",)
NOTICE: Final = (
    "ProPainter (S. Zhou, C. Li, K. C. K. Chan, C. C. Loy, ICCV 2023; github.com/sczhou/ProPainter): its weights are "
    "under the S-Lab License 1.0, for non-commercial use only. The built-in engine has no such limit."
)
"""What the help of the command says of licences."""

INPAINT_FLAGS: Final = (
    Flag(("-i", "--video", "--target"), "video", "the clip, or a folder of pictures", _HERE, text(),
         metavar="FILE", required=_HERE),
    Flag(("-m", "--mask"), "mask", "what is to go: a picture, folder or clip that is white there; "
         "LEFT,TOP,WIDTH,HEIGHT; face, person, hair", _HERE, text(), metavar="WHAT"),
    Flag(("-o", "--output", "--output_path"), "inpaint_output", "the file to write (inpaint_out.mp4), or a folder",
         _HERE, text(), metavar="FILE"),
    Flag(("--engine",), "engine", "auto (default): propainter where its weights are, else builtin (optical flow)",
         _HERE, choice("auto", "builtin", "propainter"), metavar="WHICH"),
    Flag(("--preset",), "preset", "fast: half precision, only around the mask; memory: little at once; cpu", _HERE,
         choice("fast", "memory", "cpu"), metavar="WHICH"),
    Flag(("--model_path", "--modelPath"), "generator_path", "ProPainter.pth, where it is not among the models", _HERE,
         text(), metavar="FILE"),
    Flag(("--raft_model_path",), "raft_path", "raft-things.pth, likewise", _HERE, text(), metavar="FILE"),
    Flag(("--fc_model_path",), "completion_path", "recurrent_flow_completion.pth, likewise", _HERE, text(),
         metavar="FILE"),
    Flag(("--raft_iter",), "raft_iter", "ProPainter: iterations of RAFT (default 20)", _HERE, whole(1, 100),
         metavar="N"),
    Flag(("--neighbor_length",), "neighbor_length", "ProPainter: frames of a window (default 10)", _HERE,
         whole(2, 100), metavar="N"),
    Flag(("--ref_stride",), "ref_stride", "ProPainter: frames from one reference to the next (default 10)", _HERE,
         whole(1, 1000), metavar="N"),
    Flag(("--subvideo_length",), "subvideo_length", "ProPainter: frames that things are carried between (default 80)",
         _HERE, whole(2, 10**6), metavar="N"),
    Flag(("--raft_scale",), "raft_scale", "what RAFT sees: exact, auto (default: smaller where memory lacks), table",
         _HERE, choice("exact", "auto", "table"), metavar="WHAT"),
    Flag(("--min_scale",), "min_scale", "never less than this of the size, 0.125 (default) to 1", _HERE,
         number(0.125, 1)),
    Flag(("--precision",), "precision", "ProPainter: auto (default), fp32, fp16, bf16", _HERE,
         choice("auto", "fp32", "fp16", "bf16"), metavar="WHICH"),
    Flag(("--fp16",), "fp16", "the same as --precision fp16", _HERE, switch(), "true"),
    Flag(("--int8",), "int8", "ProPainter: 8 bits where the first window shows that they are near and faster", _HERE,
         switch(), "true"),
    Flag(("--compile", "--compile_model"), "compiles", "ProPainter: torch.compile for layers that are faster by it",
         _HERE, switch(), "true"),
    Flag(("--chunk_size",), "chunk_size", "ProPainter: frames in one operation (default 10); same result", _HERE,
         whole(1, 1000), metavar="N"),
    Flag(("--overlap",), "overlap", "", _HERE, whole(0, 1000), metavar="N"),
    Flag(("--no_cpu_fallback",), "no_cpu_fallback", "fail where the card's memory does not suffice", _HERE, switch(),
         "true"),
    Flag(("--scratch_dir",), "scratch_dir", "where frames' data goes that memory does not hold", _HERE, text(),
         metavar="FOLDER"),
    Flag(("--flow_cache",), "flow_cache", "keep measured flows for another run over the same clip", _HERE, switch(),
         "true"),
    Flag(("--faces",), "whose", "whose face, hair or person: all (default), largest, leftmost, rightmost, central",
         _HERE, choice(*FACES), metavar="WHICH"),
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
