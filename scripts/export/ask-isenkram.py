"""Asks isenkram, as isenkram-lookup does, for the packages of each line of standard input.

Prints their names, one line a key. The pool, which it loads for each call, is loaded once.
"""

import sys

import gi

gi.require_version("AppStream", "1.0")
from gi.repository import AppStream
import isenkram.lookup

POOL = AppStream.Pool()
POOL.load()


class Loaded:
    def load(self):
        pass

    def get_components(self):
        return POOL.get_components()


AppStream.Pool = Loaded
for line in sys.stdin:
    print(" ".join(sorted(isenkram.lookup.pkgs_handling_appstream_modaliases([line.strip()]))))
