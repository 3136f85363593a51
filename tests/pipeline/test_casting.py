from dataclasses import replace

import numpy as np
import pytest

from liveswapping.domain.casting import Cast, Role, mapped, place_of, recognises
from liveswapping.domain.errors import SettingsError
from liveswapping.domain.face import Face, Identity
from liveswapping.domain.settings import Settings
from liveswapping.pipeline.casting import Casting

IMAGE = np.zeros((90, 160, 3), np.uint8)
ANNA, BERT, CARL = np.eye(512, dtype=np.float32)[:3]
LARGEST, ALL = Settings(), Settings(faces="all")


def face(x, track=-1, who=None, size=20):
    box = np.float32([x, 10, x + size, 10 + size])
    return Face(box, np.zeros((5, 2), np.float32), 1.0, embedding=who, track_id=track)


def become(name):
    return Identity(name, ())


class Eyes:
    """Knows people by where their faces begin; counts how often it has looked."""

    def __init__(self, **people):
        self.people, self.looks, self.closed = people, 0, False

    def embedding(self, image, face):
        self.looks += 1
        return self.people[f"x{int(face.box[0])}"]

    def close(self):
        self.closed = True


def choose(casting, faces, settings=LARGEST):
    return {int(face.box[0]): identity.name for face, identity in casting.choose(faces, IMAGE, settings)}


def test_one_person_is_for_whoever_the_selector_takes():
    casting = Casting(Cast.of(become("me")))
    faces = [face(0), face(50, size=30), face(100)]
    assert choose(casting, faces) == {50: "me"}
    assert choose(casting, faces, ALL) == {0: "me", 50: "me", 100: "me"}
    assert choose(casting, []) == {}


def test_places_count_from_the_left_and_from_the_right():
    casting = Casting(Cast((Role(become("a"), 0), Role(become("b"), -1))))
    assert choose(casting, [face(100), face(50), face(0)]) == {0: "a", 100: "b"}
    assert choose(casting, [face(70)]) == {70: "a"}


def test_two_people_who_change_places_keep_their_roles():
    casting = Casting(Cast((Role(become("a"), 0), Role(become("b"), 1))))
    for _ in range(20):
        assert choose(casting, [face(0, 1), face(100, 2)]) == {0: "a", 100: "b"}
    assert choose(casting, [face(100, 1), face(0, 2)]) == {100: "a", 0: "b"}


def test_who_is_lost_after_changing_places_gets_the_role_that_is_left():
    casting = Casting(Cast((Role(become("a"), 0), Role(become("b"), 1))))
    for _ in range(20):
        choose(casting, [face(0, 1), face(100, 2)])
    assert choose(casting, [face(100, 1), face(0, 3)]) == {100: "a", 0: "b"}
    assert choose(casting, [face(100, 1), face(0, 3), face(140, 4)]) == {100: "a", 0: "b"}


def test_who_stays_alone_does_not_take_the_place_of_who_left():
    casting = Casting(Cast((Role(become("a"), 0), Role(become("b"), 1))))
    for _ in range(20):
        choose(casting, [face(0, 1), face(100, 2)])
    for _ in range(200):
        assert choose(casting, [face(100, 2)]) == {100: "b"}
    assert choose(casting, [face(0, 5), face(100, 2)]) == {0: "a", 100: "b"}
    casting.reset()
    assert choose(casting, [face(100, 2)]) == {100: "a"}


def test_a_neighbour_who_is_found_a_moment_later_gets_the_place_that_is_theirs():
    casting = Casting(Cast((Role(become("a"), 0), Role(become("b"), -1))))
    for _ in range(5):
        assert choose(casting, [face(100, 1)]) == {100: "a"}
    for _ in range(40):
        assert choose(casting, [face(100, 1), face(0, 2)]) == {0: "a", 100: "b"}
    assert choose(casting, [face(100, 2), face(0, 1)]) == {100: "a", 0: "b"}


