"""The values of the widgets of one page's form, stored in the visitor's session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nn_core.experiment import Experiment
from ui import session
from ui import session_keys as keys


@dataclass(frozen=True)
class Form:
    """The form of a page.

    Attributes
    ----------
    page : str
        The page; prefix of the widgets' keys.
    defaults : Experiment
        The initial values.
    tasks : sequence of str
        The data sets to choose from.
    has_backend : bool
        Whether the form has a field for the backend; otherwise it is the default one.
    has_architecture : bool
        Whether the form has a field for the architecture; otherwise the layers are dense.
    on_task : callable, optional
        Called with the form when another data set is chosen, or one of its settings changes.
    on_learning_rate : callable, optional
        Called with the new learning rate as soon as it is changed.
    """

    page: str
    defaults: Experiment
    tasks: Sequence[str] = ()
    has_backend: bool = True
    has_architecture: bool = False
    on_task: Callable[[Form], None] | None = None
    on_learning_rate: Callable[[float], None] | None = None

    def key(self, name: str) -> str:
        """The session key of a widget."""
        return keys.form_field(self.page, name)

    def value(self, name: str, default: Any = None) -> Any:
        """The value of a widget, which may not be drawn yet.

        Parameters
        ----------
        name : str
            The widget: a field of the experiment, or a part of one, such as ``units.0``.
        default : object, optional
            Its initial value; by default, the field's value in `defaults`.
        """
        if default is None:
            default = getattr(self.defaults, name, None)
        return session.value(self.key(name), default)

    def peek(self, name: str) -> Any:
        """The value of a widget; None if it was never drawn."""
        return session.peek(self.key(name))

    def set(self, name: str, new: Any) -> None:
        """Set the value of a widget; for callbacks."""
        session.put(self.key(name), new)
