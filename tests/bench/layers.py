"""Instructions a call, by layer:

    layers.py CALLS OUT_N OUT_2N

from callgrind's files of two runs, one of CALLS calls and one of twice as many: the
difference is what CALLS of them cost. The program's own code is told apart by its folder,
libraries by their names; what has no source file in the program is Lua.
"""
import collections
import os
import re
import sys

LIBRARIES = {"libcurl": "libcurl", "libcrypto": "OpenSSL", "libssl": "OpenSSL", "libuv": "libuv",
             "libc": "libc", "ld-linux": "libc"}


def layer_of(library, source):
    name = os.path.basename(library)
    for prefix, layer in LIBRARIES.items():
        if re.match(prefix + r"[-.]", name) or name.startswith(prefix + "."):
            return layer
    folder = re.search(r"runtime/(\w+)/", source)
    if folder:
        return "awl " + folder.group(1)
    return "Lua" if name == "awl" else "other"


def costs(path):
    names = {"ob": {}, "fl": {}}
    library = source = inlined = ""
    skip = False
    layers = collections.Counter()

    def name_of(kind, text):
        match = re.match(r"\((\d+)\)(?: (.*))?$", text)
        if match.group(2) is not None:
            names[kind][match.group(1)] = match.group(2)
        return names[kind].get(match.group(1), "")

    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith("ob="):
                library = name_of("ob", line[3:])
            elif line.startswith("fl="):
                source = inlined = name_of("fl", line[3:])
            elif line.startswith(("fi=", "fe=")):
                inlined = name_of("fl", line[3:])
            elif line.startswith("cob="):
                name_of("ob", line[4:])
            elif line.startswith(("cfi=", "cfl=")):
                name_of("fl", line[4:])
            elif line.startswith("calls="):
                skip = True  # the next line is what the callee cost
            elif re.match(r"[+*-]?\d*[+*-]?\d* \d+", line) and not line.startswith("fn"):
                if not skip:
                    layers[layer_of(library, inlined or source)] += int(line.split()[1])
                skip = False
    return layers


def main():
    calls = int(sys.argv[1])
    few, many = costs(sys.argv[2]), costs(sys.argv[3])
    each = {layer: (many[layer] - few[layer]) / calls for layer in many}
    whole = sum(each.values())
    for layer, cost in sorted(each.items(), key=lambda item: -item[1]):
        if cost >= whole / 1000:
            print(f"| {layer} | {cost:,.0f} | {100 * cost / whole:.1f} % |")
    print(f"| **all** | **{whole:,.0f}** | |")


main()
