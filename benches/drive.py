"""Drives a terminal program in a pseudo-terminal and measures it (Linux; needs pyte).

A process of its own reads the terminal and stamps each chunk as it leaves, without limit: a slow emulator
behind it neither lengthens a time nor holds the program up. Latency is closed-loop: the next key waits for the
last one's answer, so a freeze shows as one long key, and a key without an answer as lost.
"""

import collections
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

import pyte

NOW = time.monotonic
NAMED = {"Enter": b"\r", "Tab": b"\t", "Esc": b"\x1b", "Up": b"\x1b[A", "Down": b"\x1b[B", "F3": b"\x1bOR", "F5": b"\x1b[15~",
         "PageDown": b"\x1b[6~", "End": b"\x1b[F", "A-Enter": b"\x1b\r"}
# Sequences that pyte would print as text.
UNKNOWN = re.compile(
    rb"\x1b\[[<>=][0-9;:]*[ -/]*[@-~]|\x1b\[\??[0-9;]*[ !\"$'*][@-~]|\x1b[P_^X].*?(?:\x1b\\|\x07)"
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)", re.S)
UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;:?<>= !\"$'*]*|[P_^X\]](?:[^\x07\x1b]|\x1b(?!\\))*)?$", re.S)


def keys(text):
    """`<Down>x` as one byte string a key."""
    found = re.finditer(r"<([A-Za-z0-9-]+)>|(.)", text, re.S)
    return [NAMED[m.group(1)] if m.group(1) else m.group(2).encode() for m in found]


def quantile(values, q):
    """The value at `q` of 0..1; None of nothing."""
    ordered = sorted(values)
    return ordered[round(q * (len(ordered) - 1))] if ordered else None


class Screen(pyte.Screen):
    """pyte's screen, cleared when a program changes to the alternate one."""

    def set_mode(self, *modes, **options):
        if options.get("private") and 1049 in modes:
            self.erase_in_display(2)
            self.cursor_position()
        super().set_mode(*modes, **options)


def relay(master, pipe):
    """Reads the terminal as fast as it writes; hands on each chunk with its time and length."""
    os.set_blocking(pipe, False)
    waiting, open_ = collections.deque(), True
    while open_ or waiting:
        readable, writable, _ = select.select([master] if open_ else [], [pipe] if waiting else [], [])
        if readable:
            try:
                data = os.read(master, 65536)
            except OSError:
                data = b""
            waiting.append(struct.pack("<dI", NOW(), len(data)) + data)
            open_ = bool(data)
        if writable:
            sent = os.write(pipe, waiting[0])
            if sent == len(waiting[0]):
                waiting.popleft()
            else:
                waiting[0] = waiting[0][sent:]


