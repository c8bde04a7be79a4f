// SPDX-License-Identifier: BSL-1.0
// Says what each option alone deletes, and what every pair of options deletes, in one population.
//
// Each record has a letter, and a plan is written as the letters of the deleted records. The population:
//
//   abcde  five names of one image. A container was created from it by ID. `e` has a digest and no tag, and sorts last.
//   f g    web:1 was pulled again. A container created from the old web:1 runs the image that only `g` names now.
//   h i    two names of one image. A container was created from `h`.
//   j k    dangling.
//   l m n  three images of one repository, which share one layer of 30 bytes. Every other image has its own, of 10.
//   o p    two names of the image that `q` needs. A container was created from `q`.
//   r s    two names of one image, which the option `mounted` mounts into a container.
//   t u    two names of one image. The option `pinned` pins `t`.
//   v      an invalid name, with unknown times.
//   w      in another repository, the newest and the last used.

#include "../support/catch.hpp"
#include "../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::Glob;
using pruneplan::Reason;
using pruneplan::Scope;
using pruneplan::Survivor;
using pruneplan::Timestamp;
namespace usage_rules = pruneplan::usage_rules;

constexpr std::int64_t unknown = -1;

struct Line {
    std::string_view name, target;
    std::int64_t created, last_used;  // in seconds
    std::string_view labels;          // c: ci, r: release
    std::string_view needs = {};
    bool can_be_pinned = false;
};

#define RUN_BY_ID "sha256:82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

constexpr std::array<Line, 23> lines{{
    {"docker.io/team/svc:1", RUN_BY_ID, 20, 90, ""},                      // a
    {"docker.io/team/svc:2", RUN_BY_ID, 10, 90, "c"},                     // b
    {"docker.io/team/svc:3", RUN_BY_ID, 24, 90, "c"},                     // c
    {"docker.io/team/svc:4", RUN_BY_ID, 20, 90, "c"},                     // d
    {"docker.io/team/svc@" RUN_BY_ID, RUN_BY_ID, 20, 90, "c"},            // e
    {"docker.io/team/web:1", "sha256:new-web", 30, 80, "c"},              // f
    {"docker.io/team/web:old", "sha256:old-web", 12, 95, "c"},            // g
    {"docker.io/team/job:1", "sha256:job", 26, 60, "c"},                  // h
    {"docker.io/team/job:2", "sha256:job", 26, 60, "c"},                  // i
    {"moby-dangling@sha256:gone-1", "sha256:gone-1", 5, 10, "c"},         // j
    {"moby-dangling@sha256:gone-2", "sha256:gone-2", 35, 120, "r"},       // k
    {"docker.io/team/tool:1", "sha256:tool-1", 8, 30, "c"},               // l
    {"docker.io/team/tool:2", "sha256:tool-2", 18, 40, "r"},              // m
    {"docker.io/team/tool:3", "sha256:tool-3", 38, 105, "c"},             // n
    {"docker.io/team/base:1", "sha256:base", 6, 20, "c"},                 // o
    {"docker.io/team/base:2", "sha256:base", 6, 20, "cr"},                // p
    {"docker.io/team/app:1", "sha256:app", 22, 70, "c", "sha256:base"},   // q
    {"docker.io/team/data:1", "sha256:data", 9, 50, "c"},                 // r
    {"docker.io/team/data:2", "sha256:data", 33, 50, "c"},                // s
    {"docker.io/infra/pause:1", "sha256:pause", 7, 15, "c", "", true},    // t
    {"docker.io/infra/pause:2", "sha256:pause", 7, 15, "r"},              // u
    {"an invalid name", "sha256:odd", unknown, unknown, "c"},             // v
    {"docker.io/library/busybox:latest", "sha256:busybox", 50, 130, ""},  // w
}};

constexpr std::array<pruneplan::Blob, 13> own_layers{{{RUN_BY_ID, 10},
                                                      {"sha256:new-web", 10},
                                                      {"sha256:old-web", 10},
                                                      {"sha256:job", 10},
                                                      {"sha256:gone-1", 10},
                                                      {"sha256:gone-2", 10},
                                                      {"sha256:base", 10},
                                                      {"sha256:app", 10},
                                                      {"sha256:data", 10},
                                                      {"sha256:pause", 10},
                                                      {"sha256:odd", 10},
                                                      {"sha256:busybox", 10},
                                                      {"shared by the tools", 30}}};

