"""Runs in worker processes: they end in every way there is, and nothing is left behind."""

import itertools
import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import psutil
import pytest

from nn_core import Experiment, fit
from nn_core.errors import NotYourRun, QueueFull
from nn_core.events import Failed, Finished
from nn_core.runs.studies.parity import why_not_comparable
from nn_core.runs.workers import worker_process
from nn_core.runs.workers.leases import GRACE_SECONDS
from nn_core.runs.workers.placement import SILENCE_SECONDS
from nn_core.runs.workers.pool import Pool
from tests.helpers.by_hand import xor_loss
from tests.helpers.root import ROOT
from tests.helpers.runs import is_over

ENDLESS = Experiment(epochs=1_000_000)


def test_a_run_in_a_worker_computes_what_the_same_experiment_computes_here(pool):
    experiment = Experiment(epochs=500, dtype="float64", batch_size=3)
    run = pool.submit(experiment, "ada")
    assert run.wait(is_over, 30)
    here = fit(experiment)
    assert isinstance(run.end, Finished)
    assert np.array_equal(run.history.exact_losses, here.losses)
    for (weight, bias), (weight_2, bias_2) in zip(run.latest.params, here.params, strict=True):
        assert np.array_equal(weight, weight_2)
        assert np.array_equal(bias, bias_2)
    assert run.latest.step == run.step == 1000
    assert run.end.metrics == here.metrics


def test_pause_holds_the_step_and_resume_goes_on_from_it(pool):
    run = pool.submit(ENDLESS, "ada")
    assert run.wait(lambda run: run.step > 100, 30)
    pool.set_want(run, "ada", "paused")
    assert run.wait(lambda run: run.state == "paused", 5)
    step, losses = run.step, run.history.losses.count
    assert step == losses == run.latest.step
    time.sleep(0.3)
    assert run.step == step
    pool.set_want(run, "ada", "running")
    assert run.wait(lambda run: run.step > step, 5)
    assert run.history.losses.count >= run.step - 1
    assert run.state == "running"


def test_pausing_does_not_change_what_is_computed(pool):
    experiment = Experiment(epochs=20_000, dtype="float64")
    run = pool.submit(experiment, "ada", speed=3000.0)
    for goal in (50, 400, 900):
        assert run.wait(lambda run, goal=goal: run.step >= goal, 30)
        pool.set_want(run, "ada", "paused")
        assert run.wait(lambda run: run.state == "paused", 5)
        pool.set_want(run, "ada", "running")
    pool.set_speed(run, "ada", None)
    assert run.wait(is_over, 30)
    assert np.array_equal(run.history.exact_losses, fit(experiment).losses)


def test_a_step_goes_exactly_so_far_and_a_repeated_one_is_ignored(pool):
    run = pool.submit(Experiment(batch_size=3, epochs=1000), "ada", want="paused")
    pool.take_step(run, "ada", "batch", 1)
    pool.take_step(run, "ada", "batch", 1)
    assert run.wait(lambda run: run.step == 1 and not run.is_changing, 30)
    pool.take_step(run, "ada", "epoch", 2)
    assert run.is_changing or run.epoch == 1.0
    assert run.wait(lambda run: run.epoch == 1.0, 5)
    pool.take_step(run, "ada", "sample", 3)
    assert run.wait(lambda run: run.epoch == 1.25, 5)
    assert run.step == 3
    assert run.state == "paused"


def test_the_learning_rate_can_be_changed_while_training_goes_on(pool):
    run = pool.submit(ENDLESS, "ada")
    assert run.wait(lambda run: run.step > 100, 30)
    pool.set_learning_rate(run, "ada", 0.001)
    assert run.wait(lambda run: run.learning_rate_changes, 5)
    assert run.learning_rate_now == 0.001
    assert 100 < run.learning_rate_changes[0].step <= run.step


def edited(params, layer, source, target, value):
    """The parameters with one of them set by hand."""
    copies = [(weight.copy(), bias.copy()) for weight, bias in params]
    if source is None:
        copies[layer][1][target] = value
    else:
        copies[layer][0][source, target] = value
    return copies


