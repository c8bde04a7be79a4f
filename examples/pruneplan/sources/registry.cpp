// SPDX-License-Identifier: BSL-1.0
// A registry. A deletion there names a manifest by its digest in a repository, and removes all tags that point at it.
// So an image is a digest in a repository here, and either all of its tags are deleted or none.

#include "registry_client.hpp"
#include "source.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

/// What the configuration of an image says.
struct Facts {
    std::optional<Timestamp> created{};
    std::map<std::string, std::string> labels{};
};

/// A manifest, and all that belongs to it. That of an index includes that of its manifests.
struct Image {
    std::string digest;
    std::string subject{};  ///< the digest that it is attached to, or empty
    bool is_index = false;
    std::set<std::string> parts{};                 ///< the digests of the manifests that an index lists
    std::set<std::string> configs{};               ///< the digests of its configurations
    std::map<std::string, std::uint64_t> blobs{};  ///< sizes by digest
    std::optional<Facts> facts{};
};

struct Repository {
    std::map<std::string, Image> images{};      // by digest
    std::map<std::string, std::string> tags{};  // digests by tag
};

/// Returns the digest of a descriptor, or "" if it is malformed.
std::string digest_of(const json& descriptor) {
    std::string digest = text_of(descriptor, "digest");
    return is_digest(digest) ? digest : "";
}

/// The time is that of the newest manifest. The labels are those that all manifests have.
void merge(std::optional<Facts>& all, const Facts& other) {
    if (!all) {
        all = other;
        return;
    }
    all->created = std::max(all->created, other.created);
    std::erase_if(all->labels, [&](const auto& label) {
        const auto found = other.labels.find(label.first);
        return found == other.labels.end() || found->second != label.second;
    });
}

class RegistrySource final : public Source {
public:
    explicit RegistrySource(const Request& request)
        : client_(request.url, request.ca),
          asked_for_(request.repositories),
          name_(request.name.empty() ? client_.host() : request.name) {}

    Listing list() override {
        Listing listing{.source = "registry", .where = client_.url(), .rule = "whole_image"};
        listing.now = Timestamp::from(std::chrono::system_clock::now());
        for (const std::string& repository : repositories()) {
            if (!pruneplan::parse_reference(name_ + '/' + repository))
                throw Failure("invalid repository name " + in_quotes(repository));
            read_repository(repository);
            add_records(listing.records, repository);
        }
        return listing;
    }

    std::vector<Container> containers() override { return {}; }

    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor,
                                    bool) override {
        using enum pruneplan::RemoveStatus;
        if (!survivor.empty()) return in_use;
        if (deleted_.contains(target)) return removed;
        const std::size_t at = target.find('@');
        const std::string repository(target.substr(0, at)), digest(target.substr(at + 1));
        if (in_new_tags(repository).contains(digest)) return in_use;
        const std::string manifests = repository + "/manifests/";
        if (const auto reference = pruneplan::parse_reference(name); reference && !reference->tag().empty()) {
            const Answer answer = client_.ask("HEAD", repository, manifests + url_part(reference->tag()));
            if (answer.status == 404) return not_found;
            const std::string_view now = answer.header("docker-content-digest");
            if (!answer.ok()) return {failed, client_.complaint(answer, "HEAD")};
            if (now.empty()) return {failed, printable(answer.url) + ": the registry sends no digest"};
            if (now != digest) return changed;
        }
        const Answer answer = client_.ask("DELETE", repository, manifests + url_part(digest));
        if (answer.status == 404) return not_found;
        const char* const why = answer.status == 405 ? "deletion is disabled: " : "";
        if (!answer.ok()) return {failed, why + client_.complaint(answer, "DELETE")};
        deleted_.emplace(target);
        return removed;
    }

    std::string_view caution() const override {
        return "a registry cannot compare and delete in one step, and a deletion removes all tags of a digest: also a "
               "tag that the plan keeps, if it was moved to that digest since it was read; tags that are new since the "
               "plan are looked for once, before the first deletion in each repository";
    }

