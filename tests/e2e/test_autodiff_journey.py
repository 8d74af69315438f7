"""In a real browser: one gradient, from every framework, beside each other."""

from nn_core import autodiff, backends
from tests.e2e.visitor import expect

LABELS = [
    method.label for method in autodiff.all_methods() if backends.is_installed(method.framework)
]


def rows(app):
    """Cells of each row, by its label."""
    texts = app.answers.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.textContent.trim()))"
    )
    return {label: cells for label, *cells in texts}


def all_begin_with(app, value, slope):
    found = rows(app)
    return all(
        found[label][0].startswith(value) and found[label][1].startswith(slope) for label in LABELS
    )


def test_a_gradient_is_found_in_every_way_and_follows_the_numbers(app):
    app.open("autodiff")
    app.until(lambda: rows(app)["By hand"][0] == "–", "there are answers before the question")
    app.page.locator("body").press("d")
    app.page.wait_for_function(
        "[...document.querySelectorAll('.st-key-autodiff-answers td')]"
        ".some(cell => cell.textContent.includes('importing'))"
    )
    app.until(
        lambda: all_begin_with(app, "0.474076984", "−0.37754066"), "not all answered", seconds=180
    )
    app.until(
        lambda: float(rows(app)["Central differences"][4].replace("−", "-")) < 1e-9, "far apart"
    )
    workers = app.server.workers()
    app.type_number("autodiff.form.logistic.w.2", -2)
    app.until(lambda: all_begin_with(app, "0.693147180", "−0.5"), "the answers did not follow")
    assert app.server.workers() == workers
    app.choose("autodiff.form.expression", "ReLU at and beside its kink")
    app.until(lambda: all_begin_with(app, "0.5", ""), "the kink was not computed")
    app.until(
        lambda: {cells[2][:3] for cells in rows(app).values()} >= {"0", "0.5"}, "all ways agree"
    )
    app.page.get_by_text("At w₂ = 0 there is a kink").wait_for()
    expect(app.page.get_by_text("def relu(w, x):")).to_have_count(len(autodiff.all_methods()))
