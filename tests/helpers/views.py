"""The views below the picture, opened in a test of a page."""

from __future__ import annotations

from ui.details import views

GROUP_OF = {view.NAME: group for group, found in views.GROUPS.items() for view in found}


def open_view(app, page: str, name: str):
    """Open a view by its buttons: its group's, and then its own."""
    app.segmented_control(key=f"{page}.form.views").set_value(GROUP_OF[name]).run()
    app.pills(key=f"{page}.form.view").set_value(name).run()
    assert not app.exception, name
    assert app.session_state[f"{page}.form.view"] == name, f"{page} does not offer {name}"
    return app