struct Container {
    std::string_view id, ref;
    std::vector<std::string_view> mounted{};

    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return ref; }
    const std::vector<std::string_view>& mounted_image_ids() const { return mounted; }
};

/// The options of a prune, and what the host provides: pins, needed images and mounts count as options here.
struct Setting {
    pruneplan::PruneOptions options{.scope = Scope::unused, .usage = usage_rules::containerd_snapshotter};
    bool pins = false, needs = false, mounts = false;

    void filter(std::string_view text) { options.filters.push_back(*pruneplan::parse_filter(text, {1000, 0})); }
};

struct Option {
    std::string_view name;
    void (*set)(Setting&);
    std::string_view deleted;     // with this option alone
    std::string_view field = {};  // two options that set the same field are no pair
};

// Without any option, as in Docker's `image prune --all`: `e` is the last name of its image, and `f`, `h` and `q` are
// names in use.
constexpr std::string_view without_options = "abcdgijklmnoprstuvw";

constexpr std::array<Option, 21> options{{
    {"scope dangling", [](Setting& s) { s.options.scope = Scope::dangling; }, "jk"},
    {"strict", [](Setting& s) { s.options.usage = usage_rules::strict; }, "abcdijklmnoprstuvw", "usage"},
    {"whole_image", [](Setting& s) { s.options.usage = usage_rules::whole_image; }, "fjklmnoprstuvw", "usage"},
    {"until", [](Setting& s) { s.filter("until=25"); }, "abcdgjlmoprtu"},
    {"label", [](Setting& s) { s.filter("label=ci"); }, "bcdegijlnoprstv"},
    {"label!", [](Setting& s) { s.filter("label!=release"); }, "abcdgijlnorstvw"},
    {"reference", [](Setting& s) { s.filter("reference=team/*"); }, "abcdgilmnoprs"},
    {"reference!", [](Setting& s) { s.filter("reference!=team/tool"); }, "abcdgioprstuw"},
    {"before", [](Setting& s) { s.filter("before=team/job:1"); }, "abcdgjlmoprtu"},
    {"since", [](Setting& s) { s.filter("since=team/tool:1"); }, "abcdgikmnrsw"},
    {"keep", [](Setting& s) { s.options.keep.push_back(*Glob::compile("team/*:1")); }, "bcdegijkmnpstuvw"},
    {"keep newest", [](Setting& s) { s.options.keep_newest = {{.count = 1}}; }, "gjklmv"},
    {"younger", [](Setting& s) { s.options.keep_younger_than = Timestamp{100, 0}; }, "abcdgijlmoprstu"},
    {"free", [](Setting& s) { s.options.bytes_to_free = 45; }, "gjlmoprstu"},
    {"first name", [](Setting& s) { s.options.survivor = Survivor::first_by_name; }, "bcdegijklmnoprstuvw", "survivor"},
    {"newest", [](Setting& s) { s.options.survivor = Survivor::newest; }, "abdegijklmnoprstuvw", "survivor"},
    {"oldest", [](Setting& s) { s.options.survivor = Survivor::oldest; }, "acdegijklmnoprstuvw", "survivor"},
    {"tagged", [](Setting& s) { s.options.survivor = Survivor::tagged; }, "abcegijklmnoprstuvw", "survivor"},
    {"pinned", [](Setting& s) { s.pins = true; }, "abcdgijklmnoprsuvw"},
    {"needs", [](Setting& s) { s.needs = true; }, "abcdgijklmnorstuvw"},
    {"mounted", [](Setting& s) { s.mounts = true; }, "abcdgijklmnoprtuvw"},
}};

/// Why a pair of options does not delete exactly the records that each of them alone deletes.
enum Interplay : unsigned {
    exact = 0,     // it does
    survivor = 1,  // an image in use selects its survivor among other names, because an option keeps some of them
    budget = 2,    // what one option keeps frees no bytes: the budget deletes other images, and keeps images whole
    usage = 4,     // the other usage rule does not protect names in use
};

