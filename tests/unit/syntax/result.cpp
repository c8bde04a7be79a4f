#include "../../support/check.hpp"

#include <pruneplan/syntax/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace {

using pruneplan::Error;
using pruneplan::ErrorCode;
using pruneplan::Result;

constexpr Result<int> half(int number) {
    if (number % 2 != 0) return Error{ErrorCode::invalid_format, "an odd number has no half: give an even one"};
    return number / 2;
}

constexpr Result<void> even(int number) {
    if (number % 2 != 0) return Error{ErrorCode::invalid_format, "an odd number: give an even one"};
    return {};
}

/// `to`, after `from` was assigned to it: copied, from itself, and moved.
constexpr Result<int> assigned(const Result<int>& to, const Result<int>& from) {
    Result<int> copy = to, out = to;
    copy = from;
    const Result<int>& itself = copy;
    copy = itself;
    out = std::move(copy);
    return out;
}

}  // namespace

TEST_CASE("a result is a value, or the error that says why there is none") {
    CHECK_TWICE(half(8).has_value());
    CHECK_TWICE(*half(8) == 4);
    CHECK_TWICE(half(8).value() == 4);
    CHECK_TWICE(half(8).value_or(7) == 4);
    CHECK_TEXT_TWICE(!half(7));
    CHECK_TEXT_TWICE(half(7).value_or(7) == 7);
    CHECK_TEXT_TWICE(half(7).error().code == ErrorCode::invalid_format);
    CHECK_TEXT_TWICE(half(7).error().message == "an odd number has no half: give an even one");
}

TEST_CASE("results chain, and the first error comes through") {
    CHECK_TWICE(*half(8).and_then(half) == 2);
    CHECK_TWICE(*half(8).transform([](int number) { return number + 0.5; }) == 4.5);
    CHECK_TEXT_TWICE(half(6).and_then(half).error().code == ErrorCode::invalid_format);
    CHECK_TEXT_TWICE(!half(7).transform([](int number) { return number; }));
    const Result<int> kept = half(8);
    CHECK(*kept.and_then(half) == 2);
    CHECK(*kept.transform([](int number) { return number * 10; }) == 40);
}

TEST_CASE("a result of nothing says that all is well, or what is not") {
    CHECK_TWICE(even(8).has_value());
    CHECK_TEXT_TWICE(!even(7));
    CHECK_TEXT_TWICE(even(7).error().message == "an odd number: give an even one");
}

TEST_CASE("a result holds what can only be moved") {
    Result<std::unique_ptr<int>> made = std::make_unique<int>(3);
    const std::unique_ptr<int> taken = *std::move(made);
    CHECK(*taken == 3);
}

TEST_CASE("a result can be copied and assigned, whichever of both it is") {
    CHECK_TWICE(*assigned(half(8), half(6)) == 3);
    CHECK_TEXT_TWICE(assigned(half(8), half(5)).error().message == half(5).error().message);
    CHECK_TEXT_TWICE(*assigned(half(7), half(6)) == 3);
    CHECK_TEXT_TWICE(assigned(half(7), half(5)).error().message == half(5).error().message);
    static_assert(std::is_copy_assignable_v<Result<int>> && std::is_nothrow_move_constructible_v<Result<int>>);
    static_assert(std::is_move_assignable_v<Result<std::unique_ptr<int>>>);
    static_assert(!std::is_copy_constructible_v<Result<std::unique_ptr<int>>>);
    static_assert(!std::is_copy_assignable_v<Result<std::unique_ptr<int>>>);
    CHECK_TWICE(Result<void>(even(8)).has_value());
    Result<void> checked = even(8);
    checked = even(7);
    CHECK(!checked);
}

TEST_CASE("quoted input stays on one line, printable and short") {
    CHECK_TWICE(std::string_view(pruneplan::detail::quoted("alpine")) == "\"alpine\"");
    CHECK_TWICE(std::string_view(pruneplan::detail::quoted("")) == "\"\"");
    CHECK_TWICE(std::string_view(pruneplan::detail::quoted("a\n\"%\xc3")) == "\"a%0A%22%25%C3\"");
    CHECK(std::string_view(pruneplan::detail::quoted(std::string(80, 'a'))) == "\"" + std::string(80, 'a') + "\"");
    CHECK(std::string_view(pruneplan::detail::quoted(std::string(1 << 20, 'a'))) == "\"" + std::string(80, 'a') + "...\"");
}

TEST_CASE("every error code has a word of its own") {
    std::string words;
    for (int code = 0; code <= static_cast<int>(ErrorCode::too_many_records); ++code) {
        const std::string word = " " + std::string(to_string(static_cast<ErrorCode>(code))) + " ";
        CHECK(word != " unknown ");
        CHECK(words.find(word) == words.npos);
        words += word;
    }
}
