"""Is it the production build of this deployment?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from validator.builds.apk.strings import Hit
from validator.builds.expect import Expectation, findings
from validator.model.build import Apk, Finding, Network, Severity

DIGEST = "ab" * 32
API = "https://api.example.com"
APK = Apk(
    sha256="0" * 64,
    size=1,
    package="com.example.shop",
    version_name="1.2.3",
    version_code=42,
    min_sdk=26,
    target_sdk=34,
    debuggable=False,
    signers=(f"sha256:{DIGEST}",),
)
HITS = (Hit(text=API, entry="classes.dex", whole=True),)
EXPECTED = Expectation(
    package="com.example.shop",
    signer=f"sha256:{DIGEST}",
    contains=(f"{API}/",),
    never_contains=("staging.example.com",),
)


def found(apk: Apk = APK, hits: tuple[Hit, ...] = HITS, expected: Expectation = EXPECTED) -> list[str]:
    return [finding.code for finding in findings(apk, hits, expected)]


def test_the_production_build_has_no_findings() -> None:
    assert found() == []


@pytest.mark.parametrize(
    "digest", [DIGEST, DIGEST.upper(), "SHA256:" + DIGEST, ":".join(DIGEST[i : i + 2] for i in range(0, 64, 2)).upper()]
)
def test_a_signer_may_be_written_as_any_tool_prints_it(digest: str) -> None:
    assert found(expected=replace(EXPECTED, signer=digest)) == []


@pytest.mark.parametrize(
    ("apk", "code", "words"),
    [
        (replace(APK, package="com.example.shop.staging"), "package_mismatch", "the APK is com.example.shop.staging"),
        (replace(APK, debuggable=True), "debuggable", "debuggable"),
        (replace(APK, signers=()), "unsigned", "not signed"),
        (replace(APK, signers=("sha256:cd",)), "signer_mismatch", "signed with another certificate: sha256:cd"),
        (replace(APK, signers=("sha256:cd",), debug_signed=True), "signer_mismatch", "signed with a debug certificate"),
    ],
)
def test_a_wrong_apk_is_named_with_its_remedy(apk: Apk, code: str, words: str) -> None:
    (finding,) = findings(apk, HITS, EXPECTED)

    assert (finding.code, finding.severity) == (code, Severity.ERROR)
    assert words in finding.message
    assert finding.remedy


def test_a_debug_certificate_is_an_error_unless_it_is_the_expected_one() -> None:
    debug = replace(APK, debug_signed=True)

    assert found(debug, expected=replace(EXPECTED, signer="")) == ["debug_signed"]
    assert found(debug) == []
    assert found(expected=replace(EXPECTED, signer="")) == []


def test_a_debuggable_build_can_be_expected_and_then_no_other_is_accepted() -> None:
    debuggable = replace(EXPECTED, debuggable=True)

    assert found(replace(APK, debuggable=True), expected=debuggable) == []
    assert found(expected=debuggable) == ["not_debuggable"]


def test_the_endpoint_of_another_deployment_is_an_error() -> None:
    (finding,) = findings(APK, (), EXPECTED)

    assert finding.code == "endpoint_absent"
    assert finding.message == f"{API} is not in the APK: it was built for another deployment"


def test_an_endpoint_that_is_only_the_beginning_of_another_says_where_that_is() -> None:
    (finding,) = findings(APK, (Hit(text=API, entry="assets/x.json", whole=False),), EXPECTED)

    assert "something longer that begins so is in assets/x.json" in finding.message


def test_a_forbidden_text_is_an_error_with_the_files_that_hold_it() -> None:
    forbidden = tuple(Hit(text="staging.example.com", entry=f"classes{n}.dex", whole=False) for n in range(5))

    (finding,) = findings(APK, HITS + forbidden, EXPECTED)

    assert finding.code == "forbidden_endpoint"
    assert (
        finding.message == "staging.example.com is in the APK, in classes0.dex, classes1.dex, classes2.dex and 2 more"
    )


def test_everything_that_is_wrong_is_told_at_once() -> None:
    wrong = replace(APK, package="x", debuggable=True, signers=("sha256:cd",))
    all_of_them = found(wrong, (Hit(text="staging.example.com", entry="a", whole=True),))

    assert all_of_them == ["package_mismatch", "debuggable", "signer_mismatch", "endpoint_absent", "forbidden_endpoint"]


def test_what_is_searched_for_has_no_empty_text_and_none_twice() -> None:
    expected = replace(EXPECTED, contains=(f"{API}/", API, " ", ""), never_contains=("x", "/"))

    assert expected.texts == (API, "x")
    assert all(isinstance(finding, Finding) for finding in findings(APK, HITS, expected))


NETWORK = Network(configuration="res/xml/n.xml", cleartext=("127.0.0.1", "*.old.example.com"))


@pytest.mark.parametrize(
    ("apk", "expected", "code", "severity"),
    [
        (replace(APK, test_only=True), {}, "test_only", Severity.ERROR),
        (replace(APK, network=NETWORK), {}, "cleartext_permitted", Severity.WARNING),
        (replace(APK, network=NETWORK), {"cleartext": False}, "cleartext_permitted", Severity.ERROR),
        (replace(APK, network=Network(user_authorities=("*",))), {}, "user_authorities_trusted", Severity.WARNING),
        (
            replace(APK, network=Network(user_authorities=("*",))),
            {"user_authorities": False},
            "user_authorities_trusted",
            Severity.ERROR,
        ),
        (APK, {"newer_than": "42"}, "version_not_newer", Severity.ERROR),
        (APK, {"newer_than": "1.2.3"}, "version_not_newer", Severity.ERROR),
        (APK, {"newer_than": "v1.10"}, "version_not_newer", Severity.ERROR),
        (APK, {"newer_than": "one"}, "version_not_comparable", Severity.ERROR),
        (replace(APK, version_name=""), {"newer_than": "1.2"}, "version_not_comparable", Severity.ERROR),
        (APK, {"revision": "f" * 40}, "revision_absent", Severity.ERROR),
    ],
)
def test_what_no_production_build_is_has_its_severity_and_remedy(
    apk: Apk, expected: dict[str, object], code: str, severity: Severity
) -> None:
    (finding,) = findings(apk, HITS, replace(EXPECTED, **expected))  # type: ignore[arg-type]  # checked by running

    assert (finding.code, finding.severity) == (code, severity)
    assert finding.message
    assert finding.remedy


@pytest.mark.parametrize(
    ("apk", "expected"),
    [
        (replace(APK, test_only=True), {"test_only": True}),
        (replace(APK, network=NETWORK), {"cleartext": True}),
        (replace(APK, network=Network(user_authorities=("a.org",))), {"user_authorities": True}),
        (APK, {"newer_than": "41"}),
        (APK, {"newer_than": "1.2.2"}),
        (APK, {"newer_than": "1.2"}),
        (replace(APK, version_name="1.10.0-beta"), {"newer_than": "1.9"}),
        (replace(APK, network=Network(own_authorities=("*",), pinned=("a.org",))), {"cleartext": False}),
    ],
)
def test_what_was_accepted_or_is_as_it_should_be_is_no_finding(apk: Apk, expected: dict[str, object]) -> None:
    assert found(apk, expected=replace(EXPECTED, **expected)) == []  # type: ignore[arg-type]  # checked by running


def test_an_expected_endpoint_without_tls_permits_cleartext_to_its_own_host_only() -> None:
    local = replace(APK, network=Network(cleartext=("127.0.0.1",)))
    hit = Hit(text="http://127.0.0.1:8080", entry="classes.dex", whole=True)
    expected = replace(EXPECTED, contains=("http://127.0.0.1:8080/",), cleartext=False)

    assert found(local, (hit,), expected) == []
    (finding,) = findings(replace(APK, network=NETWORK), (hit,), expected)
    assert finding.message == "the APK may speak plain HTTP to *.old.example.com (res/xml/n.xml)"


def test_the_deployed_revision_counts_whole_or_abbreviated() -> None:
    revision = "8f3c2d1b6a7e4f0912345678" + "0" * 16
    expected = replace(EXPECTED, revision=revision)

    assert expected.texts[-2:] == (revision, "8f3c2d1")
    for text in (revision, "8f3c2d1"):
        assert found(hits=(*HITS, Hit(text=text, entry="assets/a", whole=False)), expected=expected) == []
    assert found(expected=expected) == ["revision_absent"]
    assert replace(EXPECTED, revision="v4.12.0").texts[-1] == "v4.12.0"
