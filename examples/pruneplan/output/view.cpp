// SPDX-License-Identifier: BSL-1.0
#include "view.hpp"

#include "wrap.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <tuple>

namespace cli {
namespace {

/// Returns a duration in Docker's words. Source: github.com/docker/go-units, duration.go, HumanDuration.
std::string readable_duration(std::int64_t seconds) {
    const auto words = [](std::int64_t count, const char* unit) { return std::to_string(count) + " " + unit; };
    constexpr std::int64_t minute = 60, hour = 60 * minute, day = 24, week = 7 * day, month = 30 * day,
                           year = 365 * day;
    if (seconds < 1) return "Less than a second";
    if (seconds == 1) return "1 second";
    if (seconds < minute) return words(seconds, "seconds");
    if (seconds < 2 * minute) return "About a minute";
    if (seconds < hour) return words(seconds / minute, "minutes");
    const std::int64_t hours = seconds / hour + (seconds % hour >= hour / 2 ? 1 : 0);  // to the nearest
    if (hours == 1) return "About an hour";
    if (hours < 2 * day) return words(hours, "hours");
    if (hours < 2 * week) return words(hours / day, "days");
    if (hours < 2 * month) return words(hours / week, "weeks");
    if (hours < 2 * year) return words(hours / month, "months");
    return words(seconds / hour / year, "years");
}

/// Returns the record of the name that a container was created from. For a name with a tag and a digest, the record can
/// have the tag only.
std::optional<std::size_t> record_created_from(const std::map<std::string_view, std::size_t>& records,
                                               std::string_view image_ref) {
    const auto reference = pruneplan::parse_reference(image_ref);
    if (!reference) return std::nullopt;
    auto found = records.find(reference->with_default_tag().canonical());
    if (found == records.end() && !reference->tag().empty() && !reference->digest().empty())
        found = records.find(std::string(reference->name()) + ":" + std::string(reference->tag()));
    return found == records.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

View::View(const Planned& of) : planned(of), space(of.plan.space()) {
    std::vector<std::tuple<bool, bool, std::string, std::string_view>> keys;
    std::map<std::string_view, Image> by_target;
    for (std::size_t number = 0; number < planned.listing.records.size(); ++number) {
        const bool is_deleted = action(number) == pruneplan::Action::erase;
        keys.emplace_back(!is_deleted, is_nameless(record(number)), name(number), record(number).name);
        records_by_name_.emplace(record(number).name, number);
        Image& image = by_target[record(number).target];
        image.records.push_back(number);
        image.deleted += is_deleted ? 1 : 0;
    }
    for (auto& [target, image] : by_target) {
        std::sort(image.records.begin(), image.records.end(),
                  [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
        deleted_images += image.is_deleted() ? 1 : 0;
        images.push_back(std::move(image));
    }
    const auto part = [](const Image& image) { return image.is_deleted() ? 0 : image.deleted > 0 ? 1 : 2; };
    std::sort(images.begin(), images.end(), [&](const Image& a, const Image& b) {
        return part(a) != part(b) ? part(a) < part(b) : keys[a.records[0]] < keys[b.records[0]];
    });
    image_of.resize(keys.size());
    for (std::size_t image = 0; image < images.size(); ++image)
        for (const std::size_t number : images[image].records) {
            image_of[number] = image;
            images_by_id_[record(number).target].insert(image);
            for (const std::string& id : record(number).ids) images_by_id_[id].insert(image);
        }
}

std::string View::name(std::size_t number) const {
    return is_nameless(record(number)) ? "<none>" : printable(familiar(record(number).name));
}

std::string View::familiar_word(std::string_view word) const {
    if (images_by_id_.contains(word)) return short_id(word);
    const auto found = records_by_name_.find(word);
    if (found == records_by_name_.end()) return std::string(word);
    const Record& named = record(found->second);
    return is_nameless(named) ? short_id(named.target) : familiar(named.name);
}

std::string View::reason(std::size_t number) const {
    const pruneplan::Decision decision = planned.plan[number];
    if (decision.reason == pruneplan::Reason::filtered)
        return "it does not match the filter " + in_quotes(planned.filters[*decision.option].typed);
    const std::string sentence = explain(planned.plan, number);
    std::string words;
    for (std::size_t at = sentence.find(": ") + 2, end = 0; end != sentence.npos; at = end + 1) {
        end = sentence.find(' ', at);
        std::string_view word = std::string_view(sentence).substr(at, end - at);
        const bool comma = word.ends_with(',');
        if (comma) word.remove_suffix(1);
        words += (words.empty() ? "" : " ") + familiar_word(word) + (comma ? "," : "");
    }
    return printable(words);
}

std::vector<std::pair<pruneplan::Reason, std::size_t>> View::reasons(pruneplan::Action action) const {
    std::vector<std::pair<pruneplan::Reason, std::size_t>> counts;
    for (std::size_t i = 0; i < pruneplan::reason_count; ++i) {
        const auto reason = static_cast<pruneplan::Reason>(i);
        const std::size_t count = planned.plan.count(reason);
        if (count > 0 && action_of(reason) == action) counts.emplace_back(reason, count);
    }
    std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    return counts;
}

std::set<std::size_t> View::images_with(std::string_view id) const {
    const auto found = images_by_id_.find(id);
    return found == images_by_id_.end() ? std::set<std::size_t>() : found->second;
}

std::map<std::size_t, Tie> View::ties(const Container& container) const {
    std::map<std::size_t, Tie> ties;
    auto runs = images_with(container.image_id);
    if (const auto reference = pruneplan::parse_reference(container.image_ref); runs.empty())
        runs = images_with(reference && !reference->digest().empty() ? reference->digest() : container.image_ref);
    for (const std::size_t image : runs) ties[image].runs = true;
    for (const std::string& target : container.mounted)
        for (const std::size_t image : images_with(target)) ties[image].mounts = true;
    if (const auto number = record_created_from(records_by_name_, container.image_ref))
        ties[image_of[*number]].named = true;
    return ties;
}

std::string View::container(std::size_t number) const {
    const std::string& text = planned.listing.containers[number].name;
    return "container " + (text.empty() ? std::to_string(number) : printable(text));
}

std::string_view View::mounts_in_words(std::size_t container) const {
    const auto& uncertain = planned.uncertain_mounts;
    return std::find(uncertain.begin(), uncertain.end(), container) == uncertain.end() ? "mounts" : "may mount";
}

std::string View::freed() const { return (is_exact() ? "frees " : "frees at most ") + readable_size(space.freed, 4); }

Words notes_of(const Planned& planned) {
    Words notes = planned.notes;
    if (planned.mounts_kept == MountsKept::none) return notes;
    for (const std::size_t number : planned.uncertain_mounts)
        notes.push_back("mounts: container " + in_quotes(planned.listing.containers[number].name) +
                        " mounts an image by a name that was moved or deleted since; the plan keeps every image");
    return notes;
}

std::string familiar(const std::string& name) {
    const auto reference = pruneplan::parse_reference(name);
    return reference ? std::string(reference->familiar()) : name;
}

std::string_view deletable(std::string_view name, std::string_view target) {
    return name == dangling_name(target) ? target : name;
}

std::string short_id(std::string_view id) {
    constexpr std::string_view algorithm = "sha256:";
    constexpr std::size_t docker_shows = 12;
    // The target of a registry's image begins with its repository and "@".
    const std::size_t at = id.starts_with(algorithm) ? 0 : id.rfind("@sha256:") + 1;
    return printable(at == 0 && !id.starts_with(algorithm) ? id : id.substr(at + algorithm.size(), docker_shows));
}

// Docker prints 999.6kB as "1e+03kB"; this function returns "1MB". Source: github.com/docker/go-units, size.go,
// HumanSizeWithPrecision.
std::string readable_size(std::uint64_t bytes, int digits) {
    constexpr std::string_view units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double size = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; size >= 1000 && unit + 1 < std::size(units); ++unit) size /= 1000;
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", digits, size);
    const bool rounded_up = std::string_view(text) == "1e+03" || std::string_view(text) == "1000";
    if (rounded_up && unit + 1 < std::size(units)) return "1" + std::string(units[unit + 1]);
    return text + std::string(units[unit]);
}

std::string created_since(const Record& record, Timestamp now) {
    if (!record.created) return "N/A";
    if (*record.created >= now) return readable_duration(0) + " ago";
    // Unsigned: two times of a listing can be further apart than a signed number holds.
    const std::uint64_t seconds =
        static_cast<std::uint64_t>(now.seconds) - static_cast<std::uint64_t>(record.created->seconds);
    return readable_duration(static_cast<std::int64_t>(std::min<std::uint64_t>(seconds, INT64_MAX))) + " ago";
}

std::string moment(std::optional<Timestamp> time) {
    if (!time) return {};
    return written(*time).substr(0, std::string_view("2026-11-25T07:51:57").size()) + "Z";
}

std::string markup(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

void print_line(std::ostream& out, const Json& document) {
    out << document.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace cli
