"""From the XML of a worksheet to rows of cells, block by block (ECMA-376 part 1, § 18.3: sheetData, row, c, v, is, t)."""

from datetime import date, timedelta
from xml.parsers import expat

from app.imports.plain_rows import PlainCell, end_of_plain_rows, plain_rows
from app.imports.refusals import BrokenFile, FileTooLarge
from app.imports.shape import Cell

MAX_CELL = 32_767
MAX_COLUMNS = 1_000
MAX_PIECES = 200  # expat gives text in pieces of up to 8 KiB
MAX_UNPARSED = 4 << 20
MAX_UNFINISHED = 1 << 16  # what waits for the end of its row, before it goes to expat as it is
MAX_STRINGS = 1_000_000
MAX_STRING_CHARACTERS = 40_000_000
_ROW_ENDS = b"</row>"


class PartParser:
    """What both parsers share: blocks in, and no text, tag or attribute that grows without end."""

    def __init__(self) -> None:
        self._fed = 0
        self._pieces: list[str] = []
        self._expat = expat.ParserCreate()
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._text
        self._expat.StartDoctypeDeclHandler = refuse_doctype

    def feed(self, block: bytes, *, is_final: bool = False) -> None:
        """Parse the next block."""
        self._expat.Parse(block, is_final)
        self._fed += len(block)
        if self._fed - self._expat.CurrentByteIndex > MAX_UNPARSED or len(self._pieces) > MAX_PIECES:
            raise BrokenFile("A cell of the workbook is longer than a spreadsheet allows.", "Export the sheet as CSV.")

    def take(self) -> list[tuple[int, list[Cell]]]:
        """The rows that have been completed since."""
        return []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def _end(self, name: str) -> None:
        raise NotImplementedError

    def _text(self, text: str) -> None:
        raise NotImplementedError


