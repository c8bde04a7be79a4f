// SPDX-License-Identifier: BSL-1.0
#include "uses.hpp"

#include "files.hpp"
#include "store.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace cli {
namespace {

/// Finds what texts mean in the listing, and adds it as containers.
class Finder {
public:
    explicit Finder(const Listing& listing)
        : store_(listing.records), index_(value_of(pruneplan::build_index(store_))) {
        for (const Record& record : listing.records) {
            known_.insert(record.target);
            known_.insert(record.ids.begin(), record.ids.end());
        }
    }

    /// Adds the images that a text means: a digest, with every name; a name; or an ID. Returns whether there is one.
    bool add(std::vector<Container>& uses, const std::string& text, const std::string& user) const {
        const auto reference = pruneplan::parse_reference(text);
        const std::string digest(is_digest(text) ? text : reference ? reference->digest() : std::string_view());
        bool found = false;
        const auto use = [&](const std::string& image_id) {
            uses.push_back({"", user, image_id, image_id == text ? "" : text});
            found = true;
        };
        if (known_.contains(digest)) use(digest);
        if (is_digest(text) || (reference && !digest.empty() && reference->tag().empty())) return found;
        const std::string name = reference && !digest.empty() ? named(*reference) : text;
        const auto record = index_.find_image(name);
        if (!record && record.error().code == pruneplan::ErrorCode::ambiguous_id) throw Failure(record.error().message);
        if (record) use(std::string(index_.target(*record)));
        return found;
    }

private:
    static std::string named(const pruneplan::Reference& reference) {
        return std::string(reference.name()) + ':' + std::string(reference.tag());
    }

    Store store_;
    Index index_;
    std::set<std::string, std::less<>> known_;  // targets and IDs
};

void add_file(std::vector<Container>& uses, const Finder& finder, const std::string& file) {
    std::istringstream in(read_file(file));
    std::size_t number = 0;
    const std::size_t before = uses.size();
    for (std::string line; std::getline(in, line);) {
        ++number;
        const std::size_t end = std::min(line.find('#'), line.size());
        const std::size_t last = line.substr(0, end).find_last_not_of(" \t\r");
        if (last == line.npos) continue;
        line.erase(last + 1);
        line.erase(0, line.find_first_not_of(" \t"));
        const std::string where = "line " + std::to_string(number) + " of " + file;
        if (const auto valid = pruneplan::parse_reference(line); !is_digest(line) && !valid)
            throw Failure(printable(where) + ": " + valid.error().message);
        if (!finder.add(uses, line, where)) uses.push_back({"", where, "", line});
    }
    if (uses.size() == before) throw Failure(in_quotes(file) + " names nothing: leave --used off if nothing is in use");
}

/// The records of a listing by target and ID.
using RecordsById = std::multimap<std::string_view, const Record*>;

RecordsById by_id(const Listing& listing) {
    RecordsById records;
    for (const Record& record : listing.records) {
        records.emplace(record.target, &record);
        for (const std::string& id : record.ids)
            if (id != record.target) records.emplace(id, &record);
    }
    return records;
}

/// Returns all texts by which a container can mean an image elsewhere: what it was created from, and the names and
/// digests of its images where it runs.
std::set<std::string> texts_of(const Container& container, const RecordsById& records) {
    std::set<std::string> texts{container.image_ref};
    texts.insert(container.mounts.begin(), container.mounts.end());
    Words ids = container.mounted;
    ids.push_back(container.image_id);
    for (const std::string& id : ids) {
        texts.insert(id);
        for (auto [at, end] = records.equal_range(id); at != end; ++at) {
            const Record& record = *at->second;
            texts.insert(record.name);
            texts.insert(record.target);
            texts.insert(record.ids.begin(), record.ids.end());
        }
    }
    texts.erase("");
    return texts;
}

/// A container of another machine that was created from an image of this source is a doubt if the source has none of
/// its images. Other containers have no effect.
void add_listing(std::vector<Container>& uses, const Finder& finder, const std::set<std::string>& domains,
                 const std::string& file) {
    const Listing there = read_listing(file);
    const RecordsById records = by_id(there);
    for (const Container& container : there.containers) {
        const std::string user = (container.name.empty() ? container.id : container.name) + " of " + file;
        bool found = false;
        std::string missing;
        for (const std::string& text : texts_of(container, records)) {
            found = finder.add(uses, text, user) || found;
            const auto reference = pruneplan::parse_reference(text);
            if (reference && domains.contains(std::string(reference->domain()))) missing = text;
        }
        if (!found && !missing.empty()) uses.push_back({"", user, "", missing});
    }
}

}  // namespace

std::vector<Container> read_uses(const Request& request, const Listing& listing) {
    std::vector<Container> uses;
    if (request.used.empty() && request.used_by.empty()) return uses;
    const Finder finder(listing);
    std::set<std::string> domains;
    for (const Record& record : listing.records)
        if (const auto reference = pruneplan::parse_reference(record.name))
            domains.insert(std::string(reference->domain()));
    for (const std::string& file : request.used) add_file(uses, finder, file);
    for (const std::string& file : request.used_by) add_listing(uses, finder, domains, file);
    return uses;
}

}  // namespace cli
