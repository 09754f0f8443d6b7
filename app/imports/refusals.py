"""Files that are refused, named for the situation; each says what to do about it."""

from kit.errors import Conflict, InvalidInput, TooLarge, UnsupportedFile


class FileTooLarge(TooLarge):
    """More bytes, rows or cells than an import takes."""

    code = "file-too-large"


class NotATable(UnsupportedFile):
    """A picture, a PDF, a program: nothing with rows and columns."""

    code = "not-a-table"


class EmptyFile(InvalidInput):
    """Nothing in it, or nothing below the header."""

    code = "empty-file"


class HeaderMissing(InvalidInput):
    """No row names the columns."""

    code = "header-missing"


class WideFile(InvalidInput):
    """One column per channel instead of one row per day and channel."""

    code = "wide-file"


class BrokenFile(InvalidInput):
    """The right kind of file, but damaged."""

    code = "broken-file"


class ColumnsMissing(InvalidInput):
    """The mapping lacks a column that every import needs."""

    code = "columns-missing"


class UploadMissing(Conflict):
    """The upload was said to be complete, but nothing is stored."""

    code = "upload-missing"


class FileReplaced(Conflict):
    """The stored file is not the one that was confirmed."""

    code = "file-replaced"


class CorrectionsOverlap(Conflict):
    """Corrected rows alone would replace other rows of the same day, channel and campaign."""

    code = "corrections-overlap"
