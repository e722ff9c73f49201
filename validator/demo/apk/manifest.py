"""The Android manifest and the network security configuration of an app."""

from __future__ import annotations

from dataclasses import dataclass

from validator.demo.apk.arsc import Resources, resource_id
from validator.demo.apk.axml import Element, Reference, android, binary_xml, plain

SECURITY_CONFIG_PATH = "res/xml/network_security_config.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppIdentity:
    """What the manifest says of an app."""

    package: str
    label: str
    version_name: str
    version_code: int
    activity: str = ".MainActivity"
    debuggable: bool = False
    min_sdk: int = 24
    target_sdk: int = 34
    cleartext_hosts: tuple[str, ...] = ()
    """Hosts that the app may talk to without TLS; everything else needs it."""

    @property
    def activity_class(self) -> str:
        """The launchable activity's full class name."""
        return self.package + self.activity if self.activity.startswith(".") else self.activity

    @property
    def resources(self) -> Resources:
        """The resources that the manifest refers to."""
        return {
            "string": {"app_name": self.label},
            "xml": {"network_security_config": SECURITY_CONFIG_PATH},
        }


def manifest(app: AppIdentity) -> bytes:
    """`AndroidManifest.xml`."""
    root = Element(
        "manifest",
        android(
            versionCode=app.version_code,
            versionName=app.version_name,
            compileSdkVersion=app.target_sdk,
            compileSdkVersionCodename="14",
        )
        + plain(package=app.package, platformBuildVersionCode=app.target_sdk, platformBuildVersionName=14),
        (
            Element("uses-sdk", android(minSdkVersion=app.min_sdk, targetSdkVersion=app.target_sdk)),
            Element("uses-permission", android(name="android.permission.INTERNET")),
            _application(app),
        ),
    )
    return binary_xml(root)


def _application(app: AppIdentity) -> Element:
    attributes = android(
        label=Reference(resource_id(app.resources, "string", "app_name")),
        allowBackup=False,
        extractNativeLibs=False,
        networkSecurityConfig=Reference(resource_id(app.resources, "xml", "network_security_config")),
    )
    if app.debuggable:
        attributes += android(debuggable=True)
    return Element("application", attributes, (_launcher(app),))


def _launcher(app: AppIdentity) -> Element:
    intent = Element(
        "intent-filter",
        (),
        (
            Element("action", android(name="android.intent.action.MAIN")),
            Element("category", android(name="android.intent.category.LAUNCHER")),
        ),
    )
    return Element("activity", android(name=app.activity_class, exported=True), (intent,))


def security_config(app: AppIdentity) -> bytes:
    """`res/xml/network_security_config.xml`: TLS everywhere but for the hosts named."""
    base = Element("base-config", plain(cleartextTrafficPermitted="false"))
    domains = tuple(Element("domain", plain(includeSubdomains="false"), (), host) for host in app.cleartext_hosts)
    exception = Element("domain-config", plain(cleartextTrafficPermitted="true"), domains)
    return binary_xml(Element("network-security-config", (), (base, exception) if domains else (base,)))
