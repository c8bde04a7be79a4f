#ifndef PRUNEPLAN_SYNTAX_RESULT_HPP
#define PRUNEPLAN_SYNTAX_RESULT_HPP

// SPDX-License-Identifier: BSL-1.0

// Errors are values: a Result holds what was asked for, or an Error that tells what is wrong with the input.

#include <pruneplan/detail/is_result.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/detail/text/message.hpp>
#include <pruneplan/syntax/error.hpp>

#include <concepts>
#include <cstddef>
#include <optional>  // and std::construct_at, which <memory> would provide at a higher compile time
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan {

namespace detail {

/// Calls a function and returns its result as a Result; a `Result<void>` if it returns nothing.
template <class F, class... Arguments>
constexpr auto result_of(F&& call, Arguments&&... arguments) {
    using Value = std::remove_cvref_t<std::invoke_result_t<F, Arguments...>>;  // can be void
    if constexpr (std::is_void_v<Value>) {
        std::forward<F>(call)(std::forward<Arguments>(arguments)...);
        return Result<Value>();
    } else {
        return Result<Value>(std::forward<F>(call)(std::forward<Arguments>(arguments)...));
    }
}

inline constexpr const char* no_error = "the error of a Result was read that holds a value: check has_value() before";

}  // namespace detail

/// Holds a `T`, or the `Error` that explains why it is missing. It has the members of `std::expected<T, Error>`. It
/// stays a type of this library in C++23, so that translation units built for different standards agree.
///
/// Differences from `std::expected`: to read a missing value does not throw but ends the program with the message of
/// the error; to read a missing error ends it, too. `*` and `value()` of a temporary return by value. An `Error` needs
/// no `std::unexpected` around it, and `transform_error` returns no other type of error. There are no in-place
/// constructors.
template <class T>
class [[nodiscard]] Result {
public:
    /// The type of the value.
    using value_type = T;
    /// The type of the error.
    using error_type = Error;

    /// Holds a default value.
    constexpr Result() requires std::is_default_constructible_v<T> : Result(T()) {}
    /// Holds a value.
    constexpr Result(const T& value) requires std::is_copy_constructible_v<T> : has_value_(true), content_(value) {}
    /// Holds a value.
    constexpr Result(T&& value) : has_value_(true), content_(std::move(value)) {}
    /// Converts what converts to a value, such as a literal to a string.
    template <class U>
    requires(std::is_convertible_v<U, T> && !detail::is_result<std::remove_cvref_t<U>> &&
             !std::is_same_v<std::remove_cvref_t<U>, T> && !std::is_convertible_v<U, Error>)
    constexpr Result(U&& value) : has_value_(true), content_(T(std::forward<U>(value))) {}
    /// Converts a Result whose value converts to this one's.
    template <class U>
    requires(std::is_convertible_v<const U&, T> && !std::is_same_v<U, T> && !std::is_void_v<U>)
    constexpr Result(const Result<U>& other)
        : has_value_(other.has_value()), content_(has_value_ ? Content(T(*other)) : Content(other.error())) {}
    /// Holds an error.
    constexpr Result(const Error& error) : has_value_(false), content_(error) {}
    /// Holds an error.
    constexpr Result(Error&& error) noexcept : has_value_(false), content_(std::move(error)) {}

    /// Copies the content.
    constexpr Result(const Result& other) requires std::is_copy_constructible_v<T>
        : has_value_(other.has_value_),
          content_(has_value_ ? Content(other.content_.value) : Content(other.content_.error)) {}
    /// Moves the content.
    constexpr Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        : has_value_(other.has_value_),
          content_(has_value_ ? Content(std::move(other.content_.value)) : Content(std::move(other.content_.error))) {}
    /// Copies the content. Requires a move that does not throw: after a failed move, the old content would be lost.
    constexpr Result& operator=(const Result& other)
        requires(std::is_copy_constructible_v<T> && std::is_nothrow_move_constructible_v<T>) {
        return *this = Result(other);
    }
    /// Moves the content.
    constexpr Result& operator=(Result&& other) noexcept requires std::is_nothrow_move_constructible_v<T> {
        if (&other == this) return *this;
        destroy();
        has_value_ = other.has_value_;
        if (has_value_)
            std::construct_at(&content_.value, std::move(other.content_.value));
        else
            std::construct_at(&content_.error, std::move(other.content_.error));
        return *this;
    }
    constexpr ~Result() { destroy(); }

    /// Replaces the content by a value constructed from `arguments`.
    template <class... Arguments>
    constexpr T& emplace(Arguments&&... arguments) requires std::is_nothrow_move_constructible_v<T> {
        *this = Result(T(std::forward<Arguments>(arguments)...));
        return content_.value;
    }
    /// Swaps with another Result.
    constexpr void swap(Result& other) noexcept requires std::is_nothrow_move_constructible_v<T> {
        Result mine(std::move(*this));
        *this = std::move(other);
        other = std::move(mine);
    }
    /// Swaps two Results.
    friend constexpr void swap(Result& a, Result& b) noexcept requires std::is_nothrow_move_constructible_v<T> {
        a.swap(b);
    }

    /// Tells whether there is a value.
    constexpr bool has_value() const noexcept { return has_value_; }
    /// Tells whether there is a value.
    constexpr explicit operator bool() const noexcept { return has_value_; }

    /// Returns the value. Returns it by value if the Result is a temporary, so that no reference dangles. @pre There is
    /// a value.
    constexpr T& operator*() & noexcept { return checked().value; }
    /// @overload
    constexpr const T& operator*() const& noexcept { return checked().value; }
    /// @overload
    constexpr T operator*() && { return std::move(checked().value); }
    /// Returns a pointer to the value. @pre There is a value.
    constexpr T* operator->() noexcept { return &checked().value; }
    /// @overload
    constexpr const T* operator->() const noexcept { return &checked().value; }
    /// Returns the value, as `*` does. @pre There is a value.
    constexpr T& value() & noexcept { return checked().value; }
    /// @overload
    constexpr const T& value() const& noexcept { return checked().value; }
    /// @overload
    constexpr T value() && { return std::move(checked().value); }

    /// Returns the value, or `other` if there is an error.
    template <class U>
    constexpr T value_or(U&& other) const& {
        return has_value_ ? content_.value : static_cast<T>(std::forward<U>(other));
    }
    /// Returns the value, or `other` if there is an error.
    template <class U>
    constexpr T value_or(U&& other) && {
        return has_value_ ? std::move(content_.value) : static_cast<T>(std::forward<U>(other));
    }

    /// Returns the error. @pre There is an error.
    constexpr Error& error() & noexcept { return failed().error; }
    /// @overload
    constexpr const Error& error() const& noexcept { return failed().error; }
    /// @overload
    constexpr Error&& error() && noexcept { return std::move(failed().error); }
    /// @overload
    constexpr const Error&& error() const&& noexcept { return std::move(failed().error); }

    /// Returns the error, or `other` if there is a value.
    constexpr Error error_or(Error other) const& { return has_value_ ? std::move(other) : content_.error; }
    /// Returns the error, or `other` if there is a value.
    constexpr Error error_or(Error other) && { return std::move(has_value_ ? other : content_.error); }

    /// Returns `next(value)`, which is a Result, or this error.
    template <class F>
    constexpr auto and_then(F&& next) & {
        return then(*this, std::forward<F>(next));
    }
    /// @overload
    template <class F>
    constexpr auto and_then(F&& next) const& {
        return then(*this, std::forward<F>(next));
    }
    /// @overload
    template <class F>
    constexpr auto and_then(F&& next) && {
        return then(std::move(*this), std::forward<F>(next));
    }

    /// Returns a Result of `change(value)`, or of this error.
    template <class F>
    constexpr auto transform(F&& change) & {
        return changed(*this, std::forward<F>(change));
    }
    /// @overload
    template <class F>
    constexpr auto transform(F&& change) const& {
        return changed(*this, std::forward<F>(change));
    }
    /// @overload
    template <class F>
    constexpr auto transform(F&& change) && {
        return changed(std::move(*this), std::forward<F>(change));
    }

    /// Returns this value, or `next(error)`, which is a `Result<T>`.
    template <class F>
    constexpr Result or_else(F&& next) & {
        return otherwise(*this, std::forward<F>(next));
    }
    /// @overload
    template <class F>
    constexpr Result or_else(F&& next) const& {
        return otherwise(*this, std::forward<F>(next));
    }
    /// @overload
    template <class F>
    constexpr Result or_else(F&& next) && {
        return otherwise(std::move(*this), std::forward<F>(next));
    }

    /// Returns this value, or the error that `change(error)` returns.
    template <class F>
    constexpr Result transform_error(F&& change) const& {
        if (has_value_) return *this;
        return Error(std::forward<F>(change)(content_.error));
    }
    /// @overload
    template <class F>
    constexpr Result transform_error(F&& change) && {
        if (has_value_) return std::move(*this);
        return Error(std::forward<F>(change)(std::move(content_.error)));
    }

    /// Tells whether both hold equal values or equal errors.
    template <class U>
    friend constexpr bool operator==(const Result& a, const Result<U>& b) requires(!std::is_void_v<U>) {
        if (a.has_value() != b.has_value()) return false;
        return a.has_value() ? *a == *b : a.error() == b.error();
    }
    /// Tells whether this holds an equal value.
    template <class U>
    friend constexpr bool operator==(const Result& a, const U& value)
        requires(!detail::is_result<U> && !std::same_as<U, Error>) {
        return a.has_value() && *a == value;
    }
    /// Tells whether this holds an equal error.
    friend constexpr bool operator==(const Result& a, const Error& error) {
        return !a.has_value() && a.error() == error;
    }

private:
    /// Holds one of the two. Two `std::optional` members would cost each translation unit more compile time.
    union Content {
        constexpr explicit Content(const T& given) : value(given) {}
        constexpr explicit Content(T&& given) : value(std::move(given)) {}
        constexpr explicit Content(const Error& given) : error(given) {}
        constexpr explicit Content(Error&& given) : error(std::move(given)) {}
        constexpr ~Content() {}

        T value;
        Error error;
    };

    constexpr void destroy() noexcept {
        if (has_value_)
            content_.value.~T();
        else
            content_.error.~Error();
    }

    constexpr const Content& checked() const noexcept {
        if (!has_value_) detail::precondition_failed(content_.error.message.c_str());
        return content_;
    }
    constexpr Content& checked() noexcept { return const_cast<Content&>(std::as_const(*this).checked()); }
    constexpr const Content& failed() const noexcept {
        detail::require(!has_value_, detail::no_error);
        return content_;
    }
    constexpr Content& failed() noexcept { return const_cast<Content&>(std::as_const(*this).failed()); }

    template <class Self, class F>
    static constexpr Result otherwise(Self&& self, F&& next) {
        if (self.has_value()) return std::forward<Self>(self);
        return std::forward<F>(next)(std::forward<Self>(self).error());
    }
    template <class Self, class F>
    static constexpr auto then(Self&& self, F&& next)
        -> std::remove_cvref_t<decltype(std::forward<F>(next)(*std::forward<Self>(self)))> {
        if (!self.has_value()) return std::forward<Self>(self).error();
        return std::forward<F>(next)(*std::forward<Self>(self));
    }
    template <class Self, class F>
    static constexpr auto changed(Self&& self, F&& change)
        -> decltype(detail::result_of(std::forward<F>(change), *std::forward<Self>(self))) {
        if (!self.has_value()) return std::forward<Self>(self).error();
        return detail::result_of(std::forward<F>(change), *std::forward<Self>(self));
    }

    bool has_value_;
    Content content_;
};

/// Holds success, or the `Error` that tells what is wrong.
template <>
class [[nodiscard]] Result<void> {
public:
    /// The type of the value.
    using value_type = void;
    /// The type of the error.
    using error_type = Error;

    /// Holds success.
    constexpr Result() : result_(Nothing()) {}
    /// Holds an error.
    constexpr Result(const Error& error) : result_(error) {}
    /// Holds an error.
    constexpr Result(Error&& error) noexcept : result_(std::move(error)) {}

    /// Replaces the content by success.
    constexpr void emplace() noexcept { result_ = Nothing(); }
    /// Swaps with another Result.
    constexpr void swap(Result& other) noexcept { result_.swap(other.result_); }
    /// Swaps two Results.
    friend constexpr void swap(Result& a, Result& b) noexcept { a.swap(b); }

    /// Tells whether this is a success.
    constexpr bool has_value() const noexcept { return result_.has_value(); }
    /// Tells whether this is a success.
    constexpr explicit operator bool() const noexcept { return has_value(); }
    /// Checks that there is no error.
    constexpr void operator*() const noexcept { static_cast<void>(*result_); }
    /// Checks that there is no error.
    constexpr void value() const noexcept { static_cast<void>(*result_); }

    /// Returns the error. @pre There is an error.
    constexpr Error& error() & noexcept { return result_.error(); }
    /// @overload
    constexpr const Error& error() const& noexcept { return result_.error(); }
    /// @overload
    constexpr Error&& error() && noexcept { return std::move(result_).error(); }

    // Templates: not every supported compiler evaluates std::string at compile time.

    /// Returns the error, or `other` if this is a success.
    template <class E = Error>
    constexpr E error_or(E other) const& {
        return result_.error_or(std::move(other));
    }
    /// Returns the error, or `other` if this is a success.
    template <class E = Error>
    constexpr E error_or(E other) && {
        return std::move(result_).error_or(std::move(other));
    }

    /// Returns `next()`, which is a Result, or this error.
    template <class F>
    constexpr auto and_then(F&& next) const& -> std::remove_cvref_t<std::invoke_result_t<F>> {
        if (!has_value()) return error();
        return std::forward<F>(next)();
    }
    /// Returns a Result of `change()`, or of this error.
    template <class F>
    constexpr auto transform(F&& change) const& -> decltype(detail::result_of(std::forward<F>(change))) {
        if (!has_value()) return error();
        return detail::result_of(std::forward<F>(change));
    }
    /// Returns success, or `next(error)`, which is a `Result<void>`.
    template <class F>
    constexpr Result or_else(F&& next) const& {
        if (has_value()) return *this;
        return std::forward<F>(next)(error());
    }
    /// Returns success, or the error that `change(error)` returns.
    template <class F>
    constexpr Result transform_error(F&& change) const& {
        if (has_value()) return *this;
        return Error(std::forward<F>(change)(error()));
    }

    /// Tells whether both hold equal values or equal errors.
    friend constexpr bool operator==(const Result& a, const Result& b) { return a.result_ == b.result_; }
    /// Tells whether this holds an equal error.
    friend constexpr bool operator==(const Result& a, const Error& error) { return a.result_ == error; }

private:
    struct Nothing {
        friend constexpr bool operator==(Nothing, Nothing) = default;
    };
    Result<Nothing> result_;
};

}  // namespace pruneplan

#endif
