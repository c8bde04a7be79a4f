// SPDX-License-Identifier: BSL-1.0
// What stays when two options meet: one population, every option alone, and every pair of options.
//
// A record goes by a letter, and a plan is written as the letters that go. The population:
//
//   abcde  five names of one image, which a container runs by its ID. `e` has a digest and no tag, and sorts last.
//   f g    web:1 was pulled anew: the container made from it runs the image that only `g` points at now.
//   h i    two names of one image. A container was made from `h`.
//   j k    dangling.
//   l m n  three images of one repository, made of one layer of 30 bytes. Each other image has one of its own, of 10.
//   o p    two names of the image that `q` is built on. A container was made from `q`.
//   r s    two names of one image, which can be mounted into a container.
//   t u    two names of one image, of which `t` can be pinned.
//   v      no reference, and nobody knows when it was made or used.
//   w      of another repository, and the youngest.

#include "support/catch.hpp"
#include "support/mock.hpp"

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
    std::string_view parent = {};
    bool can_be_pinned = false;
};

#define RUN_BY_ID "sha256:82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

constexpr std::array<Line, 23> lines{{
    {"docker.io/team/svc:1", RUN_BY_ID, 20, 90, ""},                          // a
    {"docker.io/team/svc:2", RUN_BY_ID, 10, 90, "c"},                         // b
    {"docker.io/team/svc:3", RUN_BY_ID, 24, 90, "c"},                         // c
    {"docker.io/team/svc:4", RUN_BY_ID, 20, 90, "c"},                         // d
    {"docker.io/team/svc@" RUN_BY_ID, RUN_BY_ID, 20, 90, "c"},                // e
    {"docker.io/team/web:1", "sha256:new-web", 30, 80, "c"},                  // f
    {"docker.io/team/web:old", "sha256:old-web", 12, 95, "c"},                // g
    {"docker.io/team/job:1", "sha256:job", 26, 60, "c"},                      // h
    {"docker.io/team/job:2", "sha256:job", 26, 60, "c"},                      // i
    {"moby-dangling@sha256:gone-1", "sha256:gone-1", 5, 10, "c"},             // j
    {"moby-dangling@sha256:gone-2", "sha256:gone-2", 35, 120, "r"},           // k
    {"docker.io/team/tool:1", "sha256:tool-1", 8, 30, "c"},                   // l
    {"docker.io/team/tool:2", "sha256:tool-2", 18, 40, "r"},                  // m
    {"docker.io/team/tool:3", "sha256:tool-3", 38, 105, "c"},                 // n
    {"docker.io/team/base:1", "sha256:base", 6, 20, "c"},                     // o
    {"docker.io/team/base:2", "sha256:base", 6, 20, "cr"},                    // p
    {"docker.io/team/app:1", "sha256:app", 22, 70, "c", "sha256:base"},       // q
    {"docker.io/team/data:1", "sha256:data", 9, 50, "c"},                     // r
    {"docker.io/team/data:2", "sha256:data", 33, 50, "c"},                    // s
    {"docker.io/infra/pause:1", "sha256:pause", 7, 15, "c", "", true},        // t
    {"docker.io/infra/pause:2", "sha256:pause", 7, 15, "r"},                  // u
    {"no reference", "sha256:odd", unknown, unknown, "c"},                    // v
    {"docker.io/library/busybox:latest", "sha256:busybox", 50, 130, ""},      // w
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

/// What a prune is to do, and what the host tells beyond the names: pins, parents and mounts are options, too.
struct Setting {
    pruneplan::PruneOptions options{.scope = Scope::unused};
    bool pins = false, parents = false, mounts = false;

    void filter(std::string_view text) { options.filters.push_back(*pruneplan::parse_filter(text, {1000, 0})); }
};

struct Option {
    std::string_view name;
    void (*set)(Setting&);
    std::string_view goes;        // with this option alone
    std::string_view field = {};  // of two options that set one field, only one can be asked for
};

// With none of the options: Docker's `image prune --all`, where `e` is the last name of its image, and `f`, `h` and `q`
// are names in use.
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
    {"keep newest", [](Setting& s) { s.options.keep_newest_per_repository = 1; }, "gjklmv"},
    {"younger", [](Setting& s) { s.options.keep_younger_than = Timestamp{100, 0}; }, "abcdgijlmoprstu"},
    {"free", [](Setting& s) { s.options.bytes_to_free = 45; }, "gjlmoprstu"},
    {"first name", [](Setting& s) { s.options.survivor = Survivor::first_by_name; }, "bcdegijklmnoprstuvw", "survivor"},
    {"newest", [](Setting& s) { s.options.survivor = Survivor::newest; }, "abdegijklmnoprstuvw", "survivor"},
    {"oldest", [](Setting& s) { s.options.survivor = Survivor::oldest; }, "acdegijklmnoprstuvw", "survivor"},
    {"tagged", [](Setting& s) { s.options.survivor = Survivor::tagged; }, "abcegijklmnoprstuvw", "survivor"},
    {"pinned", [](Setting& s) { s.pins = true; }, "abcdgijklmnoprsuvw"},
    {"parents", [](Setting& s) { s.parents = true; }, "abcdgijklmnorstuvw"},
    {"mounted", [](Setting& s) { s.mounts = true; }, "abcdgijklmnoprtuvw"},
}};

