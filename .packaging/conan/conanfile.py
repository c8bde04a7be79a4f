# SPDX-License-Identifier: BSL-1.0
"""Packages the checkout that contains this file: conan create .packaging/conan"""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load


class PruneplanRecipe(ConanFile):
    name = "pruneplan"
    description = "Decides which container images may be deleted, and why"
    license = "BSL-1.0"
    topics = ("containers", "images", "garbage-collection", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    @property
    def _checkout(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._checkout, "include", "pruneplan", "version.hpp"))
        numbers = re.findall(r"^#define PRUNEPLAN_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", header, re.MULTILINE)
        self.version = ".".join(numbers)

    def export_sources(self):
        copy(self, "include/*.hpp", src=self._checkout, dst=self.export_sources_folder)
        copy(self, "LICENSE", src=self._checkout, dst=self.export_sources_folder)

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()

    def package(self):
        copy(self, "include/*.hpp", src=self.source_folder, dst=self.package_folder)
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.set_property("cmake_file_name", "pruneplan")
        self.cpp_info.set_property("cmake_target_name", "pruneplan::pruneplan")
        self.cpp_info.set_property("pkg_config_name", "pruneplan")
