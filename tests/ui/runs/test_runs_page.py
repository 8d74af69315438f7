"""The page Runs: what was trained is listed, named, compared, opened, trained again."""

import io
import zipfile

import pytest

from nn_core.errors import StoreError
from nn_core.events import ParamsEdited
from nn_core.runs import store as stores
from nn_core.runs.run_origin import Origin
from nn_core.runs.store import Filter, Store, visitor_of
from nn_core.runs.store import recorder as recorders
from nn_core.runs.store.archive import to_zip
from tests.helpers.stored import record
from ui.components.plain_text import plain
from ui.runs.history import run_actions, run_scope

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
    monkeypatch.setattr(run_scope, "is_local", lambda: True)


@pytest.fixture
def three(store, home):
    """Three runs, the newest first."""
    made = [record(seed=0), record(seed=1, hidden=(2,)), record(seed=2, dataset="and")]
    for kept in made:
        store.add(kept, "somebody")
    return [kept.facts for kept in reversed(made)]


@pytest.fixture
def runs(store, visitor):
    """The page, opened; the store is there before the app is."""
    return visitor.open("runs")


def choose(visitor, *facts):
    """Tick runs, as a click into the table does."""
    visitor.session["runs.chosen"] = [one.id for one in facts]
    visitor.session["runs.version"] = visitor.session["runs.version"] + 1
    visitor.look_again()


def listed(visitor):
    return visitor.app.dataframe[0].value["run"].tolist() if visitor.app.dataframe else []


def test_an_empty_history_says_what_to_do(home, runs):
    assert "No run yet" in runs.infos
    assert all(runs.button(label).disabled for label in ("Open", "Pin", "Delete"))


def test_a_run_that_was_trained_is_listed_opened_with_its_past_and_trained_again(
    home, store, visitor
):
    visitor.set("Epochs (passes)", 60)
    visitor.set("Speed limit, steps/s", None)
    visitor.press("Train")
    run = visitor.run
    assert run.wait(lambda run: run.is_over, 60)
    visitor.open("runs")
    assert listed(visitor) == ["XOR 2-3-1 · Adam 0.1 · seed 0"]
    (line,) = store.lines(Filter())
    choose(visitor, line)
    visitor.press("Open")
    visitor.open("gates")  # what the browser does by itself
    again = visitor.run
    assert again is not run
    assert again.id == run.id
    assert again.history.kept_steps == run.history.kept_steps
    assert visitor.control("Epochs (passes)").value == 60
    assert "Changed on the left" not in visitor.captions
    assert store.count(Filter()) == 1  # to look at a run is not to run it
    visitor.open("runs")
    choose(visitor, line)
    visitor.press("Rerun")
    visitor.open("gates")
    third = visitor.run
    assert third.wait(lambda run: run.is_over, 60)
    assert third.history.exact_losses.tolist() == run.history.exact_losses.tolist()


def test_runs_are_found_by_text_and_by_task(three, runs):
    assert listed(runs) == [one.title for one in three]
    runs.set("Find", "seed 1")
    assert listed(runs) == [three[1].title]
    runs.set("Find", "nothing")
    assert "No run fits" in runs.infos
    runs.set("Find", "")
    runs.set("Task", ["and"])
    assert listed(runs) == [three[0].title]


def test_a_run_is_named_noted_and_pinned(three, store, runs):
    oldest = three[-1]
    choose(runs, oldest)
    runs.set("Name", "the *first* one")
    runs.set("Note", "learned slowly")
    runs.press("Pin")
    assert listed(runs)[0] == "the *first* one"
    assert runs.app.dataframe[0].value["note"].tolist()[0] == "learned slowly"
    assert store.lines(Filter())[0].pinned
    runs.press("Unpin")
    assert not store.lines(Filter(text="first"))[0].pinned


def test_deleted_runs_come_back_by_undo(three, runs):
    choose(runs, *three[:2])
    runs.press("Delete")
    assert listed(runs) == [three[2].title]
    assert "2 runs deleted" in runs.markdown
    runs.press("Undo")
    assert listed(runs) == [one.title for one in three]
    assert runs.session["runs.chosen"] == [one.id for one in three[:2]]