struct Pair {
    std::string_view first, second, deleted;
    unsigned interplay;
};

constexpr std::array<Pair, 203> pairs{{
    // Only `j` and `k` are candidates. They are 20 bytes, so that a budget of 45 deletes both.
    {"scope dangling", "strict", "jk", exact},
    {"scope dangling", "whole_image", "jk", exact},
    {"scope dangling", "until", "j", exact},
    {"scope dangling", "label", "j", exact},
    {"scope dangling", "label!", "j", exact},
    {"scope dangling", "reference", "", exact},
    {"scope dangling", "reference!", "", exact},
    {"scope dangling", "before", "j", exact},
    {"scope dangling", "since", "k", exact},
    {"scope dangling", "keep", "jk", exact},
    {"scope dangling", "keep newest", "jk", exact},
    {"scope dangling", "younger", "j", exact},
    {"scope dangling", "free", "jk", budget},
    {"scope dangling", "first name", "jk", exact},
    {"scope dangling", "newest", "jk", exact},
    {"scope dangling", "oldest", "jk", exact},
    {"scope dangling", "tagged", "jk", exact},
    {"scope dangling", "pinned", "jk", exact},
    {"scope dangling", "needs", "jk", exact},
    {"scope dangling", "mounted", "jk", exact},

    // `g` is kept: a container runs its image, which has no other name. The budget deletes `n` instead.
    {"strict", "until", "abcdjlmoprtu", exact},
    {"strict", "label", "bcdeijlnoprstv", survivor},
    {"strict", "label!", "abcdijlnorstvw", exact},
    {"strict", "reference", "abcdilmnoprs", exact},
    {"strict", "reference!", "abcdioprstuw", exact},
    {"strict", "before", "abcdjlmoprtu", exact},
    {"strict", "since", "abcdikmnrsw", exact},
    {"strict", "keep", "bcdeijkmnpstuvw", survivor},
    {"strict", "keep newest", "jklmv", exact},
    {"strict", "younger", "abcdijlmoprstu", exact},
    {"strict", "free", "jlmnoprstu", budget},
    {"strict", "first name", "bcdeijklmnoprstuvw", survivor},
    {"strict", "newest", "abdeijklmnoprstuvw", survivor},
    {"strict", "oldest", "acdeijklmnoprstuvw", survivor},
    {"strict", "tagged", "abceijklmnoprstuvw", survivor},
    {"strict", "pinned", "abcdijklmnoprsuvw", exact},
    {"strict", "needs", "abcdijklmnorstuvw", exact},
    {"strict", "mounted", "abcdijklmnoprtuvw", exact},

    // Podman's rule does not protect names in use, so that `f` is deleted. A needed and a mounted image keep all
    // names: `o` and `p`, `r` and `s`.
    {"whole_image", "until", "jlmoprtu", exact},
    {"whole_image", "label", "fjlnoprstv", usage},
    {"whole_image", "label!", "fjlnorstvw", usage},
    {"whole_image", "reference", "flmnoprs", usage},
    {"whole_image", "reference!", "foprstuw", usage},
    {"whole_image", "before", "jlmoprtu", exact},
    {"whole_image", "since", "fkmnrsw", usage},
    {"whole_image", "keep", "jkmnpstuvw", exact},
    {"whole_image", "keep newest", "jklmv", exact},
    {"whole_image", "younger", "fjlmoprstu", usage},
    {"whole_image", "free", "fjlmoprstu", usage},
    {"whole_image", "first name", "fjklmnoprstuvw", usage},
    {"whole_image", "newest", "fjklmnoprstuvw", usage},
    {"whole_image", "oldest", "fjklmnoprstuvw", usage},
    {"whole_image", "tagged", "fjklmnoprstuvw", usage},
    {"whole_image", "pinned", "fjklmnoprsuvw", usage},
    {"whole_image", "needs", "fjklmnrstuvw", survivor | usage},
    {"whole_image", "mounted", "fjklmnoptuvw", survivor | usage},

    // With `label` and `keep`, `a` is kept anyway, so that `e` need not survive. `s` is too new, so that deleting `r`
    // would free nothing.
    {"until", "label", "bcdegjloprt", survivor},
    {"until", "label!", "abcdgjlort", exact},
    {"until", "reference", "abcdglmopr", exact},
    {"until", "reference!", "abcdgoprtu", exact},
    {"until", "before", "abcdgjlmoprtu", exact},
    {"until", "since", "abcdgmr", exact},
    {"until", "keep", "bcdegjmptu", survivor},
    {"until", "keep newest", "gjlm", exact},
    {"until", "younger", "abcdgjlmoprtu", exact},
    {"until", "free", "gjlmoptu", budget},
    {"until", "first name", "bcdegjlmoprtu", survivor},
    {"until", "newest", "abdegjlmoprtu", survivor},
    {"until", "oldest", "acdegjlmoprtu", survivor},
    {"until", "tagged", "abcegjlmoprtu", survivor},
    {"until", "pinned", "abcdgjlmopru", exact},
    {"until", "needs", "abcdgjlmortu", exact},
    {"until", "mounted", "abcdgjlmoprtu", exact},

    // `a` has no label and is kept, so that `e` is deleted and the choice of survivor has no effect. `u` is kept, so
    // that deleting `t` would free nothing. `m` is kept, too: `l` and `n` are deleted in their turn and free nothing,
    // and the budget continues to `v`, whose unknown time counts as now.
    {"label", "label!", "bcdegijlnorstv", survivor},
    {"label", "reference", "bcdegilnoprs", survivor},
    {"label", "reference!", "bcdegioprst", survivor},
    {"label", "before", "bcdegjloprt", survivor},
    {"label", "since", "bcdeginrs", survivor},
    {"label", "keep", "bcdegijnpstv", exact},
    {"label", "keep newest", "gjlv", exact},
    {"label", "younger", "bcdegijloprst", survivor},
    {"label", "free", "gjlnoprsv", budget},
    {"label", "first name", "bcdegijlnoprstv", exact},
    {"label", "newest", "bcdegijlnoprstv", survivor},
    {"label", "oldest", "bcdegijlnoprstv", survivor},
    {"label", "tagged", "bcdegijlnoprstv", survivor},
    {"label", "pinned", "bcdegijlnoprsv", survivor},
    {"label", "needs", "bcdegijlnorstv", survivor},
    {"label", "mounted", "bcdegijlnoprtv", survivor},

    // `p` and `u` are kept, so that a budget keeps `o` and `t`, too. `m` is kept, so that `l` and `n` free nothing: the
    // budget continues to `v` and `w`.
    {"label!", "reference", "abcdgilnors", exact},
    {"label!", "reference!", "abcdgiorstw", exact},
    {"label!", "before", "abcdgjlort", exact},
    {"label!", "since", "abcdginrsw", exact},
    {"label!", "keep", "bcdegijnstvw", survivor},
    {"label!", "keep newest", "gjlv", exact},
    {"label!", "younger", "abcdgijlorst", exact},
    {"label!", "free", "gjlnrsvw", budget},
    {"label!", "first name", "bcdegijlnorstvw", survivor},
    {"label!", "newest", "abdegijlnorstvw", survivor},
    {"label!", "oldest", "acdegijlnorstvw", survivor},
    {"label!", "tagged", "abcegijlnorstvw", survivor},
    {"label!", "pinned", "abcdgijlnorsvw", exact},
    {"label!", "needs", "abcdgijlnorstvw", exact},
    {"label!", "mounted", "abcdgijlnortvw", exact},

    // `j`, `t` and `u` are kept, so that the budget deletes `n`: the last of the three tools frees their shared layer.
    {"reference", "reference!", "abcdgioprs", exact},
    {"reference", "before", "abcdglmopr", exact},
    {"reference", "since", "abcdgimnrs", exact},
    {"reference", "keep", "bcdegimnps", survivor},
    {"reference", "keep newest", "glm", exact},
    {"reference", "younger", "abcdgilmoprs", exact},
    {"reference", "free", "glmnoprs", budget},
    {"reference", "first name", "bcdegilmnoprs", survivor},
    {"reference", "newest", "abdegilmnoprs", survivor},
    {"reference", "oldest", "acdegilmnoprs", survivor},
    {"reference", "tagged", "abcegilmnoprs", survivor},
    {"reference", "pinned", "abcdgilmnoprs", exact},
    {"reference", "needs", "abcdgilmnors", exact},
    {"reference", "mounted", "abcdgilmnopr", exact},

    // The tools are kept, and so are `j`, `k` and `v`, because names that are not valid references do not match. The
    // budget deletes all others, up to `w`.
    {"reference!", "before", "abcdgoprtu", exact},
    {"reference!", "since", "abcdgirsw", exact},
    {"reference!", "keep", "bcdegipstuw", survivor},
    {"reference!", "keep newest", "g", exact},
    {"reference!", "younger", "abcdgioprstu", exact},
    {"reference!", "free", "goprstuw", budget},
    {"reference!", "first name", "bcdegioprstuw", survivor},
    {"reference!", "newest", "abdegioprstuw", survivor},
    {"reference!", "oldest", "acdegioprstuw", survivor},
    {"reference!", "tagged", "abcegioprstuw", survivor},
    {"reference!", "pinned", "abcdgioprsuw", exact},
    {"reference!", "needs", "abcdgiorstuw", exact},
    {"reference!", "mounted", "abcdgioprtuw", exact},

    // Like `until`.
    {"before", "since", "abcdgmr", exact},
    {"before", "keep", "bcdegjmptu", survivor},
    {"before", "keep newest", "gjlm", exact},
    {"before", "younger", "abcdgjlmoprtu", exact},
    {"before", "free", "gjlmoptu", budget},
    {"before", "first name", "bcdegjlmoprtu", survivor},
    {"before", "newest", "abdegjlmoprtu", survivor},
    {"before", "oldest", "acdegjlmoprtu", survivor},
    {"before", "tagged", "abcegjlmoprtu", survivor},
    {"before", "pinned", "abcdgjlmopru", exact},
    {"before", "needs", "abcdgjlmortu", exact},
    {"before", "mounted", "abcdgjlmoprtu", exact},

    // `j`, `l`, `o`, `p`, `t` and `u` are too old, so that the budget deletes all newer images.
    {"since", "keep", "bcdegikmnsw", survivor},
    {"since", "keep newest", "gkm", exact},
    {"since", "younger", "abcdgimrs", exact},
    {"since", "free", "gkmnrsw", budget},
    {"since", "first name", "bcdegikmnrsw", survivor},
    {"since", "newest", "abdegikmnrsw", survivor},
    {"since", "oldest", "acdegikmnrsw", survivor},
    {"since", "tagged", "abcegikmnrsw", survivor},
    {"since", "pinned", "abcdgikmnrsw", exact},
    {"since", "needs", "abcdgikmnrsw", exact},
    {"since", "mounted", "abcdgikmnrw", exact},

    // `a`, `o` and `r` match the pattern. So `e` need not survive, nor `p` of a needed image, nor `s` of a mounted one.
    // With a budget, the other names of their images are kept, too.
    {"keep", "keep newest", "gjkmv", exact},
    {"keep", "younger", "bcdegijmpstu", survivor},
    {"keep", "free", "gjkmntuw", budget},
    {"keep", "first name", "bcdegijkmnpstuvw", exact},
    {"keep", "newest", "bcdegijkmnpstuvw", survivor},
    {"keep", "oldest", "bcdegijkmnpstuvw", survivor},
    {"keep", "tagged", "bcdegijkmnpstuvw", survivor},
    {"keep", "pinned", "bcdegijkmnpsuvw", survivor},
    {"keep", "needs", "bcdegijkmnpstuvw", survivor},
    {"keep", "mounted", "bcdegijkmnpstuvw", survivor},

    // Each repository keeps its newest image with all names, so that no image in use selects a survivor. All others
    // free 40 of 45 bytes.
    {"keep newest", "younger", "gjlm", exact},
    {"keep newest", "free", "gjklmv", budget},
    {"keep newest", "first name", "gjklmv", exact},
    {"keep newest", "newest", "gjklmv", exact},
    {"keep newest", "oldest", "gjklmv", exact},
    {"keep newest", "tagged", "gjklmv", exact},
    {"keep newest", "pinned", "gjklmv", exact},
    {"keep newest", "needs", "gjklmv", exact},
    {"keep newest", "mounted", "gjklmv", exact},

    // Recently used records are kept; an image in use selects its survivor as before.
    {"younger", "free", "gjlmoprstu", exact},
    {"younger", "first name", "bcdegijlmoprstu", survivor},
    {"younger", "newest", "abdegijlmoprstu", survivor},
    {"younger", "oldest", "acdegijlmoprstu", survivor},
    {"younger", "tagged", "abcegijlmoprstu", survivor},
    {"younger", "pinned", "abcdgijlmoprsu", exact},
    {"younger", "needs", "abcdgijlmorstu", exact},
    {"younger", "mounted", "abcdgijlmoprtu", exact},

    // All names of an image are deleted, or none: `u` is kept with `t`, `o` with `p`, `r` with `s`, and `n` is deleted
    // instead.
    {"free", "first name", "gjlmoprstu", exact},
    {"free", "newest", "gjlmoprstu", exact},
    {"free", "oldest", "gjlmoprstu", exact},
    {"free", "tagged", "gjlmoprstu", exact},
    {"free", "pinned", "gjlmnoprs", budget},
    {"free", "needs", "gjlmnrstu", budget},
    {"free", "mounted", "gjlmnoptu", budget},

    // Needed and mounted images select a survivor, too: they keep `o` and not `p`, `r` and not `s`.
    {"first name", "pinned", "bcdegijklmnoprsuvw", survivor},
    {"first name", "needs", "bcdegijklmnprstuvw", survivor},
    {"first name", "mounted", "bcdegijklmnopstuvw", survivor},

    // `o` and `p` are equally old, so that the name that sorts last is kept. Of `r` and `s`, `s` is newer.
    {"newest", "pinned", "abdegijklmnoprsuvw", survivor},
    {"newest", "needs", "abdegijklmnorstuvw", survivor},
    {"newest", "mounted", "abdegijklmnoprtuvw", survivor},

    // Of `r` and `s`, `r` is older.
    {"oldest", "pinned", "acdegijklmnoprsuvw", survivor},
    {"oldest", "needs", "acdegijklmnorstuvw", survivor},
    {"oldest", "mounted", "acdegijklmnopstuvw", survivor},

    // `o`, `p`, `r` and `s` are all tagged, so that the name that sorts last is kept.
    {"tagged", "pinned", "abcegijklmnoprsuvw", survivor},
    {"tagged", "needs", "abcegijklmnorstuvw", survivor},
    {"tagged", "mounted", "abcegijklmnoprtuvw", survivor},

    // The pinned image is neither in use nor needed: each option keeps its own records.
    {"pinned", "needs", "abcdgijklmnorsuvw", exact},
    {"pinned", "mounted", "abcdgijklmnopruvw", exact},

    // Each option keeps its own records.
    {"needs", "mounted", "abcdgijklmnortuvw", exact},
}};