@pytest.mark.parametrize(
    "backend",
    [
        "numpy",
        "torch",
        *(pytest.param(name, marks=pytest.mark.slow)
          for name in ("autograd", "jax", "keras", "tensorflow")),
    ],
    indirect=True,
)  # fmt: skip
def test_an_edited_weight_changes_the_backends_loss_as_numpy_says(pool, backend):
    experiment = Experiment(backend=backend, dtype="float64", epochs=1_000_000)
    run = pool.submit(experiment, "ada", want="paused")
    pool.take_step(run, "ada", "batch", 1)
    assert run.wait(lambda run: run.step == 1 and run.latest.step == 1, 120)
    before = run.latest
    assert before.metrics["train_loss"] == pytest.approx(xor_loss(before.params), abs=1e-12)
    params = before.params
    for number, edit in enumerate([(0, 1, 2, 3.5), (1, None, 0, -2.25)], start=1):
        layer, source, target, value = edit
        pool.edit_params(run, "ada", layer=layer, source=source, target=target, value=value,
                         number=number)  # fmt: skip
        assert run.is_changing
        assert run.wait(lambda run: not run.is_changing, 30)
        params = edited(params, *edit)
        now = run.latest
        for layer, other in zip(now.params, params, strict=True):
            for array, wanted in zip(layer, other, strict=True):
                np.testing.assert_array_equal(array, wanted)
        assert now.metrics["train_loss"] == pytest.approx(xor_loss(params), abs=1e-12)
        assert run.history.measurements[-1].metrics == now.metrics
        assert now.metrics["train_loss"] != before.metrics["train_loss"]
    assert [vars(edit) for edit in run.edits] == [
        {"step": 1, "layer": 0, "source": 1, "target": 2, "value": 3.5},
        {"step": 1, "layer": 1, "source": None, "target": 0, "value": -2.25},
    ]
    # Training goes on from the edited weights: the next loss is theirs.
    pool.take_step(run, "ada", "batch", 2)
    assert run.wait(lambda run: run.step == 2, 30)
    assert run.history.losses.last == pytest.approx(xor_loss(params), abs=1e-12)
    assert "set by hand" in why_not_comparable(run)


def test_a_repeated_edit_is_ignored_and_so_is_one_that_cannot_be(pool):
    run = pool.submit(Experiment(dtype="float64"), "ada", want="paused")  # asked before it begins
    place = {"layer": 1, "source": None, "target": 0}
    pool.edit_params(run, "ada", **place, value=1.0, number=7)
    pool.edit_params(run, "ada", **place, value=2.0, number=7)
    assert run.wait(lambda run: run.edits and not run.is_changing, 30)
    assert run.state == "paused"
    run.send(params={**place, "value": 3.0, "number": 6})  # heard late
    run.send(params={**place, "target": 5, "value": 3.0, "number": 8})  # there is no such unit
    run.send(params={**place, "value": "nan", "number": 9})
    run.send(params={"number": 10})
    pool.take_step(run, "ada", "batch", 1)
    assert run.wait(lambda run: run.step == 1, 30)
    assert [edit.value for edit in run.edits] == [1.0]
    assert run.history.snapshots[0].params[1][1][0] == 1.0


def test_a_weight_can_be_set_while_training_goes_on(pool):
    run = pool.submit(ENDLESS, "ada")
    assert run.wait(lambda run: run.step > 100, 30)
    pool.edit_params(run, "ada", layer=0, source=0, target=0, value=0.1, number=1)
    assert run.wait(lambda run: run.edits, 5)
    assert run.edits[0].value == np.float32(0.1)  # as the framework holds it
    step = run.step
    assert run.wait(lambda run: run.step > step, 5)
    assert run.state == "running"


def test_an_edit_that_breaks_the_loss_is_named_as_the_cause(pool):
    experiment = Experiment(activation="relu", output="identity", hidden=(2, 2, 2, 2, 2, 2, 2))
    run = pool.submit(experiment, "ada", want="paused")
    for layer in range(7):
        for source in range(2):
            for target in range(2):
                number = 1 + target + 2 * source + 4 * layer
                pool.edit_params(run, "ada", layer=layer, source=source, target=target,
                                 value=1e6, number=number)  # fmt: skip
    assert run.wait(lambda run: len(run.edits) == 28, 30)
    pool.take_step(run, "ada", "batch", 1)
    assert run.wait(is_over, 30)
    assert "set by hand at step 0" in run.end.message


