"""map() over an async function, listed: a list of coroutines that nobody awaits is handed to len()."""
import asyncio


class Publisher:
    def __init__(self, topics):
        self.topics = topics
        self.published = []

    async def publish(self, topic):
        await asyncio.sleep(0.001)
        self.published.append(topic)

    async def publish_all(self):
        sent = list(map(self.publish, self.topics))
        return len(sent)


async def main():
    publisher = Publisher(["news", "sports", "weather"])
    print("sent", await publisher.publish_all(), publisher.published)


asyncio.run(main())
