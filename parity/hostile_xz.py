"""Makes the files in xz that must be refused, for crates/trainer-data/tests/data: bomb.xz unpacks to 24 MiB, hungry.xz to a few
bytes, with a dictionary of 4 GiB.
"""

import lzma
import pathlib
import struct
import zlib

data = pathlib.Path(__file__).parent.parent / "crates/trainer-data/tests/data"


def hungry():
    packed = bytearray(lzma.compress(b"text\na\n", preset=0))
    # The header of the first block: its size, its flags, one filter (LZMA2) and that filter's one property.
    begin, end = 12, 12 + (packed[12] + 1) * 4
    assert packed[begin + 2] == 0x21
    packed[begin + 4] = 40
    packed[end - 4 : end] = struct.pack("<I", zlib.crc32(packed[begin : end - 4]))
    return bytes(packed)


if __name__ == "__main__":
    (data / "bomb.xz").write_bytes(lzma.compress(b"0" * (24 << 20)))
    (data / "hungry.xz").write_bytes(hungry())
