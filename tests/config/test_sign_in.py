"""How the app's sign-in is read back is checked when the file is read."""

from __future__ import annotations

import pytest

from tests.config.documents import Complain, Load

ID = "id: com.example.shop"


def test_what_names_users_and_failed_sign_ins_is_read(load: Load) -> None:
    app = load(f"app: {{{ID}, sign_in: {{user: {{log: 'as (?P<user>.{{1,9}})'}}, failed: {{text: sorry}}}}}}").value.app
    assert app.sign_in.user is not None
    assert app.sign_in.user.log == "as (?P<user>.{1,9})"
    assert app.sign_in.failed is not None
    assert (app.sign_in.failed.log, app.sign_in.failed.text) == (None, "sorry")


def test_by_default_nothing_is_read(load: Load) -> None:
    sign_in = load(f"app: {{{ID}}}").value.app.sign_in
    assert (sign_in.user, sign_in.failed) == (None, None)


@pytest.mark.parametrize(
    ("sign_in", "message"),
    [
        ("{user: {log: 'as (.*)'}}", "app.sign_in.user.log: has no group that is the user's id"),
        ("{user: {log: '(?P<user>'}}", "app.sign_in.user.log: is no regular expression"),
        ("{user: {}}", "app.sign_in.user: says nothing of how users are read back"),
        ("{user: {url: 'https://a.example/u'}}", "app.sign_in.user: names an address or where the ids stand"),
        ("{user: {ids: '$.users[*].id'}}", "app.sign_in.user: names an address or where the ids stand"),
        ("{user: {url: 'https://a.example/u', ids: '$.users'}}", "app.sign_in.user.ids: '$.users' is not a path"),
        ("{failed: {log: '(a+)+$'}}", "app.sign_in.failed.log: could search one line for minutes"),
        ("{failed: {screen: sorry}}", "app.sign_in.failed.screen: unknown key"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused(complain: Complain, sign_in: str, message: str) -> None:
    assert message in complain(f"app: {{{ID}, sign_in: {sign_in}}}")