def test_a_speed_limit_is_kept(pool):
    run = pool.submit(ENDLESS, "ada", speed=100.0)
    assert run.wait(lambda run: run.step >= 20, 30)
    start, step = time.monotonic(), run.step
    assert run.wait(lambda run: run.step >= step + 100, 30)
    assert (run.step - step) / (time.monotonic() - start) < 130


def test_a_killed_worker_is_a_sentence_and_the_history_stays_and_the_next_run_works(pool):
    run = pool.submit(ENDLESS, "ada")
    assert run.wait(lambda run: run.step > 1000, 30)
    os.kill(pool.workers()[0].pid, signal.SIGKILL)
    assert run.wait(is_over, 2)
    assert run.state == "failed"
    assert "killed by signal 9" in run.end.message
    assert run.history.losses.count >= 1000
    assert run.latest.params
    following = pool.submit(Experiment(epochs=100), "ada")
    assert following.wait(is_over, 30)
    assert following.state == "finished"


def test_stopping_keeps_the_worker_warm(pool):
    run = pool.submit(ENDLESS, "ada")
    assert run.wait(lambda run: run.step > 100, 30)
    worker = pool.workers()[0].pid
    pool.set_want(run, "ada", "stopped")
    assert run.wait(is_over, 5)
    assert run.end.reason == "stopped"
    following = pool.submit(Experiment(epochs=100), "ada")
    assert following.wait(is_over, 30)
    assert [handle.pid for handle in pool.workers()] == [worker]


def test_a_run_stopped_while_its_framework_is_imported_ends_at_once(pool):
    run = pool.submit(ENDLESS, "ada")
    pool.set_want(run, "ada", "stopped")
    assert run.wait(is_over, 1)
    assert run.end.reason == "stopped"


def test_a_new_run_of_a_session_ends_its_old_one(pool):
    old = pool.submit(ENDLESS, "ada")
    assert old.wait(lambda run: run.step > 100, 30)
    new = pool.submit(Experiment(epochs=100), "ada")
    assert old.wait(is_over, 5)
    assert new.wait(is_over, 30)
    assert (old.state, new.state) == ("stopped", "finished")


def test_no_more_runs_train_than_there_are_slots_and_the_others_know_their_place(pool):
    runs = [pool.submit(ENDLESS, f"student {i}") for i in range(5)]
    assert runs[0].wait(lambda run: run.step > 0, 30)
    assert runs[1].wait(lambda run: run.step > 0, 30)
    assert [run.state for run in runs[2:]] == ["queued"] * 3
    assert [run.position for run in runs] == [0, 0, 1, 2, 3]
    with pytest.raises(QueueFull, match="Try again in a minute"):
        pool.submit(ENDLESS, "one too many")
    pool.set_want(runs[0], "student 0", "stopped")
    assert runs[2].wait(lambda run: run.step > 0, 30)
    assert [run.position for run in runs[2:]] == [0, 1, 2]


def test_a_paused_run_gives_its_slot_to_the_next_in_line(pool):
    runs = [pool.submit(ENDLESS, f"student {i}") for i in range(3)]
    assert runs[0].wait(lambda run: run.step > 0, 30)
    pool.set_want(runs[0], "student 0", "paused")
    assert runs[2].wait(lambda run: run.step > 0, 30)
    pool.set_want(runs[0], "student 0", "running")
    assert runs[0].wait(lambda run: run.position == 1, 5)
    step = runs[0].step
    pool.set_want(runs[1], "student 1", "stopped")
    assert runs[0].wait(lambda run: run.step > step, 30)


def test_nobody_commands_the_run_of_another_session(pool):
    run = pool.submit(ENDLESS, "ada")
    for command in (
        lambda: pool.set_want(run, "eve", "stopped"),
        lambda: pool.take_step(run, "eve", "batch", 1),
        lambda: pool.set_learning_rate(run, "eve", 1.0),
        lambda: pool.set_speed(run, "eve", 1.0),
    ):
        with pytest.raises(NotYourRun):
            command()
    assert not run.is_over


