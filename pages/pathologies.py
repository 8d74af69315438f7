"""Pathologies: experiments that fail, one click away, each with its cure beside it."""

import streamlit as st

from nn_core import backends
from nn_core.lessons import pathologies
from nn_core.lessons.pathologies import Pathology
from nn_core.vocabulary import ACTIVATIONS, OPTIMIZERS
from ui import session
from ui import session_keys as keys
from ui.links import page_list
from ui.live import doctor_card

session.enter("pages/pathologies.py")
st.title("Pathologies")
st.caption(
    "Training fails in a few typical ways. Watch one, read what the run doctor measures below the "
    "picture, and then watch the cure."
)


def button(pathology: Pathology, what: str) -> bool:
    """A button that trains the broken experiment, or the cured one, on its page."""
    page, is_cure = page_list.page_of(pathology.broken.dataset), what == "cure"
    return st.button(
        "Show the cure" if is_cure else "Show it",
        key=keys.button("pathologies", pathology.id, what),
        type="secondary" if is_cure else "primary",
        icon=":material/healing:" if is_cure else ":material/play_arrow:",
        on_click=doctor_card.show_and_train,
        args=(page, pathology.cure if is_cure else pathology.broken),
        help=f"Opens the page {page.capitalize()} with "
        f"{'the cured' if is_cure else 'this'} experiment, and trains it.",
    )


asked = None
columns = st.columns(2)
for number, pathology in enumerate(map(pathologies.get, pathologies.names())):
    broken = pathology.broken
    activation = ACTIVATIONS[broken.activation].label if broken.hidden else "single layer"
    with columns[number % 2], st.container(border=True, key=f"pathology-{pathology.id}"):
        st.markdown(f"##### {pathology.title}")
        st.caption(
            f"{backends.label(broken.backend)} · network {broken.shape} · {activation} · "
            f"{OPTIMIZERS[broken.optimizer].label}, learning rate {broken.learning_rate:g}"
        )
        st.write(pathology.see)
        st.markdown(f":material/healing: {pathology.remedy}")
        with st.container(horizontal=True):
            for what in ("broken", "cure"):
                if button(pathology, what):
                    asked = page_list.page_of(pathology.broken.dataset)
if asked:
    st.switch_page(page_list.path(asked))
