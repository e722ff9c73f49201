"""Every expected flow gets an outcome, product failures are confirmed elsewhere, and lost devices cost no flow."""

import threading

from tests.pipeline.stand_ins import (
    CRASH,
    CRASH_ON_LAST_STEP,
    DEVICE_LOST,
    DRIVER_DEAD,
    HANG,
    PASS,
    REFUSED,
    WRONG_SCREEN,
)
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.model.events import AttemptFinished, AttemptStarted, DeviceLost, RetryScheduled


def test_flows_that_pass_are_run_once_each(loop):
    done = loop({"a": [PASS], "b": [PASS], "c": [PASS]}, devices=2).run()
    assert done.outcomes == {"a": "passed", "b": "passed", "c": "passed"}
    assert len(done.all(AttemptFinished)) == 3


def test_each_attempt_begins_with_a_fresh_user_and_the_runs_marks(loop):
    done = loop({"a": [PASS], "b": [PASS]}).run()
    device = done.devices["device-1"]
    assert device.fresh_users == 2
    assert device.marks == {"run": "r1"}
    assert done.runner.variables == [{"SKIP_DATA_CLEANUP": "true"}] * 2


def test_a_wrong_screen_is_confirmed_on_another_device_and_then_failed(loop):
    done = loop({"a": [WRONG_SCREEN], "b": [PASS], "c": [PASS]}, devices=2).run()
    assert done.outcomes == {"a": "failed", "b": "passed", "c": "passed"}
    assert done.causes == {"a": "app_assertion"}
    serials = [serial for flow, serial in done.script.attempts if flow == "a"]
    assert len(set(serials)) == 2


def test_a_failure_that_does_not_come_again_is_flaky_and_both_attempts_stay_visible(loop):
    done = loop({"a": [WRONG_SCREEN, PASS]}).run()
    assert done.outcomes == {"a": "flaky"}
    assert [event.outcome for event in done.all(AttemptFinished)] == ["failed", "passed"]
    assert [event.purpose for event in done.all(AttemptStarted)] == ["first", "confirm"]


def test_a_crash_on_the_last_step_is_no_pass(loop):
    assert loop({"a": [CRASH_ON_LAST_STEP]}).run().causes == {"a": "app_crash"}


def test_a_lost_device_is_not_used_again_and_its_flow_runs_elsewhere(loop):
    done = loop({"a": [DEVICE_LOST, PASS], "b": [PASS], "c": [PASS], "d": [PASS]}, devices=2).run()
    assert set(done.outcomes.values()) == {"passed"}
    (lost,) = done.all(DeviceLost)
    after = [serial for flow, serial in done.script.attempts][done.script.attempts.index(("a", lost.serial)) + 1 :]
    assert lost.serial not in after[1:]


def test_when_the_only_device_is_lost_what_is_left_is_inconclusive_never_missing_or_failed(loop):
    done = loop({"a": [DEVICE_LOST], "b": [PASS], "c": [PASS]}).run()
    assert done.outcomes == {"a": "inconclusive", "b": "inconclusive", "c": "inconclusive"}
    assert done.causes == {"a": "device_lost", "b": "no_device", "c": "no_device"}
    assert done.all(RetryScheduled) == []


def test_a_product_failure_that_nobody_can_confirm_stays_inconclusive(loop):
    done = loop({"a": [CRASH, DEVICE_LOST]}).run()
    assert done.outcomes == {"a": "inconclusive"}


def test_infrastructure_failures_in_a_row_end_the_run_early(loop):
    flows = {name: [DRIVER_DEAD] for name in "abcdefgh"}
    done = loop(flows, consecutive=3).run()
    assert len(done.script.attempts) == 3
    assert set(done.outcomes.values()) == {"inconclusive"}
    assert set(done.causes.values()) == {"driver_failed"}


def test_a_pass_in_between_begins_the_count_anew(loop):
    done = loop({"a": [DRIVER_DEAD, PASS], "b": [PASS], "c": [DRIVER_DEAD, PASS], "d": [PASS]}, consecutive=3).run()
    assert set(done.outcomes.values()) == {"passed"}


