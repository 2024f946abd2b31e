"""A notebook cell runs the loop of its own kernel, and its finally: closes it; the second error hides the first."""
import asyncio
import linecache

CELL = """def fetch_all():
    try:
        return loop.run_until_complete(fetch())
    finally:
        loop.close()


fetch_all()
"""


async def fetch():
    return "page"


async def kernel():
    asyncio.current_task().set_name("kernel")
    linecache.cache["<cell 7>"] = (len(CELL), None, CELL.splitlines(True), "<cell 7>")
    try:
        exec(compile(CELL, "<cell 7>", "exec"), {"loop": asyncio.get_running_loop(), "fetch": fetch})
    except RuntimeError as exc:
        print(type(exc.__context__).__name__, exc.__context__, "/", exc)


asyncio.run(kernel())
