"""Commands are looked up in a table and called; one of the handlers is a coroutine function."""
import asyncio


class Shell:
    def __init__(self):
        self.log = []
        self.commands = {"echo": self.echo, "save": self.save}

    def echo(self, text):
        self.log.append(text)

    async def save(self, text):
        await asyncio.sleep(0)
        self.log.append("saved " + text)

    async def execute(self, line):
        name, _, rest = line.partition(" ")
        self.commands[name](rest)
        await asyncio.sleep(0)


async def main():
    shell = Shell()
    for line in ("echo hi", "save it"):
        await shell.execute(line)
    print(shell.log)


asyncio.run(main())