/// Why the records that go with both options are not simply those that go with each alone.
enum Interplay : unsigned {
    exact = 0,     // they are
    survivor = 1,  // which names stay of an image that is needed is chosen anew among the names that may go
    budget = 2,    // what stays for one option frees no bytes for the other: others go for them, and images stay whole
    usage = 4,     // the other usage rule does not know names in use
};

struct Pair {
    std::string_view first, second, goes;
    unsigned interplay;
};

constexpr std::array<Pair, 203> pairs{{
    // Nothing but j and k can go, whatever else is said. They are 20 bytes, so that a budget of 45 takes both.
    {"scope dangling", "strict",         "jk",                   exact},
    {"scope dangling", "whole_image",    "jk",                   exact},
    {"scope dangling", "until",          "j",                    exact},
    {"scope dangling", "label",          "j",                    exact},
    {"scope dangling", "label!",         "j",                    exact},
    {"scope dangling", "reference",      "",                     exact},
    {"scope dangling", "reference!",     "",                     exact},
    {"scope dangling", "before",         "j",                    exact},
    {"scope dangling", "since",          "k",                    exact},
    {"scope dangling", "keep",           "jk",                   exact},
    {"scope dangling", "keep newest",    "jk",                   exact},
    {"scope dangling", "younger",        "j",                    exact},
    {"scope dangling", "free",           "jk",                   budget},
    {"scope dangling", "first name",     "jk",                   exact},
    {"scope dangling", "newest",         "jk",                   exact},
    {"scope dangling", "oldest",         "jk",                   exact},
    {"scope dangling", "tagged",         "jk",                   exact},
    {"scope dangling", "pinned",         "jk",                   exact},
    {"scope dangling", "parents",        "jk",                   exact},
    {"scope dangling", "mounted",        "jk",                   exact},

    // `g` stays: a container runs its image, which has no other name. It frees no bytes then, and `n` goes for them.
    {"strict",         "until",          "abcdjlmoprtu",         exact},
    {"strict",         "label",          "bcdeijlnoprstv",       survivor},
    {"strict",         "label!",         "abcdijlnorstvw",       exact},
    {"strict",         "reference",      "abcdilmnoprs",         exact},
    {"strict",         "reference!",     "abcdioprstuw",         exact},
    {"strict",         "before",         "abcdjlmoprtu",         exact},
    {"strict",         "since",          "abcdikmnrsw",          exact},
    {"strict",         "keep",           "bcdeijkmnpstuvw",      survivor},
    {"strict",         "keep newest",    "jklmv",                exact},
    {"strict",         "younger",        "abcdijlmoprstu",       exact},
    {"strict",         "free",           "jlmnoprstu",           budget},
    {"strict",         "first name",     "bcdeijklmnoprstuvw",   survivor},
    {"strict",         "newest",         "abdeijklmnoprstuvw",   survivor},
    {"strict",         "oldest",         "acdeijklmnoprstuvw",   survivor},
    {"strict",         "tagged",         "abceijklmnoprstuvw",   survivor},
    {"strict",         "pinned",         "abcdijklmnoprsuvw",    exact},
    {"strict",         "parents",        "abcdijklmnorstuvw",    exact},
    {"strict",         "mounted",        "abcdijklmnoprtuvw",    exact},

    // Podman's rule knows no names in use, so that `f` goes; and an image that is needed keeps all names, so that `o`
    // stays with `p` as a parent, and `r` with `s` as a mount.
    {"whole_image",    "until",          "jlmoprtu",             exact},
    {"whole_image",    "label",          "fjlnoprstv",           usage},
    {"whole_image",    "label!",         "fjlnorstvw",           usage},
    {"whole_image",    "reference",      "flmnoprs",             usage},
    {"whole_image",    "reference!",     "foprstuw",             usage},
    {"whole_image",    "before",         "jlmoprtu",             exact},
    {"whole_image",    "since",          "fkmnrsw",              usage},
    {"whole_image",    "keep",           "jkmnpstuvw",           exact},
    {"whole_image",    "keep newest",    "jklmv",                exact},
    {"whole_image",    "younger",        "fjlmoprstu",           usage},
    {"whole_image",    "free",           "fjlmoprstu",           usage},
    {"whole_image",    "first name",     "fjklmnoprstuvw",       usage},
    {"whole_image",    "newest",         "fjklmnoprstuvw",       usage},
    {"whole_image",    "oldest",         "fjklmnoprstuvw",       usage},
    {"whole_image",    "tagged",         "fjklmnoprstuvw",       usage},
    {"whole_image",    "pinned",         "fjklmnoprsuvw",        usage},
    {"whole_image",    "parents",        "fjklmnrstuvw",         survivor | usage},
    {"whole_image",    "mounted",        "fjklmnoptuvw",         survivor | usage},

    // With `label` and `keep`, `a` stays anyway, and `e` need not survive. `s` is too new, so that `r` would free
    // nothing.
    {"until",          "label",          "bcdegjloprt",          survivor},
    {"until",          "label!",         "abcdgjlort",           exact},
    {"until",          "reference",      "abcdglmopr",           exact},
    {"until",          "reference!",     "abcdgoprtu",           exact},
    {"until",          "before",         "abcdgjlmoprtu",        exact},
    {"until",          "since",          "abcdgmr",              exact},
    {"until",          "keep",           "bcdegjmptu",           survivor},
    {"until",          "keep newest",    "gjlm",                 exact},
    {"until",          "younger",        "abcdgjlmoprtu",        exact},
    {"until",          "free",           "gjlmoptu",             budget},
    {"until",          "first name",     "bcdegjlmoprtu",        survivor},
    {"until",          "newest",         "abdegjlmoprtu",        survivor},
    {"until",          "oldest",         "acdegjlmoprtu",        survivor},
    {"until",          "tagged",         "abcegjlmoprtu",        survivor},
    {"until",          "pinned",         "abcdgjlmopru",         exact},
    {"until",          "parents",        "abcdgjlmortu",         exact},
    {"until",          "mounted",        "abcdgjlmoprtu",        exact},

    // `a` has no label and stays, so that no other name of its image has to: `e` goes, and no choice of survivor
    // matters. `u` stays, so that `t` would free nothing. `m` stays, too: `l` and `n` go in their turn for nothing, and
    // the budget goes on to `v`, which counts as used just now.
    {"label",          "label!",         "bcdegijlnorstv",       survivor},
    {"label",          "reference",      "bcdegilnoprs",         survivor},
    {"label",          "reference!",     "bcdegioprst",          survivor},
    {"label",          "before",         "bcdegjloprt",          survivor},
    {"label",          "since",          "bcdeginrs",            survivor},
    {"label",          "keep",           "bcdegijnpstv",         exact},
    {"label",          "keep newest",    "gjlv",                 exact},
    {"label",          "younger",        "bcdegijloprst",        survivor},
    {"label",          "free",           "gjlnoprsv",            budget},
    {"label",          "first name",     "bcdegijlnoprstv",      exact},
    {"label",          "newest",         "bcdegijlnoprstv",      survivor},
    {"label",          "oldest",         "bcdegijlnoprstv",      survivor},
    {"label",          "tagged",         "bcdegijlnoprstv",      survivor},
    {"label",          "pinned",         "bcdegijlnoprsv",       survivor},
    {"label",          "parents",        "bcdegijlnorstv",       survivor},
    {"label",          "mounted",        "bcdegijlnoprtv",       survivor},

    // `p` and `u` stay, so that a budget lets go neither `o` nor `t`. `m` stays, so that `l` and `n` free nothing: the
    // budget goes on to `v` and `w`.
    {"label!",         "reference",      "abcdgilnors",          exact},
    {"label!",         "reference!",     "abcdgiorstw",          exact},
    {"label!",         "before",         "abcdgjlort",           exact},
    {"label!",         "since",          "abcdginrsw",           exact},
    {"label!",         "keep",           "bcdegijnstvw",         survivor},
    {"label!",         "keep newest",    "gjlv",                 exact},
    {"label!",         "younger",        "abcdgijlorst",         exact},
    {"label!",         "free",           "gjlnrsvw",             budget},
    {"label!",         "first name",     "bcdegijlnorstvw",      survivor},
    {"label!",         "newest",         "abdegijlnorstvw",      survivor},
    {"label!",         "oldest",         "acdegijlnorstvw",      survivor},
    {"label!",         "tagged",         "abcegijlnorstvw",      survivor},
    {"label!",         "pinned",         "abcdgijlnorsvw",       exact},
    {"label!",         "parents",        "abcdgijlnorstvw",      exact},
    {"label!",         "mounted",        "abcdgijlnortvw",       exact},

    // Where `j`, `t` and `u` may not go, the budget takes `n`, whose layer is free with the last of the three tools.
    {"reference",      "reference!",     "abcdgioprs",           exact},
    {"reference",      "before",         "abcdglmopr",           exact},
    {"reference",      "since",          "abcdgimnrs",           exact},
    {"reference",      "keep",           "bcdegimnps",           survivor},
    {"reference",      "keep newest",    "glm",                  exact},
    {"reference",      "younger",        "abcdgilmoprs",         exact},
    {"reference",      "free",           "glmnoprs",             budget},
    {"reference",      "first name",     "bcdegilmnoprs",        survivor},
    {"reference",      "newest",         "abdegilmnoprs",        survivor},
    {"reference",      "oldest",         "acdegilmnoprs",        survivor},
    {"reference",      "tagged",         "abcegilmnoprs",        survivor},
    {"reference",      "pinned",         "abcdgilmnoprs",        exact},
    {"reference",      "parents",        "abcdgilmnors",         exact},
    {"reference",      "mounted",        "abcdgilmnopr",         exact},

    // The tools stay, and so do `j`, `k` and `v`: a name that is no reference cannot be judged. The budget
    // takes what is left, up to `w`.
    {"reference!",     "before",         "abcdgoprtu",           exact},
    {"reference!",     "since",          "abcdgirsw",            exact},
    {"reference!",     "keep",           "bcdegipstuw",          survivor},
    {"reference!",     "keep newest",    "g",                    exact},
    {"reference!",     "younger",        "abcdgioprstu",         exact},
    {"reference!",     "free",           "goprstuw",             budget},
    {"reference!",     "first name",     "bcdegioprstuw",        survivor},
    {"reference!",     "newest",         "abdegioprstuw",        survivor},
    {"reference!",     "oldest",         "acdegioprstuw",        survivor},
    {"reference!",     "tagged",         "abcegioprstuw",        survivor},
    {"reference!",     "pinned",         "abcdgioprsuw",         exact},
    {"reference!",     "parents",        "abcdgiorstuw",         exact},
    {"reference!",     "mounted",        "abcdgioprtuw",         exact},

    // As `until`.
    {"before",         "since",          "abcdgmr",              exact},
    {"before",         "keep",           "bcdegjmptu",           survivor},
    {"before",         "keep newest",    "gjlm",                 exact},
    {"before",         "younger",        "abcdgjlmoprtu",        exact},
    {"before",         "free",           "gjlmoptu",             budget},
    {"before",         "first name",     "bcdegjlmoprtu",        survivor},
    {"before",         "newest",         "abdegjlmoprtu",        survivor},
    {"before",         "oldest",         "acdegjlmoprtu",        survivor},
    {"before",         "tagged",         "abcegjlmoprtu",        survivor},
    {"before",         "pinned",         "abcdgjlmopru",         exact},
    {"before",         "parents",        "abcdgjlmortu",         exact},
    {"before",         "mounted",        "abcdgjlmoprtu",        exact},

    // `j`, `l`, `o`, `p`, `t` and `u` are too old, so that the budget takes all that is younger.
    {"since",          "keep",           "bcdegikmnsw",          survivor},
    {"since",          "keep newest",    "gkm",                  exact},
    {"since",          "younger",        "abcdgimrs",            exact},
    {"since",          "free",           "gkmnrsw",              budget},
    {"since",          "first name",     "bcdegikmnrsw",         survivor},
    {"since",          "newest",         "abdegikmnrsw",         survivor},
    {"since",          "oldest",         "acdegikmnrsw",         survivor},
    {"since",          "tagged",         "abcegikmnrsw",         survivor},
    {"since",          "pinned",         "abcdgikmnrsw",         exact},
    {"since",          "parents",        "abcdgikmnrsw",         exact},
    {"since",          "mounted",        "abcdgikmnrw",          exact},

    // `a`, `o` and `r` stay by pattern. So `e` need not survive, nor `p` as a parent, nor `s` as a mount; and under a
    // budget, the other names of their images stay with them.
    {"keep",           "keep newest",    "gjkmv",                exact},
    {"keep",           "younger",        "bcdegijmpstu",         survivor},
    {"keep",           "free",           "gjkmntuw",             budget},
    {"keep",           "first name",     "bcdegijkmnpstuvw",     exact},
    {"keep",           "newest",         "bcdegijkmnpstuvw",     survivor},
    {"keep",           "oldest",         "bcdegijkmnpstuvw",     survivor},
    {"keep",           "tagged",         "bcdegijkmnpstuvw",     survivor},
    {"keep",           "pinned",         "bcdegijkmnpsuvw",      survivor},
    {"keep",           "parents",        "bcdegijkmnpstuvw",     survivor},
    {"keep",           "mounted",        "bcdegijkmnpstuvw",     survivor},

    // Each repository keeps its newest image with all names: no image in use has to choose. What is left frees 40 bytes
    // of 45.
    {"keep newest",    "younger",        "gjlm",                 exact},
    {"keep newest",    "free",           "gjklmv",               budget},
    {"keep newest",    "first name",     "gjklmv",               exact},
    {"keep newest",    "newest",         "gjklmv",               exact},
    {"keep newest",    "oldest",         "gjklmv",               exact},
    {"keep newest",    "tagged",         "gjklmv",               exact},
    {"keep newest",    "pinned",         "gjklmv",               exact},
    {"keep newest",    "parents",        "gjklmv",               exact},
    {"keep newest",    "mounted",        "gjklmv",               exact},

    // What was used lately stays, but an image in use chooses its survivor as before.
    {"younger",        "free",           "gjlmoprstu",           exact},
    {"younger",        "first name",     "bcdegijlmoprstu",      survivor},
    {"younger",        "newest",         "abdegijlmoprstu",      survivor},
    {"younger",        "oldest",         "acdegijlmoprstu",      survivor},
    {"younger",        "tagged",         "abcegijlmoprstu",      survivor},
    {"younger",        "pinned",         "abcdgijlmoprsu",       exact},
    {"younger",        "parents",        "abcdgijlmorstu",       exact},
    {"younger",        "mounted",        "abcdgijlmoprtu",       exact},

    // The image goes whole or not at all: `u` stays with `t`, `o` with `p`, `r` with `s`. For their bytes `n` goes.
    {"free",           "first name",     "gjlmoprstu",           exact},
    {"free",           "newest",         "gjlmoprstu",           exact},
    {"free",           "oldest",         "gjlmoprstu",           exact},
    {"free",           "tagged",         "gjlmoprstu",           exact},
    {"free",           "pinned",         "gjlmnoprs",            budget},
    {"free",           "parents",        "gjlmnrstu",            budget},
    {"free",           "mounted",        "gjlmnoptu",            budget},

    // The choice holds for parents and mounted images, too: `o` stays and not `p`, `r` and not `s`.
    {"first name",     "pinned",         "bcdegijklmnoprsuvw",   survivor},
    {"first name",     "parents",        "bcdegijklmnprstuvw",   survivor},
    {"first name",     "mounted",        "bcdegijklmnopstuvw",   survivor},

    // `o` and `p` are as old, and the name that sorts last stays. Of `r` and `s`, `s` is newer.
    {"newest",         "pinned",         "abdegijklmnoprsuvw",   survivor},
    {"newest",         "parents",        "abdegijklmnorstuvw",   survivor},
    {"newest",         "mounted",        "abdegijklmnoprtuvw",   survivor},

    // Of `r` and `s`, `r` is older.
    {"oldest",         "pinned",         "acdegijklmnoprsuvw",   survivor},
    {"oldest",         "parents",        "acdegijklmnorstuvw",   survivor},
    {"oldest",         "mounted",        "acdegijklmnopstuvw",   survivor},

    // `o`, `p`, `r` and `s` are all tagged: the name that sorts last stays.
    {"tagged",         "pinned",         "abcegijklmnoprsuvw",   survivor},
    {"tagged",         "parents",        "abcegijklmnorstuvw",   survivor},
    {"tagged",         "mounted",        "abcegijklmnoprtuvw",   survivor},

    // Nobody's survivor, nobody's parent: what each keeps.
    {"pinned",         "parents",        "abcdgijklmnorsuvw",    exact},
    {"pinned",         "mounted",        "abcdgijklmnopruvw",    exact},

    // What each keeps.
    {"parents",        "mounted",        "abcdgijklmnortuvw",    exact},
}};

