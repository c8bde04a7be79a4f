#ifndef PRUNEPLAN_CLI_SOURCES_SOURCE_HPP
#define PRUNEPLAN_CLI_SOURCES_SOURCE_HPP

// SPDX-License-Identifier: BSL-1.0

// What every source of images does: list, and remove one name.

#include "../listing.hpp"
#include "../request.hpp"

#include <pruneplan/pruneplan.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace cli {

class Source {
public:
    virtual ~Source() = default;

    /// Reads all images, then all containers: a container that is created between both is seen. Throws a Failure.
    virtual Listing list() = 0;

    /// Reads the containers again; those that were seen before are not asked for in detail. Throws a Failure.
    virtual std::vector<Container> containers() = 0;

    /// Removes a name while it points at `target`, and `survivor`, if it is not empty, does, too. Throws a Failure if the
    /// source cannot be asked. After the last removal of a plan, nothing is deferred.
    virtual pruneplan::RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor,
                                            bool is_last) = 0;

    /// Says what can happen between the comparison and the removal; empty if both are one step.
    virtual std::string_view caution() const = 0;
};

std::unique_ptr<Source> docker_source(const Request& request);
std::unique_ptr<Source> podman_source(const Request& request);
std::unique_ptr<Source> containerd_source(const Request& request);
std::unique_ptr<Source> registry_source(const Request& request);

}  // namespace cli

#endif
