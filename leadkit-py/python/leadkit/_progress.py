"""The bar of ``progress=True``: tqdm's where it is installed, else one line of text."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from leadkit._types import Progress


class Bar:
    """Shows progress on stderr; says nothing where stderr is no terminal."""

    def __init__(self) -> None:
        self._bar: Any = _tqdm() or _Line()

    def __call__(self, progress: Progress) -> None:
        self._bar.show(progress)

    def close(self) -> None:
        self._bar.close()


class _Line:
    def __init__(self) -> None:
        self._stage: str | None = None
        self._width = 0
        self._silent = not sys.stderr or not sys.stderr.isatty()

    def show(self, progress: Progress) -> None:
        if self._silent:
            return
        if self._stage not in (None, progress.stage):
            self._write("\n")
        self._stage = progress.stage
        line = describe(progress)
        self._write("\r" + line.ljust(self._width))
        self._width = len(line)

    def close(self) -> None:
        if self._stage is not None:
            self._write("\n")

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


class _Tqdm:
    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm
        self._bar: Any = None
        self._stage: str | None = None

    def show(self, progress: Progress) -> None:
        if self._stage != progress.stage:
            self.close()
            self._stage = progress.stage
            unit = {"bytes": "B"}.get(progress.unit, " " + progress.unit)
            self._bar = self._tqdm(
                desc=progress.stage,
                total=progress.total,
                unit=unit,
                unit_scale=True,
                disable=None,
            )
        self._bar.update(progress.done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _tqdm() -> _Tqdm | None:
    try:
        return _Tqdm(importlib.import_module("tqdm.auto").tqdm)
    except ImportError:
        return None


def describe(progress: Progress) -> str:
    """One line: stage, share or count, rate, time to go."""
    parts = [f"{progress.stage:<8}"]
    if progress.total:
        share = min(progress.done / progress.total, 1.0)
        filled = int(share * 24)
        parts.append("[" + "#" * filled + "." * (24 - filled) + f"] {share:4.0%}")
    else:
        parts.append(f"{_short(progress.done)} {progress.unit}")
    parts.append(f"{_short(progress.rate)} {progress.unit}/s")
    if progress.eta is not None:
        minutes, seconds = divmod(round(progress.eta), 60)
        parts.append(f"{minutes}:{seconds:02} to go")
    return "  ".join(parts)


def _short(number: float) -> str:
    for unit in ("", "k", "M"):
        if number < 1000:
            return f"{number:.0f}{unit}" if number >= 100 or not unit else f"{number:.1f}{unit}"
        number /= 1000
    return f"{number:.1f}G"
