"""Settings of the whole suite."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Machines that run the tests differ and are shared: a slow moment is no failure.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# No test keeps what OCR read in the user's own folder, or starts more than one process for it.
os.environ["EXTRACTOR_CACHE"] = ""
os.environ["EXTRACTOR_OCR_PROCESSES"] = "1"

# Toy models gain nothing from threads, and tests that run side by side would wait for each other's.
os.environ.setdefault("OMP_NUM_THREADS", "1")