struct Plan {
    std::string deleted;
    std::vector<Reason> reasons;
};

char letter_of(std::size_t record) { return static_cast<char>('a' + record); }

Plan plan(const Setting& setting) {
    mock::FullStore store;
    for (const Line& line : lines) {
        mock::FullRecord record{.name = line.name, .digest = line.target};
        if (line.created != unknown) record.created = Timestamp{line.created, 0};
        if (line.last_used != unknown) record.last_used = Timestamp{line.last_used, 0};
        if (line.labels.find('c') != line.labels.npos) record.labels.emplace_back("ci", "yes");
        if (line.labels.find('r') != line.labels.npos) record.labels.emplace_back("release", "yes");
        record.pinned = setting.pins && line.can_be_pinned;
        if (setting.needs) record.needs = line.needs;
        for (const pruneplan::Blob& layer : own_layers)
            if (layer.digest == line.target || (layer.size == 30 && line.target.starts_with("sha256:tool")))
                record.blobs.push_back(layer);
        store.records.push_back(std::move(record));
    }
    const std::vector<Container> containers{
        {RUN_BY_ID, ""},
        {"sha256:old-web", "team/web:1"},
        {"sha256:job", "team/job:1"},
        {"sha256:app", "team/app:1",
         setting.mounts ? std::vector<std::string_view>{"sha256:data"} : std::vector<std::string_view>{}}};
    const auto planned = pruneplan::plan_prune(store, containers, setting.options);
    REQUIRE(planned);
    Plan out;
    for (const pruneplan::Decision& decision : *planned) {
        if (decision.action == pruneplan::Action::erase) out.deleted += letter_of(decision.record);
        out.reasons.push_back(decision.reason);
    }
    return out;
}

