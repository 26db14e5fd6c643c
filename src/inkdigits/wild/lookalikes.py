"""Which characters may be taught as "not a digit", whatever the font that draws them.

In: a character. Out: the group it belongs to, or none where it resembles a digit, is a mark too
small to tell, or is in doubt: a look-alike taught as no digit hurts more than a sign left out.
"""

from __future__ import annotations

import unicodedata

#: Group -> its letters and signs; accented ones follow the letter they are made from.
#: Left out for what they resemble, in any alphabet:
#: 0 O o D Q C c U u e-like Greek theta, phi, sigma, omega; Cyrillic O, Fita, Ef, Yu
#: 1 I i J j l L-less stems, Greek iota, Lambda and lambda; Cyrillic El, palochka; Hebrew vav
#: 2 Z z, Greek zeta; 3 Cyrillic Ze and E, Greek epsilon and xi, Latin ezh and yogh; 4 Y-like y and
#: u, Cyrillic Che and U; 5 S s, Greek final sigma; 6 G b, Cyrillic be, soft and hard sign, Greek
#: delta; 7 Greek tau and Gamma's mirror; 8 B, sharp s, Cyrillic Ve, Greek beta; 9 g q a-like alpha
LETTERS: dict[str, str] = {
    "latin": "AEFHKLMNPRTVWXYadefhkmnprtvwxÆæŒĦħŊ",
    "greek": "ΑΓΔΕΗΚΜΝΞΠΡΣΤΧΨκμνπχψω",
    "cyrillic": "АГДЕЖИКМНПРТХШЩЫЯжкмнптшщхѢ",
    "armenian": "ԱԲԳԴԵԹԻԽԾԿՀՃՄՆՇՊՌՎՓաթխծկճմնպռփֆ",
    "georgian": "ახჩჭფქშ",
    "hebrew": "אמשת",
    "arabic": "بتثشضطظكسص",
}
#: First and last of the runs of symbols, and what is left out of each.
SYMBOLS: tuple[tuple[str, str, str], ...] = (
    ("!", "~", "!\"'(),-./:;[]^_`{|}~$"),
    ("£", "÷", "¦¨©ª¬­®¯°¶·¸¢¤¡"),
    ("₠", "₿", "₫₰₲₵₡"),
    ("←", "⇿", ""),
    ("∀", "⋿", "∂∅∆∇∍∎∏∐∑−∓∖∘∙∝∞∟∠∡∢∣∥∫∬∭∮∯∰∱∲∳∴∵∶∷∸∹∺∼∽∾∿≀⊖⊘⊙⊚⊛⊜⊝⊥⊦⊢⊣⋄⋅⋆⋮⋰⋱"),
    ("⌂", "⌘", ""),
    ("■", "◿", "▬▮▯▰▱◇◊○◌◍◎●◐◑◒◓◔◕◖◗◘◙◚◛◜◝◞◟◠◡◦◯◴◵◶◷◫◻◽"),
    ("☀", "⛃", "☉☌☊☋☽☾♀♁♂♃♄♅♆♇♈♉♊♋♌♍♎♏♐♑♒♓⚆⚇⚈⚉⚪⚫⚬⚲⚥⚢⚣⚤⚦⚧⚨⚩☿☡"),
    ("✁", "➾", "❍❏❐❑❒❘❙❚❛❜❝❞❡❢❣❤❥❦❧"),
)
_NAMES = ("DIGIT", "NUMBER", "FRACTION", "CIRCLED", "NUMERAL", "YIJING")
_CATEGORIES = {"Lu", "Ll", "Lo", "Sm", "Sc", "So", "Po"}


def group(character: str) -> str | None:
    """The character's group, of `GROUPS`, or None where it must not be taught."""
    if unicodedata.category(character) not in _CATEGORIES:
        return None
    if unicodedata.numeric(character, None) is not None:
        return None
    name = unicodedata.name(character, "DIGIT")
    if any(word in name for word in _NAMES):
        return None
    whole = unicodedata.normalize("NFD", character)
    base = "".join(part for part in whole if not unicodedata.combining(part))
    if unicodedata.category(character).startswith("L"):
        return next((key for key, letters in LETTERS.items() if base and base in letters), None)
    if len(base) != 1:
        return None
    fits = (low <= character <= high and character not in but for low, high, but in SYMBOLS)
    return "symbol" if any(fits) else None


#: The groups, and how often each is drawn from.
GROUPS: dict[str, float] = {
    "latin": 9,
    "greek": 2,
    "cyrillic": 2.5,
    "armenian": 0.7,
    "georgian": 0.5,
    "hebrew": 0.6,
    "arabic": 0.7,
    "symbol": 6,
}
