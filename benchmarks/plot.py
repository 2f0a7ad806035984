"""Draws what calculate.py has measured: `python benchmarks/plot.py` turns calculate.csv into calculate.svg.

Left every month of the longest measurement, one after the other; right the first month of each size that completes a
quarter, by rows priced. Both show the seconds until review beside the limit of the same run and three times that, which is
what is demanded.
"""

import csv
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).parent
INK, GRID, LIMIT, OURS = "#222", "#ddd", "#8a8a8a", "#0b6e4f"
WIDTH, HEIGHT, LEFT, TOP = 430, 260, 56, 34

Points = Sequence[tuple[float, float]]


def rounded_up(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten, so that an axis ends at a number one can read."""
    power = 10.0 ** (len(str(int(value))) - 1)
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def panel(offset: int, title: str, below: str, x_labels: Sequence[tuple[float, str]], lines: dict[str, Points]) -> str:
    top = rounded_up(max(y for points in lines.values() for _, y in points))

    def place(x: float, y: float) -> str:
        return f"{offset + LEFT + x * WIDTH:.1f},{TOP + HEIGHT * (1 - y / top):.1f}"

    drawn = [f'<text x="{offset + LEFT}" y="18" font-weight="bold">{title}</text>']
    for part in range(6):
        x, y = place(0, top * part / 5).split(",")
        drawn.append(f'<path d="M{x},{y}h{WIDTH}" stroke="{GRID}"/>')
        drawn.append(f'<text x="{float(x) - 6}" y="{float(y) + 4}" text-anchor="end">{top * part / 5:g} s</text>')
    for at, label in x_labels:
        x = place(at, 0).split(",")[0]
        drawn.append(f'<text x="{x}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{label}</text>')
    drawn.append(f'<text x="{offset + LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 38}" text-anchor="middle">{below}</text>')
    for name, points in lines.items():
        colour, dashes = (OURS, "") if name.startswith("calculate") else (LIMIT, "4 3" if "3" in name else "")
        path = " ".join(place(*point) for point in points)
        drawn.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
        )
        drawn += [
            f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in (place(*p).split(",") for p in points)
        ]
        end_x, end_y = place(*points[-1]).split(",")
        drawn.append(f'<text x="{end_x}" y="{float(end_y) - 8}" text-anchor="end" fill="{colour}">{name}</text>')
    return "\n".join(drawn)


def compared(points: Sequence[tuple[float, dict[str, str]]]) -> dict[str, Points]:
    return {
        "3 × limit": [(x, 3 * float(row["limit"])) for x, row in points],
        "limit": [(x, float(row["limit"])) for x, row in points],
        "calculate": [(x, float(row["calculate"])) for x, row in points],
    }


def main() -> None:
    with (HERE / "calculate.csv").open() as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (int(row["orders"]), row["month"]))
    sizes = [list(months) for _, months in groupby(rows, key=lambda row: row["orders"])]
    longest = max(sizes, key=len)
    completing = [months[2] for months in sizes]
    most = max(int(row["priced"]) for row in completing)
    by_month = [(n / max(len(longest) - 1, 1), row) for n, row in enumerate(longest)]
    by_size = [(int(row["priced"]) / most, row) for row in completing]
    box = f'viewBox="0 0 {2 * (WIDTH + LEFT) + 40} {TOP + HEIGHT + 50}"'
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="12" fill="{INK}">',
        '<rect width="100%" height="100%" fill="white"/>',
        panel(
            0,
            f"Month after month, {int(longest[0]['orders']):,} orders each",
            "month calculated; every third completes a quarter",
            [(x, row["month"][5:]) for x, row in by_month],
            compared(by_month),
        ),
        panel(
            WIDTH + LEFT + 20,
            "The first quarter completed, by size",
            "rows priced",
            [(x, f"{int(row['priced']) / 1e6:.1f} M") for x, row in by_size],
            compared(by_size),
        ),
        "</svg>",
    ]
    (HERE / "calculate.svg").write_text("\n".join(svg) + "\n")


if __name__ == "__main__":
    main()
