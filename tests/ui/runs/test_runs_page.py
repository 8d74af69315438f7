"""The page Runs, and links: what was trained is listed, named, compared, opened, trained again."""

import io
import zipfile

import pytest

from nn_core import Experiment
from nn_core.errors import StoreError
from nn_core.events import ParamsEdited
from nn_core.exchange.links.experiment_links import to_query, with_weights
from nn_core.runs import store as stores
from nn_core.runs.beginning import Origin
from nn_core.runs.store import Filter, Store, visitor_of
from nn_core.runs.store import recorder as recorders
from nn_core.runs.store.archive import to_zip
from tests.helpers.stored import record
from ui.components.plain import plain
from ui.runs.history import run_actions, run_scope

DEFAULTS = Experiment()
EDIT = ParamsEdited(step=1, layer=1, source=0, target=0, value=0.5)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty history, that of the app."""
    store = Store(tmp_path / "history")
    monkeypatch.setattr(stores, "_store", store)
    monkeypatch.setattr(recorders, "_recorder", None)
    yield store
    recorders.get_recorder().close()
    store.close()


@pytest.fixture
def home(monkeypatch):
    """The browser runs on the machine of the server."""
    monkeypatch.setattr(run_scope, "is_at_home", lambda: True)


@pytest.fixture
def three(store, home):
    """Three runs, the newest first."""
    made = [record(seed=0), record(seed=1, hidden=(2,)), record(seed=2, dataset="and")]
    for kept in made:
        store.add(kept, "somebody")
    return [kept.facts for kept in reversed(made)]


@pytest.fixture
def runs(store, app):
    """The page, opened; the store is there before the app is."""
    app.switch_page("pages/runs.py").run()
    assert not app.exception
    return app


def choose(app, *facts):
    """Tick runs, as a click into the table does."""
    app.session_state["runs.chosen"] = [one.id for one in facts]
    app.session_state["runs.version"] = app.session_state["runs.version"] + 1
    app.run()
    assert not app.exception


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception


def listed(app):
    return app.dataframe[0].value["run"].tolist() if app.dataframe else []


def test_an_empty_history_says_what_to_do(home, runs):
    assert "No run yet" in runs.info[0].value
    assert all(runs.button(key=f"runs.{act}").disabled for act in ("open", "pin", "delete"))


def test_a_run_that_was_trained_is_listed_opened_with_its_past_and_trained_again(home, store, app):
    app.number_input(key="gates.form.epochs").set_value(60).run()
    app.select_slider(key="gates.form.speed").set_value(None).run()
    click(app, "gates.train")
    run = app.session_state["gates.run"]
    assert run.wait(lambda run: run.is_over, 60)
    app.switch_page("pages/runs.py").run()
    assert listed(app) == ["XOR 2-3-1 · Adam 0.1 · seed 0"]
    (line,) = store.lines(Filter())
    choose(app, line)
    click(app, "runs.open")
    app.switch_page("pages/gates.py").run()  # what the browser does by itself
    assert not app.exception
    again = app.session_state["gates.run"]
    assert again is not run
    assert again.id == run.id
    assert again.history.kept_steps == run.history.kept_steps
    assert app.number_input(key="gates.form.epochs").value == 60
    assert not any("Changed on the left" in caption.value for caption in app.caption)
    assert store.count(Filter()) == 1  # to look at a run is not to run it
    app.switch_page("pages/runs.py").run()
    choose(app, line)
    click(app, "runs.rerun")
    app.switch_page("pages/gates.py").run()
    third = app.session_state["gates.run"]
    assert third.wait(lambda run: run.is_over, 60)
    assert third.history.exact_losses.tolist() == run.history.exact_losses.tolist()


def test_runs_are_found_by_text_and_by_task(three, runs):
    assert listed(runs) == [one.title for one in three]
    runs.text_input(key="runs.form.text").set_value("seed 1").run()
    assert listed(runs) == [three[1].title]
    runs.text_input(key="runs.form.text").set_value("nothing").run()
    assert "No run fits" in runs.info[0].value
    runs.text_input(key="runs.form.text").set_value("").run()
    runs.multiselect(key="runs.form.datasets").set_value(["and"]).run()
    assert listed(runs) == [three[0].title]


def test_a_run_is_named_noted_and_pinned(three, store, runs):
    oldest = three[-1]
    choose(runs, oldest)
    runs.text_input(key=f"runs.name.{oldest.id}").set_value("the *first* one").run()
    runs.text_area(key=f"runs.note.{oldest.id}").set_value("learned slowly").run()
    click(runs, "runs.pin")
    assert listed(runs)[0] == "the *first* one"
    assert runs.dataframe[0].value["note"].tolist()[0] == "learned slowly"
    assert store.lines(Filter())[0].pinned
    click(runs, "runs.pin")
    assert not store.lines(Filter(text="first"))[0].pinned


def test_deleted_runs_come_back_by_undo(three, runs):
    choose(runs, *three[:2])
    click(runs, "runs.delete")
    assert listed(runs) == [three[2].title]
    assert any("2 runs deleted" in text.value for text in runs.markdown)
    click(runs, "runs.undo")
    assert listed(runs) == [one.title for one in three]
    assert runs.session_state["runs.chosen"] == [one.id for one in three[:2]]


def test_only_the_settings_that_differ_are_compared_and_the_pinned_run_is_the_baseline(
    three, store, runs
):
    store.change(three[1].id, None, pinned=True)
    choose(runs, *three)
    table = runs.table[0].value
    assert table.columns.tolist() == ["Task", "Hidden units", "Seed", "Last loss", "Right", "Steps"]
    assert table["Seed"].tolist() == ["1", "2", "0"]
    assert table["Task"].tolist() == ["XOR", "AND", "XOR"]
    assert any("the pinned run" in text.value for text in runs.markdown)


def numbers(app):
    """What the list says beside each of its rows."""
    return app.dataframe[0].value["number"].tolist()


def test_a_ticked_run_has_one_number_in_the_list_and_at_its_curve(three, store, runs):
    assert numbers(runs) == ["", "", ""]
    choose(runs, *three[1:])
    assert numbers(runs) == ["", "1", "2"]
    choose(runs, three[2], three[0])
    assert numbers(runs) == ["2", "", "1"]
    assert runs.table[0].value.index.tolist() == [
        f"{number} {plain(one.title)}" for number, one in ((1, three[2]), (2, three[0]))
    ]
    store.change(three[0].id, None, pinned=True)  # the baseline is number 1
    runs.run()
    assert numbers(runs) == ["1", "", "2"]


def test_the_buttons_stand_above_the_list_and_stay_there(three, runs):
    def places():
        keys = [getattr(element, "key", None) for element in runs.main]
        bar, turn = keys.index("runs.open"), keys.index("runs.all")
        shown = [element.type for element in runs.main]
        return bar, shown.index(runs.dataframe[0].type), turn

    before = places()
    assert before[0] < before[1] < before[2]
    choose(runs, *three)
    assert places() == before
    choose(runs, three[0])
    assert places() == before


def test_two_equal_experiments_differ_in_nothing(store, home, runs):
    for kept in (record(), record()):
        store.add(kept, "somebody")
    runs.run()
    choose(runs, *store.lines(Filter()))
    assert any("All settings are the same" in caption.value for caption in runs.caption)


def test_runs_that_began_differently_or_were_touched_say_so_beside_the_settings(store, home, runs):
    first, second, third = record(), record(), record()
    before = Origin(
        run_id="", step=0, epoch=0.0, changed=(),
        sentence="Begun with the weights in w.npz, saved at step 3. Steps count from 0.",
    )  # fmt: skip
    changes = [{"continued_from": before}, {"learning_rate_changes": ((1, 0.5), (2, 0.1))}, {}]
    for kept, change in zip((first, second, third), changes, strict=True):
        store.add(kept._replace(facts=kept.facts.model_copy(update=change)), "somebody")
    runs.run()
    ids = [kept.facts.id for kept in (first, second, third)]
    choose(runs, *(line for line in store.lines(Filter()) if line.id in ids))
    table = runs.table[0].value
    assert sorted(table["Begun"])[0].startswith("Begun with the weights in w")
    assert sorted(table["Begun"])[1:] == ["–", "–"]
    assert sorted(table["By hand"]) == ["learning rate moved 2 times", "–", "–"]


def test_a_rerun_of_a_run_that_began_with_a_file_says_with_which_weights_it_begins(
    store, home, runs
):
    kept = record()
    before = Origin(
        run_id="", step=0, epoch=0.0, changed=(),
        sentence="Begun with the weights in w.npz, saved at step 3. Steps count from 0.",
    )  # fmt: skip
    from_file = kept.facts.model_copy(update={"continued_from": before, "id": f"{7:032x}"})
    for facts in (kept.facts, from_file):
        store.add(kept._replace(facts=facts), "somebody")
    runs.run()
    for facts, is_told in ((from_file, True), (kept.facts, False)):
        choose(runs, facts)
        click(runs, "runs.rerun")
        runs.switch_page("pages/gates.py").run()
        told = [c.value.replace("\\", "") for c in runs.caption if "Trained again" in c.value]
        assert bool(told) == is_told
        if told:
            assert "with the initial weights that the settings draw" in told[0]
            assert "Begun with the weights in w.npz" in told[0]
        runs.switch_page("pages/runs.py").run()


def test_what_happened_once_is_told_in_the_singular(store, home, runs):
    kept = record(epochs=1)
    assert (kept.facts.step, kept.facts.epoch) == (1, 1.0)
    moved = {"learning_rate_changes": ((1, 0.5),), "edits": (EDIT,)}
    store.add(kept._replace(facts=kept.facts.model_copy(update=moved)), "somebody")
    runs.run()
    choose(runs, *store.lines(Filter()))
    about = runs.table[0].value["This run"]
    assert about["Took"].startswith("1 step, 1 epoch, ")
    assert about["By hand"] == "1 weight set, learning rate moved 1 time"


def test_of_many_runs_ten_are_drawn(store, home, runs):
    kept = record()
    for number in range(12):
        facts = kept.facts.model_copy(update={"id": f"{number:032x}"})
        store.add(kept._replace(facts=facts), "somebody")
    runs.run()
    click(runs, "runs.all")
    assert len(runs.session_state["runs.chosen"]) == 12
    assert any("The first 10 of 12" in caption.value for caption in runs.caption)
    assert len(runs.table[0].value) == 10
    click(runs, "runs.none")
    assert runs.session_state["runs.chosen"] == []


def test_a_long_list_is_turned_page_by_page_and_ticks_stay(store, home, runs):
    kept = record()
    for number in range(45):
        facts = kept.facts.model_copy(update={"id": f"{number:032x}", "ended": float(number)})
        store.add(kept._replace(facts=facts), "somebody")
    runs.run()
    assert len(runs.dataframe[0].value) == 20
    choose(runs, store.lines(Filter())[0])
    click(runs, "runs.older")
    click(runs, "runs.older")
    assert len(runs.dataframe[0].value) == 5
    assert runs.button(key="runs.older").disabled
    assert runs.session_state["runs.chosen"] == [f"{44:032x}"]


class Upload(io.BytesIO):
    name = "runs.zip"


def test_a_zip_is_loaded_and_a_bad_one_changes_nothing(three, store, monkeypatch):
    kept = [store.kept(one.id, None) for one in three]
    content = to_zip(kept)
    said, session = {}, {"a zip": Upload(content)}
    monkeypatch.setattr(run_actions.session, "peek", lambda key, default=None: session.get(key))
    monkeypatch.setattr(run_actions.session, "put", said.__setitem__)
    monkeypatch.setattr(run_actions.session, "next_number", lambda key: 1)
    monkeypatch.setattr(run_actions.session, "owner", lambda: "me")
    store.delete([one.id for one in three], None)
    run_actions._load(store, "a zip")
    assert said.pop("runs.done") == "3 runs added."
    assert [line.id for line in store.lines(Filter())] == [one.id for one in three]
    run_actions._load(store, "a zip")
    assert said.pop("runs.done") == "0 runs added. 3 runs listed already."
    monkeypatch.setattr(run_scope, "is_at_home", lambda: False)
    run_actions._load(store, "a zip")
    assert store.count(Filter(owner=visitor_of("me"))) == 3  # copies, for the others stay theirs
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        first = whole.infolist()[1]
    for bad in (b"", b"no zip", content[: first.header_offset + 100]):
        session["a zip"] = Upload(bad)
        run_actions._load(store, "a zip")
        assert said.pop("runs.refused").endswith("Nothing was changed.")
        assert store.count(Filter()) == said.setdefault("before", store.count(Filter()))


def test_on_a_shared_server_each_visitor_sees_the_runs_of_the_visit(store, app):
    store.add(record(), visitor_of("another visitor"))
    app.switch_page("pages/runs.py").run()
    assert listed(app) == []
    assert any("This server is shared" in caption.value for caption in app.caption)
    assert any("download them as a zip" in caption.value for caption in app.caption)
    assert not [toggle for toggle in app.toggle if toggle.key == "runs.form.all"]


def test_a_host_may_show_all_runs_and_still_each_changes_only_ones_own(store, app, monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_SHARED_RUNS", "1")
    kept = record()
    store.add(kept, visitor_of("another visitor"))
    app.switch_page("pages/runs.py").run()
    assert listed(app) == []
    app.toggle(key="runs.form.all").set_value(True).run()
    assert listed(app) == [kept.facts.title]
    choose(app, kept.facts)
    click(app, "runs.delete")
    assert listed(app) == [kept.facts.title]
    assert "only your own runs" in app.error[0].value


@pytest.mark.parametrize(
    ("address", "headers", "is_home"),
    [
        (None, {"Origin": "http://localhost:8501"}, True),
        ("::ffff:127.0.0.1", {"Origin": "http://127.0.0.1:8501"}, True),
        ("192.0.2.7", {"Origin": "http://localhost:8501"}, False),
        (None, {"Origin": "https://lecture.example"}, False),
        (None, {"Origin": "http://localhost", "X-Forwarded-For": "192.0.2.7"}, False),
        (None, {}, False),
    ],
)
def test_only_a_browser_on_the_machine_itself_is_at_home(monkeypatch, address, headers, is_home):
    class Context:
        ip_address = address

    Context.headers = headers
    monkeypatch.setattr(run_scope.st, "context", Context)
    assert run_scope.is_at_home() is is_home


def test_a_disk_that_cannot_be_written_is_said_on_the_page(tmp_path, store, home, app, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(stores, "_store", Store(tmp_path / "file" / "history"))
    app.switch_page("pages/runs.py").run()
    assert not app.exception
    assert "kept in memory" in app.warning[0].value


def test_a_history_that_cannot_be_read_is_a_sentence_on_the_page(three, store, runs, monkeypatch):
    def unreadable(owner):
        raise StoreError("The history of runs cannot be read: disk I/O error.")

    monkeypatch.setattr(store, "words", unreadable)
    runs.run()
    assert not runs.exception
    assert "disk I/O error" in runs.error[0].value


def test_a_run_whose_file_is_gone_is_listed_and_its_absence_explained(three, store, runs):
    (store.folder / stores.FOLDER / f"{three[0].id}.npz").unlink()
    choose(runs, three[0])
    assert "no longer there" in runs.warning[0].value
    click(runs, "runs.open")
    assert "no longer there" in runs.error[0].value


def open_link(app, query, page="gates"):
    for name, text in query.items():
        app.query_params[name] = text
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def test_a_link_fills_in_the_form(app):
    wanted = Experiment(dataset="and", hidden=(4, 2), activation="tanh", seed=11, batch_size=3,
                        optimizer="sgd", learning_rate=0.07, l2=0.01, target_loss=0.02,
                        activations=("tanh", "relu"))  # fmt: skip
    open_link(app, to_query(wanted, DEFAULTS))
    assert not app.warning
    assert app.session_state["gates.valid"] == wanted
    app.number_input(key="gates.form.seed").set_value(12).run()
    assert app.session_state["gates.valid"] == wanted.replace(seed=12)  # opened once only


@pytest.mark.parametrize("hidden", [(3,), (12, 6)], ids=["typed in", "too many to type"])
def test_a_link_brings_its_weights_along(app, hidden):
    params = record(hidden=hidden).arrays
    layers = range(1, len(hidden) + 2)
    shared = with_weights(
        Experiment(hidden=hidden),
        [(params[f"weight_{i}"][-1], params[f"bias_{i}"][-1]) for i in layers],
    )
    open_link(app, to_query(shared, DEFAULTS))
    assert app.session_state["gates.valid"] == shared


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"hidden": "<script>", "seed": "5"}, plain("Hidden units (“hidden=<script>”): give a")),
        ({"dataset": "mnist", "seed": "5"}, plain("“MNIST digits” is on page Digits; this page")),
        ({"seed": ["4", "5"]}, plain("Seed (“seed=5”): it stands 2 times in the link")),
        ({"device": "cuda:9", "seed": "5"}, plain("NumPy finds cpu on this machine; it computes")),
        ({"![x](//evil)": "1", "seed": "5"}, "no such field"),
        ({"given": "~sAAAA", "seed": "5"}, plain("Given weights (“given=~sAAAA”): it is cut off")),
    ],
)
def test_a_bad_link_gets_a_sentence_and_the_rest_of_it_is_opened(app, query, sentence):
    open_link(app, query)
    assert sentence in app.warning[0].value
    assert "![x]" not in app.warning[0].value
    assert app.number_input(key="gates.form.seed").value == 5
    assert app.session_state["gates.valid"].device == "cpu"
    click(app, "gates.link_seen")
    assert not app.warning


def test_each_experiment_of_a_comparison_is_asked_for_on_a_device_that_there_is(app):
    query = {"mode": "pair", "device": "cuda:9", "a.device": "cuda:8", "a.dataset": "and"}
    open_link(app, query, "compare")
    for name, device in (("Device", "device=cuda:9"), ("Device of A", "a.device=cuda:8")):
        assert (
            plain(f"{name} (“{device}”): NumPy finds cpu on this machine") in app.warning[0].value
        )
    assert app.session_state["pair.kept"] == Experiment(dataset="and")