def test_only_the_settings_that_differ_are_compared_and_the_pinned_run_is_the_baseline(
    three, store, runs
):
    store.change(three[1].id, None, pinned=True)
    choose(runs, *three)
    table = runs.table
    assert table.columns.tolist() == ["Task", "Hidden units", "Seed", "Last loss", "Right", "Steps"]
    assert table["Seed"].tolist() == ["1", "2", "0"]
    assert table["Task"].tolist() == ["XOR", "AND", "XOR"]
    assert "the pinned run" in runs.markdown


def numbers(visitor):
    """What the list says beside each of its rows."""
    return visitor.app.dataframe[0].value["number"].tolist()


def test_a_ticked_run_has_one_number_in_the_list_and_at_its_curve(three, store, runs):
    assert numbers(runs) == ["", "", ""]
    choose(runs, *three[1:])
    assert numbers(runs) == ["", "1", "2"]
    choose(runs, three[2], three[0])
    assert numbers(runs) == ["2", "", "1"]
    assert runs.table.index.tolist() == [
        f"{number} {plain(one.title)}" for number, one in ((1, three[2]), (2, three[0]))
    ]
    store.change(three[0].id, None, pinned=True)  # the baseline is number 1
    runs.look_again()
    assert numbers(runs) == ["1", "", "2"]


def test_the_buttons_stand_above_the_list_and_stay_there(three, runs):
    def places():
        keys = [getattr(element, "key", None) for element in runs.app.main]
        bar, turn = keys.index("runs.open"), keys.index("runs.all")
        shown = [element.type for element in runs.app.main]
        return bar, shown.index(runs.app.dataframe[0].type), turn

    before = places()
    assert before[0] < before[1] < before[2]
    choose(runs, *three)
    assert places() == before
    choose(runs, three[0])
    assert places() == before


def test_two_equal_experiments_differ_in_nothing(store, home, runs):
    for kept in (record(), record()):
        store.add(kept, "somebody")
    runs.look_again()
    choose(runs, *store.lines(Filter()))
    assert "All settings are the same" in runs.captions


def test_runs_that_began_differently_or_were_touched_say_so_beside_the_settings(store, home, runs):
    first, second, third = record(), record(), record()
    before = Origin(
        run_id="", step=0, epoch=0.0, changed=(),
        sentence="Begun with the weights in w.npz, saved at step 3. Steps count from 0.",
    )  # fmt: skip
    changes = [{"continued_from": before}, {"learning_rate_changes": ((1, 0.5), (2, 0.1))}, {}]
    for kept, change in zip((first, second, third), changes, strict=True):
        store.add(kept._replace(facts=kept.facts.model_copy(update=change)), "somebody")
    runs.look_again()
    ids = [kept.facts.id for kept in (first, second, third)]
    choose(runs, *(line for line in store.lines(Filter()) if line.id in ids))
    table = runs.table
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
    runs.look_again()
    for facts, is_told in ((from_file, True), (kept.facts, False)):
        choose(runs, facts)
        runs.press("Rerun")
        runs.open("gates")
        told = [t.replace("\\", "") for t in runs.texts() if "Trained again" in t]
        assert bool(told) == is_told
        if told:
            assert "with the initial weights that the settings draw" in told[0]
            assert "Begun with the weights in w.npz" in told[0]
        runs.open("runs")


def test_a_count_of_one_takes_the_singular(store, home, runs):
    kept = record(epochs=1)
    assert (kept.facts.step, kept.facts.epoch) == (1, 1.0)
    moved = {"learning_rate_changes": ((1, 0.5),), "edits": (EDIT,)}
    store.add(kept._replace(facts=kept.facts.model_copy(update=moved)), "somebody")
    runs.look_again()
    choose(runs, *store.lines(Filter()))
    about = runs.table["This run"]
    assert about["Took"].startswith("1 step, 1 epoch, ")
    assert about["By hand"] == "1 weight set, learning rate moved 1 time"