def test_a_run_whose_page_is_gone_ends_after_its_grace_and_one_that_comes_back_goes_on(pool, clock):
    gone, back = pool.submit(ENDLESS, "gone"), pool.submit(ENDLESS, "back")
    for run in (gone, back):
        assert run.wait(lambda run: run.step > 0, 30)
        pool.release(run.owner)
    pool.reconnect("back")
    clock.offset += GRACE_SECONDS - 1
    pool.watch()
    assert not gone.is_over
    clock.offset += 2
    pool.watch()
    assert gone.wait(is_over, 5)
    assert gone.end.reason == "stopped"
    assert not back.is_over


def test_a_last_question_of_a_page_that_is_gone_does_not_keep_its_run_for_ever(pool, clock):
    gone, asking = pool.submit(ENDLESS, "gone"), pool.submit(ENDLESS, "asking")
    for run in (gone, asking):
        assert run.wait(lambda run: run.step > 0, 30)
        pool.release(run.owner)
    pool.renew("gone")  # it was on its way when the page went
    for _ in range(2):
        pool.renew("asking")
        clock.offset += GRACE_SECONDS - 1
        pool.watch()
    assert gone.wait(is_over, 5)
    assert not asking.is_over


def test_a_run_that_is_started_as_its_page_goes_ends_after_the_grace(pool, clock):
    pool.release("ada")
    late = pool.submit(ENDLESS, "ada")  # the click was on its way
    assert late.wait(lambda run: run.step > 0, 30)
    clock.offset += GRACE_SECONDS + 1
    pool.watch()
    assert late.wait(is_over, 5)


def test_a_connection_that_comes_back_by_itself_keeps_its_run_until_it_is_lost_again(pool, clock):
    run, is_there = pool.submit(ENDLESS, "ada"), [True]
    assert run.wait(lambda run: run.step > 0, 30)
    pool.release("ada", lambda: is_there[0])
    pool.watch()
    clock.offset += GRACE_SECONDS + 1
    pool.watch()
    is_there[0] = False
    clock.offset += GRACE_SECONDS - 1
    pool.watch()
    assert not run.is_over
    clock.offset += 2
    pool.watch()
    assert run.wait(is_over, 5)


def test_every_run_of_a_session_follows_it(pool, clock):
    check = pool.submit(ENDLESS, "ada", purpose="compare", part="numpy")
    other = pool.submit(ENDLESS, "adamant", purpose="compare", part="numpy")
    for run in (check, other):
        assert run.wait(lambda run: run.step > 0, 30)
    pool.release("ada")
    clock.offset += GRACE_SECONDS - 1
    pool.reconnect("ada")
    clock.offset += 2
    pool.watch()
    assert not check.is_over
    pool.release("ada")
    clock.offset += GRACE_SECONDS + 1
    pool.watch()
    assert check.wait(is_over, 5)
    assert not other.is_over
    late = pool.submit(ENDLESS, "ada", purpose="compare", part="torch")
    assert late.state == "stopped", "a session that is gone begins nothing more"
    pool.reconnect("ada")
    assert pool.submit(ENDLESS, "ada", purpose="compare", part="torch").state != "stopped"


def test_a_pool_that_is_closed_begins_nothing(pool):
    pool.close()
    assert pool.submit(ENDLESS, "ada").state == "stopped"
    assert not pool.workers()


def test_a_run_knows_its_first_call_and_the_memory_of_its_worker(pool):
    run = pool.submit(Experiment(epochs=300), "ada")
    assert run.wait(is_over, 30)
    assert 0 < run.first_call_seconds < run.train_seconds
    assert 20 < run.worker_megabytes < 1000


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this system")
def test_a_worker_that_no_longer_answers_is_ended_with_a_sentence(pool, clock):
    run = pool.submit(ENDLESS, "ada")
    assert run.wait(lambda run: run.step > 0, 30)
    os.kill(pool.workers()[0].pid, signal.SIGSTOP)
    time.sleep(0.3)  # what is in the pipe is heard first
    clock.offset += SILENCE_SECONDS + 1
    pool.watch()
    assert run.wait(is_over, 2)
    assert "has not answered" in run.end.message


