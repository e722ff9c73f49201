"""Whom the app may talk to without TLS, and whom it trusts: by manifest, by configuration, by Android's own values."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builds.apks import MIN_SDK, TARGET_SDK, Tag, archive, binary_xml
from validator.builds.apk.bytesource import ApkUnreadableError, Window
from validator.builds.apk.network import read_network
from validator.builds.apk.read import read_apk
from validator.demo.apk.arsc import resource_table
from validator.demo.apk.axml import Element, plain
from validator.demo.apk.axml import binary_xml as with_texts
from validator.model.build import Network

NAME = "res/xml/a.xml"
CLEARTEXT, CONFIGURATION = 0x010104EC, 0x01010527


def domain(host: str, *, subdomains: bool = False) -> Element:
    return Element("domain", plain(includeSubdomains=str(subdomains).lower()), (), host)


def anchors(*sources: str) -> Element:
    return Element("trust-anchors", (), tuple(Element("certificates", plain(src=source)) for source in sources))


PINS = Element("pin-set", (), (Element("pin", plain(digest="SHA-256"), (), "AAAA"),))


def rules(name: str, *children: Element, cleartext: bool | None = None) -> Element:
    attributes = () if cleartext is None else plain(cleartextTrafficPermitted=str(cleartext).lower())
    return Element(name, attributes, children)


def network(*children: Element, target_sdk: int = 34) -> Network:
    data = with_texts(Element("network-security-config", (), children))
    return read_network(data, NAME, target_sdk)


def test_an_empty_configuration_says_what_android_says() -> None:
    assert network() == Network(configuration=NAME)
    assert network(target_sdk=27) == Network(configuration=NAME, cleartext=("*",))
    assert network(target_sdk=23) == Network(configuration=NAME, cleartext=("*",), user_authorities=("*",))


def test_hosts_are_named_with_their_subdomains() -> None:
    found = network(rules("domain-config", domain("Api.Example.com"), domain("b.org", subdomains=True), cleartext=True))

    assert found.cleartext == ("api.example.com", "*.b.org")


def test_a_base_that_permits_everything_is_every_host() -> None:
    found = network(rules("base-config", cleartext=True), rules("domain-config", domain("a.org"), cleartext=True))

    assert found.cleartext == ("*",)


def test_hosts_inherit_from_what_is_around_them_and_then_from_the_base_wherever_it_stands() -> None:
    inner = rules("domain-config", domain("x.a.org"))
    outer = rules("domain-config", domain("a.org"), anchors("user", "system"), PINS, inner, cleartext=True)
    found = network(outer, rules("domain-config", domain("b.org")), rules("base-config", anchors("@raw/own")))

    assert found.cleartext == ("a.org", "x.a.org")
    assert found.user_authorities == ("a.org", "x.a.org")
    assert found.pinned == ("a.org", "x.a.org")
    assert found.own_authorities == ("*",)


def test_what_comes_after_inner_rules_belongs_to_the_outer_ones() -> None:
    inner = rules("domain-config", domain("x.a.org"), cleartext=False)
    found = network(rules("domain-config", inner, domain("a.org"), cleartext=True))

    assert found.cleartext == ("a.org",)


def test_what_holds_for_debugging_only_does_not_count() -> None:
    assert network(rules("debug-overrides", anchors("user", "@raw/own"))) == Network(configuration=NAME)


def test_rules_of_trust_that_say_nothing_of_users_do_not_trust_them() -> None:
    assert network(rules("base-config", anchors("system")), target_sdk=23).user_authorities == ()


def manifest(target_sdk: int, **application: object) -> bytes:
    names = {"cleartext": CLEARTEXT, "configuration": CONFIGURATION}
    attributes = {names[key]: value for key, value in application.items()}
    sdks = Tag("uses-sdk", {MIN_SDK: 21, TARGET_SDK: target_sdk})
    return binary_xml(Tag("manifest", {"package": "a.b"}, [sdks, Tag("application", attributes)]))  # type: ignore[arg-type]  # of values that the writer takes


@pytest.mark.parametrize(
    ("target_sdk", "said", "cleartext"),
    [(34, None, ()), (34, True, ("*",)), (27, None, ("*",)), (27, False, ())],
)
def test_without_a_configuration_the_manifest_speaks(
    target_sdk: int, said: bool | None, cleartext: tuple[str, ...]
) -> None:
    data = manifest(target_sdk, **({} if said is None else {"cleartext": said}))

    assert read_apk(Window(archive({"AndroidManifest.xml": data})), ()).network.cleartext == cleartext


@pytest.mark.parametrize("stored", [True, False])
def test_a_configuration_is_found_by_its_resource_and_wins_over_the_manifest(*, stored: bool) -> None:
    table = resource_table("a.b", {"string": {"x": "y"}, "xml": {"other": "res/b.xml", "config": NAME}})
    files = {
        "AndroidManifest.xml": manifest(34, cleartext=True, configuration=(0x01, 0x7F020001)),
        "resources.arsc": table,
        NAME: with_texts(Element("network-security-config", (), (rules("base-config", anchors("user")),))),
    }

    data = archive(files, stored=["resources.arsc"] if stored else [])

    assert read_apk(Window(data), ()).network == Network(configuration=NAME, user_authorities=("*",))


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "names a network security configuration that it does not have"),
        ({"resources.arsc": b"junk"}, r"resources\.arsc: it points"),
        ({"resources.arsc": b"\0" * 100}, r"resources\.arsc: it is no resource table"),
        ({"resources.arsc": resource_table("a.b", {"xml": {"a": NAME}})}, "that it does not have"),
        ({"resources.arsc": resource_table("a.b", {"xml": {"a": NAME}}), NAME: b"<x/>"}, "a.xml: it is not binary XML"),
    ],
)
def test_a_configuration_that_cannot_be_had_makes_the_apk_unreadable(files: dict[str, bytes], reason: str) -> None:
    data = archive({"AndroidManifest.xml": manifest(34, configuration=(0x01, 0x7F010000)), **files})

    with pytest.raises(ApkUnreadableError, match=reason):
        read_apk(Window(data), ())


TABLE = resource_table("a.b", {"string": {"x": "y"}, "xml": {"config": NAME}})
XML = with_texts(
    Element("network-security-config", (), (rules("domain-config", domain("a.org"), PINS, cleartext=True),))
)


@settings(max_examples=600, deadline=None)
@given(st.data(), st.sampled_from(["resources.arsc", NAME]))
def test_any_damage_to_table_or_configuration_is_read_or_refused(data: st.DataObject, broken: str) -> None:
    files = {
        "AndroidManifest.xml": manifest(34, configuration=(0x01, 0x7F020000)),
        "resources.arsc": TABLE,
        NAME: XML,
    }
    spoilt = bytearray(files[broken])
    for place in data.draw(st.lists(st.integers(0, len(spoilt) - 1), min_size=1, max_size=6)):
        spoilt[place] = data.draw(st.sampled_from([0, 1, 2, 8, 0x7F, 0xFF]))
    try:
        found = read_apk(Window(archive({**files, broken: bytes(spoilt)}, stored=[*files])), ()).network
    except ApkUnreadableError:
        return
    assert isinstance(found, Network)
