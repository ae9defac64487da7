#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""images.py BUSYBOX.TAR FOLDER: images that can tell whether they are whole.

FOLDER gets one.tar, an archive of localhost/one, base.tar, a root file system to import, and
registry, a layout with two, three and four. Each has /sums, with the digest of every file. They share layers, as images do.
"""
import hashlib
import os
import random
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures"))
from oci import Layer, Layout  # noqa: E402


class Counted(Layer):
    """Remembers the digests of its files."""

    def __init__(self):
        super().__init__()
        self.sums = {}

    def file(self, name, data=b"", **fields):
        self.sums[name] = hashlib.sha256(data).hexdigest()
        return super().file(name, data, **fields)


def base(path):
    layer = Counted()
    with tarfile.open(path) as tar:
        for entry in tar:
            if entry.isreg():
                layer.file(entry.name, tar.extractfile(entry).read(), mode=entry.mode)
            else:
                layer.add(entry.name, entry.type, linkname=entry.linkname, mode=entry.mode)
    return layer


def small(seed, count):
    """Many files in many folders, some of other owners."""
    numbers, layer = random.Random(seed), Counted()
    for i in range(count):
        if i % 16 == 0:
            layer.dir("small-%d/%d" % (seed, i // 16), uid=i % 3, gid=i % 3)
        layer.file("small-%d/%d/%d" % (seed, i // 16, i), numbers.randbytes(numbers.randrange(9000)), uid=i % 3)
    return layer


def large(seed, size):
    layer = Counted()
    return layer.file("large-%d" % seed, random.Random(seed).randbytes(size))


def sums(*layers):
    lines = sorted("%s  /%s\n" % (value, name.lstrip("./")) for layer in layers for name, value in layer.sums.items())
    return "".join(lines).encode()


def image(layout, name, *layers):
    layout.image(name, *[layer.packed for layer in layers], Layer().file("sums", sums(*layers)))


def main():
    busybox, folder = sys.argv[1:]
    layers = [base(busybox), small(1, 300), large(2, 3 << 20), small(3, 200), large(4, 1 << 20)]
    for layer in layers:
        layer.packed = layer.bytes()
    one = Layout(os.path.join(folder, "one"))
    image(one, "localhost/one:latest", layers[0], layers[1], layers[4])
    with tarfile.open(os.path.join(folder, "one.tar"), "w") as tar:
        tar.add(one.path, ".")
    with open(os.path.join(folder, "base.tar"), "wb") as tar:
        tar.write(base(busybox).file("sums", sums(layers[0])).bytes())
    registry = Layout(os.path.join(folder, "registry"))
    image(registry, "two", layers[0], layers[1], layers[2])
    image(registry, "three", layers[0], layers[3], layers[4])
    image(registry, "four", layers[0], layers[3], layers[1], layers[2])


main()
