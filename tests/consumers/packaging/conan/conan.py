# SPDX-License-Identifier: BSL-1.0
"""Runs a recipe without Conan: python3 conan.py RECIPE PACKAGE_FOLDER WORK_FOLDER.

Defines the names that the recipe imports from Conan. Prints the name and version of the recipe.
"""

import fnmatch
import importlib.util
import pathlib
import shutil
import sys
import types


class ConanFile:
    pass


def load(_, path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def copy(_, pattern, src, dst):
    files = [path for path in sorted(pathlib.Path(src).rglob("*")) if path.is_file()]
    copied = [path for path in files if fnmatch.fnmatch(str(path.relative_to(src)), pattern)]
    for path in copied:
        to = pathlib.Path(dst) / path.relative_to(src)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    if not copied:
        sys.exit(f"nothing in {src} matches {pattern}")


def module(name, **members):
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(members)


def information():
    return types.SimpleNamespace(bindirs=["bin"], libdirs=["lib"], set_property=lambda key, value: None)


def main(recipe_file, package_folder, work_folder):
    sys.dont_write_bytecode = True
    standards = []
    module("conan", ConanFile=ConanFile)
    module("conan.tools")
    module("conan.tools.build", check_min_cppstd=lambda _, standard: standards.append(standard))
    module("conan.tools.files", copy=copy, load=load)
    spec = importlib.util.spec_from_file_location("recipe", recipe_file)
    code = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(code)

    recipe = next(value for value in vars(code).values() if isinstance(value, type) and value.__base__ is ConanFile)()
    recipe.recipe_folder = str(pathlib.Path(recipe_file).resolve().parent)
    recipe.export_sources_folder = recipe.source_folder = work_folder
    recipe.package_folder = package_folder
    recipe.info = types.SimpleNamespace(clear=lambda: None)
    recipe.cpp_info = information()
    recipe.set_version()
    recipe.export_sources()
    recipe.validate()
    recipe.package_id()
    recipe.package()
    recipe.package_info()
    if standards != [20]:
        sys.exit("the recipe does not require C++20")
    if recipe.cpp_info.bindirs or recipe.cpp_info.libdirs:
        sys.exit("the recipe declares bindirs or libdirs, which a header-only package does not have")
    print(recipe.name, recipe.version)


main(*sys.argv[1:])
