#ifndef PRUNEPLAN_TESTS_SUPPORT_JSON_LINE_HPP
#define PRUNEPLAN_TESTS_SUPPORT_JSON_LINE_HPP

// SPDX-License-Identifier: BSL-1.0

// A strict reader of one line of JSON (RFC 8259): an object of strings, numbers without a fraction, and `true`. It
// shares no code with the library.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace json_line {

/// A key and its value: a string value decoded to UTF-8, any other value as written.
using Member = std::pair<std::string, std::string>;

class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    std::optional<std::vector<Member>> object() {
        std::vector<Member> members;
        if (!take('{')) return std::nullopt;
        do {
            auto key = string();
            if (!key || !take(':')) return std::nullopt;
            auto value = rest_.starts_with('"') ? string() : word();
            if (!value) return std::nullopt;
            members.push_back({*std::move(key), *std::move(value)});
        } while (take(','));
        if (!take('}') || !rest_.empty()) return std::nullopt;
        return members;
    }

private:
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// A number without a fraction, or `true` or `false`.
    std::optional<std::string> word() {
        const std::string_view word = rest_.substr(0, rest_.find_first_of(",}"));
        rest_.remove_prefix(word.size());
        const bool is_number =
            !word.empty() && word.find_first_not_of("0123456789") == word.npos && (word == "0" || word[0] != '0');
        if (!is_number && word != "true" && word != "false") return std::nullopt;
        return std::string(word);
    }

    std::optional<std::string> string() {
        std::string out;
        if (!take('"')) return std::nullopt;
        while (!take('"')) {
            if (rest_.empty() || static_cast<unsigned char>(rest_[0]) < 0x20) return std::nullopt;
            if (take('\\')) {
                if (!escape(out)) return std::nullopt;
            } else {
                out += rest_[0];
                rest_.remove_prefix(1);
            }
        }
        return out;
    }

    bool escape(std::string& out) {
        constexpr std::string_view names = "\"\\/bfnrt", characters = "\"\\/\b\f\n\r\t";
        if (rest_.empty()) return false;
        const char name = rest_[0];
        rest_.remove_prefix(1);
        if (const auto at = names.find(name); at != names.npos) {
            out += characters[at];
            return true;
        }
        if (name != 'u' || rest_.size() < 4) return false;
        unsigned code = 0;
        for (const char c : rest_.substr(0, 4)) {
            const auto digit = std::string_view("0123456789abcdef").find(c);
            if (digit == std::string_view::npos) return false;
            code = code * 16 + static_cast<unsigned>(digit);
        }
        rest_.remove_prefix(4);
        if (code >= 0xd800 && code < 0xe000) return false;  // half of a pair, which nothing here needs
        if (code < 0x80) {
            out += static_cast<char>(code);
        } else if (code < 0x800) {
            out += static_cast<char>(0xc0 | code >> 6);
            out += static_cast<char>(0x80 | (code & 0x3f));
        } else {
            out += static_cast<char>(0xe0 | code >> 12);
            out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
            out += static_cast<char>(0x80 | (code & 0x3f));
        }
        return true;
    }

    std::string_view rest_;
};

}  // namespace json_line

#endif
