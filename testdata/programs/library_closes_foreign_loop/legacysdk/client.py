class Client:
    def __init__(self, loop):
        self._loop = loop

    def disconnect(self):
        self._loop.close()
