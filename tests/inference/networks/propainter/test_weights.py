import pytest
import torch

from liveswapping.domain.errors import ModelLoadError
from liveswapping.inference.catalog import CATALOG, PROPAINTER, Url
from liveswapping.inference.networks.propainter.flow_completion import FlowCompletion
from liveswapping.inference.networks.propainter.generator import InpaintGenerator
from liveswapping.inference.networks.propainter.raft import Raft
from liveswapping.inference.networks.propainter.weights import load_flow_completion, load_generator, load_raft
from liveswapping.inference.networks.rrdb import RRDBNet
from liveswapping.inference.store import Store
from tests.propainter_golden import named_weights


@pytest.fixture(scope="module")
def weights():
    return named_weights(Raft(), "raft")


def numbered(architecture):
    """A state_dict in which every weight is filled with its number; tables of indices are the network's own."""
    with torch.device("meta"):
        entries = architecture().state_dict()
    return {
        name: torch.full(entry.shape, float(number)) if entry.is_meta else entry
        for number, (name, entry) in enumerate(entries.items())
    }


def test_raft_is_loaded_from_a_file_with_the_published_prefix(tmp_path, weights):
    torch.save({f"module.{name}": entry for name, entry in weights.items()}, tmp_path / "raft-things.pth")
    network = load_raft(tmp_path / "raft-things.pth")
    entries = network.state_dict()
    assert list(entries) == list(weights)
    assert all(torch.equal(entries[name], entry) for name, entry in weights.items())
    assert entries["cnet.norm1.num_batches_tracked"].dtype == torch.int64
    assert not network.training


@pytest.mark.parametrize(
    ("architecture", "load", "entries"),
    [(FlowCompletion, load_flow_completion, 74), (InpaintGenerator, load_generator, 216)],
)
def test_the_other_two_are_loaded_entry_by_entry(tmp_path, architecture, load, entries):
    state = numbered(architecture)
    torch.save(state, tmp_path / "w.pth")
    loaded = load(tmp_path / "w.pth").state_dict()
    assert len(loaded) == entries
    assert all(torch.equal(loaded[name], entry) for name, entry in state.items())
    with pytest.raises(ModelLoadError, match="holds no weights of RAFT"):
        load_raft(tmp_path / "w.pth")


def test_a_generator_with_other_windows_is_refused(tmp_path):
    state = numbered(InpaintGenerator)
    name = "transformers.transformer.3.attention.valid_ind_rolled"
    state[name] = state[name].flip(0)  # in another order they are the same
    torch.save(state, tmp_path / "w.pth")
    load_generator(tmp_path / "w.pth")
    state[name] = state[name].clone().index_fill_(0, torch.tensor([5]), 0)
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises(ModelLoadError, match=r"other windows \(transformers.transformer.3"):
        load_generator(tmp_path / "w.pth")


def test_a_file_that_lacks_one_entry_or_is_of_another_network_is_refused(tmp_path, weights):
    del (few := dict(weights))["fnet.conv2.bias"]
    torch.save(few, tmp_path / "few.pth")
    with pytest.raises(ModelLoadError, match=r"RAFT \(things\) \(1 missing, first fnet.conv2.bias\)"):
        load_raft(tmp_path / "few.pth")
    torch.save(RRDBNet(2, 1, 8, 4).state_dict(), tmp_path / "other.pth")
    with pytest.raises(ModelLoadError, match="holds no weights of RAFT"):
        load_raft(tmp_path / "other.pth")
    with pytest.raises(ModelLoadError, match="there is no file"):
        load_raft(tmp_path / "absent.pth")


def test_the_three_files_are_one_group_whose_licence_is_shown_before_they_are_fetched(tmp_path):
    store = Store(tmp_path)
    assert tuple(model.name for model in store.select(["propainter"])) == PROPAINTER
    for name in PROPAINTER:
        model = CATALOG[name]
        assert model.non_commercial
        assert "S-Lab License 1.0: non-commercial" in model.licence
        assert isinstance(model.source, Url)
        assert model.source.address.endswith(f"v0.1.0/{model.file}")
    assert store.missing(PROPAINTER) == ("propainter",)


def test_the_hash_of_the_first_file_is_recorded_and_holds(tmp_path):
    store = Store(tmp_path)
    for name in PROPAINTER:
        store.file(name).write_bytes(name.encode())
        assert store.path(name).is_file()
        assert store.sha256(name) is not None
    store.file("propainter_raft").write_bytes(b"other")
    with pytest.raises(Exception, match="damaged"):
        store.path("propainter_raft")