def test_of_many_runs_ten_are_drawn(store, home, runs):
    kept = record()
    for number in range(12):
        facts = kept.facts.model_copy(update={"id": f"{number:032x}"})
        store.add(kept._replace(facts=facts), "somebody")
    runs.look_again()
    runs.press("Tick all")
    assert len(runs.session["runs.chosen"]) == 12
    assert "The first 10 of 12" in runs.captions
    assert len(runs.table) == 10
    runs.press("Tick none")
    assert runs.session["runs.chosen"] == []


def test_a_long_list_is_turned_page_by_page_and_ticks_stay(store, home, runs):
    kept = record()
    for number in range(45):
        facts = kept.facts.model_copy(update={"id": f"{number:032x}", "ended": float(number)})
        store.add(kept._replace(facts=facts), "somebody")
    runs.look_again()
    assert len(runs.app.dataframe[0].value) == 20
    choose(runs, store.lines(Filter())[0])
    runs.press("Older")
    runs.press("Older")
    assert len(runs.app.dataframe[0].value) == 5
    assert runs.button("Older").disabled
    assert runs.session["runs.chosen"] == [f"{44:032x}"]


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
    monkeypatch.setattr(run_scope, "is_local", lambda: False)
    run_actions._load(store, "a zip")
    assert store.count(Filter(owner=visitor_of("me"))) == 3  # copies, for the others stay theirs
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        first = whole.infolist()[1]
    for bad in (b"", b"no zip", content[: first.header_offset + 100]):
        session["a zip"] = Upload(bad)
        run_actions._load(store, "a zip")
        assert said.pop("runs.refused").endswith("Nothing was changed.")
        assert store.count(Filter()) == said.setdefault("before", store.count(Filter()))


def test_on_a_shared_server_each_visitor_sees_the_runs_of_the_visit(store, visitor):
    store.add(record(), visitor_of("another visitor"))
    visitor.open("runs")
    assert listed(visitor) == []
    assert "This server is shared" in visitor.captions
    assert "download them as a zip" in visitor.captions
    assert not visitor.offers("All runs on this server")


def test_a_host_may_show_all_runs_and_still_each_changes_only_ones_own(store, visitor, monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_SHARED_RUNS", "1")
    kept = record()
    store.add(kept, visitor_of("another visitor"))
    visitor.open("runs")
    assert listed(visitor) == []
    visitor.set("All runs on this server", True)
    assert listed(visitor) == [kept.facts.title]
    choose(visitor, kept.facts)
    visitor.press("Delete")
    assert listed(visitor) == [kept.facts.title]
    assert "only your own runs" in visitor.errors


@pytest.mark.parametrize(
    ("address", "headers", "is_local"),
    [
        (None, {"Origin": "http://localhost:8501"}, True),
        ("::ffff:127.0.0.1", {"Origin": "http://127.0.0.1:8501"}, True),
        ("192.0.2.7", {"Origin": "http://localhost:8501"}, False),
        (None, {"Origin": "https://lecture.example"}, False),
        (None, {"Origin": "http://localhost", "X-Forwarded-For": "192.0.2.7"}, False),
        (None, {}, False),
    ],
)
def test_only_a_browser_on_the_machine_of_the_server_is_local(
    monkeypatch, address, headers, is_local
):
    class Context:
        ip_address = address

    Context.headers = headers
    monkeypatch.setattr(run_scope.st, "context", Context)
    assert run_scope.is_local() is is_local


def test_a_disk_that_cannot_be_written_is_reported_on_the_page(
    tmp_path, store, home, visitor, monkeypatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(stores, "_store", Store(tmp_path / "file" / "history"))
    visitor.open("runs")
    assert "kept in memory" in visitor.warnings


def test_a_history_that_cannot_be_read_is_a_sentence_on_the_page(three, store, runs, monkeypatch):
    def unreadable(owner):
        raise StoreError("The history of runs cannot be read: disk I/O error.")

    monkeypatch.setattr(store, "filter_values", unreadable)
    runs.look_again()
    assert "disk I/O error" in runs.errors


def test_a_run_whose_file_is_gone_is_listed_and_its_absence_explained(three, store, runs):
    (store.folder / stores.FOLDER / f"{three[0].id}.npz").unlink()
    choose(runs, three[0])
    assert "no longer there" in runs.warnings
    runs.press("Open")
    assert "no longer there" in runs.errors
