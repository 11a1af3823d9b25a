"""Folders whose card says in which encoding the files are: the cases of folders.py."""

import gzip

from folders_cards import configured

TEXT = "text,label\nédé €,1\nß,0\n"
LATIN = "text,label\nédé \x80,1\nß,0\n"


def encoded(encoding, content, name="s.csv"):
    content = content if isinstance(content, bytes) else content.encode(encoding)
    return configured(f"encoding: {encoding}", {name: {"hex": content.hex()}}, name)


CASES = {
    "encoding_latin1": encoded("latin-1", LATIN),
    "encoding_latin1_names": encoded("ISO-8859-1", LATIN),
    "encoding_cp1252": encoded("cp1252", TEXT),
    "encoding_windows_1252": encoded("windows-1252", TEXT),
    "encoding_cp1252_undefined": encoded("cp1252", b"text,label\n\x81,1\n"),
    "encoding_utf16": encoded("utf-16", TEXT),
    "encoding_utf16_big": encoded("utf-16", b"\xfe\xff" + TEXT.encode("utf-16-be")),
    "encoding_utf16_no_mark": encoded("utf-16", TEXT.encode("utf-16-le")),
    "encoding_utf16_le": encoded("utf-16-le", TEXT),
    "encoding_utf16_be": encoded("UTF_16_BE", TEXT.encode("utf-16-be")),
    "encoding_utf16_le_mark": encoded("utf-16-le", TEXT.encode("utf-16")),
    "encoding_utf16_odd": encoded("utf-16", TEXT.encode("utf-16") + b"a"),
    "encoding_utf16_surrogate": encoded("utf-16-le", "text\n".encode("utf-16-le") + b"\x00\xd8a\x00\n\x00"),
    "encoding_utf8_sig": encoded("utf-8-sig", TEXT),
    "encoding_utf8_not": encoded("utf-8", TEXT.encode("cp1252")),
    "encoding_unknown": encoded("klingon", TEXT.encode()),
    "encoding_text": encoded("latin-1", "é\nß\n", "s.txt"),
    "encoding_text_utf16": encoded("utf-16", "é\r\nß\n", "s.txt"),
    "encoding_json": encoded("latin-1", '{"a": "é"}\n{"a": "ß"}\n', "s.jsonl"),
    "encoding_json_utf16": encoded("utf-16", '{"a": "é"}\n{"a": "ß"}\n', "s.jsonl"),
    "encoding_json_array": encoded("cp1252", '[{"a": "é"}, {"a": "€"}]', "s.json"),
    "encoding_json_field": configured("encoding: cp1252\nfield: d", {"s.json": {"hex": '{"d": [{"a": "€"}]}'.encode("cp1252").hex()}}, "s.json"),
    "encoding_packed": configured("encoding: latin-1", {"s.csv.gz": {"hex": gzip.compress(LATIN.encode("latin-1"), mtime=0).hex()}}, "s.csv.gz"),
}
