// SPDX-License-Identifier: BSL-1.0
// Runs the code of README.md, "Your own store, in five minutes", which snippet.sh copied verbatim to snippet.hpp.
#include "snippet.hpp"

int main() {
    const std::string used = "sha256:" + std::string(64, 'a'), unused = "sha256:" + std::string(64, 'b');
    MyStore store{{{"docker.io/library/app:1", unused},
                   {"docker.io/library/app:2", used},
                   {"docker.io/library/app:3", used},
                   {"docker.io/library/app:4", unused}}};
    // The tag app:1 has moved since the container was created: the image that it runs and the name must both be kept.
    const std::vector<MyContainer> containers{{used, "app:1"}};
    if (!prune(store, containers) || store.all.size() != 2) return 1;
    if (!store.holds("docker.io/library/app:1", unused) || !store.holds("docker.io/library/app:3", used)) return 2;

    // An unmatched container prevents the prune.
    const std::size_t before = store.all.size();
    if (prune(store, {{"sha512:" + std::string(128, 'a'), "other"}}) || store.all.size() != before) return 3;

    store.all.push_back(store.all.front());
    if (prune(store, {})) return 4;  // two records with one name
    return 0;
}
