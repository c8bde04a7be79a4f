// SPDX-License-Identifier: BSL-1.0
// Runs the code of README.md, which snippet.sh copied verbatim to snippet.hpp. readme.sh compares what it prints.
#include "snippet.hpp"

int main() {
    const std::string used = "sha256:" + std::string(64, 'a'), unused = "sha256:" + std::string(64, 'b');
    // The tag app:1 has moved since the container was created: the image that it runs and the name are both kept.
    const MyStore store{{{"docker.io/library/app:1", unused},
                         {"docker.io/library/app:2", used},
                         {"docker.io/library/app:3", used},
                         {"docker.io/library/app:4", unused}}};
    return print_plan(store, {{used, "app:1"}, {"sha512:gone", "gone"}}) ? 0 : 1;
}
