# SPDX-License-Identifier: BSL-1.0
"""Builds a wheel of pruneplan: the Python package, and the C API compiled with `$CXX`, or `c++`. It is the build
backend that pyproject.toml names (PEP 517), and needs no other package.

The C++ sources are in the folders `examples/c_api` and `include` of pruneplan's tree, which this folder is in. To build
from another place, set `PRUNEPLAN_ROOT` to the tree. `CXXFLAGS` are further options of the compiler.
"""

import base64
import hashlib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import sysconfig
import tempfile
import typing
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
NAME = {"darwin": "libpruneplan_c.dylib", "win32": "pruneplan_c.dll"}.get(sys.platform, "libpruneplan_c.so")


def root() -> pathlib.Path:
    """Returns the folder of pruneplan's tree."""
    folder = pathlib.Path(os.environ.get("PRUNEPLAN_ROOT") or HERE.parents[2])
    if not (folder / "examples/c_api/pruneplan_c.cpp").exists():
        raise SystemExit(f"{folder} is not the tree of pruneplan: set PRUNEPLAN_ROOT to it")
    return folder


def version() -> str:
    header = (root() / "include/pruneplan/version.hpp").read_text(encoding="utf-8")
    return ".".join(re.findall(r"^#define PRUNEPLAN_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", header, re.MULTILINE))


def tag() -> str:
    return "py3-none-" + re.sub("[-.]", "_", sysconfig.get_platform())


def compiled() -> bytes:
    """Returns the shared library."""
    with tempfile.TemporaryDirectory() as folder:
        library = pathlib.Path(folder) / NAME
        command = shlex.split(os.environ.get("CXX") or "c++")
        command += ["-std=c++20", "-O2", "-DNDEBUG", "-fPIC", "-shared", "-fvisibility=hidden"]
        command += ["-fvisibility-inlines-hidden", "-I", str(root() / "include")]
        command += shlex.split(os.environ.get("CXXFLAGS", ""))
        command += [str(root() / "examples/c_api/pruneplan_c.cpp"), "-o", str(library)]
        try:
            subprocess.run(command, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"cannot compile pruneplan: {error}: install a C++20 compiler, or set CXX") from error
        return library.read_bytes()


def metadata() -> typing.Dict[str, bytes]:
    """Returns the files of the folder `.dist-info`, without RECORD."""
    described = (
        f"Metadata-Version: 2.1\nName: pruneplan\nVersion: {version()}\n"
        "Summary: Decides which container images can be deleted, and says why\n"
        "License: BSL-1.0\nRequires-Python: >=3.9\n"
    )
    wheel = f"Wheel-Version: 1.0\nGenerator: pruneplan\nRoot-Is-Purelib: false\nTag: {tag()}\n"
    return {"METADATA": described.encode(), "WHEEL": wheel.encode(), "LICENSE": (root() / "LICENSE").read_bytes()}


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    """Writes the wheel to a folder, and returns its name."""
    info = f"pruneplan-{version()}.dist-info"
    paths = [*sorted((HERE / "src/pruneplan").glob("*.py")), HERE / "src/pruneplan/py.typed"]
    files = {f"pruneplan/{path.name}": path.read_bytes() for path in paths}
    files[f"pruneplan/{NAME}"] = compiled()
    files.update({f"{info}/{name}": data for name, data in metadata().items()})
    record = ""
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(data)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    wheel = f"pruneplan-{version()}-{tag()}.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return wheel


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    """Fails: the C++ sources are outside of this folder."""
    raise SystemExit("pruneplan has no source distribution: build a wheel in its tree")
