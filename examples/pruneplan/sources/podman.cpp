// SPDX-License-Identifier: BSL-1.0
// Podman, by its libpod API: https://docs.podman.io/en/latest/_static/api.html

#include "http.hpp"
#include "source.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace cli {
namespace {

using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;

bool is_listening(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return false;
    std::copy(path.begin(), path.end(), address.sun_path);
    const int file = socket(AF_UNIX, SOCK_STREAM, 0);
    const bool listening = connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(file);
    return listening;
}

/// A Podman that serves its API on a private socket, until this object is destroyed or this program ends.
class Service {
public:
    Service() {
        std::string folder = (std::filesystem::temp_directory_path() / "pruneplan.XXXXXX").string();
        if (mkdtemp(folder.data()) == nullptr) throw Failure(in_quotes(folder) + ": " + std::strerror(errno));
        folder_ = folder;
        const pid_t program = getpid();
        podman_ = fork();
        if (podman_ == 0) run(program);
        if (podman_ > 0 && await()) return;
        const std::string why = podman_ < 0 ? std::strerror(errno) : complaint();
        stop();
        throw Failure("podman system service does not start: " + printable(why) + "; --host names a running one");
    }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    ~Service() { stop(); }

    std::string socket() const { return folder_ / "socket"; }

private:
    static constexpr std::chrono::seconds time_to_start{10}, time_to_end{5};

    /// Becomes the service, in the new process. Signals of the terminal are for the program alone.
    [[noreturn]] void run(pid_t program) const {
        setsid();
        const int log = open((folder_ / "log").c_str(), O_WRONLY | O_CREAT, 0600), none = open("/dev/null", O_RDONLY);
        dup2(none, STDIN_FILENO);
        dup2(log, STDOUT_FILENO);
        dup2(log, STDERR_FILENO);
#ifdef __linux__
        prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
        const std::string address = std::string(unix_scheme) + socket();
        if (getppid() == program) execlp("podman", "podman", "system", "service", "--time=0", address.c_str(), nullptr);
        const std::string why = std::string("podman: ") + std::strerror(errno) + '\n';
        _exit(write(STDERR_FILENO, why.data(), why.size()) < 0 ? 126 : 127);
    }

    /// Waits until the service listens. Returns false if it has ended, or takes too long.
    bool await() {
        bool listens = false;
        wait_for(time_to_start, [&] { return (listens = is_listening(socket())) || has_ended(); });
        return listens;
    }

    bool has_ended() {
        if (waitpid(podman_, nullptr, WNOHANG) != 0) podman_ = 0;
        return podman_ == 0;
    }

    /// Waits until the condition is true, but not longer than `most`.
    template <class Condition>
    static void wait_for(std::chrono::seconds most, Condition condition) {
        const auto end = std::chrono::steady_clock::now() + most;
        while (!condition() && std::chrono::steady_clock::now() < end)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }

    /// Returns the last line that the service has printed.
    std::string complaint() const {
        std::string last = "it does not listen";
        std::ifstream log(folder_ / "log");
        for (std::string line; std::getline(log, line);)
            if (!line.empty()) last = line;
        return last;
    }

