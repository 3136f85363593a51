import configparser
import plistlib
import struct
import sys

from liveswapping.cli.shortcut import icns, ico, linux_entry, macos_entry, program
from liveswapping.run import main


def test_the_entry_starts_the_window_and_goes_away_again(tmp_path):
    entry = linux_entry(tmp_path, {}, remove=False)
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.optionxform = str
    parsed.read(entry, encoding="utf-8")
    values = parsed["Desktop Entry"]
    assert values["Exec"] == " ".join(f'"{word}"' for word in program())
    assert (tmp_path / ".local/share/icons/hicolor/scalable/apps/liveswapping.svg").is_file()
    assert values["Icon"].endswith("liveswapping.svg")
    linux_entry(tmp_path, {}, remove=True)
    assert not entry.exists()
    assert not list(tmp_path.rglob("*.svg"))


def test_the_bundle_says_what_the_camera_is_for_and_can_be_started(tmp_path):
    bundle = macos_entry(tmp_path, {}, remove=False)
    description = plistlib.loads((bundle / "Contents" / "Info.plist").read_bytes())
    assert description["NSCameraUsageDescription"]
    script = bundle / "Contents" / "MacOS" / description["CFBundleExecutable"]
    assert sys.executable in script.read_text(encoding="utf-8")
    assert (bundle / "Contents" / "Resources" / description["CFBundleIconFile"]).read_bytes()[:4] == b"icns"
    macos_entry(tmp_path, {}, remove=True)
    assert not bundle.exists()


def test_icon_files_say_how_long_they_are():
    png = b"\x89PNG" + bytes(100)
    count, length, offset = struct.unpack("<4xH8xII", ico(png)[:22])
    assert (count, length, ico(png)[offset:]) == (1, len(png), png)
    assert struct.unpack(">4sI", icns(png)[:8]) == (b"icns", len(icns(png)))
    assert icns(png)[16:] == png


def test_the_command_says_where_the_entry_is(tmp_path, monkeypatch, capsys):
    if not sys.platform.startswith("linux"):
        return
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert main(["shortcut"]) == 0
    assert str(tmp_path / "applications" / "liveswapping.desktop") in capsys.readouterr().out
    assert main(["shortcut", "--remove"]) == 0
    assert "removed" in capsys.readouterr().out
