r"""Vietnamese text damaged on its way to Unicode: recognised, and repaired where that is safe.

Old files come from fonts that used other bytes for Vietnamese letters, from programs that read
UTF-8 as something else, and from keyboards whose driver was off. What is left has a shape:

===========  ======================  ====================================================
encoding     looks like              what happened
===========  ======================  ====================================================
tcvn3        ``NguyÔn V¨n Hµ``       TCVN3 (ABC) bytes read as windows-1252 or latin-1
vni          ``Nguyeãn Vaên Haø``    VNI bytes read as windows-1252
viscii       ``Nguy­n Vån Hà``       VISCII bytes read as windows-1252 or latin-1
cp1258       ``NguyêÞn Vãn Hà``      windows-1258 bytes read as windows-1252; or its marks
                                     left apart from their letters
utf8_once    ``Nguyá»…n VÄƒn HÃ``    UTF-8 read as windows-1252 or latin-1
utf8_twice   ``NguyÃ¡Â»â€¦n``        the same, twice over
telex        ``Nguyeenx Vawn Haf``   typed in Telex with the driver off
vni_typing   ``Nguye6n4 Va8n Ha2``   typed in VNI with the driver off
nfd          (as it should)          decomposed letters; composed, no issue
lost         ``Nguy?n V?n H?``       letters replaced for good; kept as wildcards
===========  ======================  ====================================================

**How it decides.** Each distinct word is read in each of these ways, and a table of all syllables
that Vietnamese spelling allows (``is_syllable``) judges the readings: a word that was none and
becomes one is evidence, a reading that makes nonsense is evidence against, and so is a word
that needs no repair. The evidence of all words of a value makes a confidence between 0 and 1.
From ``THRESHOLD`` on the value is converted (issue ``legacy_encoding``); from ``SUSPECT`` on it is
left alone and marked (``suspected_encoding``); below that nothing is said. More words, more
confidence: ``Haf`` alone may be anything. Where the column as a whole is known to be of one kind
(``detect``), ``expect`` lends that confidence to its short values.

**What stays.** Clean text, names of minorities and foreigners, and text without marks pass
untouched. What was lost is not guessed, unless a single letter makes a word of it: of TCVN3's ư, a
soft hyphen that programs drop (``D¬ng``: Dương), and of UTF-8 bytes that windows-1252 does not
define (``Ngá»c``: Ngọc). Otherwise ``pattern`` has ``_`` for each lost letter, as in SQL's LIKE.

**Odd cases.** TCVN3 has no capitals with a tone mark: their case comes from the words around.
Words that are good Vietnamese in both readings (``Hoà`` is Hồ in VNI) follow the rest of the
value, or ``expect``. Telex cannot tell hòa from hoà: the older placement is written. Run this
before ``text.tidy``, which drops soft hyphens and control characters.

Sources: the tables of ``cleaners.encodings``; Unicode's windows-1258 and windows-1252.

>>> import polars as pl
>>> frame = pl.DataFrame({"ten": ["NguyÔn V¨n Hµ", "NGUYEN VAN AN", "Traàn Thò H?", "H'Hen Niê"]})
>>> cleaned = frame.select(clean("ten")).unnest("ten")
>>> cleaned.select("value", "encoding", "pattern").rows()[:2]
[('Nguyễn Văn Hà', 'tcvn3', None), ('NGUYEN VAN AN', None, None)]
>>> cleaned.select("value", "encoding", "pattern").rows()[2:]
[('Trần Thị H?', 'vni', 'tran thi h_'), ("H'Hen Niê", None, None)]
>>> frame.select(diacritics_lost("ten")).to_series().to_list()
[False, True, False, False]
"""

from __future__ import annotations

from cleaners.legacy.detection import detect
from cleaners.legacy.oddness import signs
from cleaners.legacy.repair import SUSPECT, THRESHOLD, clean, repaired
from cleaners.legacy.syllables import diacritics_lost, is_syllable
from cleaners.legacy.words import KINDS

__all__ = [
    "KINDS",
    "SUSPECT",
    "THRESHOLD",
    "clean",
    "detect",
    "diacritics_lost",
    "is_syllable",
    "repaired",
    "signs",
]
