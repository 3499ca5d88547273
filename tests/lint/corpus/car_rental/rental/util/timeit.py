import functools
import time


def measured(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        begun = time.thread_time()  # expect: DUR101
        try:
            return await function(*args, **kwargs)
        finally:
            print(function.__name__, time.process_time() - begun)  # expect: DUR101, DUR143

    return wrapper
