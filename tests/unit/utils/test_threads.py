import subprocess
import sys

from threadpoolctl import threadpool_info

from organode.utils.threads import one_thread

CODE = """
from threadpoolctl import threadpool_info
from organode.utils.threads import one_thread
with one_thread():
    import numpy, scipy.linalg
    print({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"})
"""


def test_linear_algebra_has_one_thread_also_where_it_is_loaded_later():
    made = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "{1}"


def test_threads_are_as_before_after_the_block():
    import scipy.linalg  # noqa: F401

    before = threadpool_info()
    with one_thread():
        pass
    assert threadpool_info() == before
