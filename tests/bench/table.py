"""Medians and ratios of benchmark results, as a table in Markdown.

    table.py COLUMN...

reads lines "ROW WHO {json}" and prints a line for each row and client, with the medians
of the columns (cpu: microseconds of CPU a call; cpu_ms: milliseconds; beyond: of those, what
is more than the first client's; rate: calls/s; wall: s; wall_ms; memory: MB, the largest)
and, for all but the first client of a row, the ratio to the first. The column first_call
reads lines of first_call.lua instead, and best prints a line a row: milliseconds of each
client, and the last one's ratio to the best of the others.
"""
import collections
import json
import statistics
import sys

COLUMNS = {
    "cpu": ("CPU us/call", lambda r: r["cpu_s"] / r["n"] * 1e6, statistics.median),
    "cpu_ms": ("CPU ms", lambda r: r["cpu_s"] / r["n"] * 1e3, statistics.median),
    "beyond": ("beyond, ms", lambda r: r["cpu_s"] / r["n"] * 1e3, statistics.median),
    "rate": ("calls/s", lambda r: r["n"] / r["wall_s"], statistics.median),
    "wall": ("wall s", lambda r: r["wall_s"], statistics.median),
    "wall_ms": ("wall ms", lambda r: r["wall_s"] * 1e3, statistics.median),
    "memory": ("MB", lambda r: r["rss_kb"] / 1024, max),
}


def read_rows():
    rows = collections.OrderedDict()
    for line in sys.stdin:
        row, who, text = line.split(" ", 2)
        try:
            result = json.loads(text)
        except ValueError:
            print(f"{row} {who}: no result: {text.strip()}", file=sys.stderr)
            continue
        rows.setdefault(row, collections.OrderedDict()).setdefault(who, []).append(result)
    return rows


def cell(name, figure, first):
    if name == "beyond":
        return f"{figure - first:.3f}" if first is not None else ""
    text = f"{figure:,.0f}" if figure >= 1000 else f"{figure:.2f}" if figure < 10 else f"{figure:.1f}"
    return text if first is None else f"{text} ({figure / first:.2f}x)"


def compare(names):
    columns = [COLUMNS[name] for name in names]
    print("| | | " + " | ".join(title for title, _, _ in columns) + " |")
    print("|---|---|" + "---:|" * len(columns))
    for row, clients in read_rows().items():
        first = None
        for who, results in clients.items():
            figures = [pick(map(value, results)) for _, value, pick in columns]
            cells = [cell(name, figure, first and first[index])
                     for index, (name, figure) in enumerate(zip(names, figures))]
            print(f"| {row} | {who} | " + " | ".join(cells) + " |")
            first = first or figures


def first_call():
    rows = collections.OrderedDict()
    for line in sys.stdin:
        op, *figures = line.split()
        rows.setdefault(op, []).append([float(figure) for figure in figures])
    print("| | client made | first call | second call | beyond the second |")
    print("|---|---:|---:|---:|---:|")
    for op, results in rows.items():
        made, first, second = (statistics.median(column) for column in zip(*results))
        print(f"| {op} | {made:.3f} | {first:.3f} | {second:.3f} | {made + first - second:.3f} |")


def best():
    table = {row: {who: statistics.median(r["wall_s"] * 1e3 for r in results)
                   for who, results in clients.items()}
             for row, clients in read_rows().items()}
    names = list(next(iter(table.values())))
    print("| | " + " | ".join(names) + " | to the best |")
    print("|---|" + "---:|" * (len(names) + 1))
    for row, figures in table.items():
        *others, last = figures.values()
        cells = [f"{figure:.0f}" for figure in figures.values()]
        print(f"| {row} | " + " | ".join(cells) + f" | {last / min(others):.2f}x |")


if sys.argv[1:] == ["first_call"]:
    first_call()
elif sys.argv[1:] == ["best"]:
    best()
else:
    compare(sys.argv[1:])
