"""The errors that elman raises on purpose; every one of them is meant to be read by a person."""


class ElmanError(Exception):
    """Base of all errors with a message for the user: what is wrong, where, and what would be right."""


class CellError(ElmanError, ValueError):
    """The equations of a cell are not well formed; names the equation and its line."""


class VerificationError(ElmanError, AssertionError):
    """A compiler pass left a graph that is not well formed: a defect of elman, not of the cell."""


class InputError(ElmanError, ValueError):
    """A file, text or option from the user cannot be used; names it, the place in it, and what would be
    right.
    """
