"""`build:` -> where the APK comes from and what makes it the production build."""

from __future__ import annotations

import os
from functools import partial
from typing import Final, assert_never
from urllib.parse import urlsplit

from validator.builds.cache import Cache
from validator.builds.command import CommandBuild
from validator.builds.expect import normal_digest
from validator.builds.file import FileBuild
from validator.builds.github_release import API, GitHubReleaseBuild
from validator.builds.port import BuildSource
from validator.builds.tools import find_tools, verify
from validator.builds.url import UrlBuild
from validator.config.environment import EnvironmentConfig
from validator.config.errors import ConfigError, Problem
from validator.config.references import Template
from validator.config.resolvers import Resolvers
from validator.config.sections import build as section
from validator.config.templates import SecretTemplate
from validator.model.errors import UsageError
from validator.pipeline.parts import Recipe
from validator.support.redact import Secret
from validator.wiring.expectations import expectation

_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_DIGITS: Final = 64


def recipe(config: EnvironmentConfig, resolvers: Resolvers) -> Recipe:
    """The recipe, with all references resolved.

    Raises:
        ConfigError: A reference has no value, or one that says nothing or is no digest.
        UsageError: A token would be sent without TLS.
    """
    return Recipe(
        source=_source(config.build, resolvers),
        expectation=expectation(config, resolvers),
        verify=partial(verify, find_tools(os.environ)),
    )


def _source(build: section.Build, resolvers: Resolvers) -> BuildSource:
    match build:
        case section.CommandBuild():
            directory = build.directory.resolve(resolvers) if build.directory is not None else resolvers.root
            return CommandBuild(
                command=build.command.resolve(resolvers),
                directory=directory,
                artifact=str(build.artifact.resolve(resolvers)),
                environment=build.environment.resolve(resolvers),
                seconds=build.timeout.total_seconds(),
                fresh=build.fresh,
            )
        case section.FileBuild():
            return FileBuild(path=build.file.resolve(resolvers))
        case section.GitHubReleaseBuild():
            return _github_release(build, resolvers)
        case section.UrlBuild():
            return UrlBuild(
                url=_safe(build.url.resolve(resolvers), build.token),
                sha256=_digest(build.sha256, resolvers),
                token=_secret(build.token, resolvers),
                cache=_cache(resolvers),
                seconds=build.timeout.total_seconds(),
            )
        case _:
            assert_never(build)


def _github_release(build: section.GitHubReleaseBuild, resolvers: Resolvers) -> GitHubReleaseBuild:
    release = build.github_release
    return GitHubReleaseBuild(
        repository=release.repository.resolve(resolvers),
        asset=release.asset.resolve(resolvers),
        tag=release.tag.resolve(resolvers) if release.tag is not None else "",
        token=_secret(release.token, resolvers),
        api_url=_safe(release.api_url.resolve(resolvers) if release.api_url is not None else API, release.token),
        cache=_cache(resolvers),
        seconds=build.timeout.total_seconds(),
    )


def _cache(resolvers: Resolvers) -> Cache:
    return Cache(folder=resolvers.root / ".validator" / "cache")


def _secret(template: SecretTemplate | None, resolvers: Resolvers) -> Secret:
    return template.resolve(resolvers) if template is not None else Secret("")


def _safe(url: str, token: SecretTemplate | None) -> str:
    """Refuse to send a token where everybody on the way can read it."""
    parts = urlsplit(url)
    if token is not None and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        remedy = "begin the address with https://"
        raise UsageError("a token would be sent without TLS", where=f"http://{parts.hostname}", remedy=remedy)
    return url


def _digest(template: Template, resolvers: Resolvers) -> str:
    text = template.resolve(resolvers)
    digest = normal_digest(text).removeprefix("sha256:")
    if len(digest) != _DIGITS or set(digest) - set("0123456789abcdef"):
        remedy = "write 64 hexadecimal digits, as sha256sum shows"
        message = f"{text!r} is no SHA-256 digest"
        raise ConfigError([Problem.at(template.position, message, path=template.path, remedy=remedy)])
    return digest
