"""The users of an attempt are read back from an address of the team's own; whatever it answers, the attempt stands."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.e2e.commands import validator
from tests.e2e.devices import lab
from tests.e2e.project import PACKAGE, Project
from tests.fakes.site import Page, Site
from tests.fakes.site import site as a_site
from validator.demo.backend.process import BackendOptions, BackendProcess
from validator.demo.build import Variant
from validator.support.clock import SystemClock
from validator.support.json_path import JsonList, JsonPathError
from validator.traffic.users import MOST_USERS, UsersOverHttp

BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ENDED = BEGAN + timedelta(seconds=20)


@pytest.fixture
def site():
    with a_site({}) as made:
        yield made


def users(site: Site, path="/users", ids="$.users[*].id"):
    url = f"{site.url}{path}"
    return UsersOverHttp(url=url, ids=JsonList.parse(ids), headers={}, run="run-1", clock=SystemClock())


def answer(site, body, status=200, **headers):
    site.pages["/users"] = Page(body if isinstance(body, str) else json.dumps(body), status, headers)
    return users(site)(BEGAN, ENDED)


def test_the_ids_of_each_element_are_the_users(site):
    found = answer(site, {"users": [{"id": "anon-1"}, {"id": 7}, {"id": None}, {}, 3, {"id": "anon-1"}]})
    assert (found.users, found.unread) == (("anon-1", "7"), "")


def test_the_run_and_the_time_of_the_attempt_are_asked_about(site):
    users(site, "/users?run={run}&since={began}&until={ended}")(BEGAN, ENDED)
    query = parse_qs(urlsplit(site.asked[0]).query)
    assert query["run"] == ["run-1"]
    since, until = (datetime.fromisoformat(query[name][0]) for name in ("since", "until"))
    assert since < BEGAN < ENDED < until


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("{", 200, "no JSON"),
        ("[" * 100_000, 200, "no JSON"),
        ({"users": {}}, 200, "no list at $.users[*].id"),
        ({"users": [{"id": "x" * 2_000_000}]}, 200, "longer than"),
        ("moved", 302, "HTTP 302"),
        ("no", 403, "HTTP 403"),
        ("away", 503, "HTTP 503"),
    ],
)
def test_an_answer_that_says_nothing_is_told_and_harms_nothing(site, body, status, said):
    found = answer(site, body, status)
    assert found.users == ()
    assert said in found.unread


def test_ids_are_bounded_and_one_line_each(site):
    found = answer(site, {"users": [{"id": f"a\x1b[2J\n{number}" + "x" * 1000} for number in range(1000)]})
    assert len(found.users) == MOST_USERS
    assert all(len(user) <= 128 and user.isprintable() for user in found.users)


def test_a_limit_is_obeyed_and_said(site):
    site.pages["/users"] = Page("slow down", 429, {"Retry-After": "60"})
    asking = users(site)
    assert asking(BEGAN, ENDED).unread == "HTTP 429"
    assert "asks to wait" in asking(BEGAN, ENDED).unread
    assert len(site.asked) == 1


def test_nobody_there_is_told():
    with a_site({}) as gone:
        asking = users(gone)
    began = time.monotonic()
    assert asking(BEGAN, ENDED).unread
    assert time.monotonic() - began < 6


@pytest.mark.parametrize("text", ["$.users", "$.a[*].b[*]", "[*", "$.users[*]id"])
def test_a_path_without_exactly_one_list_is_refused(text):
    with pytest.raises(JsonPathError):
        JsonList.parse(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["users", "id", "x"]), inner),
)


@given(JSON)
def test_any_document_has_a_list_there_or_none(document):
    found = JsonList.parse("$.users[*].id").find(document)
    assert found is None or len(found) == len(document["users"])


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_shops_own_endpoint_tells_the_users_of_each_attempt(tmp_path):
    token = "shop-admin-token-4711"
    backend = BackendProcess(BackendOptions(revision="abc", admin_token=token))
    with backend, lab() as devices:
        project = Project(tmp_path)
        for name in "ab":
            steps = "- launchApp\n- tapOn: Continue as guest\n- assertVisible: Signed in as guest-.*\n"
            project.write(f"flows/{name}.yaml", f"appId: {PACKAGE}\nname: {name}\n---\n{steps}")
        project.apk(Variant.PRODUCTION, backend.url)
        project.config(
            app={
                "id": PACKAGE,
                "sign_in": {
                    "user": {
                        "url": backend.url + "/admin/users?run={run}&since={began}&until={ended}",
                        "ids": "$.users[*].id",
                        "headers": {"authorization": "Bearer ${env:SHOP_TOKEN}"},
                    }
                },
            },
            build={"file": "app.apk"},
            adb={"path": devices.fleet.adb.path, "server_port": devices.fleet.adb.server_port},
            devices=[{"serial": serial} for serial in devices.fleet.serials],
        )
        done = validator(tmp_path, "run", "-c", "production", seconds=100, SHOP_TOKEN=token)
    assert done.exit_code == 0, done.output + done.errors
    run = json.loads((done.reports / "run.json").read_text())
    found = [flow["attempts"][0]["evidence"]["sign_in"] for flow in run["flows"]]
    assert all(each["unread"] == "" for each in found)
    listed = [user for each in found for user in each["users"]]
    assert len(set(listed)) == 2
    assert all(user.startswith("anon-") for user in listed)
    assert not any(token in path.read_text("utf-8", "replace") for path in done.reports.rglob("*") if path.is_file())
