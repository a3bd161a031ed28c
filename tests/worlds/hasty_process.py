"""``run`` that does every second what it else does every minute or hour.

``python -m tests.worlds.hasty_process run``
"""

from __future__ import annotations

from collector.cli.main import main
from collector.service import freeze_job, service

if __name__ == "__main__":
    service.LOOK_BACK = 1
    freeze_job.AGAIN = 1
    main()
