"""Dataclasses as fields of pydantic models: written as JSON, and checked for bounds when read.

The fields come from the dataclass itself, so that a run and its stored facts always have the same
fields; only the bounds are declared here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Annotated, Any, get_type_hints

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    create_model,
)
from pydantic_core import CoreSchema, core_schema

Short = Annotated[str, StringConstraints(max_length=200)]
Sentence = Annotated[str, StringConstraints(max_length=4000)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Seconds = Annotated[float, Field(ge=0, le=1e10, allow_inf_nan=False)]

BOUNDS: dict[Any, Any] = {
    str: Short,
    int: Count,
    float: Seconds,
    int | None: Count | None,
    Sequence[str]: Annotated[tuple[Short, ...], Field(max_length=1000)],
    tuple[str, ...]: Annotated[tuple[Short, ...], Field(max_length=100)],
}
"""The bounds of a field by its type, unless others are given."""


class StrictModel(BaseModel):
    """A model that is stored in the history: immutable, and without unknown fields."""

    # Losses and metrics of a diverged run are NaN or infinite, and must be stored, too.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Bounded:
    """An annotation for a field of a pydantic model that holds a dataclass.

    Parameters
    ----------
    kind : type
        The dataclass.
    left_out : collection of str
        Fields that are stored elsewhere; they are not written, and read as empty lists.
    **bounds
        Bounds of single fields that differ from those in `BOUNDS`.

    Examples
    --------
    >>> from nn_core.events import LearningRateChanged
    >>> class Kept(StrictModel):
    ...     change: Annotated[LearningRateChanged, Bounded(LearningRateChanged)]
    >>> Kept.model_validate_json('{"change": {"step": 3, "learning_rate": 0.5}}').change
    LearningRateChanged(step=3, learning_rate=0.5)
    """

    def __init__(self, kind: type, *, left_out: Collection[str] = (), **bounds: Any) -> None:
        hints = get_type_hints(kind)
        self._kind = kind
        self._left_out = tuple(left_out)
        self._names = [field.name for field in fields(kind) if field.name not in left_out]
        found: dict[str, Any] = {
            name: (bounds.get(name, BOUNDS.get(hints[name])), ...) for name in self._names
        }
        self._model = create_model(kind.__name__, __base__=StrictModel, **found)

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """The schema with which pydantic reads and writes the dataclass."""
        schema = handler.generate_schema(self._model)
        return core_schema.no_info_before_validator_function(
            self._fields_of,
            core_schema.no_info_after_validator_function(self._made_of, schema),
            serialization=core_schema.plain_serializer_function_ser_schema(
                self._model_of, return_schema=schema
            ),
        )

    def _fields_of(self, value: Any) -> Any:
        if not isinstance(value, self._kind):
            return value
        return {name: getattr(value, name) for name in self._names}

    def _model_of(self, value: Any) -> StrictModel:
        return self._model.model_construct(**self._fields_of(value))

    def _made_of(self, model: StrictModel) -> Any:
        return self._kind(**dict(model), **{name: [] for name in self._left_out})
