// SPDX-License-Identifier: BSL-1.0

// Tests `Result`, which holds a value or an error.

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

/// Returns `to` after `from` was assigned to it, by copy, self-assignment and move.
constexpr Result<int> assigned(const Result<int>& to, const Result<int>& from) {
    Result<int> copy = to, out = to;
    copy = from;
    const Result<int>& itself = copy;
    copy = itself;
    out = std::move(copy);
    return out;
}

}  // namespace

TEST_CASE("a result holds a value or else the error that says what is wrong") {
    CHECK_TWICE(half(8).has_value());
    CHECK_TWICE(*half(8) == 4);
    CHECK_TWICE(half(8).value() == 4);
    CHECK_TWICE(half(8).value_or(7) == 4);
    CHECK_TEXT_TWICE(!half(7));
    CHECK_TEXT_TWICE(half(7).value_or(7) == 7);
    CHECK_TEXT_TWICE(half(7).error().code == ErrorCode::invalid_format);
    CHECK_TEXT_TWICE(half(7).error().message == "an odd number has no half: give an even one");
}

TEST_CASE("and_then and transform apply to a value and pass the first error on") {
    CHECK_TWICE(*half(8).and_then(half) == 2);
    CHECK_TWICE(*half(8).transform([](int number) { return number + 0.5; }) == 4.5);
    CHECK_TEXT_TWICE(half(6).and_then(half).error().code == ErrorCode::invalid_format);
    CHECK_TEXT_TWICE(!half(7).transform([](int number) { return number; }));
    const Result<int> four = half(8);
    CHECK(*four.and_then(half) == 2);
    CHECK(*four.transform([](int number) { return number * 10; }) == 40);
}

TEST_CASE("a result of void holds success or an error") {
    CHECK_TWICE(even(8).has_value());
    CHECK_TEXT_TWICE(!even(7));
    CHECK_TEXT_TWICE(even(7).error().message == "an odd number: give an even one");
}

TEST_CASE("or_else and transform_error apply to an error and pass a value on") {
    const auto zero = [](const Error&) -> Result<int> { return 0; };
    const auto louder = [](Error error) { return Error{error.code, error.message + "!"}; };
    CHECK_TWICE(*half(8).or_else(zero) == 4);
    CHECK_TEXT_TWICE(*half(7).or_else(zero) == 0);
    CHECK_TWICE(*half(8).transform_error(louder) == 4);
    CHECK_TEXT_TWICE(half(7).transform_error(louder).error().message.ends_with("one!"));
    const Result<int> good = half(8), bad = half(7);
    CHECK(*good.or_else(zero) == 4);
    CHECK(*bad.or_else(zero) == 0);
    CHECK(*good.transform_error(louder) == 4);
    CHECK(bad.transform_error(louder).error().message.ends_with("one!"));
    CHECK(good.error_or({ErrorCode::bad_filter, ""}).code == ErrorCode::bad_filter);
    CHECK(half(7).error_or({ErrorCode::bad_filter, ""}).code == ErrorCode::invalid_format);
}

TEST_CASE("transform with a function that returns void gives a result of void") {
    int received = 0;
    const Result<void> done = half(8).transform([&](int number) { received = number; });
    CHECK(done.has_value());
    CHECK(received == 4);
    CHECK(half(7).transform([&](int number) { received = number; }).error().code == ErrorCode::invalid_format);
    CHECK(received == 4);
}

TEST_CASE("results are equal if their values or errors are equal") {
    CHECK_TWICE(half(8) == half(8));
    CHECK_TWICE(half(8) != half(6));
    CHECK_TWICE(half(8) == 4);
    CHECK_TWICE(half(8) != 3);
    CHECK_TWICE(half(8) == Result<long>(4L));
    CHECK_TEXT_TWICE(half(7) == half(5));
    CHECK_TEXT_TWICE(half(7) != half(8));
    CHECK_TEXT_TWICE(half(7) == Error{ErrorCode::invalid_format, "an odd number has no half: give an even one"});
    CHECK_TEXT_TWICE(half(7) != Error{ErrorCode::uppercase, "an odd number has no half: give an even one"});
    CHECK_TWICE(even(8) == even(6));
    CHECK_TEXT_TWICE(even(7) != even(6));
    CHECK_TEXT_TWICE(even(7) == Error{ErrorCode::invalid_format, "an odd number: give an even one"});
}

TEST_CASE("a result can be default-constructed and emplaced and swapped") {
    CHECK_TWICE(*Result<int>() == 0);
    Result<std::string> text = Error{ErrorCode::bad_filter, "bad"};
    CHECK(text.emplace(3u, 'a') == "aaa");
    Result<std::string> other = Error{ErrorCode::bad_filter, "bad"};
    swap(text, other);
    CHECK(*other == "aaa");
    CHECK(text.error().message == "bad");
    text.swap(other);
    CHECK(*text == "aaa");
    Result<void> nothing = even(7);
    Result<void> fine;
    swap(nothing, fine);
    CHECK(nothing.has_value());
    CHECK_FALSE(fine.has_value());
    fine.emplace();
    CHECK(fine.has_value());
}

TEST_CASE("a result of void has the same operations as other results") {
    CHECK_TWICE(*even(8).and_then([] { return half(6); }) == 3);
    CHECK_TEXT_TWICE(even(7).and_then([] { return half(6); }).error().message == "an odd number: give an even one");
    CHECK_TWICE(*even(8).transform([] { return 5; }) == 5);
    CHECK_TEXT_TWICE(!even(7).transform([] { return 5; }));
    CHECK(even(8).transform([] {}).has_value());
    const Error bad{ErrorCode::bad_filter, "no"};
    CHECK(Result<void>(bad).error() == bad);
    CHECK(even(7).or_else([](const Error&) { return Result<void>(); }).has_value());
    CHECK(even(8).or_else([](const Error& error) { return Result<void>(error); }).has_value());
    CHECK(even(7).transform_error([](Error error) { return Error{error.code, "no"}; }).error().message == "no");
    CHECK(even(8).transform_error([](Error error) { return error; }).has_value());
    CHECK(even(7).error_or({}).code == ErrorCode::invalid_format);
    even(8).value();
    *even(8);
}

TEST_CASE("a result can hold a move-only value") {
    Result<std::unique_ptr<int>> made = std::make_unique<int>(3);
    const std::unique_ptr<int> moved = *std::move(made);
    CHECK(*moved == 3);
}

TEST_CASE("a result can be copied and assigned from value or error to value or error") {
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

TEST_CASE("a result can be constructed and assigned from what converts to its value") {
    const auto text = []() -> Result<std::string> { return "abc"; };
    CHECK(*text() == "abc");
    Result<std::string> other = Error{ErrorCode::bad_filter, "bad"};
    other = "abc";
    CHECK(other == "abc");
    const Result<long> number = half(8);
    CHECK(*number == 4);
    CHECK(Result<long>(half(7)).error().code == ErrorCode::invalid_format);
    Result<int> bad = half(7);
    CHECK(*bad.or_else([](Error& error) -> Result<int> { return static_cast<int>(error.message.size()); }) == 43);
}
