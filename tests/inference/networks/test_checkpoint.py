import os
import pickle

import pytest
import torch

from liveswapping.domain.errors import ModelLoadError
from liveswapping.inference.networks.checkpoint import load_network, read_weights
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import StyleTransferModel
from liveswapping.inference.networks.rrdb import RRDBNet


class Command:
    """Runs a command when it is unpickled."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.fixture(scope="module")
def weights():
    return StyleTransferModel(16, 2).state_dict()


def load(path):
    return load_network(StyleTransferModel, path, "ReSwapper")


def refusal(path):
    with pytest.raises(ModelLoadError) as refused:
        load(path)
    message = str(refused.value)
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("wrap", [dict, lambda state: {"params_ema": state, "params": {}}])
@pytest.mark.parametrize("zipped", [True, False])
def test_weights_are_read_as_they_are_published(tmp_path, weights, wrap, zipped):
    torch.save(wrap(weights), tmp_path / "w.pth", _use_new_zipfile_serialization=zipped)
    network = load(tmp_path / "w.pth")
    for name, entry in network.state_dict().items():
        assert torch.equal(entry, weights[name])
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_half_precision_files_are_widened(tmp_path, weights):
    torch.save({name: entry.half() for name, entry in weights.items()}, tmp_path / "half.pth")
    assert {entry.dtype for entry in load(tmp_path / "half.pth").state_dict().values()} == {torch.float32}


@pytest.mark.parametrize(
    ("architecture", "size"), [(RRDBNet, (2, 1, 8, 4)), (GfpganClean, ({4: 8, 8: 8},)), (StyleTransferModel, (16, 1))]
)
def test_every_network_is_loaded_by_its_own_shapes_and_refuses_the_others(tmp_path, architecture, size):
    torch.save({"params_ema": architecture(*size).state_dict()}, tmp_path / "w.pth")
    load_network(architecture, tmp_path / "w.pth", "this")
    for other in {RRDBNet, GfpganClean, StyleTransferModel} - {architecture}:
        with pytest.raises(ModelLoadError, match="holds no weights of that"):
            load_network(other, tmp_path / "w.pth", "that")


def test_one_missing_one_unknown_and_one_misshapen_entry_are_named(tmp_path, weights):
    wrong = dict(weights)
    del wrong["decoder.0.bias"]
    wrong["extra"] = torch.zeros(1)
    wrong["decoder.0.weight"] = torch.zeros(2, 2)
    torch.save(wrong, tmp_path / "w.pth")
    message = refusal(tmp_path / "w.pth")
    assert "1 missing, first decoder.0.bias" in message
    assert "1 unknown, first extra" in message
    assert "1 of another shape, first decoder.0.weight" in message


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_truncated_file_is_called_damaged(tmp_path, weights, zipped, share):
    path = tmp_path / "w.pth"
    torch.save(weights, path, _use_new_zipfile_serialization=zipped)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert "is damaged or not a weight file" in refusal(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_that_ends_anywhere_is_called_damaged(tmp_path, zipped):
    path = tmp_path / "w.pth"
    torch.save({"weight": torch.ones(3), "bias": torch.zeros(2)}, path, _use_new_zipfile_serialization=zipped)
    content = path.read_bytes()
    for length in range(0, len(content) - 1, 5):
        path.write_bytes(content[:length])
        assert "is damaged or not a weight file" in refusal(path)


@pytest.mark.parametrize(
    "save",
    [
        torch.save,
        lambda content, path: torch.save(content, path, _use_new_zipfile_serialization=False),
        lambda content, path: path.write_bytes(pickle.dumps(content)),
    ],
)
def test_code_in_a_file_is_refused_and_never_runs(tmp_path, save):
    save({"a": Command(f"echo > {tmp_path / 'ran'}")}, tmp_path / "w.pth")
    assert "holds code" in refusal(tmp_path / "w.pth")
    assert not (tmp_path / "ran").exists()


def test_a_whole_pickled_module_is_refused(tmp_path):
    torch.save(StyleTransferModel(16, 1), tmp_path / "w.pth")
    assert "holds code" in refusal(tmp_path / "w.pth")


def test_a_page_of_text_a_list_and_whole_numbers_are_not_weights(tmp_path, weights):
    (tmp_path / "page.pth").write_bytes(b"<html>not found</html>")
    torch.save([1, 2], tmp_path / "list.pth")
    torch.save({name: entry.int() for name, entry in weights.items()}, tmp_path / "int.pth")
    for name in ("page", "list", "int"):
        refusal(tmp_path / f"{name}.pth")


def test_a_missing_file_and_a_folder_are_one_line(tmp_path):
    assert "there is no file" in refusal(tmp_path / "absent.pth")
    refusal(tmp_path)


def test_reading_weights_unwraps_them(tmp_path):
    torch.save({"params": {"a": torch.ones(2)}}, tmp_path / "w.pth")
    assert list(read_weights(tmp_path / "w.pth")) == ["a"]
