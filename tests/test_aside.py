"""A second process: what it makes, what it raises, and what is left of it."""

from __future__ import annotations

import multiprocessing
import os
import time

import pytest

from extractor.aside import aside
from extractor.errors import ModelError


def test_the_result_comes_while_the_first_process_goes_on() -> None:
    with aside(divmod, 17, 5) as result:
        assert divmod(17, 4) == (4, 1)
        assert result() == (3, 2)


def test_what_the_function_raises_is_raised_here() -> None:
    with aside(divmod, 17, 0) as result, pytest.raises(ZeroDivisionError):
        result()


def test_a_process_that_dies_is_told() -> None:
    with aside(os._exit, 9) as result, pytest.raises(ModelError, match=r"ended early \(9\)"):
        result()


def test_nothing_runs_on_behind_the_context() -> None:
    with pytest.raises(KeyboardInterrupt), aside(time.sleep, 600):
        assert multiprocessing.active_children()
        raise KeyboardInterrupt
    assert not multiprocessing.active_children()
