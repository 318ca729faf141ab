"""The peers: how each one is installed and built, and its version."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

here = Path(__file__).resolve().parent
build = here / ".build"

messages = {"stream", "string", "ping-pong", "ring", "fan-in", "broadcast"}
all_jobs = messages | {"yield", "deep-yield", "create", "kill", "park", "parked"}
select_jobs = {"select-ready", "select-woken"}
time_jobs = {"timeout", "sleeping"}
sync_jobs = {"lock", "queue", "group", "threads-queue"}
# Both ends on threads of their own.
thread_jobs = {"threads-ping-pong", "threads-stream", "threads-asleep"}
# Control that goes where it is told to. A stream over a channel is what Go and others have instead of generators.
greenlet_jobs = {"greenlet-switch", "greenlet-create", "generator"}


class Missing(Exception):
    """A peer cannot be had on this machine."""


@dataclass
class Peer:
    name: str
    # Builds the program. Gives its command and the version of what is measured.
    prepare: object
    jobs: set
    # The most tasklets that it is asked for: with more, a job takes minutes or more memory than there is.
    most: int = 1_000_000
    environment: dict = field(default_factory=dict)
    # Where a server runs; whoever asks it is on the last one.
    processors: str = "0"
    command: list = None
    version: str = None


def shell(*command, **options):
    """What a command prints, its last lines as the reason if it fails."""
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    except FileNotFoundError as error:
        raise Missing(f"{command[0]} is not there") from error
    if result.returncode != 0:
        raise Missing(f"{' '.join(map(str, command[:3]))} … failed: {' '.join(result.stdout.split()[-20:])}")
    return result.stdout.strip()


def install(*packages):
    shell(here / "../../Scripts/install", *packages)


def version_of(package):
    return shell("dpkg-query", "--show", "--showformat=${Version}", package)


def swift_package(folder, program):
    if not shutil.which("swift"):
        raise Missing("there is no Swift toolchain")
    # A plan from before would not know what files this package has got since.
    options = ["--package-path", here / folder, "--configuration", "release", "--disable-build-manifest-caching"]
    shell("swift", "build", *options)
    return [f"{shell('swift', 'build', *options, '--show-bin-path').splitlines()[-1]}/{program}"]


def tasklets():
    commit = shell("git", "-C", here, "describe", "--always", "--dirty", "--abbrev=10")
    swift = shell("swift", "--version").split("Swift version ")[-1].split(" ")[0]
    return swift_package("tasklets", "TaskletJobs"), f"commit {commit}, Swift {swift}"


def swift_concurrency():
    swift = shell("swift", "--version").split("Swift version ")[-1].split(" ")[0]
    return swift_package("swift-concurrency", "TaskJobs"), f"Swift {swift}, swift-async-algorithms 1.1.4"


def go():
    install("golang-go")
    shell("go", "build", "-o", build / "go", ".", cwd=here / "go")
    return [build / "go"], shell("go", "version").split()[2].removeprefix("go")


def boost(folder, *libraries):
    install("g++", "libboost-context-dev", "libboost-fiber-dev")
    program = build / folder
    sources = sorted((here / folder).glob("*.cpp"))
    shell("g++", "-std=c++17", "-O2", "-DNDEBUG", *sources, "-o", program, *(f"-l{library}" for library in libraries))
    return [program], f"{version_of('libboost-context-dev')}, GCC {shell('g++', '-dumpfullversion')}"


def threads():
    install("gcc", "libc6-dev")
    program = build / "threads"
    shell("gcc", "-std=c11", "-D_GNU_SOURCE", "-O2", here / "threads/main.c", "-o", program, "-lpthread")
    return [program], f"GCC {shell('gcc', '-dumpfullversion')}, glibc {version_of('libc6')}"


def python_package(package):
    install("python3-venv")
    environment = build / "python"
    if not environment.exists():
        shell("/usr/bin/python3", "-m", "venv", environment)
    shell(environment / "bin/pip", "install", "--quiet", "--disable-pip-version-check", package)
    python = environment / "bin/python"
    found = shell(python, "-c", f"import importlib.metadata as m; print(m.version('{package}'))")
    return [python, here / package / "jobs.py"], f"{found}, {shell(python, '--version')}"


def pypy():
    install("pypy3")
    shell("pypy3", "-c", "import stackless")
    version = shell("pypy3", "-c", "import sys; print('%d.%d.%d' % sys.pypy_version_info[:3])")
    return ["pypy3", here / "pypy/jobs.py"], f"PyPy {version}"


peers = [
    Peer("tasklets", tasklets, all_jobs | greenlet_jobs | select_jobs | time_jobs | sync_jobs | thread_jobs | {"yield-outside", "await", "await-hop", "offload", "permit", "hand-over", "iterator", "generator-dropped", "robots"}),
    Peer("Boost.Context", lambda: boost("boost-context", "boost_context"), {"yield", "create", "kill", "greenlet-switch", "greenlet-create"}),
    Peer("Go", go, all_jobs - {"kill"} | select_jobs | time_jobs | sync_jobs | thread_jobs | {"yield-outside", "offload", "generator", "robots"}),
    Peer("mutex and condition", threads, thread_jobs),
    Peer(
        "Boost.Fiber",
        lambda: boost("boost-fiber", "boost_fiber", "boost_context", "pthread"),
        all_jobs - {"kill"},
        most=100_000,
    ),
    Peer("greenlet", lambda: python_package("greenlet"), all_jobs | greenlet_jobs, most=100_000),
    Peer("gevent", lambda: python_package("gevent"), all_jobs | {"yield-outside", "offload"}, most=100_000),
    Peer("PyPy stackless", pypy, all_jobs, most=10_000),
    Peer(
        "Swift Concurrency",
        swift_concurrency,
        all_jobs | {"generator", "await", "await-hop"},
        most=100_000,
        # One thread, as everybody else.
        environment={"LIBDISPATCH_COOPERATIVE_POOL_STRICT": "1"},
    ),
]


def prepare_all(peers, report):
    """Builds all. Gives those that are there, and why the others are not."""
    build.mkdir(exist_ok=True)
    there, missing = [], {}
    for peer in peers:
        report(f"building {peer.name}")
        try:
            peer.command, peer.version = peer.prepare()
            there.append(peer)
        except Missing as reason:
            missing[peer.name] = str(reason)
    return there, missing


def run(peer, job, count, size):
    """Nanoseconds for one operation, and where the job tells them, bytes for one tasklet."""
    result = subprocess.run(
        [*peer.command, job, str(count), str(size)],
        env=os.environ | peer.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    if result.returncode != 0:
        raise RuntimeError(f"{peer.name}, {job} {count} {size}: {result.stderr.strip()[:300]}")
    return [float(word) for word in result.stdout.split()]