def test_a_role_is_never_given_to_two_tracks():
    casting = Casting(Cast((Role(become("a"), 0),)))
    choose(casting, [face(0, 1)])
    choose(casting, [face(0, 2)])
    assert choose(casting, [face(0, 2), face(50, 1)]) == {0: "a"}


def test_only_who_looks_like_the_reference_is_swapped():
    eyes = Eyes(x0=BERT, x50=ANNA, x100=CARL)
    casting = Casting(Cast((Role(become("me"), likeness=ANNA),)), eyes)
    faces = [face(0, size=60), face(50), face(100)]
    assert choose(casting, faces) == {50: "me"}
    assert choose(casting, faces, Settings(reference_threshold=-1.0)) == {50: "me"}
    assert choose(casting, faces, replace(ALL, reference_threshold=-1.0)) == {0: "me", 50: "me", 100: "me"}
    assert choose(casting, [face(0), face(100)]) == {}
    casting.close()
    assert eyes.closed


def test_each_person_becomes_somebody_else_and_the_rest_is_for_the_source():
    roles = Role(become("a"), likeness=ANNA), Role(become("b"), likeness=BERT), Role(become("rest"))
    casting = Casting(Cast(roles), Eyes(x0=BERT, x50=ANNA, x100=CARL))
    assert choose(casting, [face(0), face(50), face(100)]) == {0: "b", 50: "a", 100: "rest"}


def test_the_more_alike_of_two_gets_the_role():
    nearly = np.float32([0.8, 0.6, *np.zeros(510)])
    casting = Casting(Cast((Role(become("a"), likeness=ANNA),)), Eyes(x0=nearly, x50=ANNA))
    assert choose(casting, [face(0, size=80), face(50)]) == {50: "a"}


def test_a_tracked_face_is_looked_at_once_and_now_and_then_again():
    eyes = Eyes(x0=ANNA)
    casting = Casting(Cast((Role(become("a"), likeness=ANNA),)), eyes)
    for _ in range(15):
        assert choose(casting, [face(0, 7)]) == {0: "a"}
    assert eyes.looks == 1
    choose(casting, [face(0, 7)])
    assert eyes.looks == 2


def test_a_face_that_was_not_known_at_first_is_known_after_a_better_look():
    eyes = Eyes(x0=CARL)
    casting = Casting(Cast((Role(become("a"), likeness=ANNA),)), eyes)
    assert choose(casting, [face(0, 7)]) == {}
    eyes.people["x0"] = ANNA
    assert {0: "a"} in [choose(casting, [face(0, 7)]) for _ in range(40)]


def test_an_embedding_that_the_analyser_gave_is_used():
    casting = Casting(Cast((Role(become("a"), likeness=ANNA),)), Eyes())
    assert choose(casting, [face(0, who=ANNA), face(50, who=BERT)]) == {0: "a"}


def test_telling_people_apart_needs_a_recogniser():
    with pytest.raises(ValueError, match="no recogniser"):
        Casting(Cast((Role(become("a"), likeness=ANNA),)))


def test_a_mapping_is_read_by_who_is_swapped():
    settings = Settings(mapping=("left=a.jpg", "2 = b.jpg", "left=a2.jpg", "her.jpg=c=d.jpg"))
    assert mapped(settings) == {"left": ["a.jpg", "a2.jpg"], "2": ["b.jpg"], "her.jpg": ["c=d.jpg"]}
    assert [place_of(who) for who in ("left", "Right", "2", "her.jpg")] == [0, -1, 2, None]
    assert recognises(settings)
    assert not recognises(Settings(mapping=("0=a.jpg",)))
    assert recognises(Settings(sources=("a.jpg",), reference=("her.jpg",)))


@pytest.mark.parametrize("entry", ["left", "=a.jpg", "left=", "="])
def test_a_mapping_without_who_or_source_is_refused(entry):
    with pytest.raises(SettingsError, match="WHO=SOURCE is expected"):
        mapped(Settings(mapping=(entry,)))


def test_a_reference_needs_somebody_to_become():
    with pytest.raises(SettingsError, match="use --map"):
        mapped(Settings(reference=("her.jpg",), mapping=("left=a.jpg",)))
