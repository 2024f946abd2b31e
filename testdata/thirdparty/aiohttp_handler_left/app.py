"""A loop is closed while a request is being served; server, request and its handler are left."""
import asyncio

import aiohttp
from aiohttp import web


async def slow(request):
    await asyncio.sleep(10)
    return web.Response()


async def get(session, url):
    async with session.get(url) as response:
        return await response.text()


async def main():
    app = web.Application()
    app.router.add_get("/", slow)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    session = aiohttp.ClientSession()
    asyncio.create_task(get(session, "http://127.0.0.1:%d/" % runner.addresses[0][1]), name="request")
    await asyncio.sleep(0.2)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
