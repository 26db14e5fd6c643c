"""Carry out the steps of the Dockerfile without Docker: does it build, start, and how large is it?

In: ../Dockerfile and ../.dockerignore. Out: a folder as the image would have it on top of its base,
its size, and whether the service starts there and its health check passes, as a user without
rights who can write nothing but /tmp. Knows the instructions that our Dockerfile uses, in the form
of a list (no shell), and fails on others; knows no layers and no networks.

    python deploy/rehearse.py            # a table, and one JSON line
    python deploy/rehearse.py --file deploy/aws_lambda/Dockerfile --keep FOLDER
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
#: What python:3.13-slim-bookworm takes, unpacked and packed: assumed, as it is not here to measure.
BASE_MB, BASE_PACKED_MB = 125, 45
#: Instructions that say something of the image and do nothing.
_SILENT = {"LABEL", "EXPOSE"}


@dataclass
class Stage:
    """A folder that stands for the file system of a stage, and what is to be run in it."""

    home: Path
    workdir: PurePosixPath = field(default_factory=lambda: PurePosixPath("/"))
    variables: dict[str, str] = field(default_factory=dict)
    user: str = "0:0"
    said: dict[str, list[str]] = field(default_factory=dict)  # CMD, HEALTHCHECK, STOPSIGNAL

    def inside(self, path: str) -> Path:
        """Where a path of the image lies on this machine."""
        return self.home / (self.workdir / path).relative_to("/")


def instructions(text: str) -> list[tuple[str, str]]:
    """The Dockerfile's steps: (FROM, ...), without comments, long lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (word, rest.strip()) for word, _, rest in (s.partition(" ") for s in joined.split("\n"))
    ]


def lets_through(ignore: list[str], path: PurePosixPath) -> bool:
    """Whether .dockerignore leaves a file in: of the patterns that match, the last one decides."""
    through = True
    for pattern in ignore:
        bare = pattern.removeprefix("!")
        if any(_matches(part, bare) for part in [path, *path.parents]):
            through = pattern.startswith("!")
    return through


def _matches(path: PurePosixPath, pattern: str) -> bool:
    """As Docker matches: from the top, `*` within a name; `**/` before the end, any folders."""
    if pattern.startswith("**/"):
        return path.match(pattern.removeprefix("**/"))
    return len(path.parts) == len(PurePosixPath(pattern).parts) and path.match(pattern)


def context() -> list[PurePosixPath]:
    """All files that Docker would be given."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    ignore = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in {".git", ".venv", "node_modules"}]
        here = PurePosixPath(Path(folder).relative_to(ROOT).as_posix())
        found += [here / name for name in names if lets_through(ignore, here / name)]
    return sorted(found)


class Rehearsal:
    """Builds stage after stage."""

    def __init__(self, work: Path, base: str) -> None:
        self.work = work
        self.base = base  # the Python that stands for the base image's
        self.stages: dict[str, Stage] = {}
        self.files = context()

    def build(self, dockerfile: str) -> Stage:
        """Carry out all steps; the last stage."""
        stage = Stage(self.work)
        for word, rest in instructions(dockerfile):
            if word == "FROM":
                name = rest.partition(" AS ")[2] or "final"
                stage = self.stages[name] = Stage(self.work / name)
                stage.home.mkdir()
            elif word == "WORKDIR":
                stage.workdir = PurePosixPath(rest)
                stage.inside(".").mkdir(parents=True, exist_ok=True)
            elif word == "COPY":
                self._copy(stage, shlex.split(rest))
            elif word == "RUN":
                self._run(stage, json.loads(rest))
            elif word == "ENV":
                stage.variables |= dict(pair.split("=", 1) for pair in shlex.split(rest))
            elif word == "USER":
                stage.user = rest
            elif word == "HEALTHCHECK":
                stage.said[word] = json.loads(rest.partition(" CMD ")[2])
            elif word == "CMD":
                stage.said[word] = json.loads(rest)
            elif word == "STOPSIGNAL":
                stage.said[word] = [rest]
            elif word not in _SILENT:
                raise SystemExit(f"The rehearsal does not know {word}: teach it, or leave it out.")
        return stage

    def _copy(self, stage: Stage, words: list[str]) -> None:
        options = [word for word in words if word.startswith("--")]
        *sources, goal = [word for word in words if not word.startswith("--")]
        origin = [o.partition("=")[2] for o in options if o.startswith("--from=")]
        place = stage.inside(goal)
        for source in sources:
            if origin:
                folder = self.stages[origin[0]].inside(source)
                shutil.copytree(folder, place, symlinks=True, dirs_exist_ok=True)
                continue
            asked = PurePosixPath(source)
            chosen = [file for file in self.files if file == asked or asked in file.parents]
            if not chosen:
                raise SystemExit(f"COPY {source}: .dockerignore leaves nothing of it.")
            for file in chosen:
                inner = file.relative_to(asked) if file != asked else PurePosixPath(file.name)
                whole = place if file == asked and not goal.endswith("/") else place / inner
                whole.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / file, whole)

    def _run(self, stage: Stage, words: list[str]) -> None:
        words = [str(stage.inside(word)) if word.startswith("/") else word for word in words]
        if words[0] == "python":  # pip may be missing beside the Python that others may use
            words[0] = sys.executable if words[1:3] == ["-m", "pip"] else self.base
        environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_QUIET": "1"}
        for name in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):  # ours, not the image's
            environment.pop(name, None)
        subprocess.run(words, cwd=stage.inside("."), env=environment, check=True)


def lowered(user: str) -> list[str]:
    """How to start a program as a user of the image: only root can, others stay who they are."""
    if os.geteuid() != 0:
        return []
    uid, gid = user.split(":")
    return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"]


def base_python(user: str) -> str:
    """A Python that the image's user may start here; an image's is everyone's."""
    found = [shutil.which(name) for name in ("python3.13", "python3.12", "python3.11")]
    for python in [*found, "/usr/bin/python3", sys.executable]:
        if python is None:
            continue
        program = "import sys, venv; assert sys.version_info >= (3, 11)"
        run = subprocess.run(
            [*lowered(user), python, "-c", program], capture_output=True, cwd="/", check=False
        )
        if run.returncode == 0:
            return python
    raise SystemExit("There is no Python that a user without rights may start: install one.")