struct Plan {
    std::string goes;
    std::vector<Reason> reasons;
};

Plan plan(const Setting& setting) {
    mock::FullStore store;
    for (const Line& line : lines) {
        mock::FullRecord record{.name = line.name, .digest = line.target};
        if (line.created != unknown) record.created = Timestamp{line.created, 0};
        if (line.last_used != unknown) record.last_used = Timestamp{line.last_used, 0};
        if (line.labels.find('c') != line.labels.npos) record.labels.emplace_back("ci", "yes");
        if (line.labels.find('r') != line.labels.npos) record.labels.emplace_back("release", "yes");
        record.pinned = setting.pins && line.can_be_pinned;
        if (setting.parents) record.parent = line.parent;
        for (const pruneplan::Blob& layer : own_layers)
            if (layer.digest == line.target || (layer.size == 30 && line.target.starts_with("sha256:tool")))
                record.blobs.push_back(layer);
        store.records.push_back(std::move(record));
    }
    const std::vector<Container> containers{
        {RUN_BY_ID, ""},
        {"sha256:old-web", "team/web:1"},
        {"sha256:job", "team/job:1"},
        {"sha256:app", "team/app:1", setting.mounts ? std::vector<std::string_view>{"sha256:data"}
                                                    : std::vector<std::string_view>{}}};
    const auto index = mock::FullIndex::build(store);
    REQUIRE(index);
    REQUIRE(check_options(*index, setting.options));
    Plan out;
    const auto planned = plan_prune(*index, containers, setting.options);
    for (std::size_t id = 0; id < index->size(); ++id) {
        if (planned.decisions().deletes(id)) out.goes += static_cast<char>('a' + id);
        out.reasons.push_back(planned.decisions()[id].reason);
    }
    return out;
}

