"""Reading position in the stream, and the numbers: plain, mixed, with thousands marks, as words, as ranges.

Whatever may be read in two ways sets `unsafe` (conventions 6 to 8).
"""

from decimal import Decimal

from formats.dosage.lexicon import K
from formats.dosage.tokens import END, Lexeme
from formats.dosing import Amount

_NUMBER_KINDS = frozenset({K.NUM, K.FRACTION, K.NUMBER, K.UNSAFE})
_SAFE_DENOMINATORS = frozenset({"2", "4", "8"})
_THOUSANDS_GROUP = 3
_LETTERS_FOR_DIGITS = frozenset("ol")


class Cursor:
    """The stream of lexemes and where the reader stands in it."""

    __slots__ = ("dosed", "i", "s", "unsafe")

    def __init__(self, stream: list[Lexeme]) -> None:
        self.s = [*stream, END, END, END, END]
        self.i = 0
        self.unsafe = _letter_for_digit(stream)
        self.dosed = False  # an amount or a time has been read: what comes now is no name in front

    def kind(self, ahead: int = 0) -> K:
        """The kind of the lexeme `ahead` of here; `K.END` behind the last."""
        at = self.i + ahead
        return self.s[at].kind if at < len(self.s) else K.END

    def here(self) -> Lexeme:
        """The lexeme here."""
        return self.s[self.i]

    def take(self) -> Lexeme:
        """The lexeme here, and step past it."""
        lexeme = self.s[self.i]
        self.i += 1
        return lexeme

    def skip(self, *kinds: K) -> bool:
        """Step past one lexeme if it is of one of `kinds`."""
        if self.kind() in kinds:
            self.i += 1
            return True
        return False

    def at_number(self, ahead: int = 0) -> bool:
        """Whether a number begins `ahead` of here."""
        return self.kind(ahead) in _NUMBER_KINDS

    def number(self) -> Decimal | None:  # noqa: PLR0911 - one line a kind
        """The number that begins here, or `None`."""
        kind = self.kind()
        if kind is K.UNSAFE:
            self.unsafe = True
            self.i += 1
            return Decimal(1)
        if kind is K.FRACTION or kind is K.NUMBER:
            return Decimal(self.take().value)
        if kind is not K.NUM:
            return None
        lexeme = self.take()
        if lexeme.extra == "time":
            self.unsafe = True
            return Decimal(1)
        if lexeme.extra == "padded":
            self.unsafe = True
        if "." in lexeme.value:
            return Decimal(lexeme.value)
        if self.kind() is K.SLASH and self.kind(1) is K.NUM:
            return self._fraction(lexeme)
        return self._thousands(lexeme.value) + self._mixed()

    def _fraction(self, top: Lexeme) -> Decimal:
        """`1/2`; anything but halves, quarters and eighths below one has lost a space or a sign ("11/2")."""
        bottom = self.s[self.i + 1].value
        self.i += 2
        whole = top.value.isdigit() and bottom in _SAFE_DENOMINATORS  # not "1 0,5/2"
        if not whole or int(top.value) >= int(bottom) or top.value == "0":
            self.unsafe = True
            return Decimal(1)
        return Decimal(top.value) / Decimal(bottom)

    def _mixed(self) -> Decimal:
        """The fraction that follows a whole number: `1 1/2`, `1½`."""
        if self.kind() is K.FRACTION:
            return Decimal(self.take().value)
        if self.kind() is K.NUM and self.kind(1) is K.SLASH and self.kind(2) is K.NUM and not self.here().glued:
            return self._fraction(self.take())
        return Decimal(0)

    def _thousands(self, digits: str) -> Decimal:
        """Groups of three behind a space (convention 7)."""
        first = digits
        while len(first) <= _THOUSANDS_GROUP and self.kind() is K.NUM and self._is_group(self.here()):
            group = self.take().value
            if group != "000" and len(first) == 1:
                self.unsafe = True
            digits += group
        return Decimal(digits)

    def _is_group(self, lexeme: Lexeme) -> bool:
        return len(lexeme.text) == _THOUSANDS_GROUP and lexeme.text.isdigit() and self.kind(1) is not K.SLASH

    def amount(self) -> Amount | None:
        """A number or an ascending range that begins here, or `None`."""
        low = self.number()
        if low is None:
            return None
        if self.kind() in {K.DASH, K.TO} and self.at_number(1):
            start = self.i
            self.i += 1
            high = self.number()
            if high is not None and high > low:
                return Amount(low, high)
            self.i = start
        return Amount(low, low)

    def whole(self, *, ordinals: bool = True) -> tuple[int, int] | None:
        """A whole number or range of them, perhaps as ordinals ("4.-6."); else `None`, and nothing is read."""
        start, was_unsafe = self.i, self.unsafe
        low = self._ordinal(dotted=ordinals)
        if low is not None and self.kind() in {K.DASH, K.TO} and self.at_number(1):
            self.i += 1
            high = self._ordinal(dotted=ordinals)
        else:
            high = low
        if low is None or high is None or not 0 < low <= high:
            self.i, self.unsafe = start, was_unsafe
            return None
        return (low, high)

    def _ordinal(self, *, dotted: bool) -> int | None:
        if self.kind() not in {K.NUM, K.NUMBER}:
            return None
        value = self.number()
        if value is None or value != value.to_integral_value():
            return None
        if dotted and self.kind() is K.DOT and self.here().glued and self.kind(1) in {K.SPAN, K.PART, K.DASH, K.TO}:
            self.i += 1
        return int(value)


def _letter_for_digit(stream: list[Lexeme]) -> bool:
    """Whether an O or l stands where a digit belongs ("1O mg", "l tablett", "O,5")."""
    for place, lexeme in enumerate(stream[:-1]):
        after = stream[place + 1]
        if after.glued and lexeme.kind is K.NUM and set(after.text) <= _LETTERS_FOR_DIGITS:
            return True
        if set(lexeme.text) <= _LETTERS_FOR_DIGITS | {"i"} and after.glued and after.kind in {K.NUM, K.UNSAFE}:
            return True
        alone = set(lexeme.text) <= _LETTERS_FOR_DIGITS
        if alone and (after.kind in {K.UNIT, K.TIMES} or (after.glued and after.kind is K.COMMA)):
            return True
    return False
