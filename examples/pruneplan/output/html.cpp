// SPDX-License-Identifier: BSL-1.0
// A plan as a page in one file: doubts, then repositories, those that lose names first and open. Without scripts, only
// the search is missing. "page.html#q=WORDS" opens it with a search.
#include "output.hpp"
#include "view.hpp"

#include <tuple>

namespace cli {
namespace {

constexpr std::string_view head = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';
style-src 'unsafe-inline';script-src 'unsafe-inline'">
<style>
:root{color-scheme:light dark;--text:#1f2328;--dim:#59636e;--page:#fff;--box:#f6f8fa;--line:#d1d9e0;--red:#a40e26;
--redbox:#ffebe9;--green:#116329;--greenbox:#dafbe1;--warn:#fff8c5}
@media(prefers-color-scheme:dark){:root{--text:#f0f6fc;--dim:#9198a1;--page:#0d1117;--box:#151b23;--line:#3d444d;
--red:#ff7b72;--redbox:#2d1214;--green:#56d364;--greenbox:#12261e;--warn:#272115}}
body{margin:0 auto;padding:1.5rem;max-width:75rem;background:var(--page);color:var(--text);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1rem;margin:0}ul{margin:.25rem 0 0;padding-left:1.25rem}
.dim,.note{color:var(--dim)}
.doubts{background:var(--warn);border:1px solid var(--line);border-radius:6px;padding:.75rem 1rem;margin:1rem 0}
.search{position:sticky;top:0;background:var(--page);padding:.75rem 0}
input{font:inherit;width:24rem;max-width:100%;padding:.35rem .6rem;box-sizing:border-box}
details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;overflow-x:auto}
summary{background:var(--box);padding:.5rem 1rem;cursor:pointer}
table{border-collapse:collapse;width:100%}
td,th{border-top:1px solid var(--line);padding:.35rem 1rem;text-align:left;vertical-align:top}
th{color:var(--dim);font-weight:600;font-size:.85em}
.name,.id{font-family:ui-monospace,monospace;font-size:.9em}.fact,.id{white-space:nowrap}
.name{font-weight:600;min-width:14rem}.name,li{overflow-wrap:anywhere}
.pill{border-radius:1em;padding:.1em .6em;font-size:.85em;font-weight:600;white-space:nowrap}
.delete .pill,.pill.delete{background:var(--redbox);color:var(--red)}
.keep .pill,.pill.keep{background:var(--greenbox);color:var(--green)}
[hidden]{display:none}
</style>
)";

constexpr std::string_view script = R"(<script>
const input = document.getElementById('search'), found = document.getElementById('found');
const rows = [...document.querySelectorAll('tbody tr')], folds = [...document.querySelectorAll('details')];
const texts = rows.map(row => (row.textContent + ' ' + row.dataset.id).toLowerCase());
folds.forEach(fold => fold.dataset.open = fold.open);
function filter() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  rows.forEach((row, i) => { row.hidden = !words.every(word => texts[i].includes(word)); count += !row.hidden; });
  for (const fold of folds) {
    fold.hidden = !fold.querySelector('tbody tr:not([hidden])');
    fold.open = words.length ? !fold.hidden : fold.dataset.open === 'true';
  }
  found.textContent = words.length ? count + ' of ' + rows.length + ' names' : '';
}
function readFragment() {
  input.value = new URLSearchParams(location.hash.slice(1)).get('q') || '';
  filter();
}
input.addEventListener('input', () => {
  history.replaceState(null, '', '#' + (input.value ? 'q=' + encodeURIComponent(input.value) : ''));
  filter();
});
addEventListener('hashchange', readFragment);
input.parentElement.hidden = false;
readFragment();
</script>
)";

/// Returns the part of a name before its tag and its digest.
std::string repository_of(const Record& record) {
    if (is_nameless(record)) return "<none>";
    const auto reference = pruneplan::parse_reference(record.name);
    if (!reference) return record.name;
    const std::string_view text = reference->familiar();
    return std::string(text.substr(0, text.size() - (reference->canonical().size() - reference->name().size())));
}

struct Repository {
    std::vector<std::size_t> records{};  ///< deletions first
    std::size_t deleted = 0;             ///< how many of its records
};

/// Those that lose names come first, then by name; images without a name come last.
using RepositoryKey = std::tuple<bool, bool, std::string>;

std::map<RepositoryKey, Repository> repositories_of(const View& view) {
    std::map<std::string, Repository> by_name;
    for (const auto wanted : {pruneplan::Action::erase, pruneplan::Action::keep})
        for (const Image& image : view.images)
            for (const std::size_t number : image.records) {
                if (view.action(number) != wanted) continue;
                Repository& repository = by_name[repository_of(view.record(number))];
                repository.records.push_back(number);
                repository.deleted += wanted == pruneplan::Action::erase ? 1 : 0;
            }
    std::map<RepositoryKey, Repository> sorted;
    for (auto& [name, repository] : by_name)
        sorted[{repository.deleted == 0, name == "<none>", name}] = std::move(repository);
    return sorted;
}

void print_list(std::ostream& out, std::string_view title, const Words& items) {
    if (items.empty()) return;
    out << "<section class=\"doubts\"><h2>" << markup(title) << "</h2><ul>\n";
    for (const std::string& item : items) out << "<li>" << markup(item) << "</li>\n";
    out << "</ul></section>\n";
}

void print_row(std::ostream& out, const View& view, std::size_t number) {
    const Record& record = view.record(number);
    const std::string_view action = to_string(view.action(number));
    out << "<tr class=\"" << action << "\" data-id=\"" << markup(record.target) << "\"><td><span class=\"pill\">"
        << action << "</span></td><td class=\"name\">" << markup(view.name(number)) << "</td><td class=\"id\" title=\""
        << markup(record.target) << "\">" << markup(short_id(record.target)) << "</td><td class=\"fact\">"
        << readable_size(record.size) << "</td><td class=\"fact\" title=\"" << moment(record.created) << "\">"
        << created_since(record, view.planned.now) << "</td><td>" << markup(view.reason(number)) << "</td></tr>\n";
}

void print_repository(std::ostream& out, const View& view, const std::string& name, const Repository& repository) {
    out << "<details" << (repository.deleted > 0 ? " open" : "") << "><summary><span class=\"name\">" << markup(name)
        << "</span>";
    const auto count = [&](std::size_t names, std::string_view action) {
        if (names > 0) out << " <span class=\"pill " << action << "\">" << action << ' ' << names << "</span>";
    };
    count(repository.deleted, "delete");
    count(repository.records.size() - repository.deleted, "keep");
    out << "</summary><table><thead><tr><th>Action</th><th>Name</th><th>Image</th><th>Size</th><th>Created</th>"
           "<th>Reason</th></tr></thead><tbody>\n";
    for (const std::size_t number : repository.records) print_row(out, view, number);
    out << "</tbody></table></details>\n";
}

}  // namespace

