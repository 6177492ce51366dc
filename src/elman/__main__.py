"""`python -m elman` is the command `elman`."""

import sys

from elman.cli.main import main

sys.exit(main())
