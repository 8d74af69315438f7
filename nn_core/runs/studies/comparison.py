"""Comparisons: one experiment on several backends, and two experiments with each other.

`Comparison` trains on one backend after the other, so that they do not compete for time, and
measures the difference of each from NumPy. `Pair` trains two experiments at once.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from nn_core import backends
from nn_core.errors import InvalidExperiment
from nn_core.events import Failed, Finished
from nn_core.experiment import Experiment, worker_of
from nn_core.runs.binned_curve import BinnedCurve, Envelope
from nn_core.runs.history import MOST_EXACT_LOSSES
from nn_core.runs.run import Run
from nn_core.runs.studies.parity import Parity, compare, numpy_twin, why_not_comparable
from nn_core.runs.studies.study import Study
from nn_core.runs.workers.pool import Pool
from nn_core.vocabulary import WITH_EPSILON, counted

IMPORT_SECONDS = 180.0
"""How long a comparison waits for imports before it begins without them."""

WATCH_SECONDS = 0.05


@dataclass(frozen=True)
class Figures:
    """The results of one backend in a comparison; None where a value is not known.

    Attributes
    ----------
    backend, framework : str
        Name of the backend; name and version of the framework.
    state : str
        State of its run; "waiting" before there is one.
    steps : int
        Optimizer steps taken.
    loss, accuracy : float or None
        Loss before the last step; accuracy at the end on the test rows, else the training rows.
    epsilon_form : str
        Where ε is added; empty where the optimizer has none.
    loss_difference, weight_difference : float or None
        Largest absolute difference from NumPy, over all steps and at the end.
    import_seconds, build_seconds : float or None
        Time to import the framework, and to build the network.
    compile_seconds : float or None
        Time of the first step, minus that of a later step.
    train_seconds, steps_per_second : float or None
        Inside the framework's training calls, without compilation.
    megabytes : float or None
        Resident memory of the worker at the end.
    note : str
        Why something is missing.
    is_reference : bool
        Whether it is the reference of the others.
    """

    backend: str
    framework: str
    state: str
    steps: int
    loss: float | None
    accuracy: float | None
    epsilon_form: str
    loss_difference: float | None
    weight_difference: float | None
    import_seconds: float | None
    build_seconds: float | None
    compile_seconds: float | None
    train_seconds: float | None
    steps_per_second: float | None
    megabytes: float | None
    note: str
    is_reference: bool


class Comparison(Study):
    """One experiment on several backends, one after the other.

    Parameters
    ----------
    pool, owner
        See `Study`.
    experiment : Experiment
        The experiment to train; its own backend is ignored.
    names : sequence of str
        The backends.

    Attributes
    ----------
    runs : dict of str to Run
        By backend.
    references : dict of str to Run
        NumPy's runs, by form of ε.
    refusals : dict of str to str
        By backend: why it cannot train this experiment.
    parities : dict of str to Parity
        By backend, once both runs are over.
    distances : dict of str to Envelope
        By backend: |Δ loss| against NumPy at each step.
    """

    purpose = "compare"

    def __init__(
        self, pool: Pool, owner: str, experiment: Experiment, names: Sequence[str]
    ) -> None:
        super().__init__(pool, owner)
        self.experiment = experiment
        # NumPy first: it needs no import, and is the reference of the others.
        self.names = sorted(dict.fromkeys(names), key=lambda name: name != "numpy")
        # Replaced as a whole, never changed in place: pages read them from other threads.
        self.runs: dict[str, Run] = {}
        self.references: dict[str, Run] = {}
        self.refusals: dict[str, str] = {}
        self.parities: dict[str, Parity] = {}
        self.distances: dict[str, Envelope] = {}

    def _work(self) -> None:
        self._import_all()
        for name in self.names:
            try:
                experiment = self.experiment.replace(
                    backend=name, engine="", device="cpu", epsilon_form=None
                )
            except InvalidExperiment as error:
                why = " ".join(f"{problem.reason}." for problem in error.problems)
                self.refusals = {**self.refusals, name: f"It cannot train this: {why}"}
                continue
            run = self._submit(experiment, name)
            if run is None:
                return
            self.runs = {**self.runs, name: run}
            self._wait_for(run)
            if run.started and not why_not_comparable(run):
                self._measure(name, run)

    def _import_all(self) -> None:
        """Import every framework first, so that no import takes time from a run."""
        if not self.pool.has_room_for(map(worker_of, self.names)):
            return  # then each is imported before its run
        for name in self.names:
            self.pool.warm(worker_of(name))
        deadline = time.monotonic() + IMPORT_SECONDS
        while not self.stopping.is_set() and time.monotonic() < deadline:
            importing = [n for n in self.names if self.pool.is_warming(worker_of(n)) is not None]
            if not importing:
                return
            labels = " and ".join(map(backends.label, importing))
            self.phase = f"importing {labels}, so that no import takes time from a run"
            self.stopping.wait(WATCH_SECONDS)

    def _measure(self, name: str, run: Run) -> None:
        reference = self._reference(run)
        if reference is None or reference.started is None:
            return
        self.parities = {**self.parities, name: compare(run, reference)}
        ours, theirs = run.history.exact_losses, reference.history.exact_losses
        steps = min(len(ours), len(theirs))
        distance = BinnedCurve()
        distance.extend(np.abs(ours[:steps] - theirs[:steps]))
        self.distances = {**self.distances, name: distance.envelope(400)}

    def _reference(self, run: Run) -> Run | None:
        """NumPy's run with the form of ε of another run; trained if there is none yet."""
        form = self.form_of(run)
        if form not in self.references:
            reference: Run | None = run
            if run.experiment.backend != "numpy":
                own_form = run.started.epsilon_form if run.started else form
                twin = numpy_twin(run.experiment, own_form)
                reference = self._submit(twin, f"reference-{form or 'numpy'}")
                if reference:
                    self._wait_for(reference)
            if reference is None:
                return None
            self.references = {**self.references, form: reference}
        return self.references[form]

    def form_of(self, run: Run) -> str:
        """The form of ε of a run; empty where its optimizer has no ε."""
        has_form = run.started and self.experiment.optimizer in WITH_EPSILON
        return run.started.epsilon_form if run.started and has_form else ""

    def figures(self) -> list[Figures]:
        """The results so far, a row for each backend."""
        return [self._figures(name) for name in self.names]

    def _figures(self, name: str) -> Figures:
        run = self.runs.get(name)
        parity = self.parities.get(name)
        is_reference = run is not None and run in self.references.values()
        later = max(0, run.step - 1) if run else 0
        train, first = (run.train_seconds, run.first_call_seconds) if run else (0.0, 0.0)
        per_step = (train - first) / later if later and train > first else None
        started = run.started if run else None
        differs = parity is not None and not is_reference
        return Figures(
            backend=name,
            framework=started.framework if started else backends.label(name),
            state=self._state(name, run),
            steps=run.step if run else 0,
            loss=run.history.losses.last if run and run.history.losses.count else None,
            accuracy=final_accuracy(run),
            epsilon_form=self.form_of(run) if run else "",
            loss_difference=parity.largest_loss_difference if parity and differs else None,
            weight_difference=parity.largest_weight_difference if parity and differs else None,
            import_seconds=self.pool.import_seconds.get(worker_of(name)),
            build_seconds=started.build_seconds if started else None,
            compile_seconds=max(0.0, first - per_step) if per_step is not None else None,
            train_seconds=train - max(0.0, first - per_step) if per_step is not None else None,
            steps_per_second=1 / per_step if per_step else None,
            megabytes=(run.worker_megabytes or None) if run else None,
            note=self._note(name, run, parity, is_reference),
            is_reference=run is not None and is_reference and run.state == "finished",
        )

    def _state(self, name: str, run: Run | None) -> str:
        if run:
            return run.state
        if name in self.refusals:
            return "refused"
        if self.is_over:
            return "not begun"
        seconds = self.pool.is_warming(worker_of(name))
        return "waiting" if seconds is None else f"importing, {seconds:.0f} s"

    def _note(self, name: str, run: Run | None, parity: Parity | None, is_reference: bool) -> str:
        if run is None:
            return self.refusals.get(name, "")
        if isinstance(run.end, Failed):
            return run.end.message
        if run.state == "stopped":
            return "It was stopped: there is no end to compare."
        if is_reference:
            return "The others are measured against it."
        if not run.is_over:
            return ""
        if parity is None:
            reference = self.references.get(self.form_of(run))
            end = reference.end if reference else None
            if isinstance(end, Failed):
                return f"NumPy's own run failed: {end.message}"
            return "NumPy's run for it is not over yet." if not self.is_over else ""
        notes = []
        if parity.largest_weight_difference is None:
            notes.append("Its weights are not compared: NumPy's run ended at another step.")
        if parity.steps < run.step:
            notes.append(
                f"Compared over the first {parity.steps:,} of {counted(run.step, 'step')}: "
                + (
                    "so many losses are kept one by one."
                    if parity.steps == MOST_EXACT_LOSSES
                    else "NumPy's run has no more."
                )
            )
        return " ".join(notes)


