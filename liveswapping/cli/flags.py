"""Every flag of every command, in one table: all published spellings, and what each sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from liveswapping.domain.rules import Rule, choice, memory, number, switch, text, whole
from liveswapping.domain.settings import RULES

RUNS: Final = ("image", "video", "batch", "realtime", "demo")
PICTURES: Final = ("image", "video", "batch")
MOVING: Final = ("video", "realtime", "demo")
ALL: Final = (*RUNS, "identities", "models", "doctor", "benchmark", "gui", "shortcut", "serve")
"""Every command."""
CODEC_NAMES: Final = ("h264", "hevc", "av1", "prores")


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. `names` are all its spellings with underscores; hyphens are taken for underscores."""

    names: tuple[str, ...]
    dest: str
    """A setting, or an option of the command itself."""
    help: str
    commands: tuple[str, ...] = RUNS
    rule: Rule | None = None
    """What a value may be; None: that of the setting `dest`."""
    const: str | None = None
    """Set without a value: a switch."""
    optional_value: bool = False
    """A switch that may also be given a value, as in `--use_tensorrt=False`."""
    many: bool = False
    """Takes one value or more, and may be repeated."""
    metavar: str = "VALUE"
    required: tuple[str, ...] = ()
    """Commands that cannot do without it."""
    unless: str | None = None
    """Another setting that does instead of it."""

    @property
    def value_rule(self) -> Rule:
        """What a value may be."""
        return self.rule or RULES[self.dest]


@dataclass(frozen=True, slots=True)
class Unbuilt:
    """A flag of a part that does not exist yet: known, and refused by name."""

    names: tuple[str, ...]
    part: str
    """What is missing: the subject of an error message."""
    takes_value: bool = True


