"""Asks isenkram, as isenkram-lookup does, for the packages of each line of standard input.

Prints their names, one line a key. isenkram loads the pool of AppStream for each call, and asks libappstream for every
item of it; here both are done once, and the keys are shared out to a process for each processor.
"""

import os
import sys
import tempfile

import gi

gi.require_version("AppStream", "1.0")
from gi.repository import AppStream
import isenkram.lookup

KIND = AppStream.ProvidedKind.MODALIAS


class Items:
    def __init__(self, provided):
        self.items = provided.get_items()

    def get_items(self):
        return self.items


class Component:
    """What isenkram asks an AppStream.Component for."""

    def __init__(self, component):
        provided = component.get_provided_for_kind(KIND)
        self.provided = Items(provided) if provided else None
        self.packages = component.get_pkgnames()

    def get_provided_for_kind(self, kind):
        assert kind == KIND
        return self.provided

    def get_pkgnames(self):
        return self.packages


class Loaded:
    """The pool, with every component of it."""

    components = None

    def load(self):
        pass

    def get_components(self):
        return Loaded

    @staticmethod
    def as_array():
        return Loaded.components


def answers(keys):
    for key in keys:
        yield " ".join(sorted(isenkram.lookup.pkgs_handling_appstream_modaliases([key])))


pool = AppStream.Pool()
pool.load()
Loaded.components = [Component(one) for one in pool.get_components().as_array()]
AppStream.Pool = Loaded

keys = [line.strip() for line in open(0, encoding="utf-8")]
count = os.cpu_count()
workers = []
for i in range(count):
    file = tempfile.TemporaryFile("w+")
    pid = os.fork()
    if pid == 0:
        print(*answers(keys[i::count]), sep="\n", file=file, flush=True)
        os._exit(0)
    workers.append((pid, file))
found = [None] * len(keys)
for i, (pid, file) in enumerate(workers):
    if os.waitpid(pid, 0)[1] != 0:
        sys.exit("isenkram fails")
    file.seek(0)
    share = range(i, len(keys), count)
    lines = file.read().split("\n")[: len(share)]
    for at, line in zip(share, lines, strict=True):
        found[at] = line
print(*found, sep="\n")
