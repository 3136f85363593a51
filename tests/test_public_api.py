import subprocess
import sys

import pytest

import liveswapping

HEAVY = ("torch", "onnxruntime", "cv2", "numba", "insightface", "PySide6", "av", "ai_edge_litert", "numpy", "rich")


def _loaded_by(statement):
    program = f"import sys\n{statement}\nprint([name for name in {HEAVY} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return answer.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "statement",
    [
        "import liveswapping",
        "import liveswapping.build",
        "import liveswapping.run",
        "from liveswapping import Settings, Look, NoFaceFound",
        "from liveswapping.run import main; main(['image', '--help'])",
        "from liveswapping import process_image",
    ],
)
def test_importing_loads_no_runtime(statement):
    assert _loaded_by(statement) == "[]"


def test_every_public_name_exists_and_says_what_it_is():
    for name in liveswapping.__all__:
        value = getattr(liveswapping, name)
        assert isinstance(value, str) or value.__doc__
    assert set(dir(liveswapping)) == set(liveswapping.__all__)
    assert set(liveswapping._HOMES) | {"__version__"} == set(liveswapping.__all__)


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="swap_everything"):
        _ = liveswapping.swap_everything


def test_every_model_is_described_with_its_address_and_hash():
    models = liveswapping.list_available_models()
    assert models["reswapper128"]["type"] == "pth"
    assert models["reswapper128"]["url"].endswith("/reswapper-1019500.pth")
    assert all(model["description"] for model in models.values())
    assert all(model["sha256"] is None or len(model["sha256"]) == 64 for model in models.values())


def test_an_engine_without_its_weights_names_the_one_command_that_fetches_them(astronaut, tmp_path, monkeypatch):
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(tmp_path))
    with pytest.raises(liveswapping.ModelError, match="models pull reswapper128 emap buffalo_l"):
        liveswapping.process_image(astronaut, astronaut, model="reswapper128")
