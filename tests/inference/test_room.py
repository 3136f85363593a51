from liveswapping.inference import room
from liveswapping.inference.room import free_bytes


def test_there_is_memory_on_this_machine():
    assert free_bytes() > 1 << 26


def test_what_a_container_leaves_counts(tmp_path):
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    (tmp_path / "memory.stat").write_text("anon 300000\ninactive_file 50000\n")
    assert room._left_in_container(tmp_path) == 650_000
    (tmp_path / "memory.max").write_text("max\n")
    assert room._left_in_container(tmp_path) is None
    assert room._left_in_container(tmp_path / "nothing") is None
