"""Random texts that favour what tokenizers find hard, the same for the same seed."""

import random

POOLS = {
    "letters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "digits": "0123456789٠١٢٣٤५६७ⅣⅫ½²①",
    "punctuation": ".,;:!?'\"`-–—_()[]{}<>/\\|@#$%^&*+=~…«»“”‘’¿¡、。「」،؟·",
    "accents": "éèêëàâäöüñçåøæœßẞıİŁłĐđŞşČčŽžÀÉÎÕÜ",
    "combining": "\u0300\u0301\u0302\u0303\u0308\u030a\u0327\u0328\u0323\u0331\u20dd\u0483\u0e31\u0e4d\u0bcd\u093f",
    "ligatures": "ﬁﬂﬀﬃﬄﬅĳŉǆǅǄﬓʼnℓ№™℃㎏㈱",
    "case": "ßẞİıſKÅΣσςǅΐΰᾳŉֆև",
    "cjk": "东京日本首都你好世界漢字仮名かなカナｶﾅ々〆龍𠀀𠮷豈﨑㐀㐁",
    "hangul": "한국어문장가각힣각ᄒㅏㄱ",
    "rtl": "العربيةעבריתשלוםلامعليكمﷺﻼ\u200f\u202b\u061c",
    "indic": "हिन्दीক্ষதமிழ்ไทยລາວမြန်မာខ្មែរ",
    "emoji": "😀🎉❤☺🤖👍🌍🇩🇪🇯🇵👩🏽\u200d\ufe0f",
    "controls": "\x00\x01\x07\x08\t\n\x0b\x0c\r\x1b\x1c\x1f\x7f\x80\x85\x9f\xad\u034f\u200b\u200c\u200d\u200e\u2028\u2029\u2060\ufeff\ufffc\ufffd",
    "spaces": " \t\n\r\xa0\u1680\u2000\u2003\u2009\u202f\u205f\u3000",
    "edges": "\ud7ff\ue000\uf8ff\ufdd0\ufffe\uffff\U00010000\U0001ffff\U000e0001\U000f0000\U0010fffd\U0010ffff\u0378\u05ff",
    "marks": "▁Ġ#Ċ##@@</w>ĉ",
}
CLUSTERS = [
    "👩\u200d👩\u200d👧\u200d👦", "👍🏽", "🏳\ufe0f\u200d🌈", "🇩🇪", "1\ufe0f\u20e3", "e\u0301", "a\u0308\u0301", "n\u0303o", "क\u094dष",
    "ᄒ\u1161\u11ab", "Z\u0351\u036b\u0343\u036a\u0302\u036ba\u0329", "ﬁne", "Straße", "İstanbul", "ΣΊΣΥΦΟΣ", "don't", "I'm", "we've", "it's ",
    "they're", "can't.", "U.S.A.", "3.14", "1,000,000", "http://a.b/c?d=e&f=g#h", "x@y.org", "#tag", "@user", "``quoted''", "C++", "\r\n", "...",
    "CC(=O)Oc1ccccc1C(=O)O.[Na+]>>", "[C@@H](N)", "EVQLVESGGGLVQPGG", "<0x41>", "<0xFF>", "\u2581\u2581", "ĠĠ", "##ing", "</w>", "A\u030angstro\u0308m",
]
SPECIAL = [
    "[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "<s>", "</s>", "<pad>", "<mask>", "<unk>", " <mask> ", "<|endoftext|>", "<|startoftext|>", "<cls>",
    "<sep>", "<extra_id_0>", "<extra_id_99>", "<|padding|>", "<bos>", "<eos>", "[cls]", "[ CLS ]", "<S>", "<Mask>", "[CLS", "CLS]", "<s", "<eop>",
]


def piece(draw):
    kind = draw.random()
    if kind < 0.3:
        return "".join(draw.choice(POOLS["letters"]) for _ in range(draw.randint(1, 9)))
    if kind < 0.45:
        return draw.choice([" ", " ", "  ", "\n", "\t"]) if draw.random() < 0.9 else " " * draw.randint(3, 70)
    if kind < 0.57:
        return draw.choice(CLUSTERS)
    if kind < 0.64:
        return draw.choice(SPECIAL)
    if kind < 0.67:
        return chr(draw.choice([draw.randint(0, 0xD7FF), draw.randint(0xE000, 0xFFFF), draw.randint(0x10000, 0x10FFFF)]))
    pool = POOLS[draw.choice(list(POOLS))]
    return "".join(draw.choice(pool) for _ in range(draw.randint(1, 5)))


def texts(count, seed=12):
    draw = random.Random(seed)
    made = ["", " ", "\n", "x" * 130, "▁", "a" * 101 + " b"]
    while len(made) < count:
        made.append("".join(piece(draw) for _ in range(draw.randint(1, 14))))
    return made[:count]


def smiles(count, seed=5):
    """Made-up reactions in the notation that rxnmapper reads."""
    draw = random.Random(seed)
    atoms = ["C", "N", "O", "c1ccccc1", "C(=O)", "[Na+]", "[C@@H]", "Cl", "Br", "S(=O)(=O)", "#N", "=C", "[nH]", "P", "(C)", "F", "[13C]", "%12", "/", "\\"]
    side = lambda: ".".join("".join(draw.choice(atoms) for _ in range(draw.randint(2, 12))) for _ in range(draw.randint(1, 3)))
    return [f"{side()}>{side() if draw.random() < 0.3 else ''}>{side()}" for _ in range(count)]
