"""An atheris target for `formats.read`: coverage-guided fuzzing from the golden messages, without an end.

    pip install atheris
    mkdir -p /tmp/corpus && cp tests/formats/golden/*.xml /tmp/corpus
    python tests/fuzz/atheris_read.py /tmp/corpus -max_len=65536 -timeout=5 -rss_limit_mb=512

Anything but a FormatError is a finding; libFuzzer writes the bytes to `crash-*`.
"""

import sys

import atheris

with atheris.instrument_imports():
    from formats.errors import FormatError
    from formats.read import read


def one(raw: bytes) -> None:
    """Read once; only our own refusal is expected."""
    try:
        read(raw)
    except FormatError:
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