private:
    /// Returns the repositories that were asked for, or all.
    std::set<std::string> repositories() {
        std::set<std::string> names;
        for (const std::string& typed : asked_for_)
            names.insert(typed.starts_with(name_ + '/') ? typed.substr(name_.size() + 1) : typed);
        if (!names.empty()) return names;
        Answer first = client_.ask("GET", "", "_catalog?n=100");
        if (first.status != 200)
            throw Failure(client_.complaint(first, "GET") +
                          "; if the registry lists no repositories, give each with --repository");
        return client_.elements(std::move(first), "", "repositories");
    }

    /// Returns the tags of a repository. One without tags is not found in some registries.
    std::set<std::string> tags_of(const std::string& repository) {
        Answer first = client_.ask("GET", repository, repository + "/tags/list?n=100");
        if (first.status == 404) return {};
        return client_.elements(std::move(first), repository, "tags");
    }

    /// Ignores a tag that is deleted while the repository is read.
    void read_repository(const std::string& repository) {
        Repository& read = repositories_[repository];
        for (const std::string& tag : tags_of(repository))
            if (const Image* const image = read_image(repository, tag)) read.tags[tag] = image->digest;
        std::vector<std::string> unread;
        for (const auto& [digest, image] : read.images) unread.push_back(digest);
        while (!unread.empty()) {
            const std::string subject = std::move(unread.back());
            unread.pop_back();
            for (const std::string& digest : referrers(repository, subject))
                if (!read.images.contains(digest) && read_image(repository, digest) != nullptr)
                    unread.push_back(digest);
        }
    }

    /// Returns the manifest of a tag or a digest, or null if the registry does not have it. A digest is read once.
    const Image* read_image(const std::string& repository, const std::string& reference) {
        std::map<std::string, Image>& images = repositories_[repository].images;
        if (const auto known = images.find(reference); known != images.end()) return &known->second;
        const std::string path = repository + "/manifests/" + url_part(reference);
        const Answer answer = client_.ask("GET", repository, path);
        if (answer.status == 404) return nullptr;
        if (answer.status != 200) throw Failure(client_.complaint(answer, "GET"));
        const std::string digest(is_digest(reference) ? reference : answer.header("docker-content-digest"));
        if (!is_digest(digest)) throw Failure(printable(answer.url) + ": the registry sends no digest");
        const auto [at, is_new] = images.try_emplace(digest, Image{digest});
        try {
            if (is_new) read_manifest(repository, at->second, answer);
        } catch (...) {
            images.erase(at);
            throw;
        }
        return &at->second;
    }

    void read_manifest(const std::string& repository, Image& image, const Answer& answer) {
        const json manifest = answer.document();
        image.subject = digest_of(member_of(manifest, "subject"));
        image.is_index = member_of(manifest, "manifests").is_array() && manifest.contains("manifests");
        image.blobs[image.digest] = answer.body.size();
        for (const json& descriptor : member_of(manifest, "manifests")) add_part(repository, image, descriptor);
        for (const char* const key : {"layers", "blobs"})
            for (const json& layer : member_of(manifest, key)) add_blob(image, layer);
        if (const json& config = member_of(manifest, "config"); !add_blob(image, config).empty())
            read_config(repository, image, config);
        // Manifests of schema 1 hold the configuration. Source: distribution, "Image Manifest Version 2, Schema 1".
        for (const json& layer : member_of(manifest, "history")) {
            merge(image.facts, facts_of(json::parse(text_of(layer, "v1Compatibility"), nullptr, false)));
            break;
        }
        const auto annotated = time_of(member_of(manifest, "annotations"), "org.opencontainers.image.created");
        if (annotated && !image.facts) image.facts.emplace();
        if (annotated && !image.facts->created) image.facts->created = annotated;
    }

    /// Adds a manifest of an index. The registry can lack manifests that nobody pulled.
    void add_part(const std::string& repository, Image& index, const json& descriptor) {
        const std::string digest = digest_of(descriptor);
        if (digest.empty()) return;
        index.parts.insert(digest);
        const Image* const part = read_image(repository, digest);
        if (part == nullptr) return;
        index.parts.insert(part->parts.begin(), part->parts.end());
        index.configs.insert(part->configs.begin(), part->configs.end());
        index.blobs.insert(part->blobs.begin(), part->blobs.end());
        // Attestations of a build have a platform of this name.
        const bool is_image = text_of(member_of(descriptor, "platform"), "os") != "unknown";
        if (is_image && part->facts) merge(index.facts, *part->facts);
    }

    static std::string add_blob(Image& image, const json& descriptor) {
        std::string digest = digest_of(descriptor);
        if (!digest.empty()) image.blobs[digest] = bytes_of(descriptor, "size");
        return digest;
    }

    /// Reads a configuration, once for all repositories. Only that of an image, or of what is stored as one, says
    /// anything.
    void read_config(const std::string& repository, Image& image, const json& descriptor) {
        if (text_of(descriptor, "mediaType") == "application/vnd.oci.empty.v1+json") return;
        const std::string digest = digest_of(descriptor);
        image.configs.insert(digest);
        auto known = configs_.find(digest);
        if (known == configs_.end()) {
            const Answer answer = client_.ask("GET", repository, repository + "/blobs/" + url_part(digest));
            if (answer.status == 404) return;
            if (answer.status != 200) throw Failure(client_.complaint(answer, "GET"));
            known = configs_.emplace(digest, facts_of(json::parse(answer.body, nullptr, false))).first;
        }
        merge(image.facts, known->second);
    }

    static Facts facts_of(const json& config) {
        Facts facts{time_of(config, "created"), {}};
        const json& labels = member_of(member_of(config, "config"), "Labels");
        for (const auto& [key, value] : labels.items())
            if (value.is_string()) facts.labels[key] = value.get<std::string>();
        return facts;
    }

    /// Returns the digests that are attached to a digest, as the registry lists them. A registry without this API is
    /// not asked again: there, clients keep the list under a tag. Source: distribution-spec, "Listing Referrers".
    std::set<std::string> referrers(const std::string& repository, const std::string& subject) {
        if (!lists_referrers_) return {};
        Answer first = client_.ask("GET", repository, repository + "/referrers/" + url_part(subject));
        constexpr int too_many_requests = 429, server_error = 500;
        const bool is_list = first.status == 200 && first.header("content-type").find("json") != std::string::npos;
        lists_referrers_ = is_list || first.status == too_many_requests || first.status >= server_error;
        if (!lists_referrers_) return {};
        std::set<std::string> digests = client_.elements(std::move(first), repository, "manifests");
        std::erase_if(digests, [](const std::string& digest) { return !is_digest(digest); });
        return digests;
    }

    /// Adds a record for each tag, and for each attachment without a tag.
    void add_records(std::vector<Record>& records, const std::string& repository) const {
        const Repository& read = repositories_.at(repository);
        std::set<std::string> recorded;
        for (const auto& [tag, digest] : read.tags) recorded.insert(digest);
        std::vector<const Image*> untagged;
        for (const auto& [digest, image] : read.images)
            if (!image.subject.empty() && recorded.insert(digest).second) untagged.push_back(&image);
        for (const auto& [tag, digest] : read.tags)
            records.push_back(record_of(repository, read.images.at(digest), ':' + tag, recorded));
        for (const Image* const image : untagged)
            records.push_back(record_of(repository, *image, '@' + image->digest, recorded));
    }

    /// @param recorded the digests that have records.
    Record record_of(const std::string& repository, const Image& image, const std::string& tag_or_digest,
                     const std::set<std::string>& recorded) const {
        const std::string typed = name_ + '/' + repository + tag_or_digest;
        if (!pruneplan::parse_reference(typed)) throw Failure("invalid tag " + in_quotes(typed));
        Record record{.name = pruneplan::canonical_name(typed), .target = repository + '@' + image.digest};
        record.ids.push_back(image.digest);
        record.ids.insert(record.ids.end(), image.parts.begin(), image.parts.end());
        record.ids.insert(record.ids.end(), image.configs.begin(), image.configs.end());
        // What is attached to a manifest without a record is attached to the indexes that list it.
        for (const std::string& part : image.parts)
            (recorded.contains(part) ? record.needs : record.ids).push_back(repository + '@' + part);
        auto subject = pruneplan::attachment_subject(tag_or_digest);
        // Clients keep a list of referrers under a tag like cosign's, but without an ending.
        if (!subject && image.is_index) subject = pruneplan::attachment_subject(tag_or_digest + ".sig");
        if (!image.subject.empty()) subject = image.subject;
        if (subject) record.subject = repository + '@' + *subject;
        if (image.facts) {
            record.created = image.facts->created;
            record.labels = image.facts->labels;
        }
        record.labels_known = image.facts.has_value();
        for (const auto& [digest, size] : image.blobs) {
            record.blobs.push_back({digest, size});
            record.size += size;
        }
        return record;
    }

    /// Returns the digests that tags have which are new since the plan, and those of the manifests that they list. They
    /// are read before the first deletion in a repository.
    const std::set<std::string>& in_new_tags(const std::string& repository) {
        if (const auto known = in_new_tags_.find(repository); known != in_new_tags_.end()) return known->second;
        std::set<std::string> digests;
        for (const std::string& tag : tags_of(repository)) {
            if (repositories_[repository].tags.contains(tag)) continue;
            const Image* const image = read_image(repository, tag);
            if (image == nullptr) continue;
            digests.insert(image->digest);
            digests.insert(image->parts.begin(), image->parts.end());
        }
        return in_new_tags_.emplace(repository, std::move(digests)).first->second;
    }

    RegistryClient client_;
    const Words asked_for_;
    const std::string name_;
    std::map<std::string, Repository> repositories_{};
    std::map<std::string, Facts> configs_{};  // by digest
    bool lists_referrers_ = true;
    std::map<std::string, std::set<std::string>> in_new_tags_{};  // by repository
    std::set<std::string, std::less<>> deleted_{};                // targets
};

}  // namespace

std::unique_ptr<Source> registry_source(const Request& request) { return std::make_unique<RegistrySource>(request); }

}  // namespace cli
