"""An aiohttp server and five requests at once; both are closed."""
import asyncio

import aiohttp
from aiohttp import web


async def hello(request):
    await asyncio.sleep(0.001)
    return web.Response(text="x")


async def serve():
    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, "http://127.0.0.1:%d/" % runner.addresses[0][1]


async def get(session, url):
    async with session.get(url) as response:
        return await response.text()


async def main():
    runner, url = await serve()
    async with aiohttp.ClientSession() as session:
        print(await asyncio.gather(*[get(session, url) for _ in range(5)]))
    await runner.cleanup()


asyncio.run(main())
