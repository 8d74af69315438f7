"""The names of all keys of the session state, for a visitor and for each page.

A key of a page begins with the name of that page, so that two pages never share a value. A key with
`FORM` in it belongs to a widget whose value is kept while another page is shown. Streamlit also
derives a CSS class from the key of each element: tests and style.css use some of these.
"""

from __future__ import annotations

from collections.abc import Callable

FORM = ".form."
"""Part of the key of every widget whose value is kept while another page is shown."""

OfPage = Callable[[str], str]
"""From the name of a page to one of its keys."""


def _of_page(name: str) -> OfPage:
    return lambda page: f"{page}.{name}"


def _of_form(name: str) -> OfPage:
    return lambda page: f"{page}{FORM}{name}"


def _element(name: str) -> OfPage:
    return lambda page: f"{page}-{name}"


# The visit.
ENTERED = "entered"  # whether the visitor entered through app.py
GOTO_PAGE = "goto"  # the page that app.py is to show first
GOTO_QUERY = "goto_query"  # the query of its address
OWNER = "owner"  # the secret name of the visitor as the owner of runs
REQUESTS = "requests"  # the stored requests of buttons, by key
KEPT_VALUES = "kept"  # the values of the widgets of all forms
DRAWN_WIDGETS = "drawn"  # the widgets that the last script run drew, and its page

# The run of a page, and the requests of its buttons.
run = _of_page("run")
request = _of_page("asked")  # a click that the page has not handled yet
refused = _of_page("refused")  # why the last request was refused
next_run_note = _of_page("next_note")  # a sentence to show beside the next run
run_note = _of_page("run_note")  # the id of a run, and the sentence to show beside it
lookback = _of_page("lookback")  # the earlier step of its run that is shown
speed = _of_form("speed")  # the limit in steps a second
step_unit = _of_form("unit")  # the length of one step

# The form of an experiment.
problems = _of_page("problems")  # why the form's fields are not valid
last_valid = _of_page("valid")  # its last valid experiment
typed_weights = _of_page("typed_before")  # the typed weights, and their tables


def form_field(page: str, name: str) -> str:
    """The key of a widget of the form: of a field of the experiment, or of a part of one."""
    return f"{page}{FORM}{name}"


def task_option(page: str, task: str, option: str) -> str:
    """The key of a setting of a data set."""
    return form_field(page, f"{task}.{option}")


def typed_table(page: str, name: str) -> str:
    """The key of a table that weights are typed into, one for each layer and beginning."""
    return f"{page}.typed.{name}"


def button(page: str, *names: object) -> str:
    """The key of a button or download, which is not read but unique on its page."""
    return ".".join(map(str, (page, *names)))


# Links and addresses.
known_queries = _of_page("queries")  # the queries that were opened, or written, as hashes
link_problems = _of_page("link_problems")  # the problems of the link that was opened
share_weights = _of_form("share_weights")  # whether the link includes the weights shown

# The live picture, the timeline, and the run doctor.
picture = _of_page("picture")
picture_component = _element("picture")  # what the visitor did in the picture
picture_surroundings = _of_page("seen")  # the state for which the page around the picture was drawn
point_placed = _of_page("pointed")  # whether the page must be rerun for a new point
log_axis = _of_form("log")  # whether the loss has a logarithmic axis
timeline_component = _element("timeline")  # what the visitor did in the timeline
timeline_last_act = _of_page("timeline.heard")  # the number of the last action in it
timeline_ticks = _of_page("timeline.ticks")
replay_speed = _of_page("replay_speed")
doctor_ticks = _of_page("looks")
ticks = _of_page("ticks")  # counts the reruns of a fragment
pacer = _element("pacer")  # the element that triggers a rerun of the fragment

# The views below the picture.
view = _of_form("view")
view_group = _of_form("views")
unit_page = _of_form("unit_page")  # which page of the pictures of units
map_image = _of_form("maps.image")  # whose feature maps are shown
hidden_layer = _of_form("hidden.layer")
hidden_turn = _of_form("hidden.degrees")
hidden_basis = _of_page("hidden.basis")  # the directions to which the next picture is aligned
drawing = _of_page("drawing")  # what was drawn on the pad
draw_pad = _element("draw-pad")
confusion_cells = _element("confusion-cells")
code_dialect = _of_form("code.dialect")
code_beside = _of_form("code.beside")  # the dialect beside it
code_backend = _of_page("code.backend")  # the backend whose dialect was chosen last
code_change = _of_page("code.seen")  # the experiments before and after the last change
code_container = _element("code")
qr_code = _element("qr-code")
numpy_twin = _of_page("reference")  # NumPy's run, with which a run is compared
numpy_twin_of = _of_page("reference_of")  # the id of the run that is compared
surface = _of_page("surface")  # the loss around the weights, as it was computed last
surface_request = _of_page("surface.wanted")  # a click on Compute
surface_chart = _element("surface")
asked_step = _of_page("walk.asked")  # the step that was requested from the backend
asked_step_about = _of_page("walk.about")  # the snapshot and the rows of the step
weights_upload = _of_page("weights_upload")
weights_file = _of_page("weights_file")  # the file of weights that was read
writing_refused = _of_page("writing_refused")  # why a file could not be requested from a worker
opening_kind = _of_form("opening")  # the kind of file whose opening is explained


def last_view(page: str, group: str) -> str:
    """The view of a group that was shown last."""
    return f"{page}.last.{group}"