    void stop() {
        for (const int signal : {SIGTERM, SIGKILL}) {
            if (podman_ <= 0) break;
            kill(podman_, signal);
            wait_for(time_to_end, [&] { return has_ended(); });
        }
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    std::filesystem::path folder_;
    pid_t podman_ = 0;
};

/// Returns where Podman listens: what the user says, or the socket of the user's own Podman; "" if it does not listen.
std::string find_host(const Request& request) {
    if (!request.host.empty()) return request.host;
    if (const auto host = environment("CONTAINER_HOST"); !host.empty()) return std::string(host);
    const std::string folder(geteuid() == 0 ? "/run" : environment("XDG_RUNTIME_DIR"));
    const std::string socket = folder + "/podman/podman.sock";
    return is_listening(socket) ? std::string(unix_scheme) + socket : "";
}

/// Returns an image's ID without its algorithm, as the API takes it.
std::string bare_id(std::string_view target) { return std::string(target.substr(target.find(':') + 1)); }

bool is_true(const json& object, std::string_view key) { return member_of(object, key) == true; }

/// Returns the IDs of all images that images with names were built on.
std::set<std::string> ancestors_of_named(const json& images) {
    std::map<std::string, const json*> by_id;
    for (const json& image : images) by_id.emplace(text_of(image, "Id"), &image);
    std::set<std::string> ancestors;
    for (const json& image : images) {
        if (texts_of(image, "Names").empty()) continue;
        std::string id = text_of(image, "ParentId");
        while (!id.empty() && ancestors.insert(id).second)
            id = by_id.contains(id) ? text_of(*by_id[id], "ParentId") : "";
    }
    return ancestors;
}

class Podman final : public Source {
public:
    explicit Podman(const Request& request) : where_(find_host(request)), has_budget_(request.free.has_value()) {
        for (const std::string& filter : request.filters)
            needs_nanoseconds_ = needs_nanoseconds_ || filter.starts_with("until") || filter.starts_with("before") ||
                                 filter.starts_with("since");
        if (where_.empty()) service_.emplace();
        const std::string host = service_ ? std::string(unix_scheme) + service_->socket() : where_;
        const Endpoint endpoint = parse_endpoint("Podman", host);
        base_ = endpoint.url;
        http_.emplace(Http::Options{.socket = endpoint.socket});
    }

    Listing list() override {
        Listing listing;
        listing.source = "podman";
        listing.where = where_;
        listing.rule = "whole_image";
        listing.now = Timestamp::from(std::chrono::system_clock::now());
        listing.version = text_of(http_->get(path("version")), "Version");
        listing.records = images();
        listing.containers = containers();
        return listing;
    }

    /// Also lists containers of other tools ("external"), such as a build's. Podman cannot inspect these.
    std::vector<Container> containers() override {
        std::vector<Container> containers;
        for (const json& found : http_->list(path("containers/json?all=true&external=true"))) {
            Container container{text_of(found, "Id"), "", full_id(text_of(found, "ImageID")), text_of(found, "Image")};
            for (const std::string& name : texts_of(found, "Names")) container.name = name;
            container.created = time_of(found, "Created");
            if (text_of(found, "State") != "storage") container.mounts = mounts_of(container.id);
            // One that was made from a folder has neither; "scratch" means an empty one.
            const bool has_name = !container.image_ref.empty() && container.image_ref != "scratch";
            const bool has_image = !container.image_id.empty() || has_name;
            if (has_image || !container.mounts.empty()) containers.push_back(std::move(container));
        }
        return containers;
    }

    RemoveOutcome remove(std::string_view name_seen, std::string_view target_seen, std::string_view survivor,
                         bool) override {
        const std::string name(name_seen), target(target_seen);
        using enum RemoveStatus;
        const std::string id = bare_id(target);
        const bool nameless = name == dangling_name(target);
        const auto names = names_of(id);
        const auto has = [&](std::string_view one) {
            return names && std::find(names->begin(), names->end(), one) != names->end();
        };
        if (!survivor.empty() && !has(survivor)) return survivor_gone;
        if (nameless && names && !names->empty()) return changed;
        if (nameless ? !names : !has(name)) return !nameless && exists(name) ? changed : not_found;
        // By the name or ID of a list, other requests mean one of its instances.
        if (lists_.contains(target)) return erase(nameless ? id : name, "&lookupManifest=true", names->size() > 1);
        return names->size() > 1 ? untag(id, name) : erase(id, "", false);
    }

    std::string_view caution() const override {
        return "Podman deletes an image by its ID, in a step after the comparison: if its last name is replaced by "
               "another one in between, the image is deleted nevertheless";
    }

private:
    /// Version 4.0.0 of the API is in all later versions of Podman.
    std::string path(std::string_view rest) const { return base_ + "/v4.0.0/libpod/" + std::string(rest); }

