"""Medians and ratios of benchmark results.

    table.py COLUMN...

reads lines "ROW WHO {json}" and prints a line for each row and client, with the medians
of the columns (cpu: microseconds of CPU a call; rate: calls/s; wall: s; wall_ms; memory:
MB, the largest) and, for all but the first client of a row, the ratio to the first.
"""
import collections
import json
import statistics
import sys

COLUMNS = {
    "cpu": ("CPU us/call", lambda r: r["cpu_s"] / r["n"] * 1e6, statistics.median),
    "rate": ("calls/s", lambda r: r["n"] / r["wall_s"], statistics.median),
    "wall": ("wall s", lambda r: r["wall_s"], statistics.median),
    "wall_ms": ("wall ms", lambda r: r["wall_s"] * 1e3, statistics.median),
    "memory": ("MB", lambda r: r["rss_kb"] / 1024, max),
}


def main():
    columns = [COLUMNS[name] for name in sys.argv[1:]]
    rows = collections.OrderedDict()
    for line in sys.stdin:
        row, who, text = line.split(" ", 2)
        try:
            result = json.loads(text)
        except ValueError:
            print(f"{row} {who}: no result: {text.strip()}")
            continue
        rows.setdefault(row, collections.OrderedDict()).setdefault(who, []).append(result)

    print(f"{'':14}{'':8}" + "".join(f"{title:>20}" for title, _, _ in columns))
    for row, clients in rows.items():
        first = None
        for who, results in clients.items():
            figures = [pick(map(value, results)) for _, value, pick in columns]
            cells = ""
            for index, figure in enumerate(figures):
                ratio = f" ({figure / first[index]:.2f}x)" if first else ""
                cells += f"{figure:>11.1f}{ratio:>9}"
            print(f"{row:14}{who:8}{cells}")
            first = first or figures


main()
