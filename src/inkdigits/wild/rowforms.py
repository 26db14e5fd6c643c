"""Forms that are digits only where digits stand around them: alone, each might be a letter or sign.

In: nothing. Out: `AMONG`, a table in the format of `copybook.py`. A P is a 9, a root a 5 and a
plus a 7 in many a cheque; none of them is taught as a single digit. `LETTERS` and `SIGNS` are what
can stand among digits and still not be taken for one.
"""

from __future__ import annotations

from inkdigits.wild.copybook import read
from inkdigits.wild.pen import Form

_TEXT = """
1: ell; 2; 0.2 0.6
  - 4,70 30,42 50,14 50,1 42,4 34,40 28,80 26,98
  - 0,50 26,40 46,16 46,0 38,6 32,50 34,96 50,92
1: long upstroke; 2; as drawn
  - -30,76 10,44 50,0! 52,50 54,100
  - -6,70 20,36 46,0! 46,50 42,100
1: upstroke and foot; 1; as drawn
  - -20,72 14,40 50,0! 48,40 46,70 54,97 68,92
  - -10,84 18,46 50,0! 46,44 40,76 48,99 64,95
2: ring; 2; 0.5 1
  - 30,44 8,40 4,16 28,0 54,10 56,36 36,66 12,88 2,84 22,84 68,98
  - 20,36 4,28 10,6 34,0 56,14 52,42 28,74 6,96 4,84 28,88 72,94
4: aitch; 3; 0.35 0.9
  - 12,0 8,30 4,60! 24,46 42,46 46,64 46,102
  - 18,0 12,30 2,62! 26,54 44,52! 44,74 42,104
4: cup; 2; 0.45 1
  - 8,0 4,28 12,50 32,50 46,30! 46,62 40,102
  - 6,6 8,34 22,54 42,46 54,24! 52,62 46,100
5: root; 3; 0.45 1.1
  - 4,52 14,62 24,98! 34,52 46,4! 66,3 92,2
  - 8,66 16,78 24,100! 36,50 52,6! 70,2 88,4
5: integral; 3; 0.45 1.2
  - 96,4 66,2 48,6! 44,28 46,50 46,74 34,98 14,94
  - 88,0 60,2 42,8! 36,30 46,52 52,76 36,100 8,92
5: narrow; 1; 0.4 0.9
  - 40,6 34,28 30,42! 42,54 45,76 30,99 8,94 / 40,6 62,3 92,0
  - 34,4 30,26 24,46! 38,52 46,70 34,98 4,97 / 34,4 60,5 84,8
6: bee; 1; 0.4 0.8
  - 16,0 12,34 8,70 12,94 34,100 52,86 46,64 26,60 10,74
  - 26,0 16,34 8,68 10,92 30,100 50,88 48,66 30,58 12,68
7: tee; 3; 0.4 1.1
  - 42,0 35,50 27,100 / 4,46 40,43 80,40
  - 46,0 40,50 38,100 / 0,38 42,38 92,42
7: hooked tee; 2; 0.4 1
  - 16,14 28,3 46,2! 36,50 28,100 / 6,50 40,47 84,44
  - 22,20 34,5 50,0! 42,50 38,100 / 2,42 42,42 80,46
7: eff; 1; 0.45 1
  - 12,6 40,4 78,0 / 44,4 38,50 28,100 / 14,50 38,48 66,46
8: bee; 1.5; 0.4 0.8
  - 12,6 10,50 8,97 / 6,6 40,1 50,24 16,46! 52,56 56,84 34,99 4,98
  - 16,2 12,50 10,98 / 8,8 36,0 48,20 18,48! 50,52 58,78 40,99 8,96
8: ribbon; 2; 0.3 0.8
  - 8,4 20,26 40,60 44,84 26,99 10,84 16,60 38,30 56,2
  - 0,0 18,30 38,62 40,88 24,100 10,88 18,60 42,28 62,0
8: lobes; 0.5; 0.3 0.7
  - 46,20 36,2 22,8 18,30 30,48! 14,64 8,88 24,100 42,86 38,60 28,46
  - 54,16 42,0 24,10 22,34 36,48! 16,62 6,86 22,100 44,88 42,62 30,44
9: pee; 3; 0.35 0.8
  - 30,100 30,60 32,25 46,2 62,14 58,36 40,46 26,42
  - 16,100 26,60 34,20 50,0 64,16 56,40 36,50 24,44
9: curl; 3; 0.35 0.9
  - 6,42 4,20 22,1 48,2 58,22 46,42 28,50! 28,72 26,100
  - 16,46 2,28 16,4 42,0 60,16 50,40 32,48! 30,72 22,100
9: stem and bow; 2; 0.35 0.8
  - 22,10 28,50 24,100 / 12,22 34,2 58,10 56,34 34,46 22,44
  - 26,6 24,50 20,100 / 20,12 42,0 62,14 56,38 36,48 20,44
"""

#: Digit -> style -> its form.
AMONG: dict[int, dict[str, Form]] = {int(label): styles for label, styles in read(_TEXT).items()}
#: The letters, and the drawn signs by their names in `oddities.KINDS`, that are no such form.
LETTERS = frozenset("AEKMWXadkmnwx")
SIGNS = frozenset(
    (
        *(f"letter {name}" for name in ("A", "E", "K", "k", "M", "W", "X", "m", "n", "w")),
        *("letter zhe", "letter sha", "sign asterisk", "sign arrow right", "sign arrow left"),
        *("sign triangle", "sign star", "sign heart", "sign hash", "sign percent"),
        *("sign ampersand", "sign at", "sign euro", "sign guillemets", "sign unequal"),
        *("sign house", "sign smiley", "sign sun", "sign envelope", "sign crossed box"),
        *("sign fir", "sign stick man"),
    )
)