    /// Lists writable images first: a name that an image of a read-only store has, too, means the writable one.
    std::vector<Record> images() {
        const json images = http_->list(path("images/json?all=true"));
        const auto ancestors = ancestors_of_named(images);
        std::set<std::string> nameless, seen;
        for (const json& image : images)
            if (texts_of(image, "Names").empty()) nameless.insert(text_of(image, "Id"));
        std::vector<Record> records;
        lists_.clear();
        for (const bool read_only : {false, true}) {
            for (const json& image : images) {
                const std::string id = text_of(image, "Id"), parent = text_of(image, "ParentId");
                if (is_true(image, "ReadOnly") != read_only || !seen.insert(id).second) continue;
                std::vector<std::string> names;
                for (const std::string& name : texts_of(image, "Names"))
                    if (seen.insert(name).second) names.push_back(name);
                Record record = record_of(image);
                record.pinned = read_only;
                // Podman's prune also deletes untagged images after the last of the images that were built on them.
                record.dangling = names.empty() && !ancestors.contains(id);
                if (nameless.contains(parent)) record.needs.push_back(full_id(parent));
                add_records(records, std::move(record), names);
            }
        }
        for (Record& record : records) add_instances(record, records);
        return records;
    }

    Record record_of(const json& image) {
        Record record;
        record.target = full_id(text_of(image, "Id"));
        std::set<std::string> digests{text_of(image, "Digest")};
        for (const std::string& name : texts_of(image, "RepoDigests")) digests.insert(name.substr(name.find('@') + 1));
        digests.erase("");
        record.ids.assign(digests.begin(), digests.end());
        record.past_names = texts_of(image, "History");
        record.size = bytes_of(image, "Size");
        for (const auto& [key, value] : member_of(image, "Labels").items())
            if (value.is_string() && !key.starts_with('\0')) record.labels.emplace(key, value.get<std::string>());
        record.created = time_of(image, "Created");
        if (is_list(image))
            lists_[record.target] = instances_of(record.target);
        else if (needs_nanoseconds_ || has_budget_)
            add_details(record);
        return record;
    }

    /// Podman 4 does not say in the list which images are manifest lists.
    bool is_list(const json& image) {
        if (image.contains("IsManifestList")) return is_true(image, "IsManifestList");
        return http_->ask("GET", path("manifests/" + text_of(image, "Id") + "/exists")).ok();
    }

    std::set<std::string> instances_of(const std::string& target) {
        std::set<std::string> digests;
        const json list = http_->get(path("manifests/" + bare_id(target) + "/json"));
        if (!list.contains("manifests")) throw Failure("Podman does not show the manifest list " + in_quotes(target));
        for (const json& instance : member_of(list, "manifests")) digests.insert(text_of(instance, "digest"));
        return digests;
    }

    /// Adds what the list of images lacks: nanoseconds, and for a budget, the layers.
    void add_details(Record& record) {
        const std::string image = "images/" + bare_id(record.target);
        const Answer answer = http_->ask("GET", path(image + "/json"));
        if (answer.status == 404) return;  // it was deleted since
        if (!answer.ok()) throw Failure(answer.complaint("GET"));
        const json details = answer.document();
        const auto created = time_of(details, "Created");
        if (created && record.created && created->seconds == record.created->seconds) record.created = created;
        if (has_budget_) add_layers(record, details, http_->get(path(image + "/history")));
    }

    /// Adds layers with their sizes, the lowest first. The details say which steps made one; the history, which begins
    /// with the last step, says their sizes. Layers with the same content on different ones are different.
    void add_layers(Record& record, const json& details, const json& history) {
        const auto layers = texts_of(member_of(details, "RootFS"), "Layers");
        const json& steps = member_of(details, "History");
        if (steps.size() != history.size()) return;
        std::vector<Blob> blobs;
        std::uint64_t rest = record.size;
        std::string below;
        for (std::size_t i = 0; i < steps.size() && blobs.size() < layers.size(); ++i) {
            if (is_true(steps[i], "empty_layer")) continue;
            const std::string& digest = layers[blobs.size()];
            below = layers_.try_emplace({below, digest}, digest + '+' + std::to_string(layers_.size())).first->second;
            blobs.push_back({below, bytes_of(history[steps.size() - 1 - i], "Size")});
            rest -= std::min(rest, blobs.back().size);
        }
        if (blobs.size() < layers.size()) return;
        blobs.push_back({record.target, rest});
        record.blobs = std::move(blobs);
    }

