"""What `loadtest` notes of the messages it publishes."""


class Journal:
    """What was sent, and which receipts came."""

    def __init__(self, path):
        self._path = path
        self._offset = 0
        self.sent = set()
        # (room, key) → (offset, epoch)
        self.stored = {}

    def read(self):
        """Takes in what was added; a line that is still being written waits."""
        with open(self._path, "rb") as file:
            file.seek(self._offset)
            data = file.read()
        whole = data[:data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.decode().splitlines():
            words = line.split()
            if words[0] == "sent":
                self.sent.add((words[1], words[2]))
            else:
                room, key, offset, epoch = words
                known = self.stored.setdefault((room, key), (int(offset), epoch))
                assert known == (int(offset), epoch), f"two receipts of {key} disagree"
