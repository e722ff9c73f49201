"""What a configuration says of the deployment: where outputs come from, and what must be live."""

import pytest

from tests.config.documents import Complain, Load, MakeResolvers
from validator.config.preflight import check_references

OUTPUTS = 'deployment:\n  outputs: {api-url: "${env:API_URL}", api_key: "${env:API_KEY}"}\n'
READY = 'readiness: [{url: "${terraform:api-url}/health"}]\n'


def test_outputs_are_given_by_the_environment(load: Load, resolvers: MakeResolvers):
    config = load(OUTPUTS + READY).value
    known = resolvers(API_URL="https://api.example.com", API_KEY="k")
    check_references(config, known)
    values = config.deployment.outputs.resolve(known)
    assert values == {"api-url": "https://api.example.com", "api_key": "k"}
    assert config.asked[0].url.resolve(known.with_outputs(values)) == "https://api.example.com/health"


def test_an_output_that_is_not_given_is_told_where_it_is_used(complain: Complain):
    told = complain(OUTPUTS + READY.replace("api-url", "api-urls"))
    assert told.startswith("3:20: readiness[0].url: ${terraform:api-urls}: deployment.outputs has no api-urls")
    assert "did you mean 'api-url'" in told


def test_two_places_for_outputs_are_one_too_many(complain: Complain):
    told = complain("deployment:\n  terraform: {directory: infra}\n  outputs: {a: b}\n")
    assert "3:16: deployment.outputs.a: deployment.terraform gives the outputs already" in told


def test_an_output_cannot_be_made_of_an_output(complain: Complain):
    assert "is not known yet" in complain('deployment: {outputs: {a: "${terraform:b}"}}\n')


def test_a_state_file_is_one_of_three_ways(load: Load, resolvers: MakeResolvers, complain: Complain):
    terraform = load("deployment: {terraform: {state_file: infra/terraform.tfstate}}\n").value.deployment.terraform
    assert terraform is not None
    assert type(terraform).__name__ == "TerraformStateFile"
    assert "exclude one another" in complain("deployment: {terraform: {state_file: a, directory: b}}\n")


def test_live_addresses_have_a_path_and_a_deadline(load: Load):
    text = 'deployment:\n  live: [{url: "https://a.example/v", path: $.build.revision, within: 30s, expect: abc}]\n'
    (address,) = load(text).value.deployment.live
    assert address.path is not None
    assert address.path.steps == ("build", "revision")
    assert address.within.total_seconds() == 30


@pytest.mark.parametrize("path", ["$..a", "'${env:PATH}'", "3"])
def test_what_is_no_path_is_told_at_its_place(complain: Complain, path: str):
    told = complain(f"deployment:\n  live: [{{url: 'https://a.example/v', path: {path}}}]\n")
    assert told.startswith("2:45: deployment.live[0].path: ")
