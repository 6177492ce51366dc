"""Memory of large arrays: in whole pages, used again once nobody looks at it, never before."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from elman.run import memory
from elman.run.memory import GRAIN, KEPT, LARGE, PAGE, empty

ROWS = LARGE // 4
"""Of 64-bit numbers, one to a row: twice as much as counts as large."""

pytestmark = pytest.mark.skipif(not memory._SUPPORTED, reason="this system has no huge pages to ask for")


@pytest.fixture(autouse=True)
def free(monkeypatch):
    free = memory._Free()
    monkeypatch.setattr(memory, "_free", free)
    return free


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (ROWS, 1), (3, 400_001), (0, 7)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_an_array_holds_what_is_written_to_it(rows, columns, dtype):
    array = empty(rows, columns, dtype)
    assert array.shape == (rows, columns)
    assert array.dtype == dtype
    assert array.is_contiguous()
    array.copy_(torch.arange(rows * columns, dtype=dtype).view(rows, columns))
    assert array.sum(dtype=torch.float64) == pytest.approx((rows * columns - 1) * rows * columns / 2)


def test_a_large_array_begins_at_a_page_and_its_memory_is_used_again():
    first = empty(ROWS, 1, torch.float64)
    place = first.data_ptr()
    assert place % PAGE == 0
    view = first[5:]
    del first
    assert empty(ROWS, 1, torch.float64).data_ptr() != place  # the view still looks at it
    del view
    assert place in {empty(ROWS, 1, torch.float64).data_ptr(), empty(ROWS - 100, 1, torch.float64).data_ptr()}


def test_a_much_smaller_array_does_not_take_the_place_of_a_large_one(free):
    del_me = empty(20 * ROWS, 1, torch.float64)
    place = del_me.data_ptr()
    del del_me
    assert empty(ROWS, 1, torch.float64).data_ptr() != place
    assert empty(19 * ROWS, 1, torch.float64).data_ptr() == place


def test_no_more_than_the_limit_is_kept(free):
    arrays = [empty(40 * ROWS, 1, torch.float64) for _ in range(KEPT // (40 * ROWS * 8) + 3)]
    del arrays
    assert KEPT - 40 * ROWS * 8 - GRAIN <= free.kept <= KEPT


def test_threads_never_share_an_array():
    def work(number: int) -> bool:
        for _ in range(200):
            array = empty(ROWS, 1, torch.float64)
            array[::PAGE] = number
            if not bool((array[::PAGE] == number).all()):
                return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(work, range(8)))


def test_a_child_process_writes_to_memory_of_its_own():
    array = empty(ROWS, 1, torch.float64).zero_()
    if not (child := os.fork()):
        array[0] = 1.0
        os._exit(0)
    os.waitpid(child, 0)
    assert array[0] == 0.0