/// The interplay by which a record stays that another option lets go; `exact` where a rule of its own keeps it.
constexpr unsigned interplay_of(Reason reason) {
    switch (reason) {
        case Reason::last_name:
        case Reason::parent:
        case Reason::image_in_use: return survivor;
        case Reason::image_stays:
        case Reason::enough_freed: return budget;
        case Reason::name_in_use: return usage;
        default: return exact;
    }
}

bool has(std::string_view letters, char letter) { return letters.find(letter) != letters.npos; }

char letter_of(std::size_t record) { return static_cast<char>('a' + record); }

unsigned interplay(const Plan& first, const Plan& second, const Plan& both) {
    unsigned seen = exact;
    for (std::size_t record = 0; record < lines.size(); ++record) {
        const bool goes = has(both.goes, letter_of(record));
        if (goes)
            for (const Plan* alone : {&first, &second})
                if (!has(alone->goes, letter_of(record))) seen |= interplay_of(alone->reasons[record]);
        if (!goes && has(first.goes, letter_of(record)) && has(second.goes, letter_of(record)))
            seen |= interplay_of(both.reasons[record]);
    }
    return seen;
}

Setting with(std::initializer_list<const Option*> chosen) {
    Setting setting;
    for (const Option* option : chosen) option->set(setting);
    return setting;
}

}  // namespace

