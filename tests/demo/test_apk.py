"""The APKs that a build writes, read back by other code than that which wrote them."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validator.demo.apk.archive import Entry, archive
from validator.demo.apk.axml import Element, binary_xml, plain
from validator.demo.apk.dex import DexClass, dex_file
from validator.demo.apk.keystore import KeystoreError, Signer, SigningKey, signing_key
from validator.demo.apk.manifest import AppIdentity
from validator.demo.apk.package import ABIS, Package, apk_bytes, write_apk
from validator.demo.apk.signature import signed
from validator.virtual.packages.apk import read_apk
from validator.virtual.packages.refusal import InstallRefusedError

APP = AppIdentity(package="com.example.cornershop", label="Corner Shop", version_name="1.4.2", version_code=10402)
PACKAGE = Package(
    app=replace(APP, cleartext_hosts=("127.0.0.1",)),
    assets={"virtual-app.json": b"{}", "a.bin": bytes(range(256))},
    constants={"API_URL": "http://127.0.0.1:8080", "REVISION": "abc"},
    abis=("x86_64", "arm64-v8a"),
)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return signing_key(tmp_path_factory.mktemp("keystore"), Signer.RELEASE)


def test_the_manifest_says_what_was_asked_for(key: SigningKey) -> None:
    manifest = read_apk(apk_bytes(PACKAGE, key), sdk=34).manifest
    assert (manifest.package, manifest.version_code, manifest.version_name) == (
        "com.example.cornershop",
        10402,
        "1.4.2",
    )
    assert (manifest.min_sdk, manifest.target_sdk, manifest.debuggable) == (24, 34, False)
    assert manifest.permissions == ("android.permission.INTERNET",)
    assert manifest.launcher == "com.example.cornershop.MainActivity"


def test_a_debuggable_app_says_so(key: SigningKey) -> None:
    debuggable = replace(PACKAGE, app=replace(APP, debuggable=True))
    assert read_apk(apk_bytes(debuggable, key), sdk=34).manifest.debuggable


def test_the_same_parts_give_the_same_bytes(key: SigningKey) -> None:
    first = apk_bytes(PACKAGE, key)
    assert apk_bytes(PACKAGE, key) == first
    reordered = replace(PACKAGE, assets=dict(sorted(PACKAGE.assets.items(), reverse=True)))
    assert apk_bytes(reordered, key) == first
    assert apk_bytes(replace(PACKAGE, constants={"API_URL": "http://127.0.0.1:9", "REVISION": "abc"}), key) != first


def test_a_device_reads_and_verifies_it(key: SigningKey) -> None:
    apk = read_apk(apk_bytes(PACKAGE, key), sdk=34)
    assert apk.manifest.package == "com.example.cornershop"
    assert apk.native_abis == {"x86_64", "arm64-v8a"}
    assert apk.assets()["assets/a.bin"] == bytes(range(256))


@pytest.mark.parametrize("where", ["AndroidManifest.xml", "assets/a.bin", "PK\x01\x02", "APK Sig Block 42"])
def test_a_byte_changed_after_signing_is_noticed_by_a_device(key: SigningKey, where: str) -> None:
    data = bytearray(apk_bytes(PACKAGE, key))
    position = data.index(where.encode()) + 1
    data[position] ^= 0x01
    with pytest.raises(InstallRefusedError):
        read_apk(bytes(data), sdk=34)


def test_stored_entries_are_aligned(key: SigningKey) -> None:
    data = apk_bytes(PACKAGE, key)
    with zipfile.ZipFile(BytesIO(data)) as apk:
        assert apk.testzip() is None
        for info in apk.infolist():
            name_length, extra_length = struct.unpack_from("<HH", data, info.header_offset + 26)
            begins = info.header_offset + 30 + name_length + extra_length
            if info.compress_type == zipfile.ZIP_STORED:
                assert begins % (4096 if info.filename.endswith(".so") else 4) == 0, info.filename
        stored = {i.filename for i in apk.infolist() if i.compress_type == zipfile.ZIP_STORED}
    assert stored == {"resources.arsc", "lib/x86_64/libshop.so", "lib/arm64-v8a/libshop.so"}


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=12))
def test_alignment_holds_for_any_names_and_sizes(sizes: list[tuple[int, bool]]) -> None:
    entries = [
        Entry(name=f"{number}-" + "n" * size, data=b"d" * size, stored=stored)
        for number, (size, stored) in enumerate(sizes)
    ]
    data = archive(entries)
    with zipfile.ZipFile(BytesIO(data)) as apk:
        assert [apk.read(entry.name) for entry in entries] == [entry.data for entry in entries]
        for entry, info in zip(entries, apk.infolist(), strict=True):
            name_length, extra_length = struct.unpack_from("<HH", data, info.header_offset + 26)
            if entry.stored:
                assert (info.header_offset + 30 + name_length + extra_length) % 4 == 0


@pytest.mark.parametrize("abi", ABIS)
def test_a_native_library_names_its_machine(key: SigningKey, abi: str) -> None:
    with zipfile.ZipFile(BytesIO(apk_bytes(replace(PACKAGE, abis=(abi,)), key))) as apk:
        library = apk.read(f"lib/{abi}/libshop.so")
    machines = {"arm64-v8a": 183, "armeabi-v7a": 40, "x86": 3, "x86_64": 62}
    assert library.startswith(b"\x7fELF")
    assert int.from_bytes(library[18:20], "little") == machines[abi]


def test_an_abi_that_android_does_not_know_is_refused(key: SigningKey) -> None:
    with pytest.raises(ValueError, match="riscv64"):
        apk_bytes(replace(PACKAGE, abis=("riscv64",)), key)


def test_the_endpoint_stands_in_the_bytecode(key: SigningKey) -> None:
    with zipfile.ZipFile(BytesIO(apk_bytes(PACKAGE, key))) as apk:
        strings = _dex_strings(apk.read("classes.dex"))
    assert {"API_URL", "http://127.0.0.1:8080", "Lcom/example/cornershop/BuildConfig;"} <= set(strings)


names = st.text(alphabet="abcdefgXYZ_", min_size=1, max_size=12)


@given(st.dictionaries(names, st.text(max_size=300), max_size=40))
@settings(max_examples=60)
def test_bytecode_keeps_any_text(constants: dict[str, str]) -> None:
    data = dex_file(
        [DexClass(name="a.B", constants=constants), DexClass(name="a.C", superclass="android.app.Activity")]
    )
    strings = _dex_strings(data)
    assert set(constants.values()) | set(constants) <= set(strings)
    in_order = [text.encode("utf-16-be", "surrogatepass") for text in strings]
    assert in_order == sorted(in_order)
    assert int.from_bytes(data[32:36], "little") == len(data)


def _dex_strings(data: bytes) -> list[str]:
    count, offset = struct.unpack_from("<II", data, 0x38)
    positions = struct.unpack_from(f"<{count}I", data, offset)
    return [_dex_string(data, position) for position in positions]


def _dex_string(data: bytes, at: int) -> str:
    while data[at] & 0x80:
        at += 1
    raw = data[at + 1 : data.index(b"\0", at + 1)].replace(b"\xc0\x80", b"\0")
    return raw.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")


def test_text_and_plain_attributes_survive_in_binary_xml() -> None:
    document = binary_xml(Element("a", plain(b="c"), (Element("d", (), (), "some text"),)))
    assert "some text".encode("utf-16-le") in document
    assert struct.unpack_from("<HHI", document) == (3, 8, len(document))


def test_a_string_too_long_for_an_apk_is_refused() -> None:
    with pytest.raises(ValueError, match="32767"):
        binary_xml(Element("a", plain(b="x" * 40_000)))


def test_only_a_zip_can_be_signed(key: SigningKey) -> None:
    for data in (b"", b"PK", b"x" * 100):
        with pytest.raises(ValueError, match="zip"):
            signed(data, key)


def test_a_key_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    first = signing_key(tmp_path / "keys", Signer.DEBUG)
    again = signing_key(tmp_path / "keys", Signer.DEBUG)
    assert first.digest == again.digest
    assert first.certificate.subject.rfc4514_string() == "CN=Android Debug,O=Android,C=US"
    assert (tmp_path / "keys" / "debug-key.pem").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["debug-key.pem"]
    assert signing_key(tmp_path / "keys", Signer.RELEASE).digest != first.digest


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_broken_key_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "release-key.pem").write_bytes(content)
    with pytest.raises(KeystoreError, match=r"release-key\.pem.*Delete the file"):
        signing_key(tmp_path, Signer.RELEASE)


def test_a_failed_write_leaves_the_old_package_alone(tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "app.apk"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="ABI"):
        write_apk(path, replace(PACKAGE, abis=("vax",)), key)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
