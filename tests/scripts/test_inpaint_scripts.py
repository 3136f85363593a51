import json

from scripts import inpaint_builtin, inpaint_memory


def test_the_inpainting_script_ends_with_its_bars(capsys):
    assert inpaint_builtin.main(["--frames", "10", "--size", "160x96", "--json"]) == 0
    quality, speed = json.loads(capsys.readouterr().out.splitlines()[-1])["bars"]
    assert quality["value"] > 15
    assert speed["value"] > 0


def test_the_memory_script_ends_with_its_bar(capsys):
    assert inpaint_memory.main(["--frames", "12", "--size", "32x24", "--json"]) == 0
    (bar,) = json.loads(capsys.readouterr().out.splitlines()[-1])["bars"]
    assert bar["name"].startswith("4 host memory")
