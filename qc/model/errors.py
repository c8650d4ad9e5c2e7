"""Errors that a user can act on: one sentence what is wrong, and what to do next."""


class QcError(Exception):
    """What the user is told instead of a traceback."""


class InputError(QcError):
    """A file, an argument or a sheet cannot be used as it is."""


class NotFoundError(QcError):
    """A project, sample, alert or answer that was named does not exist."""


class ConflictError(QcError):
    """Somebody else changed the same thing first, or holds the lock."""


class UnavailableError(QcError):
    """Something that is needed (a package, a server, a file) is missing or does not answer."""