TEST_CASE("every option alone changes the plan") {
    CHECK(plan({}).goes == without_options);
    std::set<std::string_view> plans{without_options};
    for (const Option& option : options) {
        INFO(option.name);
        CHECK(plan(with({&option})).goes == option.goes);
        CHECK(option.goes != without_options);
    }
}

TEST_CASE("every pair of options: what goes when they meet") {
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
            CHECK(both.goes == pair.goes);
            CHECK(plan(with({&second, &first})).goes == both.goes);
            CHECK(interplay(alone[0], alone[1], both) == pair.interplay);

            // The law: what goes with both goes with each, or stays there by a choice that the other changes, not by a
            // rule of its own. Names in use are a rule, which only another usage rule lifts.
            for (const char letter : both.goes)
                for (const int other : {1, 0}) {
                    const Plan& kept = alone[1 - other];
                    const Reason reason = kept.reasons[static_cast<std::size_t>(letter - 'a')];
                    const bool lifted = reason == Reason::name_in_use && (other ? second : first).field == "usage";
                    const bool chosen = interplay_of(reason) != exact && reason != Reason::image_in_use &&
                                        reason != Reason::name_in_use;
                    INFO("record " << letter << ", " << to_string(reason));
                    CHECK((has(kept.goes, letter) || chosen || lifted));
                }
            // Whatever is combined, the image that a container runs by its ID keeps a name.
            CHECK_FALSE(both.goes.starts_with("abcde"));
        }
    CHECK(row == pairs.size());
}
