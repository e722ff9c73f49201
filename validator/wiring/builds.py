"""`build:` -> where the APK comes from and what makes it the production build."""

from __future__ import annotations

from typing import assert_never

from validator.builds.command import CommandBuild
from validator.builds.expect import Expectation
from validator.builds.file import FileBuild
from validator.builds.port import BuildSource
from validator.config.environment import EnvironmentConfig
from validator.config.resolvers import Resolvers
from validator.config.sections import build as section
from validator.config.templates import resolve_all
from validator.pipeline.parts import Recipe


def recipe(config: EnvironmentConfig, resolvers: Resolvers) -> Recipe:
    """The recipe, with all references resolved.

    Raises:
        ConfigError: A reference has no value.
    """
    return Recipe(source=_source(config.build, resolvers), expectation=_expectation(config, resolvers))


def _source(build: section.CommandBuild | section.FileBuild, resolvers: Resolvers) -> BuildSource:
    match build:
        case section.CommandBuild():
            directory = build.directory.resolve(resolvers) if build.directory is not None else resolvers.root
            return CommandBuild(
                command=build.command.resolve(resolvers),
                directory=directory,
                artifact=str(build.artifact.resolve(resolvers)),
                environment=build.environment.resolve(resolvers),
                seconds=build.timeout.total_seconds(),
            )
        case section.FileBuild():
            return FileBuild(path=build.file.resolve(resolvers))
        case _:
            assert_never(build)


def _expectation(config: EnvironmentConfig, resolvers: Resolvers) -> Expectation:
    expect = config.build.expect
    return Expectation(
        package=(expect.package or config.app.id).resolve(resolvers),
        debuggable=expect.debuggable,
        signer=expect.signer.resolve(resolvers) if expect.signer is not None else "",
        contains=resolve_all(expect.contains, resolvers),
        never_contains=resolve_all(expect.never_contains, resolvers),
    )