    /// A manifest list needs its instances, as far as the store has them.
    void add_instances(Record& record, const std::vector<Record>& records) const {
        const auto list = lists_.find(record.target);
        if (list == lists_.end()) return;
        std::set<std::string> needs;
        for (const Record& other : records)
            if (!lists_.contains(other.target) && std::any_of(other.ids.begin(), other.ids.end(), [&](const auto& id) {
                    return list->second.contains(id);
                }))
                needs.insert(other.target);
        record.needs.assign(needs.begin(), needs.end());
    }

    /// Returns the images that a container mounts, as its user named them. They cannot change.
    std::vector<std::string> mounts_of(const std::string& id) {
        if (const auto known = mounts_.find(id); known != mounts_.end()) return known->second;
        const Answer answer = http_->ask("GET", path("containers/" + id + "/json"));
        if (answer.status == 404) return {};  // it was removed since
        if (!answer.ok()) throw Failure(answer.complaint("GET"));
        const json container = answer.document_of(id);
        std::vector<std::string>& mounts = mounts_[id];
        for (const json& mount : member_of(container, "Mounts"))
            if (text_of(mount, "Type") == "image") mounts.push_back(text_of(mount, "Source"));
        return mounts;
    }

    /// Returns the names that an image has now, or nothing if it is gone.
    std::optional<std::vector<std::string>> names_of(const std::string& id) {
        const std::string filters = url_part("{\"id\":[\"" + id + "\"]}");
        for (const json& image : http_->list(path("images/json?all=true&filters=" + filters)))
            if (text_of(image, "Id") == id && !is_true(image, "ReadOnly")) return texts_of(image, "Names");
        return std::nullopt;
    }

    bool exists(const std::string& name) {
        return http_->ask("GET", path("images/" + url_part(name) + "/exists")).ok();
    }

    /// Removes one of several names. Podman itself compares it with the ID.
    RemoveOutcome untag(const std::string& id, const std::string& name) {
        const std::size_t colon = name.rfind(':');
        const std::string tag = "?repo=" + url_part(name.substr(0, colon)) + "&tag=" + url_part(name.substr(colon + 1));
        const Answer answer = http_->ask("POST", path("images/" + id + "/untag" + tag));
        if (answer.ok()) return {RemoveStatus::removed, {}, true};
        const std::string complaint = answer.complaint("POST");
        if (answer.status == 404) return RemoveStatus::not_found;
        if (complaint.find("tag not known") != complaint.npos) return RemoveStatus::changed;
        return {RemoveStatus::failed, complaint};
    }

    /// Deletes an image without untagged images that it was built on: the plan decides on these. The request for one
    /// image cannot leave them.
    RemoveOutcome erase(const std::string& subject, const std::string& option, bool has_other_name) {
        const Answer answer =
            http_->ask("DELETE", path("images/remove?images=" + url_part(subject) + "&noprune=true" + option));
        if (!answer.ok()) return {RemoveStatus::failed, answer.complaint("DELETE")};
        const json report = answer.document();
        const json& code = member_of(report, "ExitCode");
        if (code.is_number_unsigned() && code == 0 && member_of(report, "Errors").empty())
            return {RemoveStatus::removed, {}, has_other_name};
        if (code == 1) return RemoveStatus::not_found;
        if (code == 2) return RemoveStatus::in_use;
        std::string errors;
        for (const std::string& error : texts_of(report, "Errors")) errors += (errors.empty() ? "" : ", ") + error;
        if (errors.find("more than one tag") != errors.npos) return RemoveStatus::changed;
        if (errors.empty()) errors = answer.complaint("DELETE") + ": the answer does not confirm the removal";
        return {RemoveStatus::failed, errors};
    }

    std::string where_, base_;
    bool has_budget_, needs_nanoseconds_ = false;
    std::optional<Service> service_;  // ends after the connection to it
    std::optional<Http> http_;
    std::map<std::string, std::set<std::string>> lists_;  // the digests that each manifest list has, by its target
    std::map<std::pair<std::string, std::string>, std::string> layers_;  // by the layer below and the own digest
    std::map<std::string, std::vector<std::string>> mounts_;             // by the container's ID
};

}  // namespace

std::unique_ptr<Source> podman_source(const Request& request) { return std::make_unique<Podman>(request); }

}  // namespace cli