class StringsParser(PartParser):
    """The table of shared strings (`sst`): the text of each `si`, phonetic hints left out."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []
        self._is_text, self._is_hint, self._characters = False, False, 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 the handler's signature
        local = name.rpartition(":")[2]
        self._is_text = local == "t"
        self._is_hint = local == "rPh" or (self._is_hint and local != "si")
        if local == "si":
            self._pieces.clear()

    def _text(self, text: str) -> None:
        if self._is_text and not self._is_hint:
            self._pieces.append(text)

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        self._is_text = False
        if local == "rPh":
            self._is_hint = False
        elif local == "si":
            string = "".join(self._pieces)
            self._characters += len(string)
            if len(self.strings) >= MAX_STRINGS or self._characters > MAX_STRING_CHARACTERS:
                raise FileTooLarge("The workbook holds more text than can be read at once.", "Export the sheet as CSV.")
            self.strings.append(string)


class SheetParser(PartParser):
    """The rows of one sheet. Cells keep their column; numbers with a date style become days."""

    def __init__(self, strings: list[str], date_styles: frozenset[int], *, epoch: date) -> None:
        super().__init__()
        self._strings, self._date_styles, self._epoch = strings, {str(style) for style in date_styles}, epoch
        self._done: list[tuple[int, list[Cell]]] = []
        self._cells: list[Cell] = []
        self._number, self._column = 0, 0
        self._attributes: dict[str, str] = {}
        self._formula: list[str] = []
        self._into: list[str] | None = None
        self._columns: dict[str, int] = {}
        self._unfinished = b""
        self._is_utf8, self._has_ended_row, self._is_between_rows = True, False, False
        self._expat.XmlDeclHandler = self._declared

    def feed(self, block: bytes, *, is_final: bool = False) -> None:
        """Take plain rows as they stand, and have expat parse the rest: to expat, the document just has fewer rows."""
        block = self._unfinished + block
        begin = 0
        while True:
            begin = self._take_plain(block, begin)
            end = block.find(_ROW_ENDS, begin) + len(_ROW_ENDS)
            if end < len(_ROW_ENDS):
                break
            self._parse(block[begin:end])
            begin = end
        self._unfinished = block[begin:]
        if is_final or len(self._unfinished) > MAX_UNFINISHED:
            self._parse(self._unfinished, is_final=is_final)
            self._unfinished = b""

    def _parse(self, block: bytes, *, is_final: bool = False) -> None:
        """A block that a row ends, unless the end stands in a comment or the like, which expat then has not left."""
        self._has_ended_row = False
        super().feed(block, is_final=is_final)
        is_all_parsed = self._expat.CurrentByteIndex == self._fed
        self._is_between_rows = self._is_utf8 and self._has_ended_row and is_all_parsed and block.endswith(_ROW_ENDS)

    def _take_plain(self, block: bytes, begin: int) -> int:
        end = end_of_plain_rows(block, begin) if self._is_between_rows else begin
        if end > begin:
            try:
                text = block[begin:end].decode()
            except UnicodeDecodeError as error:
                raise BrokenFile("The workbook is damaged.", "Save it as XLSX again.") from error
            for self._number, cells in plain_rows(text):
                if row := self._plain_row(cells):
                    self._done.append((self._number, row))
        return end

    def _plain_row(self, cells: list[PlainCell]) -> list[Cell]:
        row: list[Cell] = []
        columns, value_of = self._columns, self._value
        for letters, style, kind, content, inline in cells:
            if text := content or inline:
                column = columns[letters] if letters in columns else self._column_of(letters)
                if column == len(row):
                    row.append(value_of(text, kind, style))
                else:
                    self._put(row, column, value_of(text, kind, style))
        return row

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._is_utf8 = encoding is None or encoding.lower() == "utf-8"

    def take(self) -> list[tuple[int, list[Cell]]]:
        """The rows that have been completed since."""
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "v":  # the two most frequent ones first
            self._into = self._pieces
        elif name == "c":
            self._attributes = attributes
            if self._pieces or self._formula:
                self._pieces, self._formula = [], []
        elif name == "row":
            self._number = _row_number(attributes.get("r", ""), self._number)
            self._cells, self._column = [], 0
        elif name == "t":
            self._into = self._pieces
        elif name == "f":
            self._into = self._formula
        elif ":" in name:
            self._start(name.rpartition(":")[2], attributes)

    def _text(self, text: str) -> None:
        if self._into is not None and len(self._into) <= MAX_PIECES:
            self._into.append(text)

    def _end(self, name: str) -> None:
        if name == "c":
            self._place()
        elif name == "row":
            self._has_ended_row = True
            if self._cells:
                self._done.append((self._number, self._cells))
        elif ":" in name:
            self._end(name.rpartition(":")[2])
        else:
            self._into = None

    def _place(self) -> None:
        reference = self._attributes.get("r")
        column = self._column_of(reference.rstrip("0123456789")) if reference else self._column
        self._column = column + 1
        if not self._pieces and not self._formula:
            return
        text = self._pieces[0] if len(self._pieces) == 1 else "".join(self._pieces)
        kind, style = self._attributes.get("t", ""), self._attributes.get("s", "")
        self._put(self._cells, column, self._value(text, kind, style) if text else "=" + "".join(self._formula))

    @staticmethod
    def _put(cells: list[Cell], column: int, value: Cell) -> None:
        if column >= MAX_COLUMNS:
            raise _too_wide()
        if column == len(cells):
            cells.append(value)
            return
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = value

    def _column_of(self, letters: str) -> int:
        column = self._columns.get(letters)
        if column is None:
            column = 0
            for letter in letters.upper():
                column = column * 26 + ord(letter) - 64
            column -= 1
            if not 0 <= column < MAX_COLUMNS:
                raise _too_wide()
            self._columns[letters] = column
        return column

    def _value(self, text: str, kind: str, style: str) -> Cell:
        if not kind or kind == "n":
            return self._number_or_day(text, style)
        if kind == "s":
            index = int(text) if text.isdecimal() else -1
            if not 0 <= index < len(self._strings):
                raise BrokenFile("The workbook is damaged: a text is missing.", "Save it as XLSX again.")
            text = self._strings[index]
        elif kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        elif kind == "d":
            return text[:10]
        if len(text) > MAX_CELL:
            raise BrokenFile(f"A cell in row {self._number} is longer than {MAX_CELL:,} characters.", "Shorten it.")
        return text

    def _number_or_day(self, text: str, style: str) -> Cell:
        try:
            number = float(text)
        except ValueError:
            return text
        if (style or "0") in self._date_styles and 0 < number < 2_900_000:
            return self._epoch + timedelta(days=int(number))
        return number if abs(number) < 1e300 else text


def _too_wide() -> FileTooLarge:
    return FileTooLarge(f"The sheet has more than {MAX_COLUMNS:,} columns.", "Remove the columns not needed.")


def _row_number(reference: str, previous: int) -> int:
    return int(reference) if reference.isdecimal() and len(reference) < 9 else previous + 1


def refuse_doctype(*_: object) -> None:
    """The door of entity bombs; no spreadsheet program writes one."""
    raise BrokenFile(
        "The workbook holds a document type declaration, which no spreadsheet program writes.", "Save it again."
    )