def start(stage: Stage) -> float:
    """Start the service as Docker would, wait for its health check, stop it.

    Returns:
        the seconds until it was healthy.
    """
    for folder, folders, names in os.walk(stage.home):
        for name in [*folders, *names]:
            if not (place := Path(folder, name)).is_symlink():
                place.chmod(place.stat().st_mode & ~0o222)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    scratch = stage.home.parent / "tmpfs"
    scratch.mkdir(mode=0o1777)
    scratch.chmod(0o1777)
    path = stage.variables["PATH"].split(":")
    variables = {
        **stage.variables,
        "PATH": ":".join([*(str(stage.inside(place)) for place in path), *path]),
        "TMPDIR": str(scratch),
        "PORT": port,
        "PYTHONDONTWRITEBYTECODE": "",
    }
    rights, here = lowered(stage.user), stage.inside(".")
    before = sorted(stage.home.rglob("*"))

    def program(words: list[str]) -> list[str]:
        python = str(stage.inside("/opt/inkdigits/bin/python"))
        return [*rights, python if words[0] == "python" else words[0], *words[1:]]

    began = time.monotonic()
    command = program(stage.said["CMD"])
    service = subprocess.Popen(command, cwd=here, env=variables)
    try:
        check = program(stage.said["HEALTHCHECK"])
        while subprocess.run(check, env=variables, capture_output=True, check=False).returncode:
            if service.poll() is not None or time.monotonic() - began > 60:
                raise SystemExit("The service did not become healthy: its words stand above.")
            time.sleep(0.1)
        seconds = time.monotonic() - began
        service.send_signal(getattr(signal, stage.said["STOPSIGNAL"][0]))
        if service.wait(timeout=10) != 0:
            raise SystemExit(f"The service ended with {service.returncode} when told to stop.")
    finally:
        service.kill()
        service.wait()
    if sorted(stage.home.rglob("*")) != before:
        raise SystemExit("The service wrote into its own file system.")
    check_fails = subprocess.run(check, env=variables, capture_output=True, check=False)
    if check_fails.returncode == 0:
        raise SystemExit("The health check passes where no service runs.")
    return seconds


def size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(p.lstat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def packed(folder: Path, work: Path) -> int:
    """Bytes of the folder as a registry would keep it."""
    with tarfile.open(work / "layer.tar.gz", "w:gz", compresslevel=6) as archive:
        archive.add(folder, arcname=".")
    return (work / "layer.tar.gz").stat().st_size


def main() -> None:
    """Rehearse, and say what came of it."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--file", type=Path, default=ROOT / "Dockerfile", help="the Dockerfile")
    options.add_argument("--fast", action="store_true", help="do not pack the image")
    options.add_argument("--keep", type=Path, help="move the image's files to this new folder")
    asked = options.parse_args()
    if asked.keep and asked.keep.exists():
        raise SystemExit(f"{asked.keep} is there already: name a new folder.")
    with tempfile.TemporaryDirectory(prefix="ink-rehearsal-") as name:
        work = Path(name)
        work.chmod(0o755)
        text = asked.file.read_text(encoding="utf-8")
        user = next((rest for word, rest in instructions(text) if word == "USER"), "0:0")
        rehearsal = Rehearsal(work, base_python(user))
        stage = rehearsal.build(text)
        answer: dict[str, float] = {
            "files_in_context": len(rehearsal.files),
            "on_top_of_base_mb": round(size(stage.home) / 1e6, 1),
        }
        if "HEALTHCHECK" in stage.said:
            answer["image_mb"] = round(size(stage.home) / 1e6 + BASE_MB)
            answer["healthy_after_s"] = round(start(stage), 1)
            answer["user_id"] = int(user.split(":")[0]) if lowered(user) else os.geteuid()
        if not asked.fast:
            packed_mb = packed(stage.home, work) / 1e6
            answer["packed_mb"] = round(packed_mb)
            if "HEALTHCHECK" in stage.said:
                answer["to_pull_mb"] = round(packed_mb + BASE_PACKED_MB)
        if asked.keep:
            shutil.copytree(stage.home, asked.keep, symlinks=True)
    for key, value in answer.items():
        print(f"{key.replace('_', ' '):20}{value}")
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