/// Returns the interplay that can delete a record that is kept for this reason; `exact` if none can.
constexpr unsigned interplay_of(Reason reason) {
    switch (reason) {
        case Reason::last_name:
        case Reason::needed:
        case Reason::image_in_use: return survivor;
        case Reason::image_stays:
        case Reason::enough_freed: return budget;
        case Reason::name_in_use: return usage;
        default: return exact;
    }
}

bool has(std::string_view letters, char letter) { return letters.find(letter) != letters.npos; }

unsigned interplay(const Plan& first, const Plan& second, const Plan& both) {
    unsigned found = exact;
    for (std::size_t record = 0; record < lines.size(); ++record) {
        const bool deleted = has(both.deleted, letter_of(record));
        if (deleted)
            for (const Plan* alone : {&first, &second})
                if (!has(alone->deleted, letter_of(record))) found |= interplay_of(alone->reasons[record]);
        if (!deleted && has(first.deleted, letter_of(record)) && has(second.deleted, letter_of(record)))
            found |= interplay_of(both.reasons[record]);
    }
    return found;
}

Setting with(std::initializer_list<const Option*> chosen) {
    Setting setting;
    for (const Option* option : chosen) option->set(setting);
    return setting;
}

}  // namespace

TEST_CASE("every option alone changes which records are deleted") {
    CHECK(plan({}).deleted == without_options);
    std::set<std::string_view> plans{without_options};
    for (const Option& option : options) {
        INFO(option.name);
        CHECK(plan(with({&option})).deleted == option.deleted);
        CHECK(option.deleted != without_options);
    }
}

