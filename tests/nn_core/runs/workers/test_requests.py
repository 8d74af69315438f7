"""Single gradients in worker processes: answered beside the runs, and never for ever."""

import os
import signal

import pytest

from nn_core import Experiment, autodiff, backends
from nn_core.autodiff import GradientMethod
from nn_core.autodiff.expressions import EXPRESSIONS, Question
from nn_core.errors import QueueFull
from nn_core.runs.workers.placement import SILENCE_SECONDS
from nn_core.runs.workers.pool import REQUESTS_PER_PLACE
from nn_core.runs.workers.request_queue import ANSWER_SECONDS

BY_HAND, DIFFERENCES = autodiff.methods("numpy")
QUEUE_LENGTH = 3
RECIPE = Question("logistic", (1.0, 1.0, -1.5), (1.0, 1.0, 1.0))


@pytest.fixture
def slots():
    return 1


def warm_up(pool):
    assert pool.evaluate(BY_HAND, RECIPE, "warming").wait(30)


def test_a_worker_finds_what_the_framework_finds_here(pool, framework):
    for method in autodiff.methods(framework):
        evaluation = pool.evaluate(method, RECIPE, "ada")
        assert evaluation.wait(100)
        assert not evaluation.error
        assert evaluation.answer.value == pytest.approx(0.47407698418010663, abs=1e-7)
        assert evaluation.answer.gradient == pytest.approx([-0.37754067] * 3, abs=1e-7)
        assert evaluation.answer.seconds > 0
    assert len(pool.workers()) == 1


def test_an_evaluation_takes_no_slot_and_no_run_from_anybody(pool):
    run = pool.submit(Experiment(epochs=1_000_000), "ada")
    assert run.wait(lambda run: run.step > 0, 30)
    evaluation = pool.evaluate(BY_HAND, RECIPE, "ada")
    assert evaluation.wait(30)
    assert evaluation.answer
    assert run.state == "running"


def test_a_warm_worker_serves_evaluations_and_runs_in_turn(pool):
    warm_up(pool)
    (worker,) = [handle.pid for handle in pool.workers()]
    run = pool.submit(Experiment(epochs=10), "ada")
    assert run.wait(lambda run: run.is_over, 30)
    for name, expression in EXPRESSIONS.items():
        evaluation = pool.evaluate(DIFFERENCES, Question(name, expression.w, expression.x), "ada")
        assert evaluation.wait(30)
        assert evaluation.answer
    assert [handle.pid for handle in pool.workers()] == [worker]


def test_evaluations_do_not_wear_a_worker_out(pool, monkeypatch):
    monkeypatch.setattr("nn_core.runs.workers.placement.RUNS_BEFORE_RECYCLING", 2)
    warm_up(pool)
    (worker,) = [handle.pid for handle in pool.workers()]
    for _ in range(4):
        assert pool.evaluate(BY_HAND, RECIPE, "ada").wait(30)
    assert [handle.pid for handle in pool.workers()] == [worker]


def test_a_newer_question_of_the_same_owner_replaces_one_that_waits(pool):
    pool.evaluate(BY_HAND, RECIPE, "bob")  # the worker is being started for this one
    old = pool.evaluate(BY_HAND, RECIPE, "ada")
    other_way = pool.evaluate(DIFFERENCES, RECIPE, "ada")
    new = pool.evaluate(BY_HAND, RECIPE, "ada")
    assert old.is_over
    assert old.answer is None
    assert new.wait(30)
    assert other_way.wait(30)
    assert new.answer
    assert other_way.answer


def test_no_more_evaluations_wait_than_there_is_room_for(pool):
    room = REQUESTS_PER_PLACE * QUEUE_LENGTH
    for i in range(1 + room):  # the first one has the worker
        pool.evaluate(BY_HAND, RECIPE, f"student {i}")
    with pytest.raises(QueueFull, match="Try again in a minute"):
        pool.evaluate(BY_HAND, RECIPE, "one too many")


def test_a_framework_that_is_not_installed_is_a_sentence(pool, monkeypatch):
    monkeypatch.setattr(backends, "is_installed", lambda name: name != "torch")
    (method,) = autodiff.methods("torch")
    evaluation = pool.evaluate(method, RECIPE, "ada")
    assert evaluation.is_over
    assert "PyTorch is not installed on this machine" in evaluation.error
    assert not pool.workers()


def test_a_framework_that_does_not_import_is_a_sentence(pool, tmp_path, monkeypatch):
    shadow = tmp_path / "autograd"
    shadow.mkdir()
    (shadow / "__init__.py").write_text("raise ImportError('a library file is missing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(backends, "is_installed", lambda name: True)
    (method,) = autodiff.methods("autograd")
    evaluation = pool.evaluate(method, RECIPE, "ada")
    assert evaluation.wait(30)
    assert "a library file is missing" in evaluation.error


def test_an_error_inside_a_framework_is_a_sentence_and_the_worker_goes_on(pool):
    evaluation = pool.evaluate(GradientMethod("numpy", "no_such_way", "", False), RECIPE, "ada")
    assert evaluation.wait(30)
    assert "NumPy has no way 'no_such_way'" in evaluation.error
    following = pool.evaluate(BY_HAND, RECIPE, "ada")
    assert following.wait(30)
    assert following.answer
    assert len(pool.workers()) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this system")
def test_a_worker_that_is_stuck_is_given_up_with_a_sentence_and_replaced(pool, clock):
    warm_up(pool)
    (worker,) = [handle.pid for handle in pool.workers()]
    os.kill(worker, signal.SIGSTOP)
    evaluation = pool.evaluate(BY_HAND, RECIPE, "ada")
    assert SILENCE_SECONDS < ANSWER_SECONDS
    clock.offset += SILENCE_SECONDS + 1
    pool.watch()
    assert evaluation.is_over
    assert "no longer answers" in evaluation.error
    following = pool.evaluate(BY_HAND, RECIPE, "ada")
    assert following.wait(30)
    assert following.answer


def test_a_question_that_no_worker_takes_is_given_up_in_time(pool, clock, monkeypatch):
    monkeypatch.setattr(pool.placement, "worker_for", lambda framework: None)
    evaluation = pool.evaluate(BY_HAND, RECIPE, "ada")
    clock.offset += ANSWER_SECONDS - 1
    pool.watch()
    assert not evaluation.is_over
    clock.offset += 2
    pool.watch()
    assert "No worker became free" in evaluation.error


def test_an_import_that_takes_too_long_is_given_up_and_the_next_question_is_answered(pool, clock):
    evaluation = pool.evaluate(BY_HAND, RECIPE, "ada")
    clock.offset += ANSWER_SECONDS + 1
    pool.watch()
    assert evaluation.is_over or evaluation.wait(1)
    following = pool.evaluate(DIFFERENCES, RECIPE, "ada")
    assert following.wait(30)
    assert following.answer
    assert len(pool.workers()) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this system")
def test_a_killed_worker_is_a_sentence(pool):
    warm_up(pool)
    (worker,) = [handle.pid for handle in pool.workers()]
    os.kill(worker, signal.SIGSTOP)
    evaluation = pool.evaluate(BY_HAND, RECIPE, "ada")
    os.kill(worker, signal.SIGKILL)
    assert evaluation.wait(5)
    assert "killed by signal 9" in evaluation.error


def test_closing_the_pool_ends_what_was_asked(pool):
    asked = [pool.evaluate(method, RECIPE, "ada") for method in (BY_HAND, DIFFERENCES)]
    pool.close()
    assert all(evaluation.is_over for evaluation in asked)
