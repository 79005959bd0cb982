"""The shapes of the FastAPI peer: what may be asked, and what is answered."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

DUE = {"urgent": 15, "high": 30, "normal": 120, "low": 1440}

T = TypeVar("T")
Priority = Literal["low", "normal", "high", "urgent"]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]


class Camel(BaseModel):
    """camelCase outside, snake_case inside."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Guest(Camel):
    """A guest as answered."""

    id: str
    name: str
    email: str | None
    phone: str | None
    tags: list[str]
    notes: str | None
    language: str | None
    created_at: str
    updated_at: str


class Task(Camel):
    """A task as answered."""

    id: str
    title: str
    description: str | None
    department: str
    priority: str
    status: str
    guest_id: str | None
    conversation_id: str | None
    room: str | None
    assignee_id: str | None = Field(serialization_alias="assignee")
    due_at: str
    overdue: bool
    notes: str | None
    completed_at: str | None
    created_at: str
    updated_at: str


class Meta(BaseModel):
    """Where a page lies."""

    page: int
    limit: int
    total: int
    pages: int


class Answer(BaseModel, Generic[T]):
    """One thing in its envelope."""

    success: bool = True
    data: T


class Page(BaseModel, Generic[T]):
    """A page of things in its envelope."""

    success: bool = True
    data: list[T]
    meta: Meta


class GuestFilters(BaseModel):
    """What a list of guests may be asked for."""

    model_config = ConfigDict(extra="forbid")

    page: int = Field(default=1, ge=1)
    limit: int = Field(default=20, ge=1, le=100)
    search: str | None = Field(default=None, max_length=200)
    tag: str | None = Field(default=None, max_length=64)


class TaskCreate(Camel):
    """What a new task is made of."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=4096)
    department: Slug
    priority: Priority = "normal"
    guest_id: str | None = None
