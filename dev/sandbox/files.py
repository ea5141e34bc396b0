"""Files that another process may read at any time."""

import os
import time


def write_whole(path, text, mode=0o644, age=0):
    """Write a file in one piece: whoever reads it has the old text or the new one, also
    while several processes write it.

    :param age: how many seconds ago it shall seem to have been written
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(mode)
    moment = time.time() - age
    os.utime(draft, (moment, moment))
    draft.replace(path)
