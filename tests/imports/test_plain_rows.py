"""A worksheet reads the same whether its rows are taken as they stand or go through the parser, wherever the blocks are cut."""

from datetime import date
from xml.parsers.expat import ExpatError

import pytest

from app.imports.refusals import BrokenFile, FileTooLarge
from app.imports.shape import Cell
from app.imports.sheet_parser import SheetParser

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<worksheet><dimension ref="A1:D9"/><sheetData>'
TAIL = '</sheetData><pageMargins left="0.7"/></worksheet>'
PLAIN = [
    '<row r="1" spans="1:3" x14ac:dyDescent="0.25"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>Größe</t></is></c></row>',
    '<row r="3"><c r="A3" s="2"><v>45292</v></c><c r="B3" s="1"/><c r="C3"><v>14.43</v></c></row>',
    '<row r="5" ht="20"/><row r="7"/>',
    '<row r="8"><c r="B8" t="b"><v>1</v></c><c r="A8" t="str"><v>late</v></c><c r="AA8" t="n"><v>2E3</v></c></row>',
    '<row r="9"><c r="A9" t="inlineStr"><is><t xml:space="preserve"> in 2 </t></is></c><c r="B9"><v></v></c></row>',
]
OTHER = [
    '<row r="10"><c r="A10"><f>B1&amp;C1</f><v>7</v></c><c r="B10"><f>SUM(A1:A9)</f></c></row>',
    '<row r="11"><c r="A11" t="inlineStr"><is><r><t>rich</t></r><r><t> text</t></r></is></c></row>',
    "<row><c><v>1</v></c><c><v>2</v></c></row>",
    '<row r="14"><c r="A14" t="inlineStr"><is><t>Fish &amp; chips</t></is></c></row>',
    '<!-- <row r="15"><c r="A15"><v>1</v></c></row> <row r="16"><c r="A16"><v>1</v></c></row>-->',
    '\n  <row r="17">\n <c r="A17"><v>3</v></c>\n</row>\n',
    '<row r="18"><c r="A18" t="str"><v><![CDATA[a</row><line>b]]></v></c></row>',
]


def read(document: str | bytes, *, block: int = 1 << 16) -> list[tuple[int, list[Cell]]]:
    raw = document.encode() if isinstance(document, str) else document
    parser = SheetParser(["shared"], frozenset({2}), epoch=date(1899, 12, 30))
    rows = []
    for begin in range(0, len(raw), block):
        parser.feed(raw[begin : begin + block])
        rows += parser.take()
    parser.feed(b"", is_final=True)
    return rows + parser.take()


def slowly(document: str) -> list[tuple[int, list[Cell]]]:
    """A second blank after the name of an element says the same, and is not what programs write."""
    return read(document.replace("<row r", "<row  r"))


def test_plain_rows_are_read_as_the_format_says() -> None:
    assert read(HEAD + "".join(PLAIN) + TAIL) == [
        (1, ["shared", "", "Größe"]),
        (3, [date(2024, 1, 1), "", 14.43]),
        (8, ["late", "TRUE", *[""] * 24, 2000.0]),
        (9, [" in 2 "]),
    ]


@pytest.mark.parametrize("block", [1, 7, 64, 1000, 1 << 16])
def test_mixed_with_others_they_come_in_order_wherever_the_blocks_are_cut(block: int) -> None:
    mixed = [row for pair in zip(PLAIN + PLAIN, OTHER, strict=False) for row in pair] + PLAIN
    document = HEAD + "".join(mixed) + TAIL
    assert read(document, block=block) == slowly(document)
    assert any(cells == ["a</row><line>b"] for _, cells in read(document, block=block))


def test_rows_in_a_comment_are_none() -> None:
    assert 15 not in dict(read(HEAD + PLAIN[0] + OTHER[4] + PLAIN[1] + TAIL, block=50))
    assert 16 not in dict(read(HEAD + PLAIN[0] + OTHER[4] + PLAIN[1] + TAIL))


def test_another_encoding_is_left_to_the_parser() -> None:
    document = (HEAD.replace("UTF-8", "ISO-8859-1") + "".join(PLAIN) + TAIL).encode("latin-1")
    assert read(document)[0] == (1, ["shared", "", "Größe"])


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3("])
def test_bytes_that_are_no_text_are_said_to_be_damage(bad: bytes) -> None:
    cell = b'<row r="2"><c r="A2" t="str"><v>' + bad + b"</v></c></row>"
    # An older Python leaves every row to expat, whose own error the workbook's reader turns into the same refusal.
    with pytest.raises((BrokenFile, ExpatError), match=r"damaged|not well-formed"):
        read(HEAD.encode() + PLAIN[0].encode() + cell + TAIL.encode())


def test_a_column_beyond_the_limit_is_refused_in_a_plain_row_too() -> None:
    with pytest.raises(FileTooLarge, match="columns"):
        read(HEAD + PLAIN[0] + '<row r="2"><c r="ZZZ2"><v>1</v></c></row>' + TAIL)


def test_a_text_that_is_not_in_the_table_is_said_to_be_damage_in_a_plain_row_too() -> None:
    with pytest.raises(BrokenFile, match="text is missing"):
        read(HEAD + PLAIN[0] + '<row r="2"><c r="A2" t="s"><v>9</v></c></row>' + TAIL)


def test_a_row_that_never_ends_is_refused_and_not_kept() -> None:
    endless = HEAD + PLAIN[0] + '<row r="2"><c r="A2" t="str"><v>' + "x" * 40_000_000
    with pytest.raises(BrokenFile, match="longer"):
        read(endless)
