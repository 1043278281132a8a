"""The exceptions: one base class, one subclass for each kind, and a few for well-known codes."""

from __future__ import annotations

import errno
from typing import Any


class LeadkitError(Exception):
    """Base of all errors that leadkit raises.

    ``str(error)`` is a sentence with its place and hint, and never holds a cell's value.
    """

    code: str
    """Stable and machine-readable, such as ``file_not_found``; it never changes between versions."""
    kind: str
    """The family of the code, such as ``not_found``: one exception class for each."""
    message: str
    """The sentence without hint and place."""
    hint: str | None
    """What the caller can do about it."""
    path: str | None
    """The file it is about."""
    row: int | None
    """The line of the source, counted from 1."""
    field: str | None
    """The field, column or option it is about."""
    value: str | None
    """The offending value; may be personal data."""
    retryable: bool
    """Whether the same call may succeed later without any change."""

    def __init__(
        self,
        text: str = "",
        *,
        code: str = "internal",
        kind: str = "internal",
        message: str | None = None,
        hint: str | None = None,
        path: str | None = None,
        row: int | None = None,
        field: str | None = None,
        value: str | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(text)
        self.code = code
        self.kind = kind
        self.message = text if message is None else message
        self.hint = hint
        self.path = path
        self.row = row
        self.field = field
        self.value = value
        self.retryable = retryable
        _fill_os_error(self, code, self.message, path)

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:
        # OSError has a way of its own, which would lose what only we know.
        return _rebuild, (type(self), str(self), {name: getattr(self, name) for name in _PARTS})


class InvalidInput(LeadkitError, ValueError):
    """The caller's own words are off; the same call fails again."""


class NotFound(LeadkitError, LookupError):
    """Something named does not exist."""


class IoError(LeadkitError, OSError):
    """The operating system refused."""


class Format(LeadkitError):
    """The source's content cannot be read as a table of leads."""


class Busy(LeadkitError):
    """Somebody else holds what is needed; try again later."""


class Conflict(LeadkitError):
    """The change contradicts what is stored."""


class Full(LeadkitError, OSError):
    """Out of disk space or quota."""


class Corrupt(LeadkitError):
    """The store is damaged or is none of ours."""


class SchemaTooNew(LeadkitError):
    """The store was written by a newer version."""


class Unreachable(LeadkitError):
    """The store's server cannot be reached."""


class Cancelled(LeadkitError):
    """The caller cancelled; what was committed stays, and the same call goes on from there."""


class Closed(LeadkitError):
    """The handle is closed or belongs to another process."""


class Internal(LeadkitError):
    """A defect of leadkit; please report it."""


class FileNotFound(NotFound, FileNotFoundError):
    """The file does not exist; also a ``FileNotFoundError``."""


class FileExists(IoError, FileExistsError):
    """The target exists and is never overwritten; also a ``FileExistsError``."""


class IsDirectory(InvalidInput, IsADirectoryError):
    """The path is a directory where a file is needed; also an ``IsADirectoryError``."""


class PermissionDenied(IoError, PermissionError):
    """The file or folder may not be read or written; also a ``PermissionError``."""


_PARTS = ("code", "kind", "message", "hint", "path", "row", "field", "value", "retryable")

_BY_KIND: dict[str, type[LeadkitError]] = {
    "invalid_input": InvalidInput,
    "not_found": NotFound,
    "io": IoError,
    "format": Format,
    "busy": Busy,
    "conflict": Conflict,
    "full": Full,
    "corrupt": Corrupt,
    "schema_too_new": SchemaTooNew,
    "unreachable": Unreachable,
    "cancelled": Cancelled,
    "closed": Closed,
    "internal": Internal,
}

_BY_CODE: dict[str, type[LeadkitError]] = {
    "file_not_found": FileNotFound,
    "file_exists": FileExists,
    "is_directory": IsDirectory,
    "permission_denied": PermissionDenied,
}

_ERRNO = {
    "file_not_found": errno.ENOENT,
    "file_exists": errno.EEXIST,
    "is_directory": errno.EISDIR,
    "permission_denied": errno.EACCES,
    "disk_full": errno.ENOSPC,
    "read_only": errno.EROFS,
    "io": errno.EIO,
}


def from_core(text: str, *parts: Any) -> LeadkitError:
    """The exception for an error of the core; called by the compiled half."""
    named = dict(zip(_PARTS, parts, strict=True))
    cls = _BY_CODE.get(named["code"]) or _BY_KIND.get(named["kind"], LeadkitError)
    return cls(text, **named)


def _fill_os_error(error: BaseException, code: str, message: str, path: str | None) -> None:
    """Gives an ``OSError`` what handlers of such errors look at."""
    if isinstance(error, OSError):
        error.errno = _ERRNO.get(code)
        error.strerror = message
        error.filename = path


def _rebuild(cls: type[LeadkitError], text: str, parts: dict[str, Any]) -> LeadkitError:
    return cls(text, **parts)
