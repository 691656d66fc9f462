"""Takes dbdeck's figures beside their floors, in turn within one run, and says which goal each one meets.

usage: figures.py [first-frame] [idle] [rows] [keys] [fleet] [answers] [headless]     (all of them, without names)

A ratio is the median of the pairs' ratios; every figure shows median (least–most, n). The programs and servers
come by the environment from `benches/run`. DBDECK_BENCH_PAIRS sets n (5).

Taken on 2 cores, lean build, 32.9 MB: first frame 1.40 of the floor's (31 pairs); 500 instances 22.2 MiB, 5 pages;
1,000 tables, 10 pages and 1,000 descriptions; a million rows, first 0.88 of psql's, all 1.23 of the floor, peak 46 MiB,
keys meanwhile p99 9 ms and none lost; 100,000 vertices and 100 MB of Redshift rows, keys meanwhile p99 5 and 9 ms and
none lost, peak 85 and 60 MiB; at rest 0 bytes and no wake-up; a step in the fleet 2.0 of the floor's bytes.
"""

import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

from drive import NOW, Drive, quantile, usage
from servers import INSTANCES, ROWS, TABLES, ControlPlane, Database, graph_cluster, psql

PAIRS = int(os.environ.get("DBDECK_BENCH_PAIRS", "5"))
PROGRAM, LEAN, FLOOR = (os.environ[f"DBDECK_BENCH_{name}"] for name in ("PROGRAM", "LEAN", "FLOOR"))
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens
IDLE_S = 20
DONE = r"1.?000.?000 rows.*ms"
missed = []


def spread(values, unit=""):
    """Median (least–most, n)."""
    return f"{statistics.median(values):.4g} ({min(values):.4g}–{max(values):.4g}, n={len(values)}){unit}"


def judge(name, value, most, shown):
    """Prints one figure and keeps it when it misses its goal."""
    met = value <= most
    if not met:
        missed.append(name)
    print(f"{'met   ' if met else 'MISSED'} {name}: {shown}; goal ≤ {most:g}", flush=True)


def ratio(name, ours, floor, most, unit="ms"):
    """Prints ours beside the floor, pair by pair."""
    pairs = [a / b for a, b in zip(ours, floor)]
    judge(name, statistics.median(pairs), most,
          f"{spread(ours)} {unit}, floor {spread(floor)} {unit}, ratio {spread(pairs)}")


