"""Plain text: a table whose first column is words and whose others are numbers."""

import statistics


def print_table(title, headings, rows):
    cells = [headings] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    print(f"\n{title}")
    for row in cells:
        first, rest = row[0].ljust(widths[0]), [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  " + "   ".join([first, *rest]).rstrip())


def count(value):
    return "-" if value is None else f"{value:,.0f}"


def real(value, digits=1):
    return "-" if value is None else f"{value:,.{digits}f}"


def spread(values):
    return f"{min(values):,.0f} to {max(values):,.0f}"


def median(values):
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
