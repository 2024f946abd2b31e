"""gather() of Task objects: one raises, the others are left behind."""
import asyncio


async def probe(host, delay, works=True):
    await asyncio.sleep(delay)
    if not works:
        raise OSError(host)


async def check_all():
    probes = [asyncio.create_task(probe("a", 10), name="probe-a")]
    probes.append(asyncio.create_task(probe("b", 0.01, False), name="probe-b"))
    probes.append(asyncio.create_task(probe("c", 10), name="probe-c"))
    await asyncio.gather(*probes)


async def main():
    try:
        await check_all()
    except OSError as exc:
        print("down:", exc)


def run():
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()


run()