def usage(pid):
    """Resident and peak MiB, CPU seconds and voluntary switches of all threads."""
    with open(f"/proc/{pid}/status") as status:
        facts = dict(line.split(":", 1) for line in status if ":" in line)
    switches = nanoseconds = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/status") as status:
                switches += sum(int(line.split()[1]) for line in status if line.startswith("voluntary"))
            with open(f"/proc/{pid}/task/{thread}/schedstat") as times:
                nanoseconds += int(times.read().split()[0])
        except OSError:
            continue
    mib = {name: int(facts[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")}
    return mib["VmRSS"], mib["VmHWM"], nanoseconds / 1e9, switches


class Drive:
    """A program in a terminal of its own. Times are seconds; use it with `with`."""

    def __init__(self, argv, env=None, columns=120, rows=40):
        self.screen = Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.held, self.buffer = b"", b""
        self.bytes, self.ended, self.painted = 0, False, None
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.pipe, relayed = os.pipe()
        self.relay = os.fork()
        if self.relay == 0:
            try:
                os.close(slave)
                relay(self.master, relayed)
            finally:
                os._exit(0)
        os.close(relayed)
        self.begun = NOW()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
                for descriptor in (0, 1, 2):
                    os.dup2(slave, descriptor)
                os.closerange(3, 256)
                os.execvpe(argv[0], argv, environment)
            finally:
                os._exit(127)
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(self.pid, number)
            except OSError:
                break
            end = NOW() + 2
            while NOW() < end and os.waitpid(self.pid, os.WNOHANG)[0] == 0:
                self.step(0.02)
                if self.ended:
                    time.sleep(0.01)
            else:
                break
        os.close(self.master)
        os.close(self.pipe)
        try:
            os.kill(self.relay, signal.SIGKILL)
        except OSError:
            pass
        os.waitpid(self.relay, 0)

    def step(self, timeout):
        """Takes the next chunk in; the time it left the program, or None."""
        if (chunk := self.chunk()) is None:
            if self.ended or not select.select([self.pipe], [], [], max(0, timeout))[0]:
                return None
            data = os.read(self.pipe, 1 << 20)
            self.ended = not data
            self.buffer += data
            if (chunk := self.chunk()) is None:
                return None
        at, data = chunk
        if not data:
            self.ended = True
            return None
        self.bytes += len(data)
        self.feed(data)
        if self.painted is None and any(line.strip() for line in self.screen.display):
            self.painted = at - self.begun
        return at

    def chunk(self):
        if len(self.buffer) < 12:
            return None
        at, length = struct.unpack("<dI", self.buffer[:12])
        if len(self.buffer) < 12 + length:
            return None
        data, self.buffer = self.buffer[12:12 + length], self.buffer[12 + length:]
        return at, data

    def feed(self, data):
        data = self.held + data
        cut = UNFINISHED.search(data)
        self.held = data[cut.start():] if cut else b""
        self.stream.feed(UNKNOWN.sub(b"", data[:cut.start()] if cut else data))

    def text(self):
        """The screen as text."""
        return "\n".join(self.screen.display)

    def picture(self, lines):
        """These lines of the screen with their colours."""
        width = range(self.screen.columns)
        return [tuple(line[x] for x in width) for line in (self.screen.buffer[y] for y in lines)]

    def send(self, text):
        """Types; the time just before."""
        at = NOW()
        os.write(self.master, b"".join(keys(text)))
        return at

    def wait(self, pattern, timeout=60):
        """Until the pattern is on the screen: when what shows it left the program. Fails otherwise."""
        end, at = NOW() + timeout, NOW()
        while not re.search(pattern, self.text()):
            if self.ended or NOW() > end:
                raise TimeoutError(f"{pattern!r} did not come; the screen:\n{self.text()}")
            at = self.step(min(0.25, max(0, end - NOW()))) or at
        return at

    def quiet(self, seconds, timeout=20):
        """Until nothing was written for so long."""
        end, since = NOW() + timeout, NOW()
        while NOW() < min(end, since + seconds) and not self.ended:
            if self.step(since + seconds - NOW()) is not None:
                since = NOW()

    def idle(self, seconds):
        """What the program does while nothing is asked of it: bytes and CPU ms a minute, wake-ups a second."""
        before, written, begun = usage(self.pid), self.bytes, NOW()
        while NOW() < begun + seconds:
            self.step(begun + seconds - NOW())
        after, took = usage(self.pid), NOW() - begun
        return {"bytes/min": (self.bytes - written) * 60 / took, "cpu ms/min": (after[2] - before[2]) * 6e4 / took,
                "wake-ups/s": (after[3] - before[3]) / took}

    def press(self, key, timeout=2.0, gap=0.02, lines=None):
        """One key: seconds until these lines of the screen changed (all of them without; None: they never did),
        and the bytes it cost."""
        lines = lines or range(self.screen.lines)
        while self.step(0) is not None:
            pass
        before, written, latency = self.picture(lines), self.bytes, None
        at = self.send(key)
        while NOW() < at + timeout and not self.ended:
            came = self.step(at + timeout - NOW())
            if came is not None and came >= at and self.picture(lines) != before:
                latency = came - at
                break
        self.quiet(gap, 0.5)
        return latency, self.bytes - written
