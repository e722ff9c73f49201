"""The earlier stages of the pipeline that have passed: as the caller says, and as the CI system says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from validator.deploys.github_jobs import PASSED, github_run, job_states
from validator.model.errors import UsageError, ValidatorError
from validator.support.stop import Stop


def passed_stages(
    named: Sequence[str], jobs: Sequence[str], variables: Mapping[str, str], stop: Stop, say: Callable[[str], None]
) -> tuple[str, ...]:
    """The stages that passed, each once; a job of which GitHub does not say so is left out, and told.

    Args:
        named: Stages that the caller vouches for.
        jobs: Jobs that GitHub is asked about.
        variables: The environment.
        stop: Ends the asking.
        say: Takes one line about each job that does not count.

    Raises:
        UsageError: GitHub is to be asked, and the environment does not say where and as whom.
    """
    return tuple(dict.fromkeys((*named, *(_passed(jobs, variables, stop, say) if jobs else ()))))


def _passed(jobs: Sequence[str], variables: Mapping[str, str], stop: Stop, say: Callable[[str], None]) -> Sequence[str]:
    try:
        states = job_states(github_run(variables), stop)
    except UsageError:
        raise
    except ValidatorError as error:
        say(f"no job counts as passed: {error.text}")
        return ()
    for job in jobs:
        if states.get(job) != PASSED:
            say(f"the job {job} does not count as passed: GitHub says {states.get(job, 'that there is no such job')}")
    return [job for job in jobs if states.get(job) == PASSED]
