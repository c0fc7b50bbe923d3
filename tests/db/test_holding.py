"""One process a data folder, whatever became of the one before."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.db.holding import held
from server.errors import Refusal

HOLDS = """
import sys, time
from pathlib import Path
from server.db.holding import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_folder_is_held_by_one_process_and_free_when_it_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Refusal, match="Another process"), held(tmp_path):
            pass
        other.kill()
        other.wait()
    with held(tmp_path):
        pass
