"""Define a property that is computed when it is first used, and then kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 (used like `property`)
    """A property that is computed once for each object, at its first use.

    `functools.cached_property` does the same, but before Python 3.12 it holds one lock for all
    objects of a class. In a server with several threads, a request would then wait until the
    property of another object, in another request, is computed.
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[T]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> lazy[T] | T:
        if instance is None:
            return self
        value = self._function(instance)
        vars(instance)[self._name] = value  # Python finds it before this descriptor
        return value
