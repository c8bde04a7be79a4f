// SPDX-License-Identifier: BSL-1.0
#include "listing.hpp"

#include <chrono>
#include <cstdio>
#include <functional>
#include <utility>

namespace cli {

void add_records(std::vector<Record>& records, Record image, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        image.name = name;
        records.push_back(image);
    }
    if (!names.empty()) return;
    image.name = dangling_name(image.target);
    records.push_back(std::move(image));
}

std::string full_id(std::string_view id) {
    return id.empty() || id.find(':') != id.npos ? std::string(id) : "sha256:" + std::string(id);
}

std::string text_of(const json& object, std::string_view key) {
    const json& member = member_of(object, key);
    return member.is_string() ? member.get<std::string>() : std::string();
}

const json& member_of(const json& object, std::string_view key) {
    static const json none = json::array();
    if (!object.is_object()) return none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

std::uint64_t bytes_of(const json& object, std::string_view key) {
    const json& member = member_of(object, key);
    return member.is_number_unsigned() ? member.get<std::uint64_t>() : 0;
}

std::vector<std::string> texts_of(const json& object, std::string_view key) {
    std::vector<std::string> texts;
    for (const json& text : member_of(object, key))
        if (text.is_string()) texts.push_back(text.get<std::string>());
    return texts;
}

std::optional<Timestamp> time_of(const json& object, std::string_view key) {
    constexpr std::int64_t go_zero = -62'135'596'800, year_10000 = 253'402'300'800;
    const json& member = member_of(object, key);
    if (member.is_number_integer()) {
        const auto seconds = member.get<std::int64_t>();
        return seconds > go_zero && seconds < year_10000 ? std::optional(Timestamp{seconds, 0}) : std::nullopt;
    }
    const std::string text = text_of(object, key);
    constexpr std::size_t date = 10;
    if (text.size() <= date || text[date] != 'T') return std::nullopt;
    const auto parsed = pruneplan::parse_timestamp(text, {});
    return parsed && parsed->seconds != go_zero ? std::optional(*parsed) : std::nullopt;
}

std::string written(Timestamp moment) {
    const std::chrono::sys_seconds seconds{std::chrono::seconds(moment.seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(seconds - day);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%09dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(moment.nanoseconds));
    return text;
}

namespace {

constexpr int format = 1;

void add(json& object, const char* key, const std::string& text) {
    if (!text.empty()) object[key] = text;
}
void add(json& object, const char* key, const std::optional<Timestamp>& moment) {
    if (moment) object[key] = written(*moment);
}
void add(json& object, const char* key, const std::vector<std::string>& texts) {
    if (!texts.empty()) object[key] = texts;
}

json to_json(const Record& record) {
    json object{{"name", record.name}, {"target", record.target}, {"size", record.size}};
    add(object, "ids", record.ids);
    add(object, "needs", record.needs);
    add(object, "subject", record.subject);
    add(object, "created", record.created);
    add(object, "last_used", record.last_used);
    add(object, "tagged", record.tagged);
    add(object, "past_names", record.past_names);
    if (record.dangling) object["dangling"] = true;
    if (record.pinned) object["pinned"] = true;
    if (!record.labels_known)
        object["labels"] = nullptr;
    else if (!record.labels.empty())
        object["labels"] = record.labels;
    for (const Blob& blob : record.blobs) object["blobs"].push_back({{"digest", blob.digest}, {"size", blob.size}});
    return object;
}

json to_json(const Container& container) {
    json object{{"image_id", container.image_id}, {"image_ref", container.image_ref}};
    add(object, "id", container.id);
    add(object, "name", container.name);
    add(object, "created", container.created);
    add(object, "mounts", container.mounts);
    add(object, "mounted", container.mounted);
    return object;
}

/// One object of a listing that is read. Each member is checked; an unknown member has no effect, so that later
/// versions can add some.
class Reader {
public:
    Reader(const json& object, std::string place) : object_(object), place_(std::move(place)) {
        if (!object.is_object()) fail("", "is not an object");
    }

    void read(const char* key, std::string& text, bool needed = false) const {
        if (const json* const member = find(key, needed))
            text = get<std::string>(key, *member, member->is_string(), "a text");
    }
    void read(const char* key, bool& truth) const {
        if (const json* const member = find(key))
            truth = get<bool>(key, *member, member->is_boolean(), "true or false");
    }
    void read(const char* key, std::uint64_t& bytes) const {
        if (const json* const member = find(key))
            bytes = get<std::uint64_t>(key, *member, member->is_number_unsigned(), "a number of bytes");
    }
    void read(const char* key, std::optional<Timestamp>& moment) const {
        const json* const member = find(key);
        if (member != nullptr && !(moment = time_of(object_, key)) && *member != "0001-01-01T00:00:00Z")
            fail(key, "is not a time: give 2024-06-27T15:04:05Z");
    }
    void read(const char* key, std::vector<std::string>& texts) const {
        each(key, [&](const json& text, const std::string& place) {
            if (!text.is_string()) throw Failure(place + " is not a text");
            texts.push_back(text.get<std::string>());
        });
    }
    void each(const char* key, const std::function<void(const json&, const std::string&)>& visit) const {
        const json* const member = find(key);
        if (member == nullptr) return;
        if (!member->is_array()) fail(key, "is not a list");
        for (std::size_t i = 0; i < member->size(); ++i)
            visit((*member)[i], place_of(key) + '[' + std::to_string(i) + ']');
    }
    const json* find(const char* key, bool needed = false) const {
        const auto found = object_.find(key);
        if (found != object_.end()) return &*found;
        if (needed) fail(key, "is missing");
        return nullptr;
    }
    [[noreturn]] void fail(const char* key, const std::string& why) const { throw Failure(place_of(key) + ' ' + why); }

private:
    std::string place_of(std::string_view key) const {
        if (key.empty()) return place_.empty() ? "the listing" : place_;
        return place_.empty() ? std::string(key) : place_ + '.' + std::string(key);
    }
    template <class T>
    T get(const char* key, const json& member, bool fits, const char* wanted) const {
        if (!fits) fail(key, std::string("is not ") + wanted);
        return member.get<T>();
    }

    const json& object_;
    std::string place_;
};

Record record_of(const json& object, const std::string& place) {
    const Reader reader(object, place);
    Record record;
    reader.read("name", record.name, true);
    reader.read("target", record.target, true);
    if (record.name.empty() || record.target.empty()) throw Failure(place + " needs a name and a target");
    reader.read("ids", record.ids);
    reader.read("needs", record.needs);
    reader.read("subject", record.subject);
    reader.read("created", record.created);
    reader.read("last_used", record.last_used);
    reader.read("tagged", record.tagged);
    reader.read("past_names", record.past_names);
    reader.read("dangling", record.dangling);
    reader.read("pinned", record.pinned);
    reader.read("size", record.size);
    reader.each("blobs", [&](const json& blob, const std::string& where) {
        const Reader one(blob, where);
        one.read("digest", record.blobs.emplace_back().digest, true);
        one.read("size", record.blobs.back().size);
    });
    const json* const labels = reader.find("labels");
    if (labels == nullptr) return record;
    record.labels_known = !labels->is_null();
    if (!labels->is_null() && !labels->is_object()) reader.fail("labels", "is neither an object nor null");
    for (const auto& [key, value] : labels->items()) {
        if (!value.is_string()) reader.fail("labels", "has a value that is not a text: " + in_quotes(key));
        record.labels[key] = value.get<std::string>();
    }
    return record;
}

Container container_of(const json& object, const std::string& place) {
    const Reader reader(object, place);
    Container container;
    reader.read("id", container.id);
    reader.read("name", container.name);
    reader.read("image_id", container.image_id);
    reader.read("image_ref", container.image_ref);
    reader.read("created", container.created);
    reader.read("mounts", container.mounts);
    reader.read("mounted", container.mounted);
    return container;
}

}  // namespace

json to_json(const Listing& listing) {
    json object{{"format", format}, {"source", listing.source}, {"rule", listing.rule}};
    add(object, "where", listing.where);
    add(object, "version", listing.version);
    add(object, "now", listing.now);
    object["sizes_exact"] = listing.sizes_exact;
    if (listing.capacity > 0) object.update({{"capacity", listing.capacity}, {"available", listing.available}});
    object["records"] = json::array();
    for (const Record& record : listing.records) object["records"].push_back(to_json(record));
    object["containers"] = json::array();
    for (const Container& container : listing.containers) object["containers"].push_back(to_json(container));
    return object;
}

Listing listing_of(const json& document) {
    const Reader reader(document, "");
    Listing listing;
    if (*reader.find("format", true) != format)
        reader.fail("format", "is another one: this program reads " + std::to_string(format));
    reader.read("source", listing.source, true);
    reader.read("rule", listing.rule, true);
    reader.read("where", listing.where);
    reader.read("version", listing.version);
    reader.read("now", listing.now);
    reader.read("sizes_exact", listing.sizes_exact);
    reader.read("capacity", listing.capacity);
    reader.read("available", listing.available);
    for (const char* const list : {"records", "containers"}) reader.find(list, true);
    reader.each("records", [&](const json& object, const std::string& place) {
        listing.records.push_back(record_of(object, place));
    });
    reader.each("containers", [&](const json& object, const std::string& place) {
        listing.containers.push_back(container_of(object, place));
    });
    return listing;
}

}  // namespace cli
