import pytest

from liveswapping.cli.flags import COMMANDS, FLAGS
from liveswapping.cli.parser import UsageError, parse
from liveswapping.domain.settings import RULES

GIVEN = {
    "image": ["--source", "a.jpg", "--target", "b.jpg"],
    "video": ["--source", "a.jpg", "--target_video", "b.mp4"],
    "realtime": ["--source", "a.jpg"],
}


def _parse(command, *words):
    return parse([command, *GIVEN[command], *words])


@pytest.mark.parametrize(
    ("command", "spelling", "value", "setting"),
    [
        ("image", "--output", "o.jpg", "output"),
        ("image", "--output_path", "o.jpg", "output"),
        ("video", "--output", "o.mp4", "output"),
        ("video", "-o", "o.mp4", "output"),
        ("video", "--target", "t.mp4", "target"),
        ("image", "--target_video", "t.jpg", "target"),
        ("image", "--modelPath", "mesh", "model"),
        ("video", "--model_path", "mesh", "model"),
        ("realtime", "--model", "mesh", "model"),
        ("realtime", "--provider", "cpu", "provider"),
        ("image", "--model_provider", "cpu", "provider"),
        ("video", "--device", "cpu", "provider"),
        ("realtime", "--color", "0.5", "colour"),
        ("realtime", "--colour=0.5", None, "colour"),
    ],
)
def test_every_published_spelling_sets_its_setting(command, spelling, value, setting):
    words = [spelling] if value is None else [spelling, value]
    expected = 0.5 if setting == "colour" else value
    assert _parse(command, *words).settings[setting] == expected


@pytest.mark.parametrize("spelling", ["--camera", "--camera_id", "--webcam_id", "--camera-id"])
def test_every_spelling_chooses_the_camera(spelling):
    assert _parse("realtime", spelling, "1").options["camera"] == "1"


@pytest.mark.parametrize(
    ("spelling", "where"),
    [("--mouth_mask", "keep_mouth"), ("--mouth", "keep_mouth"), ("--keep-eyes", "keep_eyes"), ("--mirror", "mirror")],
)
def test_switches_need_no_value(spelling, where):
    assert _parse("realtime", spelling).settings[where] is True


@pytest.mark.parametrize("spelling", ["--enhance", "--enhance_res"])
def test_the_enhanced_camera_is_known_by_both_names(spelling):
    assert _parse("realtime", spelling).options["enhance"] is True


@pytest.mark.parametrize("spelling", ["--fps_delay", "--show_fps", "--show-fps"])
def test_showing_the_rate_is_known_by_both_names(spelling):
    assert _parse("realtime", spelling).options["show_fps"] is True


@pytest.mark.parametrize(
    ("words", "value"),
    [(["--use_tensorrt"], True), (["--use_tensorrt=True"], True), (["--use_tensorrt", "False"], False)],
)
def test_tensorrt_is_a_switch_with_an_optional_value(words, value):
    assert _parse("video", *words).settings["use_tensorrt"] is value


def test_several_photographs_are_collected():
    request = parse(["realtime", "--source", "a.jpg", "b.jpg", "--source_image", "folder"])
    assert request.settings["sources"] == ["a.jpg", "b.jpg", "folder"]


@pytest.mark.parametrize(("alias", "command"), [("optimized-video", "video"), ("optimized-realtime", "realtime")])
def test_the_optimized_modes_are_the_plain_ones(alias, command):
    assert parse([alias, *GIVEN[command], "--disable-torch-compile"]).command == command


def test_the_first_published_command_line_still_works():
    words = "--mode video --source_image a.jpg --target_video b.mp4 --output_path o.mp4 --use_tensorrt=True"
    request = parse([*words.split(), "--skip-basicsr-fix"])
    assert request.command == "video"
    assert request.settings["sources"] == ["a.jpg"]
    assert parse(["--source_image", "a.jpg", "--mode=realtime", "--camera_id=1"]).options["camera"] == "1"


@pytest.mark.parametrize(
    "words",
    [
        ["swop"],
        ["--source", "a.jpg"],
        ["--mode", "sideways"],
        ["image", "--target", "b.jpg"],
        ["video", "--source", "a.jpg"],
        ["image", *GIVEN["image"], "--opacity", "2"],
        ["image", *GIVEN["image"], "--resolution", "big"],
        ["image", *GIVEN["image"], "--mirror"],
        ["realtime", *GIVEN["realtime"], "--sour", "x"],
        ["realtime", *GIVEN["realtime"], "--opac", "1"],
        ["models", "burn"],
        ["models"],
    ],
)
def test_wrong_words_are_one_line_of_usage(words):
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert "\n" not in str(caught.value)


def test_the_published_simulation_takes_its_size_memory_and_rate():
    request = parse(["simulate", "--resolution", "1280x720", "--gpu-memory", "8", "--fps-target", "25"])
    assert request.options == {"picture_size": (1280, 720), "gpu_memory": 8.0, "fps_target": 25.0}
    with pytest.raises(UsageError, match="1920x1080"):
        parse(["simulate", "--resolution", "1080p"])


def test_every_flag_sets_something_and_no_spelling_is_used_twice():
    for command in COMMANDS:
        flags = [flag for flag in FLAGS if command in flag.commands]
        names = [name for flag in flags for name in flag.names]
        assert len(names) == len(set(names))
    assert all(flag.rule is not None or flag.dest in RULES for flag in FLAGS)


@pytest.mark.parametrize("mode", ["realtime", "video", "gui"])
def test_the_first_published_command_line_is_taken_with_all_its_flags_in_every_mode(mode):
    words = ["--mode", mode, "--skip-basicsr-fix", "--source_image", "a.jpg", "--target_video", "b.mp4"]
    words += ["--model_path", "mesh", "--output_path=o.mp4", "--camera_id=0", "--use_tensorrt=True"]
    request = parse(words)
    assert request.command == mode
    wanted = {"realtime": {"sources", "model", "use_tensorrt"}, "gui": set()}
    assert set(request.settings) == wanted.get(mode, {"sources", "model", "use_tensorrt", "target", "output"})
    assert request.options.get("camera") == ("0" if mode == "realtime" else None)


def test_the_help_of_inpaint_says_what_propainter_may_be_used_for(capsys):
    with pytest.raises(SystemExit):
        parse(["inpaint", "--help"])
    assert "non-commercial use only" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("spelling", ["--chunk_size", "--chunk-size"])
def test_flags_of_inpainting_are_known_in_both_spellings(spelling):
    request = parse(
        ["inpaint", "-i", "c.mp4", "-m", "m.png", spelling, "15", "--no-cpu-fallback", "--raft_scale=table"]
    )
    assert (request.options["chunk_size"], request.options["no_cpu_fallback"]) == (15, True)
    assert request.options["raft_scale"] == "table"
