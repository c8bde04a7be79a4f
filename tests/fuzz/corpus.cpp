// SPDX-License-Identifier: BSL-1.0
// Runs every target on the files that are kept for it: `fuzz_corpus DIRECTORY`, where DIRECTORY holds corpus/TARGET and
// faults/TARGET. Needs no fuzzer. A target that ends the program names the file before.

#include "targets.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Target {
    const char* name;
    void (*run)(std::string_view bytes);
};

constexpr Target targets[] = {
    {"references", fuzz::references}, {"timestamps", fuzz::timestamps}, {"filters", fuzz::filters},
    {"globs", fuzz::globs},           {"plans", fuzz::plans},           {"listings", fuzz::listings},
    {"applications", fuzz::applications},
};

std::vector<std::filesystem::path> files_in(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    if (!std::filesystem::exists(directory)) return files;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// A copy of exactly its size, so that a sanitizer sees a read beyond its end.
std::vector<char> content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return std::vector<char>(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        std::fprintf(stderr, "usage: fuzz_corpus DIRECTORY\n");
        return 2;
    }
    const std::filesystem::path directory(arguments[1]);
    bool complete = true;
    for (const Target& target : targets) {
        std::size_t runs = 0;
        target.run({});
        for (const char* const part : {"corpus", "faults"})
            for (const auto& file : files_in(directory / part / target.name)) {
                const std::vector<char> content = content_of(file);
                // Where the program ends, this is the last line.
                std::printf("%s\n", file.string().c_str());
                std::fflush(stdout);
                target.run({content.data(), content.size()});
                ++runs;
            }
        std::printf("%s: %zu files\n", target.name, runs);
        complete = complete && runs > 0;
    }
    if (!complete) std::fprintf(stderr, "a target has no files\n");
    return complete ? 0 : 1;
}
