"""Show progress bars and messages on standard error, so that standard output can be piped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from organode.errors import without_password

# In a notebook rich would need widgets, and print a warning in each cell without them.
console = Console(stderr=True, force_jupyter=False)
INTERVAL = 15.0  # seconds between the lines of a bar where there is no terminal, as in a log file


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        if speed >= 1:
            return Text(f"{speed:,.1f} {task.fields['unit']}/s")
        return Text(f"{1 / speed:,.1f} s/{task.fields['unit']}")


Watcher = Callable[[str, int, int | None], None]
_watcher: ContextVar[Watcher | None] = ContextVar("_watcher", default=None)


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Call `watcher` at every step of this thread's progress bars while the block runs.

    The arguments are the description of the bar, the number of units done so far, and the total
    number of units (None if it is not known).
    """
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


class Bar:
    """A progress bar on the terminal, or lines in a log; the function `bar` makes it."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = progress.tasks[task]
        self._before = self._task.completed
        self._shown = monotonic()

    def advance(self, count: int = 1, note: str = "") -> None:
        """Count `count` more units of work as done, and show the text `note` beside the bar."""
        task = self._task
        self._progress.update(task.id, advance=count, note=note)
        if watcher := _watcher.get():
            total = None if task.total is None else int(task.total)
            watcher(task.description, int(task.completed), total)
        if not console.is_terminal and monotonic() >= self._shown + INTERVAL and not task.finished:
            self._shown = monotonic()
            say(", ".join(part for part in (*_line(task, self._before), note) if part))


def _line(task: Task, before: float) -> tuple[str, str]:
    """Return what is done, and the time left if it is known, in words.

    `before` of the units were done before the bar began, and say nothing about its speed.
    """
    count = f"{task.description}: {task.completed:,.0f}"
    done = task.completed - before
    if task.total is None or not done or task.elapsed is None:
        return f"{count} {task.fields['unit']}", ""
    left = round(task.elapsed / done * (task.total - task.completed))
    return f"{count} of {task.total:,.0f} {task.fields['unit']}", f"{timedelta(seconds=left)} left"


@contextmanager
def bar(description: str, total: int | None, unit: str, done: int = 0) -> Iterator[Bar]:
    """Show a progress bar with rate and remaining time while the block runs.

    Where there is no terminal, a line says now and then how far the work is. Nothing is shown if
    `console.quiet` is true.

    Parameters
    ----------
    description : str
        What is being done.
    total : int or None
        Number of units in total; None if it is not known.
    unit : str
        Name of the units that are counted, such as ``molecules``.
    done : int
        Number of units that were done before the block, for example by an interrupted command.
    """
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
        disable=console.quiet,
    )
    with progress:
        task = progress.add_task(description, total=total, completed=done, unit=unit, note="")
        yield Bar(progress, task)


def say(message: str) -> None:
    """Print a message for the user to standard error, with passwords hidden and lines unwrapped."""
    console.print(without_password(message), markup=False, highlight=False, soft_wrap=True)