def final_accuracy(run: Run | None) -> float | None:
    """The accuracy at the end of a run, on the test rows, or else on the training rows."""
    if run is None or not isinstance(run.end, Finished):
        return None
    metrics = run.end.metrics
    return metrics.get("test_accuracy", metrics.get("train_accuracy"))


def as_csv(rows: Sequence[Figures]) -> str:
    """The figures as CSV, with a header row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    # The note already names the reference.
    names = [field.name for field in fields(Figures) if field.name != "is_reference"]
    writer.writerow(names)
    for row in rows:
        values = [getattr(row, name) for name in names]
        writer.writerow(["" if value is None else value for value in values])
    return text.getvalue()


class Pair(Study):
    """Trains two experiments at once: both begin when both workers are ready.

    Parameters
    ----------
    pool, owner
        See `Study`.
    a, b : Experiment
        The two experiments.
    speed : float, optional
        Limit in steps a second for each; None for no limit.

    Attributes
    ----------
    runs : dict of str to Run
        Under "A" and "B".
    """

    purpose = "pair"

    def __init__(
        self, pool: Pool, owner: str, a: Experiment, b: Experiment, speed: float | None = None
    ) -> None:
        super().__init__(pool, owner)
        self.experiments = {"A": a, "B": b}
        self.speed = speed
        self.runs: dict[str, Run] = {}

    def _work(self) -> None:
        for name, experiment in self.experiments.items():
            run = self._submit(experiment, name.lower(), want="paused", speed=self.speed)
            if run is None:
                return
            self.runs = {**self.runs, name: run}
        for run in self.runs.values():
            self._wait_until_ready(run)
        self.set_want("running")
        for run in self.runs.values():
            self._wait_for(run)

    def _wait_until_ready(self, run: Run) -> None:
        while not run.wait(lambda run: run.is_over or run.state == "paused", WATCH_SECONDS):
            pass

    def set_want(self, want: Any) -> None:
        """Resume or pause both runs."""
        for run in self.runs.values():
            self._set_want(run, want)

    def set_speed(self, speed: float | None) -> None:
        """Limit the steps a second of both runs."""
        self.speed = speed
        for run in self.runs.values():
            self.pool.set_speed(run, self.owner, speed)