FLAGS: Final = (
    Flag(("--source", "--source_image"), "sources", "photographs, or a folder of them, of the person to become",
         (*RUNS, "identities", "serve"), many=True, metavar="FILE", required=("image", "video", "batch", "realtime"),
         unless="mapping"),
    Flag(("--source_index",), "source_index", "which face of a photograph with several, from the left, from 0",
         (*RUNS, "identities"), metavar="N"),
    Flag(("--without",), "without", "photographs of people who lack what those of --source have (for direction)",
         ("identities",), text(), many=True, metavar="FILE"),
    Flag(("--map",), "mapping", "who becomes whom, several: left=a.jpg right=b.jpg, 0=a.jpg, their_photo.jpg=a.jpg",
         ("image", "video", "realtime"), many=True, metavar="WHO=SOURCE"),
    Flag(("--reference",), "reference", "swap only the person who looks like these pictures",
         ("image", "video", "realtime"), many=True, metavar="FILE"),
    Flag(("--reference_threshold",), "reference_threshold", "-1..1: how alike they have to look (default 0.35)",
         ("image", "video", "realtime")),
    Flag(("--target", "--target_video"), "target", "what to swap in: a picture, a clip, camera:0, a URL, demo:",
         ("image", "video", "realtime", "serve"), metavar="FILE", required=("image", "video")),
    Flag(("--output", "--output_path", "-o"), "output", "the file to write", ("image", "video", "demo"),
         metavar="FILE"),
    Flag(("--modelPath", "--model_path", "--model"), "model", "the engine: mesh (default), or a model's name or path",
         (*RUNS, "serve"), metavar="MODEL"),
    Flag(("--faces",), "faces", "which faces: largest (default), all, leftmost, rightmost, central", metavar="WHICH"),
    Flag(("--shape",), "shape", "0..1: how far the head takes the source's proportions (default 0.5)"),
    Flag(("--colour", "--color"), "colour", "0..1: how far the face takes the target's light and colour (default 1)"),
    Flag(("--sharpness",), "sharpness", "0..1: sharpen the swapped face (default 0)"),
    Flag(("--opacity",), "opacity", "0..1: how much of the swap shows (default 1)"),
    Flag(("--edge",), "edge", "0..1: how soft the border of the swap is (default 0.5)"),
    Flag(("--erode",), "erode", "0..1: how far the border of the swap is moved inwards (default 0)"),
    Flag(("--box_mask",), "box_mask", "swap networks: paste all of the aligned square", const="true"),
    Flag(("--mouth_mask", "--mouth"), "keep_mouth", "keep the target's mouth", const="true"),
    Flag(("--keep_eyes",), "keep_eyes", "keep the target's eyes", const="true"),
    Flag(("--color_correct",), "colour", "the same as --colour 1", const="1"),
    Flag(("--provider", "--model_provider", "--device"), "provider", "where networks run: auto, cpu, cuda, …",
         (*RUNS, "serve")),
    Flag(("--resolution",), "resolution", "input size of a neural engine; the mesh engine has its own", metavar="PX"),
    Flag(("--analyser", "--analyzer"), "analyser", "what finds faces: mediapipe (default), insightface, yunet",
         metavar="WHICH"),
    Flag(("--occluder",), "occluder", "a network (.onnx) that says what is in front of a face, such as XSeg",
         metavar="FILE"),
    Flag(("--parser",), "parser", "a network (.onnx) that says which part of a face a pixel is, such as BiSeNet",
         metavar="FILE"),
    Flag(("--face_attribute_direction", "--attribute_dir"), "face_attribute_direction",
         "a .npy file: a direction in which swap networks change the source", metavar="FILE"),
    Flag(("--face_attribute_steps", "--attribute_steps"), "face_attribute_steps", "how far in that direction"),
    Flag(("--morph",), "morph", "0..1: how much of the trained person's shape a .dfm model takes (default 0.75)"),
    Flag(("--use_tensorrt",), "use_tensorrt", "let engines that can use TensorRT do so", const="true",
         optional_value=True),
    Flag(("--gpu_mem_limit",), "gpu_mem_limit", "what one network may take of a card's memory for its work, as 4GB",
         metavar="SIZE"),
    Flag(("-s", "--upscale"), "upscale", "enlarge the result this many times, and restore its faces", PICTURES,
         metavar="N"),
    Flag(("--enhancer",), "enhancer", "what restores faces: gfpgan, gfpgan14, a file, none",
         (*PICTURES, "realtime"), metavar="WHICH"),
    Flag(("--bg_upsampler", "--upscaler"), "bg_upsampler", "what enlarges around faces: realesrgan (default), none",
         PICTURES, metavar="WHICH"),
    Flag(("--bg_tile",), "bg_tile", "pixels per side of what is enlarged at once (default 400); 0: all", PICTURES,
         metavar="PX"),
    Flag(("-w", "--weight"), "weight", "0..1: how much of a restored face is taken (default 0.5)",
         (*PICTURES, "realtime")),
    Flag(("--only_center_face",), "only_center_face", "restore only the face nearest to the centre", PICTURES,
         const="true"),
    Flag(("--aligned",), "aligned", "the picture is an aligned face already: restore it as a whole", PICTURES,
         const="true"),
    Flag(("-std", "--std"), "std", "noise over the finished picture, in levels of 255 (default 0)", PICTURES),
    Flag(("-blur", "--blur"), "blur", "blur over the finished picture: its kernel in pixels (default 0)", PICTURES,
         metavar="PX"),
    Flag(("--suffix",), "suffix", "ends the name of the result, where --output does not name it", PICTURES, text()),
    Flag(("--ext",), "ext", "the format of the result, where --output does not name it: png, jpg, auto", PICTURES,
         text()),
    Flag(("--fp16",), "fp16", "half precision, which cards use by themselves", RUNS, switch(), "true"),
    Flag(("--low_mem",), "low_memory", "take little memory: one face and small pieces at a time", const="true"),
    Flag(("--upscaler_provider",), "upscaler_provider", "where restoring and enlarging run", PICTURES),
    Flag(("--camera", "--camera_id", "--webcam_id"), "camera", "the camera: its number or its name", ("realtime",),
         rule=text(), metavar="CAMERA"),
    Flag(("--enhance_res", "--enhance"), "enhance", "ask the camera for 1920×1080", ("realtime",), switch(), "true"),
    Flag(("--width",), "width", "ask the camera for this width", ("realtime",), metavar="PX"),
    Flag(("--height",), "height", "ask the camera for this height", ("realtime",), metavar="PX"),
    Flag(("--fps",), "fps", "ask the camera for this many frames a second; of a clip: make it this rate",
         ("realtime", "video")),
    Flag(("--trim",), "trim", "only this part: START-END in seconds or as 1:02:03.5; either may be left out",
         ("video",), text(), metavar="PART"),
    Flag(("--scale",), "scale", "another size: 0.5, 720p, 1280x720, 1280x, x720", ("video", "batch"), text(),
         metavar="SIZE"),
    Flag(("--codec",), "codec", "h264 (default), hevc, av1, prores", ("video", "batch"), choice(*CODEC_NAMES),
         metavar="CODEC"),
    Flag(("--encoder",), "encoder", "software (default), or hardware: whichever works here", ("video", "batch"),
         choice("software", "hardware"), metavar="WHICH"),
    Flag(("--crf",), "crf", "quality: less is better and larger (h264: 18, hevc: 22, av1: 30)", ("video", "batch"),
         whole(0, 63), metavar="N"),
    Flag(("--fresh",), "fresh", "begin anew, whatever an earlier run of this command has done", ("video",), switch(),
         "true"),
    Flag(("--fourcc",), "fourcc", "ask the camera for this pixel format, such as MJPG", ("realtime",)),
    Flag(("--mirror",), "mirror", "show the picture as a mirror does", MOVING, const="true"),
    Flag(("--rotate",), "rotate", "turn the picture clockwise: 0, 90, 180 or 270", MOVING, metavar="DEGREES"),
    Flag(("--delay",), "delay_ms", "hold the picture back by this many milliseconds", ("realtime",), metavar="MS"),
    Flag(("--target_fps",), "target_fps", "frames a second to hold (default: the camera's)", RUNS,
         metavar="FPS"),
    Flag(("--max_latency_ms",), "max_latency_ms", "how old a picture may get before quality gives way (default 50)",
         ("realtime", "demo"), metavar="MS"),
    Flag(("--quality",), "quality", "auto (default): give up quality where time is short; fixed: never",
         ("realtime", "demo"), metavar="WHICH"),
    Flag(("--temporal",), "temporal", "a neural engine works beside the picture: auto (default), on, off",
         ("realtime", "demo"), metavar="WHICH"),
    Flag(("--clear_memory_every",), "clear_memory_every", "look at memory every so many seconds (default 300)",
         ("realtime", "demo"), metavar="S"),
    Flag(("--no_face",), "no_face", "a picture without a trusted face: blur (default live), black, hold, pass", MOVING,
         metavar="WHAT"),
    Flag(("--others",), "others", "faces that nobody chose: blur (default live) or pass", MOVING, metavar="WHAT"),
    Flag(("--fps_delay", "--show_fps"), "show_fps", "write frames a second and delay into the window", ("realtime",),
         switch(), "true"),
    Flag(("--record",), "record", "record what is shown into this file", ("realtime",), text(), metavar="FILE"),
    Flag(("--no_window",), "no_window", "open no window", ("realtime", "demo"), switch(), "true"),
    Flag(("--seconds",), "seconds", "end after this many seconds", MOVING, number(0.1, 1e9)),
    Flag(("--frames",), "frames", "end after this many frames", (*MOVING, "benchmark"), whole(1, 10**9), metavar="N"),
    Flag(("--target", "--targets", "--input"), "inputs", "pictures, clips, folders and globs to work on", ("batch",),
         text(), many=True, metavar="FILE", required=("batch",)),
    Flag(("--output", "--output_path", "-o"), "output", "the folder for the results (default: outputs)", ("batch",),
         metavar="FOLDER"),
    Flag(("--recursive", "-r"), "recursive", "folders within folders too", ("batch",), switch(), "true"),
    Flag(("--pattern",), "pattern", "names of the results: {name} {ext} {index} {parent} (default {name}{ext})",
         ("batch",), text()),
    Flag(("--existing",), "existing", "where a result is there already: skip (default) or overwrite", ("batch",),
         choice("skip", "overwrite"), metavar="WHAT"),
    Flag(("--report",), "report", "the report's name without its ending (default: report, in the folder)", ("batch",),
         text(), metavar="NAME"),
    Flag(("--workers",), "workers", "so many processes side by side (default 1)", ("batch",), whole(1, 256),
         metavar="N"),
    Flag(("--cluster",), "cluster", "workers of a Ray cluster: its address, or local", ("batch",), text(),
         metavar="ADDRESS"),
    Flag(("--json",), "json", "print the result as one JSON object",
         (*RUNS, "identities", "models", "doctor", "benchmark"), switch(), "true"),
    Flag(("--faces_from",), "faces_from", "calibrate: a clip, folder or camera:N that shows faces", ("models",),
         text(), metavar="CLIP"),
    Flag(("--forget",), "forget", "calibrate: remove the int8 form again", ("models",), switch(), "true"),
    Flag(("--yes",), "yes", "agree to the licences of what is fetched", ("models",), switch(), "true"),
    Flag(("--detailed",), "detailed", "", ("doctor",), switch(), "true"),
    Flag(("--skip_basicsr_fix",), "skip_basicsr_fix", "", ("video", "realtime"), switch(), "true"),
    Flag(("--iterations",), "iterations", "measure so many times", ("benchmark",), whole(1, 1000), metavar="N"),
    Flag(("--benchmark_duration",), "benchmark_duration", "measure again until so many seconds are over",
         ("benchmark",), number(1, 1e6), metavar="S"),
    Flag(("--enable_torch_compile",), "torch_compile", "compile RealESRGAN for an NVIDIA card: for long clips",
         (*RUNS, "benchmark"), const="true"),
    Flag(("--disable_torch_compile",), "torch_compile", "", (*RUNS, "benchmark"), const="false"),
    Flag(("--host",), "host", "listen at this address (default 127.0.0.1: this machine alone)", ("serve",), text(),
         metavar="ADDRESS"),
    Flag(("--port",), "port", "listen at this port (default 8300); 0: any that is free", ("serve",), whole(0, 65535),
         metavar="N"),
    Flag(("--token_file",), "token_file", "the token is in this file, which is made if need be", ("serve",), text(),
         metavar="FILE"),
    Flag(("--tls_cert",), "tls_cert", "speak TLS with this certificate (PEM)", ("serve",), text(), metavar="FILE"),
    Flag(("--tls_key",), "tls_key", "and this key (PEM)", ("serve",), text(), metavar="FILE"),
    Flag(("--without_tls",), "without_tls", "let other machines in although the line can be read", ("serve",),
         switch(), "true"),
    Flag(("--data",), "data", "the folder for uploads and results (default: in the user's data folder)", ("serve",),
         text(), metavar="FOLDER"),
    Flag(("--folder",), "folders", "files in this folder may be named in requests, several", ("serve",), text(),
         many=True, metavar="FOLDER"),
    Flag(("--upload_limit",), "upload_limit", "the largest file that may be uploaded (default 2GB)", ("serve",),
         memory(), metavar="SIZE"),
    Flag(("--uploads_limit",), "uploads_limit", "all uploaded files together (default 10GB)", ("serve",), memory(),
         metavar="SIZE"),
    Flag(("--remove",), "remove", "take it out of the menu", ("shortcut",), switch(), "true"),
    Flag(("--log_level",), "log_level", "the least severe messages in the log: debug, info (default), warning, error",
         ALL, choice("debug", "info", "warning", "error"), metavar="LEVEL"),
    Flag(("--log_file",), "log_file", "write the log into this file", ALL, text(), metavar="FILE"),
    Flag(("--events",), "events", "progress on stderr, one JSON object a line", ("video", "batch"), switch(), "true"),
    Flag(("--debug",), "debug", "show where an error came from",
         (*RUNS, "identities", "models", "doctor", "benchmark", "gui", "shortcut", "serve"), switch(), "true"),
)  # fmt: skip

