"""A client session of aiohttp is dropped unclosed."""
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


async def fetch(url):
    session = aiohttp.ClientSession()
    response = await session.get(url)
    return await response.text()


async def main():
    runner, url = await serve()
    text = await fetch(url)
    await runner.cleanup()
    print(text)


asyncio.run(main())