def histogram(page: str, name: str) -> str:
    """A setting of the histograms: ``of``, ``kind``, ``layer``, ``log``."""
    return form_field(page, f"histograms.{name}")


def cell(page: str, side: str) -> str:
    """A class of the confusion matrix whose images are shown: ``true`` or ``chosen``."""
    return form_field(page, f"cell.{side}")


def change(page: str, name: str) -> str:
    """A setting of the view What to change: ``image``, ``target``, ``steps``, ``size``."""
    return form_field(page, f"change.{name}")


def mistakes(page: str, name: str) -> str:
    """A setting of the view Worst mistakes: ``class``, ``count``."""
    return form_field(page, f"mistakes.{name}")


def surface_setting(page: str, name: str) -> str:
    """A setting of the loss landscape: ``kind``, ``reach``, ``seed``, ``weight.0`` or ``.1``."""
    return form_field(page, f"surface.{name}")


def walk(page: str, name: str) -> str:
    """A setting of the walk through a step: ``row``, ``position``, ``all``."""
    return form_field(page, f"walk.{name}")


def written_file(page: str, suffix: str) -> str:
    """The file that was requested from a worker: its run, its step, and the answer."""
    return f"{page}.writing.{suffix}"


# The plane: one's own points, and one's own table.
task = _of_page("task")  # the data set that the other settings follow
task_before = _of_page("task_before")  # the data set before it
number_to_place = _of_form("number")
class_to_place = _of_form("group")
points_shown = _of_page("points_shown")  # the initial rows of the table of points
points_edited = _of_page("points_edited")  # its edited rows
points_version = _of_page("points_version")  # counts how often it was reset
upload = _of_page("upload")
table_file = _of_page("table_file")  # name and content of the file
table = _of_page("table")  # the file as a table
table_name = _of_page("table_name")  # the name of the file that is in use
table_problem = _of_page("table_problem")  # why the last file or choice cannot be used


def points_editor(page: str, version: int, last: str) -> str:
    """The table of points, which is reset for each version and name of its last column."""
    return f"{page}.points_editor.{version}.{last}"


def table_column(page: str, name: str) -> str:
    """A choice for an uploaded table: ``target``, ``inputs``, ``answer``, ``header``."""
    return form_field(page, f"columns.{name}")


# Recipes.
recipe = _of_page("recipe")  # the id of the recipe that a page was opened with
RECIPE_TASK = f"recipes{FORM}task"
RECIPE_FRAMEWORKS = f"recipes{FORM}frameworks"
RECIPE_RESULTS = "recipes.seen"  # the results of the recipes in this session


def recipe_rung(recipe_id: str) -> str:
    """Which form of the code is shown, by the id of the first."""
    return f"recipes{FORM}rung.{recipe_id}"


def recipe_cards(group: int) -> str:
    """The container of a group of recipes."""
    return f"recipes-cards-{group}"


def recipe_card(name: str) -> str:
    """The container of one recipe."""
    return f"recipes-card-{name}"


# Studies; `page` is the name of the study: compare, pair or convergence.
study = _of_page("study")
study_is_followed = _of_page("followed")  # whether the page must be rerun at its end
COMPARED_BACKENDS = f"compare{FORM}backends"
COMPARISON_MODE = f"compare{FORM}mode"
KEPT_AS_A = "pair.kept"  # the first experiment of a pair
KEEP_AS_A_REQUEST = "pair.asked_to_keep"
PAIR_IS_HELD = "pair.is_held"
PAIR_OUTCOME_TICKS = "pair.outcome_ticks"
SEED_COUNT = f"convergence{FORM}count"
SOLVED_FROM = f"convergence{FORM}target"  # per cent of rows


def pair_side(side: str) -> str:
    """The name of one side of a pair, used like a page's name for its run and picture."""
    return f"pair.{side}"


# The history of runs.
RUNS_TEXT = f"runs{FORM}text"  # the text that is searched in the names of runs
RUNS_OF_ALL = f"runs{FORM}all"  # whether the runs of other visitors are shown
RUNS_PAGE = "runs.page"  # which page of the list
RUNS_CHOSEN = "runs.chosen"  # the ids of the ticked runs
RUNS_TICKED_AT_FIRST = "runs.ticked_at_first"  # the rows that a new table begins with
RUNS_VERSION = "runs.version"  # counts how often the ticks were set from outside the table
RUNS_UPLOAD_NUMBER = "runs.upload_number"
RUNS_REFUSED = "runs.refused"
RUNS_DONE = "runs.done"  # the result of the last action
RUNS_DELETED = "runs.deleted"  # the ids that can be restored
RUNS_OPENED = "runs.opened"  # whether a run was opened, so that its page must be shown


def runs_filter(field: str) -> str:
    """A filter of the list: ``datasets``, ``backends``, ``states``, ``sources``."""
    return f"runs{FORM}{field}"


def runs_table(version: str) -> str:
    """The list; other runs make a new table."""
    return f"runs.table.{version}"


def run_name(run_id: str) -> str:
    """The field for the name of a run."""
    return f"runs.name.{run_id}"


def note_on_run(run_id: str) -> str:
    """The field for the note on a run."""
    return f"runs.note.{run_id}"


def runs_upload(number: int) -> str:
    """The field for a zip file, a new one after each file."""
    return f"runs.upload.{number}"


# The page Autodiff; its numbers are fields of its form.
asked_question = _of_page("begun")  # the last question, and its answers
