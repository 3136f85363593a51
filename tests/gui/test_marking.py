from gui.choices import settings_of
from liveswapping.provenance import consent


def test_marking_is_on_and_each_switch_is_kept_and_holds_for_what_is_made_next(open_window):
    window = open_window(begin=False)
    card = window.page("settings").marking
    chosen = window.desk.preferences.values
    assert card.in_picture.isChecked()
    assert card.in_file.isChecked()
    changes = []
    card.changed.connect(
        lambda: changes.append((settings_of(chosen, None).label, settings_of(chosen, None).credentials))
    )
    card.in_picture.click()
    card.in_file.click()
    card.in_picture.click()
    assert changes == [(False, True), (False, False), (True, False)]
    window.desk.preferences.save()
    again = open_window(begin=False).page("settings").marking
    assert (again.in_picture.isChecked(), again.in_file.isChecked()) == (True, False)


def test_a_change_reaches_the_run_that_is_going_on(open_window, monkeypatch):
    window = open_window(begin=False)
    heard = []
    monkeypatch.setattr(window.session, "update", heard.append)
    window.session.phase = type(window.session.phase).LIVE
    window.page("settings").marking.in_picture.click()
    assert heard[-1].label is False
    window.session.phase = type(window.session.phase).IDLE


def test_who_agreed_on_the_command_line_is_not_asked_again(open_window, config):
    assert open_window(consented=False, begin=False).first.isVisible()
    consent.record(config)
    assert not open_window(consented=False, begin=False).first.isVisible()
