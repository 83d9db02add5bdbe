"""python -m sandbox"""

from __future__ import annotations

import sys

from sandbox.command import main

sys.exit(main())