UNBUILT: Final = (
    Unbuilt(("--obs",), "the virtual camera", takes_value=False),
    Unbuilt(("--compare",), "the comparison of two engines", takes_value=False),
    Unbuilt(("--compare_with_original",), "the comparison with the published engine", takes_value=False),
)  # fmt: skip
"""Published flags whose part is still to come; every command that runs an engine knows them."""

COMMANDS: Final = {
    "image": "swap the face in a picture",
    "video": "swap the face in a clip, sound kept",
    "batch": "swap faces in many pictures and clips: folders, patterns",
    "realtime": "swap the face of a camera's picture, live",
    "demo": "swap a face in a moving picture: no camera and no photograph needed",
    "identities": "keep people under a name: photographs, and what is found in them",
    "models": "list, fetch and verify model files",
    "doctor": "describe this machine and name what is wrong with it",
    "benchmark": "measure how fast faces are swapped here",
    "gui": "open the window, as does no command at all",
    "serve": "let programs drive LiveSwapping over HTTP",
    "shortcut": "put LiveSwapping into the system's menu, or take it out again",
}
ACTIONS: Final = {
    "models": (("list", "pull", "verify", "path", "calibrate"), "which models; builtin and all stand for several"),
    "identities": (("list", "save", "remove", "direction"), "under which name; for direction a file; not for list"),
}
"""Commands that take an action and names: which actions there are, and what the names are."""
ALIASES: Final = {"optimized-video": "video", "optimized-realtime": "realtime", "analyze": "doctor"}
NOT_BUILT: Final = {
    "inpaint": "inpainting",
    "simulate": "the simulation (it printed estimates; `benchmark` measures)",
}
