"""Which characters may be taught as "not a digit", whatever the font that draws them.

In: a character. Out: the group it belongs to and the letter it is made from, or none where it
resembles a digit, is a mark too small to tell, or is in doubt: a look-alike taught as no digit
hurts more than a sign left out.
"""

from __future__ import annotations

import unicodedata


def _codes(text: str) -> frozenset[int]:
    ends = (part.split("-") for part in text.split())
    return frozenset(code for end in ends for code in range(int(end[0], 16), int(end[-1], 16) + 1))


#: Group -> its letters; accented ones follow the letter they are made from. Left out, in these
#: and in all other alphabets, for the digit they resemble:
#: 0 O o D Q C U theta phi sigma omicron, Cyrillic Ef and Yu, half of Georgian and Armenian
#: 1 I i J j l, iota, Lambda, Cyrillic El, Hebrew vav, Arabic alef    2 Z z zeta
#: 3 epsilon xi, Cyrillic Ze and E, ezh    4 y u, Cyrillic Che and U    5 S s, final sigma
#: 6 G b delta, Cyrillic be and all with a soft sign, Arabic tah    7 tau, Hebrew dalet and resh
#: 8 B beta, sharp s, Cyrillic Ve, ampersand-like gamma    9 g q, alpha, Armenian Gim, Arabic waw
LETTERS: dict[str, str] = {
    "latin": "AEFHKLMNPRTVWXYadefhkmnprtvwxÆæĦħŊ",
    "greek": "ΑΓΔΕΗΚΜΝΞΠΡΣΤΧΨκμνπχψω",
    "cyrillic": "АГДЕЖИКМНПРТХШЩЯжкмнптшщх",
    "armenian": "ԱԲԻԽՌախպ",
    "hebrew": "אמשת",
    "arabic": "بتثشس",
}
#: Where signs come from: code points.
SIGNS = _codes("21-7e a3-f7 20a0-20be 2190-21ff 2200-22ee 2302-2318 25a0-25ff 2605-26a0 2701-27be")
#: Those of them that are left out: lone lines, dots and rings; what looks like C, U or 3 (sets),
#: 1 and 7 (half arrows, logical not), 2 (turning arrows, greater signs), 4 (lightning), 6 (flat),
#: 8 (snowman, section); what has a digit in it (roots, recycling, dice).
NO_SIGNS = _codes("""
21-24 27-2a 2c-2f 3a-3b 5b-60 7b-7e a4 a6-a8 aa-b0 b4-b8 20a1 20ab 20b0 20b2 20b4-20b5 21a5
21a7-21ac 21af-21b7 21ba-21c3 21de-21df 21e1 21e3 21f3 2201-2207 220b-2213 2215-2216 2218-2219
221b-2227 2229-2240 2265 2267 2269 226c 2271-2275 2277 2279 227b 227d 227f 2282-2292 2294 2296
2298-229d 22a2-22a3 22a5 22b0-22b1 22c0 22c3-22c6 22cb-22cc 22cf-22d3 22da-22db 22dd 22df 22e1
22e3 22e5 22e7 22e9 22ee 2303-2307 230c-2310 2312-2315 25a2 25aa-25b1 25c7 25c9-25e6 25ef
25f4-25ff 2603-2604 2607-260d 2610 2621 2624-2625 262e-262f 263d-2653 2657 2659 265d 265f
2669-266a 266d-266e 2672-268b 2693-269b 26a1-26b1 2706-2707 274d-2752 2758-2767
""")
#: The groups, and how often each is drawn from.
GROUPS: dict[str, float] = {
    "latin": 9,
    "greek": 2,
    "cyrillic": 2.5,
    "armenian": 0.5,
    "hebrew": 0.5,
    "arabic": 0.5,
    "sign": 6,
}
_CATEGORIES = {"Lu", "Ll", "Lo", "Sm", "Sc", "So", "Po"}
_NAMED_OUT = ("DIGIT", "NUMBER", "FRACTION", "CIRCLED", "NUMERAL", "RECYCLING", "DIE FACE")


def family(character: str) -> tuple[str, str] | None:
    """The character's group, of `GROUPS`, and its base letter; None where it must not be taught."""
    category = unicodedata.category(character)
    if category not in _CATEGORIES or unicodedata.numeric(character, None) is not None:
        return None
    name = unicodedata.name(character, "NUMBER")
    if any(word in name for word in _NAMED_OUT):
        return None
    if category.startswith("L"):
        base = unicodedata.normalize("NFD", character)[0]
        return next(((key, base) for key, letters in LETTERS.items() if base in letters), None)
    letters = any(map(str.isalpha, unicodedata.normalize("NFKD", character)))
    code = ord(character)
    return ("sign", character) if code in SIGNS - NO_SIGNS and not letters else None
