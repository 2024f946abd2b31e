"""The pure-Python recorder of looptrace.

It writes a spool (format: package recorder/tracefile of looptrace) from inside a program that uses asyncio. The modules:

    bootstrap   at interpreter start: hide from the program, first fact, wait for the import of asyncio
    spool       the two files of a process: facts and slots
    intern      codes, stacks, spawn sites and await chains, each defined once
    inject      put statements into functions of asyncio without replacing them
    collector   leave the garbage collector as it was
    templates   compiled injections, kept between runs
    install     what goes where, once asyncio is imported
    hot         the functions that are paid per task
    steps       tasks: spawn, step, end, cancel
    registry    where asyncio keeps its tasks
    loops       loops: open, run, stop, close, refusals, shutdown
    threads     numbers for threads and loops
    live        what the live tasks of a loop are doing
    names       of types
    own         os, gc and sys without the mocks of tests
    executors   jobs of run_in_executor(), and who waits for their threads
    resources   child processes, transports, servers
    testing     which test of pytest or unittest runs
    unnamed     loads all of this as code of no file
    process     start, fork, exec, exit
    children    hand the recorder on to child processes

Rules: a hook never raises into the program, prints nothing, calls no code of the program, and keeps no task alive.
"""