def test_a_framework_that_is_not_installed_is_a_sentence(pool, tmp_path, monkeypatch):
    shadow = tmp_path / "torch"
    shadow.mkdir()
    (shadow / "__init__.py").write_text("raise ImportError('a library file is missing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run = pool.submit(Experiment(backend="torch"), "ada")
    assert run.wait(is_over, 30)
    assert run.end.kind == "framework"
    assert "PyTorch is installed but could not be imported" in run.end.message
    assert "a library file is missing" in run.end.message
    assert pool.unavailable["torch"] == run.end.message


def test_a_device_that_is_not_there_is_a_sentence_that_names_those_that_are(pool):
    run = pool.submit(Experiment(device="cuda:7"), "ada")
    assert run.wait(is_over, 30)
    assert run.end.kind == "device"
    assert "finds no device “cuda:7”" in run.end.message
    assert "Choose cpu" in run.end.message


def test_a_run_without_given_weights_is_a_sentence(pool):
    run = pool.submit(Experiment(initializer="given", hidden=(7,)), "ada")
    assert run.wait(is_over, 30)
    assert run.end.kind == "invalid"
    assert "no weights are given" in run.end.message


def test_a_network_that_needs_more_memory_than_is_allowed_is_a_sentence(pool, monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_WORKER_MB", "1")
    run = pool.submit(Experiment(hidden=(512, 512, 512, 512, 512)), "ada")
    assert run.wait(is_over, 30)
    assert run.end.kind == "memory"
    assert "needs more memory" in run.end.message


def test_a_run_that_diverges_fails_with_the_step_and_keeps_its_history(pool):
    run = pool.submit(
        Experiment(activation="relu", output="identity", optimizer="sgd", learning_rate=100.0),
        "ada",
    )
    assert run.wait(is_over, 30)
    assert isinstance(run.end, Failed)
    assert run.end.kind == "diverged"
    assert run.history.losses.count == run.end.step
    assert np.isfinite(run.latest.params[0][0]).all()


def test_what_a_library_prints_does_not_disturb_the_frames(pool, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(
        "import threading, os, time\n"
        "def noise():\n"
        "    while not os.path.sameopenfile(1, 2): time.sleep(0.001)\n"  # until it is redirected
        "    while True:\n"
        "        print('a library says hello' * 50); os.write(1, b'and so does its C code\\n')\n"
        "        time.sleep(0.001)\n"
        "threading.Thread(target=noise, daemon=True).start()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run = pool.submit(Experiment(epochs=3000, dtype="float64"), "ada", speed=2000.0)
    assert run.wait(is_over, 30)
    assert run.state == "finished"
    assert run.history.losses.count == 3000


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_the_end_of_the_server_leaves_no_process_behind(how):
    server = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import signal, time
                # A background job of a shell would ignore Ctrl+C.
                signal.signal(signal.SIGINT, signal.default_int_handler)
                from nn_core import Experiment
                from nn_core.server import get_pool
                pool = get_pool()
                run = pool.submit(Experiment(epochs=1_000_000), "ada")
                run.wait(lambda run: run.step > 0, 30)
                print(*[worker.pid for worker in pool.workers()], flush=True)
                time.sleep(60)
                """
            ),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with server:
        workers = [psutil.Process(int(pid)) for pid in server.stdout.readline().split()]
        assert workers
        server.send_signal(how)
        server.wait(10)
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert not alive


def test_a_worn_worker_is_replaced(pool, monkeypatch):
    monkeypatch.setattr("nn_core.runs.workers.placement.RUNS_BEFORE_RECYCLING", 2)
    first = pool.submit(Experiment(epochs=10), "ada")
    assert first.wait(is_over, 30)
    worker = pool.workers()[0].pid
    for _ in range(2):
        run = pool.submit(Experiment(epochs=10), "ada")
        assert run.wait(is_over, 30)
    # It says that it is idle a moment after its run is over, and is replaced then.
    deadline = time.monotonic() + 10
    while worker in [handle.pid for handle in pool.workers()]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_reusing_a_worker_changes_nothing(pool):
    experiment = Experiment(epochs=200, dtype="float64")
    first = pool.submit(experiment, "ada")
    assert first.wait(is_over, 30)
    between = pool.submit(Experiment(epochs=100, hidden=(5, 5), dataset="and"), "bob")
    assert between.wait(is_over, 30)
    again = pool.submit(experiment, "ada")
    assert again.wait(is_over, 30)
    assert np.array_equal(first.history.exact_losses, again.history.exact_losses)


def test_the_log_of_a_worker_is_bounded():
    lines = []
    worker = worker_process.WorkerProcess("numpy", lambda *message: lines.append(message))
    try:
        assert worker.log.maxlen == worker_process.LOG_LINES
    finally:
        worker.kill()
        worker.process.wait()


def rests_as_wanted(run):
    return run.state == run.want


@pytest.mark.parametrize("last", ["paused", "running"])
def test_however_fast_pause_and_resume_are_pressed_the_last_one_holds(pool, last):
    first = "running" if last == "paused" else "paused"
    run = pool.submit(ENDLESS, "ada")
    for pause in [0.0] * 30 + [0.01] * 10 + [0.06] * 10:  # also while the framework is imported
        pool.set_want(run, "ada", first)
        pool.set_want(run, "ada", last)
        time.sleep(pause)
    assert run.wait(rests_as_wanted, 30)
    time.sleep(0.3)
    assert run.state == run.want == last
    step = run.step
    if last == "running":
        assert run.wait(lambda run: run.step > step, 5)
    else:
        time.sleep(0.3)
        assert run.step == step


def test_resume_and_pause_during_a_long_step_leave_no_slot_behind():
    pool = Pool(slots=1)
    try:
        data = {"dataset": "digits_8x8", "output": "softmax", "loss": "cross_entropy"}
        experiment = Experiment(hidden=(512, 512), batch_size=1, epochs=100, **data)
        run = pool.submit(experiment, "ada", want="paused")
        assert run.wait(lambda run: run.state == "paused", 30)
        pool.take_step(run, "ada", "epoch", 1)
        pool.set_want(run, "ada", "running")
        pool.set_want(run, "ada", "paused")
        other = pool.submit(Experiment(epochs=10), "bob")
        assert other.wait(is_over, 60)
        assert run.wait(lambda run: run.state == "paused", 60)
    finally:
        pool.close()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this system")
def test_a_worker_that_does_not_read_holds_nobody_up(pool):
    run = pool.submit(ENDLESS, "ada")
    assert run.wait(lambda run: run.step > 0, 30)
    os.kill(pool.workers()[0].pid, signal.SIGSTOP)
    for i in range(5000):
        pool.set_learning_rate(run, "ada", 0.1 + i / 1e5)
    other = pool.submit(Experiment(epochs=10), "bob")
    assert other.wait(is_over, 30)
    assert run.wait(is_over, 5)


def test_a_process_that_cannot_be_started_is_a_sentence_and_the_next_try_works(pool, monkeypatch):
    def no_process(*args, **more):
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr("nn_core.runs.workers.worker_process.subprocess.Popen", no_process)
        run = pool.submit(ENDLESS, "ada")
        assert "No process could be started" in run.end.message
    assert pool.submit(Experiment(epochs=10), "ada").wait(is_over, 30)


def test_a_framework_that_kills_its_process_is_not_tried_again_and_again(
    pool, tmp_path, monkeypatch
):
    (tmp_path / "torch.py").write_text("import os; os._exit(3)")
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        run = pool.submit(Experiment(backend="torch"), "ada")
        assert run.wait(is_over, 30)
    assert "it ended with code 3" in run.end.message
    assert "could not be imported" in pool.unavailable["torch"]


def test_a_full_queue_leaves_the_run_that_goes_on_alone(pool):
    mine = pool.submit(ENDLESS, "ada")
    others = [pool.submit(ENDLESS, f"student {i}") for i in range(4)]
    assert mine.wait(lambda run: run.step > 0, 30)
    with pytest.raises(QueueFull):
        pool.submit(ENDLESS, "ada")
    assert not mine.is_over
    assert len(others) == 4


def test_a_fast_framework_leaves_enough_moments_to_see_the_bends(pool):
    run = pool.submit(Experiment(epochs=3000, dtype="float64"), "ada")
    assert run.wait(is_over, 30)
    steps = [snapshot.step for snapshot in run.history.snapshots]
    assert len(steps) > 50
    assert max(later / max(1, earlier) for earlier, later in itertools.pairwise(steps)) < 2.1


def test_the_clock_of_a_run_starts_before_its_first_step(pool):
    run = pool.submit(Experiment(epochs=3000), "ada")
    assert run.wait(is_over, 30)
    assert run.elapsed_seconds >= run.train_seconds