def test_a_flow_that_is_no_flow_is_settled_without_a_device(loop):
    done = loop({"broken": [PASS], "a": [PASS]}, problem="broken.yaml:3:1: no commands").run()
    assert done.outcomes == {"broken": "inconclusive", "a": "passed"}
    assert done.causes == {"broken": "flow_invalid"}
    assert [flow for flow, _ in done.script.attempts] == ["a"]


def stopped_while_it_hangs(hanging, reason):
    """Run the loop, and stop it as soon as an attempt hangs."""
    stopper = threading.Thread(target=lambda: hanging.script.hanging.wait(20) and hanging.stop.set(reason))
    stopper.start()
    hanging.run()
    stopper.join()
    return hanging


def test_a_stop_ends_the_attempts_that_run_and_starts_no_more(loop):
    stopped = stopped_while_it_hangs(loop({"a": [HANG], "b": [PASS]}), "interrupted")
    assert stopped.outcomes == {}
    assert [flow for flow, _ in stopped.script.attempts] == ["a"]


def test_a_passed_deadline_leaves_the_rest_inconclusive(loop):
    late = stopped_while_it_hangs(loop({"a": [HANG], "b": [PASS]}), "deadline")
    assert late.outcomes == {"a": "inconclusive", "b": "inconclusive"}
    assert set(late.causes.values()) == {"timed_out"}


def test_attempts_leave_their_files_in_folders_of_their_own(loop, tmp_path):
    done = loop({"a": [WRONG_SCREEN]}).run()
    folders = [event.folder for event in done.all(AttemptStarted)]
    assert folders == ["attempts/a/1", "attempts/a/2"]
    for event in done.all(AttemptFinished):
        assert [file.kind for file in event.evidence.files] == ["screenshot", "manifest"]
        assert (tmp_path / event.evidence.files[0].path).is_file()


def test_a_device_that_cannot_be_made_ready_is_tried_again_and_nothing_is_held_against_the_app(loop):
    done = loop({"a": [PASS]})
    done.devices["device-1"].unprepared.append(StageError(Cause.DEVICE_UNHEALTHY, "12 MB free on /data"))
    done.run()
    assert done.outcomes == {"a": "passed"}
    assert [event.outcome for event in done.all(AttemptFinished)] == ["error", "passed"]


def test_a_device_that_is_lost_while_it_is_made_ready_is_not_used_again(loop):
    done = loop({"a": [PASS], "b": [PASS]}, devices=2)
    done.devices["device-1"].unprepared.append(StageError(Cause.DEVICE_LOST, "device offline"))
    done.run()
    assert set(done.outcomes.values()) == {"passed"}
    assert [event.serial for event in done.all(DeviceLost)] == ["device-1"]


def test_a_folder_that_cannot_be_written_makes_a_flow_inconclusive_not_the_program_fail(loop, tmp_path):
    (tmp_path / "attempts").write_text("a file where the folder should be")
    done = loop({"a": [PASS]}).run()
    assert done.outcomes == {"a": "inconclusive"}
    assert done.causes == {"a": "runner_failed"}


def test_a_backend_that_comes_back_leaves_its_flow_to_be_confirmed(loop):
    done = loop({"a": [REFUSED, PASS], "b": [PASS]})
    done.backend = [True]
    done.run()
    assert done.outcomes == {"a": "flaky", "b": "passed"}


def test_a_backend_that_stays_away_fails_its_flow_at_once_and_nothing_more_is_started(loop):
    done = loop({"a": [REFUSED], "b": [PASS], "c": [PASS]})
    done.backend = [False]
    done.run()
    assert done.outcomes == {"a": "failed", "b": "inconclusive", "c": "inconclusive"}
    assert set(done.causes.values()) == {"backend_unavailable"}
    assert [flow for flow, _ in done.script.attempts] == ["a"]


def test_without_a_readiness_probe_a_backend_failure_is_confirmed_by_running_the_flow_again(loop):
    done = loop({"a": [REFUSED], "b": [PASS]}).run()
    assert done.outcomes == {"a": "failed", "b": "passed"}
    assert len([flow for flow, _ in done.script.attempts if flow == "a"]) == 2
