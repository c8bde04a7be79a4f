// SPDX-License-Identifier: BSL-1.0
// Runs every fuzz target on its files in the repository, without a fuzzer: `fuzz_corpus DIRECTORY`, where DIRECTORY
// contains corpus/TARGET (inputs that reach much code) and faults/TARGET (inputs that once broke a property). If a
// target ends the program, the last line printed names the file.

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
    {"references", fuzz::references},
    {"timestamps", fuzz::timestamps},
    {"filters", fuzz::filters},
    {"globs", fuzz::globs},
    {"plans", fuzz::plans},
#ifdef PRUNEPLAN_FUZZ_LISTINGS
    {"listings", fuzz::listings},
#endif
    {"applications", fuzz::applications},
};

std::vector<std::filesystem::path> files_in(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    if (!std::filesystem::exists(directory)) return files;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// Returns the content in a block of exactly its size, so that a sanitizer detects a read beyond its end.
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
                // The last line, if the target ends the program.
                std::printf("%s\n", file.string().c_str());
                std::fflush(stdout);
                target.run({content.data(), content.size()});
                ++runs;
            }
        std::printf("%s: %zu files\n", target.name, runs);
        complete = complete && runs > 0;
    }
    if (!complete) std::fprintf(stderr, "a fuzz target has no files in corpus/ and faults/\n");
    return complete ? 0 : 1;
}
