import pytest

from liveswapping.api.wishes import OPEN
from liveswapping.domain.settings import RULES


def test_settings_are_read_and_changed_by_name(client):
    before = client.ask("GET", "/v1/settings").json
    assert set(before) == set(OPEN)
    assert client.ask("PATCH", "/v1/settings", {"opacity": 0.25, "faces": "all"}).json["opacity"] == 0.25
    after = client.ask("PATCH", "/v1/settings", {"opacity": None, "faces": None}).json
    assert after == before


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"nothing": 1}, "no setting 'nothing'"),
        ({"model_download_url": "http://example.org"}, "no setting"),
        ({"models_dir": "elsewhere"}, "no setting"),
        ({"output": "x.png"}, "no setting"),
        ({"opacity": 2}, "from 0 to 1"),
        ({"opacity": 10**400}, "from 0 to 1"),
        ({"rotate": 45}, "0, 90, 180, 270"),
        ({"sources": ["/etc/passwd"]}, "upload it"),
        ({"sources": ["upload:../token"]}, "no file"),
        ({"sources": ["upload:\ud800"]}, "printable"),
        ({"mapping": ["left=/etc/passwd"]}, "upload it"),
        ({"mapping": ["nonsense"]}, "WHO=SOURCE"),
        ({"target": "file:///etc/passwd"}, "upload it"),
        ({"target": "concat:/etc/passwd"}, "upload it"),
        ({"occluder": "/etc/passwd"}, "upload it"),
        ({"model": "/etc/passwd"}, "upload it"),
        ({"model": "reswapper128", "resolution": 63}, "from 64"),
        ({"box_mask": True}, "swap networks"),
    ],
)
def test_what_cannot_be_set_is_refused_in_one_line_and_changes_nothing(client, wish, said):
    before = client.ask("GET", "/v1/settings").json
    answer = client.ask("PATCH", "/v1/settings", wish)
    assert answer.status in (404, 422)
    assert said in answer.json["error"]
    assert client.ask("GET", "/v1/settings").json == before


def test_a_folder_that_the_server_was_given_may_be_named(client, face):
    inside = client.folder / "allowed" / "me.png"
    inside.write_bytes(face.read_bytes())
    assert client.ask("PATCH", "/v1/settings", {"sources": [str(inside)]}).json["sources"] == [str(inside)]
    outside = client.folder / "allowed" / ".." / "data.txt"
    assert client.ask("PATCH", "/v1/settings", {"sources": [str(outside)]}).status == 422
    client.ask("PATCH", "/v1/settings", {"sources": None})


def test_the_description_says_what_every_setting_may_be(client):
    paths = client.ask("GET", "/v1/openapi.json").json["paths"]
    schema = paths["/v1/settings"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) <= set(RULES)
    assert schema["properties"]["opacity"]["anyOf"][0] == {"type": "number", "minimum": 0, "maximum": 1}
    assert schema["properties"]["rotate"]["anyOf"][0] == {"enum": [0, 90, 180, 270]}


def test_choices_and_sources_are_named(client):
    choices = client.ask("GET", "/v1/choices").json
    assert "mesh" in choices["engines"]
    assert "mediapipe" in choices["analysers"]
    sources = client.ask("GET", "/v1/sources").json
    assert "demo:t1" in sources["demos"]
    assert "upload:me.png" in sources["uploads"]