class Bench:
    """Where dbdeck runs: a home of its own and credentials that open nothing."""

    def __init__(self, home):
        self.env = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home, "XDG_STATE_HOME": home,
                    "XDG_CACHE_HOME": home, "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
                    "AWS_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}
        self.held = None

    @property
    def database(self):
        """The million rows, made when first needed."""
        self.held = self.held or Database()
        return self.held

    def console(self, *flags, program=PROGRAM):
        return Drive([program, *flags], self.env)

    def first_frame(self):
        """From spawn to the first text on the screen."""
        demo = subprocess.run([PROGRAM, "--demo", "info"], env={**os.environ, **self.env}, capture_output=True)
        ways = {"unreachable endpoint": ["--endpoint-url", NOWHERE]}
        if demo.returncode == 0:
            ways["--demo"] = ["--demo"]
        times = {name: [] for name in (*ways, "floor")}
        for turn in range(PAIRS + 1):
            for name in times:
                argv = [FLOOR, "hello"] if name == "floor" else [PROGRAM, *ways[name]]
                with Drive(argv, self.env) as program:
                    program.wait(r"db-0000|RDS|Aurora", 20)
                if turn:
                    times[name].append(program.painted * 1e3)
        for name in ways:
            ratio(f"first frame, {name}", times[name], times["floor"], 1.5)

    def idle(self):
        """At rest: nothing written, at most one wake-up a second."""
        plane = ControlPlane(INSTANCES, 0, 5432)
        with self.console("-c", "rds", "--endpoint-url", plane.url) as program:
            program.wait(r"db-0020")
            program.quiet(4)
            self.rest("fleet of 500", program)
        with self.loaded() as program:
            self.rest("1,000,000 rows open", program)

    def rest(self, name, program):
        found = program.idle(IDLE_S)
        judge(f"idle, {name}, bytes/min", found["bytes/min"], 0, f"{found['bytes/min']:.0f}")
        judge(f"idle, {name}, wake-ups/s", found["wake-ups/s"], 1,
              f"{found['wake-ups/s']:.2f}, {found['cpu ms/min']:.0f} CPU ms/min")

    def editor(self):
        """A query tab logged in to the million rows' database."""
        plane = ControlPlane(1, 0, self.database.port)
        program = self.console("-c", "rds", "--endpoint-url", plane.url, "--ca-bundle", self.database.ca,
                               "--editor", "plain")
        program.wait("db-0000")
        program.send("e")
        program.quiet(0.5)
        program.send("select 41 + 1;<F5>")
        program.wait("(?i)password")
        program.send(self.database.password + "<Enter>")
        program.wait(r"\b42\b")
        program.quiet(0.5)
        return program

    def loaded(self):
        program = self.editor()
        self.ask(program)
        program.wait(DONE, 60)
        program.quiet(2)
        return program

    @staticmethod
    def ask(program):
        """Types the statement below the last one and runs it; the time of the run key."""
        program.send("<Enter>select * from big")
        program.quiet(0.3)
        return program.send("<F5>")

    def rows(self):
        """A million rows: first, all, memory, and keys answered meanwhile."""
        first, everything, peak = [], [], []
        by_psql, floor = [], []
        for _ in range(PAIRS):
            with self.editor() as program:
                at = self.ask(program)
                first.append((program.wait(r"user1@example") - at) * 1e3)
                everything.append((program.wait(DONE) - at) * 1e3)
                peak.append(usage(program.pid)[1])
            by_psql.append(self.psql_first())
            floor.append(self.floor_all())
        ratio("1,000,000 rows, first", first, by_psql, 2)
        ratio("1,000,000 rows, all", everything, floor, 3)
        judge("1,000,000 rows, peak RSS", max(peak), 128, spread(peak, " MiB"))

    def psql_first(self):
        """From Enter to the first rows by psql's cursor and a pager."""
        env = {**self.env, **self.database.env, "PAGER": "less -S"}
        with Drive([psql(), "-X", "-v", "FETCH_COUNT=1000"], env) as program:
            program.wait(r"shop[=#]")
            program.quiet(0.3)
            at = program.send("select * from big;<Enter>")
            return (program.wait(r"user1@example") - at) * 1e3

    def floor_all(self):
        argv = [FLOOR, "rows", self.database.port, self.database.ca, "select * from big"]
        done = subprocess.run(argv, env={**os.environ, **self.database.env}, capture_output=True, check=True)
        _, everything, count = done.stdout.split()
        assert int(count) == ROWS
        return float(everything)

    def keys(self):
        """Keys while a million rows load: none lost, none slow. And bytes of one step in the fleet."""
        latencies = []
        for _ in range(PAIRS):
            with self.editor() as program:
                self.ask(program)
                program.wait(r"user1@example")
                program.send("<F3>")
                program.quiet(0.05, 0.2)
                # Only the grid's own lines: the count of rows above them changes without a key.
                while not re.search(DONE, program.text()):
                    latencies.append(program.press("<Down>", gap=0.005, lines=range(7, 38))[0])
        taken = [1e3 * s for s in latencies if s is not None]
        assert taken, "no key was answered"
        shown = f"p50 {quantile(taken, 0.5):.2f}, p99 {quantile(taken, 0.99):.2f}, max {max(taken):.2f} ms, n={len(latencies)}"
        judge("key while loading, p99 ms", quantile(taken, 0.99), 16, shown)
        judge("key while loading, max ms", max(taken), 50, f"{max(taken):.2f}")
        judge("keys lost while loading", len(latencies) - len(taken), 0, str(len(latencies) - len(taken)))
        plane, step = ControlPlane(INSTANCES, 0, 5432), {}
        for name, argv, ready in (("ours", [PROGRAM, "-c", "rds", "--endpoint-url", plane.url], "db-0020"),
                                  ("floor", [FLOOR, "hello"], "db-0020")):
            with Drive(argv, self.env) as program:
                program.wait(ready)
                program.quiet(4)
                step[name] = [program.press("<Down>") for _ in range(50)]
        ratio("bytes of one Down in the fleet", [b for _, b in step["ours"]], [b for _, b in step["floor"]], 1, "bytes")
        times = {name: [1e3 * s for s, _ in found if s] for name, found in step.items()}
        judge("key at rest, p50 ratio", quantile(times["ours"], 0.5) / quantile(times["floor"], 0.5), 1.2,
              f"{spread(times['ours'])} ms, floor {spread(times['floor'])} ms")

    def fleet(self):
        """500 instances: memory and calls; 1,000 tables: calls."""
        resident = []
        for _ in range(PAIRS):
            plane = ControlPlane(INSTANCES, 0, 5432)
            with self.console("-c", "rds", "--endpoint-url", plane.url, program=LEAN) as program:
                program.wait(r"\b500\b")
                program.quiet(3)
                resident.append(usage(program.pid)[0])
        judge("500 instances, RSS of the lean build", max(resident), 24, spread(resident, " MiB"))
        judge("500 instances, DescribeDBInstances", plane.calls["DescribeDBInstances"], INSTANCES / 100, str(dict(plane.calls)))
        plane = ControlPlane(0, TABLES, 5432)
        with self.console("-c", "dynamodb", "--endpoint-url", plane.url, program=LEAN) as program:
            program.wait(r"1,?000")
            program.quiet(10, 40)
        judge("1,000 tables, ListTables", plane.calls["ListTables"], 11, str(dict(plane.calls)))
        judge("1,000 tables, DescribeTable", plane.calls["DescribeTable"], TABLES, str(plane.calls["DescribeTable"]))

    def answers(self):
        """Keys and memory while 100,000 elements of a graph and 100 MB over the Redshift Data API arrive."""
        aws = os.environ["DBDECK_TEST_AWS"]
        graph_cluster(aws, "100000000799", "kg")
        grateful = os.environ["DBDECK_TEST_NEPTUNE"] + "/grateful"
        self.answer("100,000 vertices", "100000000799", ["-c", "neptune"], "kg",
                    ["<Esc>", ":language gremlin<Enter>", "i", "g.V().out().out().limit(100000)"], {"AWS_ENDPOINT_URL": aws, "AWS_ENDPOINT_URL_NEPTUNEDATA": grateful})
        self.answer("100 MB of Redshift rows", "400000000077", ["-c", "redshift"], "warehouse",
                    ["select i, repeat(md5(i::text), 32) as wide from generate_series(1, 100000) as i"], {"AWS_ENDPOINT_URL": aws})

    def answer(self, name, account, flags, row, typed, more):
        latencies, peak, took = [], [], []
        for _ in range(PAIRS):
            env = {**self.env, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": account, **more}
            with Drive([PROGRAM, *flags, "--editor", "vim"], env) as program:
                program.wait(row)
                program.send("/" + row + "<Enter>")
                program.quiet(0.5)
                program.send("e")
                program.quiet(1)
                # Apart: an escape with a key behind it is another key.
                for keys in typed:
                    program.send(keys)
                    program.quiet(0.5)
                at = program.send("<F5>")
                # No letter follows itself, so that each key changes what the editor shows: its first lines, also once the
                # rows have taken the others.
                for letter in itertools.cycle("abcdefghij"):
                    if re.search(r"100.?000 (rows|elements)\b.* ms", program.text()):
                        break
                    assert NOW() < at + 60, program.text()
                    latencies.append(program.press(letter, gap=0.005, lines=range(2, 4))[0])
                took.append(NOW() - at)
                peak.append(usage(program.pid)[1])
        taken = [1e3 * s for s in latencies if s is not None]
        shown = f"p50 {quantile(taken, 0.5):.2f}, p99 {quantile(taken, 0.99):.2f}, max {max(taken):.2f} ms, n={len(latencies)}"
        print(f"       {name}, all, with the keys between: {spread(took, ' s')}", flush=True)
        judge(f"{name}, key meanwhile, p99 ms", quantile(taken, 0.99), 16, shown)
        judge(f"{name}, keys lost", len(latencies) - len(taken), 0, str(len(latencies) - len(taken)))
        judge(f"{name}, peak RSS", max(peak), 128, spread(peak, " MiB"))

    def headless(self):
        """`list` as JSON of 500 instances and of 1,000 tables: every one of them, and how long it took."""
        for service, count in (("rds", INSTANCES), ("dynamodb", TABLES)):
            times = []
            for _ in range(PAIRS):
                plane = ControlPlane(INSTANCES, TABLES, 5432)
                begun = NOW()
                argv = [PROGRAM, "list", service, "--format", "json", "--endpoint-url", plane.url]
                done = subprocess.run(argv, env={**os.environ, **self.env}, capture_output=True, check=True)
                times.append((NOW() - begun) * 1e3)
                found = len(json.loads(done.stdout))
                assert found == count, f"{found} of {count} listed"
            print(f"       headless list {service}, {count}: {spread(times, ' ms')}", flush=True)


def main():
    chosen = sys.argv[1:] or ["first-frame", "idle", "rows", "keys", "fleet", "answers", "headless"]
    print(time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as home:
        bench = Bench(home)
        for name in chosen:
            try:
                getattr(bench, name.replace("-", "_"))()
            except (TimeoutError, AssertionError, subprocess.CalledProcessError) as why:
                missed.append(name)
                print(f"MISSED {name}: no figure: {why}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
