"""What is left in memory when the process ends. Only types and attributes that the interpreter owns are looked at."""
import types

from .own import gc

MOST = 1000000  # objects: more take too long to look through


def left(futures):
    """Returns ([futures], [coroutines]) that still exist; futures are types. Nothing if there are too many objects.

    Where there is no loop there are no futures: futures is empty then.
    """
    objects = gc.get_objects()
    found = [], []
    if len(objects) <= MOST and not futures:
        coroutine = types.CoroutineType
        found[1].extend([obj for obj in objects if type(obj) is coroutine])
    elif len(objects) <= MOST:
        # By id: a metaclass of the program may define how its classes are hashed or compared.
        kinds = dict(zip(map(id, map(type, objects)), map(type, objects)))
        wanted = {i for i, kind in kinds.items() if issubclass(kind, futures)}
        coroutine = id(types.CoroutineType)
        if wanted or coroutine in kinds:
            wanted.add(coroutine)
            for obj in objects:
                kind = id(type(obj))
                if kind in wanted:
                    found[kind == coroutine].append(obj)
            obj = None
    objects.clear()  # up to 3.10 this frame is among them: it would keep itself, and everything else, alive
    return found
