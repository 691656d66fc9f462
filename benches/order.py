"""Writes startup.ld: the functions that run before the first frame and while a fleet is listed, next to each other.

usage: order.py PROGRAM >startup.ld     (needs valgrind; PROGRAM is the lean release build with its symbols, as from
       CARGO_PROFILE_RELEASE_STRIP=none cargo build --release --no-default-features)

Without it they lie scattered over a program many times their size, and the kernel maps whole neighbourhoods of pages
for each. Names stand without their hashes, so that an update of a dependency takes nothing away; what is not found is
passed over.
"""

import re
import sys
import tempfile

from drive import Drive
from servers import ControlPlane

INSTANCES = 500
# An id has its name beside it once, where it comes first, as a caller or a callee.
NAMED = re.compile(r"^c?fn=\(\d+\) (\S+)", re.M)


def ran(program):
    """The mangled names of what ran."""
    with tempfile.TemporaryDirectory() as home:
        plane = ControlPlane(INSTANCES, 0, 5432)
        env = {"HOME": home, "AWS_ACCESS_KEY_ID": "b", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-west-1",
               "AWS_EC2_METADATA_DISABLED": "true"}
        out = f"{home}/calls"
        watch = ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out}"]
        with Drive([*watch, program, "-c", "rds", "--endpoint-url", plane.url], env) as console:
            console.wait(rf"\b{INSTANCES}\b", 300)
            console.quiet(3)
        with open(out) as calls:
            return sorted(set(NAMED.findall(calls.read())))


def pattern(name):
    """The section of a function, whatever its hashes."""
    name = re.sub(r"17h[0-9a-f]{16}E.*$", "17h*", name)
    name = re.sub(r"Cs[0-9A-Za-z]+_", "Cs*_", name)
    return re.sub(r"\.llvm\.\d+$", "*", name)


def main():
    names = [n for n in ran(sys.argv[1]) if re.fullmatch(r"[A-Za-z_][\w.$]*", n)]
    print("/* What runs before the first frame and while a fleet is listed; written by order.py. */")
    print("SECTIONS {\n  .text.startup_first : {")
    for name in dict.fromkeys(map(pattern, names)):
        print(f"    *(.text.{name})")
    print("  }\n} INSERT BEFORE .text;")


if __name__ == "__main__":
    main()
