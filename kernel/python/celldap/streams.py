# SPDX-License-Identifier: BSD-3-Clause
"""sys.stdout.buffer: bytes written to it become text of the stream."""

import codecs
import io


class Buffer(io.RawIOBase):
    """A binary stream over a text stream; a character split over two writes is kept together."""

    def __init__(self, stream):
        super().__init__()
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.name = stream.name
        self.mode = "wb"
        self.raw = self

    def writable(self):
        return True

    def fileno(self):
        return self._stream.fileno()

    def write(self, data):
        data = bytes(data)
        self._stream.write(self._decoder.decode(data))
        return len(data)

    def close(self):
        """Like its text stream's: the streams of a kernel stay open."""
