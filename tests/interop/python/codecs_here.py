"""Prints the codecs that kafka-python has here; fails where it is not installed."""
from kafka.codec import has_gzip, has_lz4, has_snappy, has_zstd

CODECS = {"none": lambda: True, "gzip": has_gzip, "snappy": has_snappy, "lz4": has_lz4, "zstd": has_zstd}


def codecs():
    return [name for name, has in CODECS.items() if has()]


if __name__ == "__main__":
    print(*codecs())
