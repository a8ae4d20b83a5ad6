"""The bench as a picture: each step's ratio on a bar with its goal marked, hand-drawn SVG without a library."""

from collections.abc import Sequence
from html import escape

from medrec.bench.measure import Result

_ROW, _LEFT, _WIDTH, _TOP = 26, 300, 520, 40
_LONGEST = 3.0
"""The axis ends at three times the goal; a longer bar is cut, and its number tells."""


def svg(results: Sequence[Result]) -> str:
    """The steps that have a goal, one bar each; the line in the middle is the goal. A whole SVG document."""
    held = [r for r in results if r.goal and r.floor]
    height = _TOP + _ROW * len(held) + 20
    goal_at = _LEFT + _WIDTH / _LONGEST
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 120} {height}" role="img">',
        "<title>medrec bench: each step against its goal</title>",
        "<style>text{font:13px sans-serif;fill:#222}.ok{fill:#1a7f5a}.missed{fill:#b4541a}line{stroke:#222}</style>",
        f'<text x="{goal_at:.0f}" y="20" text-anchor="middle">goal</text>',
    ]
    parts += [part for n, r in enumerate(held) for part in _bar(r, _TOP + n * _ROW)]
    parts += [f'<line x1="{goal_at:.0f}" y1="26" x2="{goal_at:.0f}" y2="{height - 16}"/>', "</svg>"]
    return "\n".join(parts) + "\n"


def _bar(result: Result, top: int) -> tuple[str, ...]:
    share = min(result.ratio / result.goal, _LONGEST) / _LONGEST
    kind = "ok" if result.holds else "missed"
    told = f"{result.ratio:.2f}x of {result.goal:g}x"
    return (
        f'<text x="{_LEFT - 8}" y="{top + 14}" text-anchor="end">{escape(result.step)}</text>',
        f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{share * _WIDTH:.1f}" height="18"/>',
        f'<text x="{_LEFT + share * _WIDTH + 6:.1f}" y="{top + 14}">{told}</text>',
    )
