// SPDX-License-Identifier: BSL-1.0
// Writes a plan whose names, targets and doubts hold every byte, and the characters that are special in JSON, DOT, UTF-8 and
// XML:
//
//     any_bytes json | dot

#include "../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstdio>
#include <string>
#include <string_view>

int main(int count, char** arguments) {
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
    const std::string quotes = "q\"b\\N\\G\\", backslash = "x\\", entities = "&lt;&amp;\\\\\"<b>";
    const std::string characters = "\xef\xbf\xbf\xc3\xa9\xf4\x8f\xbf\xbd\xf4\x90\x80\x80\xed\xa0\x80\xe2\x80\xa8";
    const mock::FullStore store{{{.name = every_byte, .digest = every_byte},
                                 {.name = quotes, .digest = backslash, .needs = every_byte},
                                 {.name = backslash, .digest = entities, .needs = entities},
                                 {.name = entities, .digest = characters},
                                 {.name = characters, .digest = characters},
                                 {.name = "", .digest = ""}}};
    const auto plan = mock::plan_of(store, {{characters, every_byte}}, {.scope = pruneplan::Scope::unused});
    const auto out = [](std::string_view piece) { std::fwrite(piece.data(), 1, piece.size(), stdout); };
    const std::string_view wanted = count > 1 ? arguments[1] : "";
    if (wanted == "json")
        pruneplan::write_json_lines(plan, out);
    else if (wanted == "dot")
        pruneplan::write_dot(plan, out);
    else
        return 2;
}
