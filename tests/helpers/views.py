"""Where a view below the picture is."""

from ui.details import views

GROUP_OF = {view.NAME: group for group, found in views.GROUPS.items() for view in found}
