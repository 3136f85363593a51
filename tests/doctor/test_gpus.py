import json

import pytest

from liveswapping.doctor.cameras import holder_of
from liveswapping.doctor.gpus import find_gpus


def _nothing(command):
    raise OSError(command[0])


@pytest.fixture
def pci(tmp_path):
    drivers = tmp_path / "drivers"
    for name, kind, vendor, device, driver in (
        ("0000:00:02.0", "0x030000", "0x8086", "0x4680", "i915"),
        ("0000:01:00.0", "0x030200", "0x10de", "0x2503", "nouveau"),
        ("0000:02:00.0", "0x020000", "0x8086", "0x15f3", "igc"),
    ):
        folder = tmp_path / "devices" / name
        folder.mkdir(parents=True)
        (drivers / driver).mkdir(parents=True)
        for file, text in (("class", kind), ("vendor", vendor), ("device", device)):
            (folder / file).write_text(text + "\n", encoding="ascii")
        (folder / "driver").symlink_to(drivers / driver)
    return tmp_path / "devices"


def test_linux_tells_cards_from_other_devices_and_what_drives_them(pci):
    cards = find_gpus("Linux", _nothing, pci)
    assert [(card.vendor, card.kernel_driver) for card in cards] == [("intel", "i915"), ("nvidia", "nouveau")]


def test_an_nvidia_driver_that_answers_names_its_cards(pci):
    def run(command):
        assert command[0] == "nvidia-smi"
        return "NVIDIA GeForce RTX 3060, 580.82.09, 12288 MiB"

    cards = find_gpus("Linux", run, pci)
    assert [card.name for card in cards] == ["NVIDIA GeForce RTX 3060", "intel 8086:4680"]
    assert (cards[0].driver_version, cards[0].memory) == ("580.82.09", "12288 MiB")


def test_windows_and_macos_are_asked_in_their_own_way():
    def windows(command):
        if command[0] != "powershell":
            raise OSError
        return json.dumps({"Name": "AMD Radeon RX 6600", "DriverVersion": "31.0"})

    assert [(card.name, card.vendor) for card in find_gpus("Windows", windows)] == [("AMD Radeon RX 6600", "amd")]
    answer = json.dumps({"SPDisplaysDataType": [{"sppci_model": "Apple M2"}]})
    assert find_gpus("Darwin", lambda command: answer)[0].vendor == "apple"


def test_a_system_without_an_answer_has_no_cards(tmp_path):
    assert find_gpus("Linux", _nothing, tmp_path / "none") == ()
    assert find_gpus("Plan9", _nothing) == ()


def test_who_holds_a_camera_is_told_by_its_open_files(tmp_path):
    device = tmp_path / "video0"
    device.touch()
    process = tmp_path / "proc" / "4242"
    (process / "fd").mkdir(parents=True)
    (process / "comm").write_text("zoom\n", encoding="utf-8")
    (process / "fd" / "3").symlink_to(tmp_path / "other")
    assert holder_of(device, tmp_path / "proc") == ""
    (process / "fd" / "4").symlink_to(device)
    assert holder_of(device, tmp_path / "proc") == "zoom (process 4242)"
