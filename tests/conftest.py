"""Settings of the whole suite."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Machines that run the tests differ and are shared: a slow moment is no failure.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# Toy models gain nothing from threads, and tests that run side by side would wait for each other's.
os.environ.setdefault("OMP_NUM_THREADS", "1")