void print_html(std::ostream& out, const Planned& planned) {
    const View view(planned);
    const Listing& listing = planned.listing;
    const std::string title =
        "Delete " + std::to_string(planned.plan.deleted_count()) + " of " + counted(planned.plan.size(), "name");
    out << head << "<title>" << title << "</title>\n</head>\n<body>\n<h1>" << title << "</h1>\n<p>"
        << view.deleted_images << " of " << counted(view.images.size(), "image") << ", which " << view.freed()
        << ".</p>\n<p class=\"dim\">";
    for (const std::string& fact :
         {listing.source + ' ' + listing.version, listing.where, "rule " + planned.rule, moment(planned.now)})
        if (!fact.empty()) out << "<span>" << markup(fact) << "</span> &nbsp; ";
    out << "</p>\n";
    Words doubts;
    for (const pruneplan::Doubt& doubt : planned.plan.doubts())
        doubts.push_back(std::string(to_string(doubt.kind)) + (doubt.blocks ? " (blocks --apply): " : ": ") +
                         doubt.sentence);
    print_list(out, counted(doubts.size(), "doubt"), doubts);
    print_list(out, "Notes", notes_of(planned));
    out << "<p class=\"search\" hidden><input id=\"search\" type=\"search\" placeholder=\"Search names, IDs and "
           "reasons\" "
           "aria-label=\"Search\"> <output id=\"found\" class=\"dim\"></output></p>\n";
    for (const auto& [key, repository] : repositories_of(view))
        print_repository(out, view, std::get<std::string>(key), repository);
    out << script << "</body>\n</html>\n";
}

}  // namespace cli