TEST_CASE("every pair of options deletes the listed records and none that a fixed rule of either option keeps") {
    std::size_t row = 0;
    for (std::size_t i = 0; i < options.size(); ++i)
        for (std::size_t j = i + 1; j < options.size(); ++j) {
            const Option &first = options[i], &second = options[j];
            if (!first.field.empty() && first.field == second.field) continue;
            INFO(first.name << " and " << second.name);
            REQUIRE(row < pairs.size());
            const Pair& pair = pairs[row++];
            REQUIRE(pair.first == first.name);
            REQUIRE(pair.second == second.name);
            const Plan alone[] = {plan(with({&first})), plan(with({&second}))}, both = plan(with({&first, &second}));
            CHECK(both.deleted == pair.deleted);
            CHECK(plan(with({&second, &first})).deleted == both.deleted);
            CHECK(interplay(alone[0], alone[1], both) == pair.interplay);

            // A record that both delete is deleted by each alone, or kept there by a choice that the other option
            // changes (a survivor, the budget). Names in use are no choice: only another usage rule changes them.
            for (const char letter : both.deleted)
                for (const int other : {1, 0}) {
                    const Plan& single = alone[1 - other];
                    const Reason reason = single.reasons[static_cast<std::size_t>(letter - 'a')];
                    const bool lifted = reason == Reason::name_in_use && (other ? second : first).field == "usage";
                    const bool chosen = interplay_of(reason) != exact && reason != Reason::image_in_use &&
                                        reason != Reason::name_in_use;
                    INFO("record " << letter << ", " << to_string(reason));
                    CHECK((has(single.deleted, letter) || chosen || lifted));
                }
            // No pair deletes all names of the image of a container that was created by ID.
            CHECK_FALSE(both.deleted.starts_with("abcde"));
        }
    CHECK(row == pairs.size());
}
