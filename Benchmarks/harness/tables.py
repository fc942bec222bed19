"""Tables of results, for terminals and for Markdown."""


def plain(headings, lines):
    """Columns as wide as they must be."""
    widths = [max(map(len, column)) for column in zip(headings, *lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in [headings, *lines])


def markdown(headings, lines):
    """The same for a document."""
    rows = [headings, ["---"] * len(headings), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
