#ifndef PRUNEPLAN_SYNTAX_RESULT_HPP
#define PRUNEPLAN_SYNTAX_RESULT_HPP

// Refusals are values: a Result is what was asked for, or an Error that says what was wrong with the input.

#include <pruneplan/detail/list.hpp>

#include <cstddef>
#include <cstdlib>
#include <initializer_list>
#include <optional>  // and with it std::construct_at: <memory> would cost every file that includes this
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan {

/// What was refused. The words that `to_string` gives are stable; see there for what each means.
enum class ErrorCode : unsigned char {
    invalid_format,         ///< not of the grammar of a reference
    uppercase,              ///< a repository name holds an upper-case letter, or is not UTF-8
    identifier,             ///< 64 hex digits are an image's ID, and no name
    name_too_long,          ///< the path of a repository is over 255 bytes
    digest_unsupported,     ///< a digest's algorithm is neither sha256 nor sha512
    digest_invalid_length,  ///< a digest has too few or too many hex digits for its algorithm
    digest_invalid_format,  ///< a digest is not algorithm:hex in lower case
    bad_timestamp,          ///< neither a duration, nor a date, nor Unix seconds
    bad_pattern,            ///< a shell pattern is malformed, or over 1,024 bytes
    unknown_filter,         ///< a filter's key is none of those that there are
    bad_filter,             ///< a filter is not key=value, or its value does not fit its key
    label_too_long,         ///< a label's key and value are over 4,096 bytes together
    contradictory_filters,  ///< filters that cannot hold together
    bad_threshold,          ///< percentages that are out of range or order, or sizes that do not fit
    missing_ability,        ///< an option needs a member that the store does not have
    image_not_found,        ///< no record has this name or ID
    ambiguous_id,           ///< a cut-off ID that fits several images
    duplicate_name,         ///< two records of a store have one name
    text_too_long,          ///< a record's name or target is over 2 GiB
    too_many_records,       ///< a store has 2^32 - 1 records or more
};

/// The enumerator's own name, for logs and tests. Stable from release to release.
constexpr std::string_view to_string(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::invalid_format: return "invalid_format";
        case ErrorCode::uppercase: return "uppercase";
        case ErrorCode::identifier: return "identifier";
        case ErrorCode::name_too_long: return "name_too_long";
        case ErrorCode::digest_unsupported: return "digest_unsupported";
        case ErrorCode::digest_invalid_length: return "digest_invalid_length";
        case ErrorCode::digest_invalid_format: return "digest_invalid_format";
        case ErrorCode::bad_timestamp: return "bad_timestamp";
        case ErrorCode::bad_pattern: return "bad_pattern";
        case ErrorCode::unknown_filter: return "unknown_filter";
        case ErrorCode::bad_filter: return "bad_filter";
        case ErrorCode::label_too_long: return "label_too_long";
        case ErrorCode::contradictory_filters: return "contradictory_filters";
        case ErrorCode::bad_threshold: return "bad_threshold";
        case ErrorCode::missing_ability: return "missing_ability";
        case ErrorCode::image_not_found: return "image_not_found";
        case ErrorCode::ambiguous_id: return "ambiguous_id";
        case ErrorCode::duplicate_name: return "duplicate_name";
        case ErrorCode::text_too_long: return "text_too_long";
        case ErrorCode::too_many_records: return "too_many_records";
    }
    return "unknown";
}

/// Why something was refused: `code` for a program, `message` for a person. The message is one line of printable text:
/// it quotes the offending input, cut off and escaped where needed, and says what would be right.
struct Error {
    ErrorCode code{};
    std::string message;
};

/// A `T`, or the `Error` that explains why there is none. The interface is that of `std::expected<T, Error>`, and stays
/// the library's own type in C++23, so that translation units built for different standards agree. Nothing throws:
/// reading the value of a refusal by `*` or `->` is undefined, by `value()` it ends the program.
template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;
    using error_type = Error;

    constexpr Result(const T& value) requires std::is_copy_constructible_v<T> : has_value_(true), content_(value) {}
    constexpr Result(T&& value) : has_value_(true), content_(std::move(value)) {}
    constexpr Result(const Error& error) : has_value_(false), content_(error) {}
    constexpr Result(Error&& error) : has_value_(false), content_(std::move(error)) {}

    constexpr Result(const Result& other) requires std::is_copy_constructible_v<T>
        : has_value_(other.has_value_),
          content_(has_value_ ? Content(other.content_.value) : Content(other.content_.error)) {}
    constexpr Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        : has_value_(other.has_value_),
          content_(has_value_ ? Content(std::move(other.content_.value)) : Content(std::move(other.content_.error))) {}
    /// For types whose move throws nothing: nothing could be put back in the place of what was there.
    constexpr Result& operator=(const Result& other)
        requires(std::is_copy_constructible_v<T> && std::is_nothrow_move_constructible_v<T>)
    {
        return *this = Result(other);
    }
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

    constexpr bool has_value() const noexcept { return has_value_; }
    constexpr explicit operator bool() const noexcept { return has_value_; }

    constexpr T& operator*() & noexcept { return content_.value; }
    constexpr const T& operator*() const& noexcept { return content_.value; }
    constexpr T&& operator*() && noexcept { return std::move(content_.value); }
    constexpr T* operator->() noexcept { return &content_.value; }
    constexpr const T* operator->() const noexcept { return &content_.value; }

    constexpr T& value() & { return checked().value; }
    constexpr const T& value() const& { return checked().value; }
    constexpr T&& value() && { return std::move(checked().value); }
    template <class U>
    constexpr T value_or(U&& other) const& {
        return has_value_ ? content_.value : static_cast<T>(std::forward<U>(other));
    }
    template <class U>
    constexpr T value_or(U&& other) && {
        return has_value_ ? std::move(content_.value) : static_cast<T>(std::forward<U>(other));
    }

    /// Only where there is no value.
    constexpr Error& error() & noexcept { return content_.error; }
    constexpr const Error& error() const& noexcept { return content_.error; }
    constexpr Error&& error() && noexcept { return std::move(content_.error); }

    /// `next(value)`, itself a Result, or this error.
    template <class F>
    constexpr auto and_then(F&& next) const& -> std::remove_cvref_t<std::invoke_result_t<F, const T&>> {
        if (!has_value_) return content_.error;
        return std::forward<F>(next)(content_.value);
    }
    template <class F>
    constexpr auto and_then(F&& next) && -> std::remove_cvref_t<std::invoke_result_t<F, T>> {
        if (!has_value_) return std::move(content_.error);
        return std::forward<F>(next)(std::move(content_.value));
    }

    /// A Result of `next(value)`, or of this error.
    template <class F>
    constexpr auto transform(F&& next) const& -> Result<std::remove_cvref_t<std::invoke_result_t<F, const T&>>> {
        if (!has_value_) return content_.error;
        return std::forward<F>(next)(content_.value);
    }
    template <class F>
    constexpr auto transform(F&& next) && -> Result<std::remove_cvref_t<std::invoke_result_t<F, T>>> {
        if (!has_value_) return std::move(content_.error);
        return std::forward<F>(next)(std::move(content_.value));
    }

private:
    /// The one or the other. Not two std::optional: each costs a translation unit more than all of this.
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

    constexpr Content& checked() {
        if (!has_value_) std::abort();
        return content_;
    }
    constexpr const Content& checked() const {
        if (!has_value_) std::abort();
        return content_;
    }

    bool has_value_;
    Content content_;
};

/// Nothing to give but that all is well, or the `Error` that says what is not.
template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;
    using error_type = Error;

    constexpr Result() : result_(Nothing()) {}
    constexpr Result(const Error& error) : result_(error) {}
    constexpr Result(Error&& error) : result_(std::move(error)) {}

    constexpr bool has_value() const noexcept { return result_.has_value(); }
    constexpr explicit operator bool() const noexcept { return has_value(); }
    constexpr void value() const { static_cast<void>(result_.value()); }

    /// Only where there is an error.
    constexpr const Error& error() const& noexcept { return result_.error(); }
    constexpr Error&& error() && noexcept { return std::move(result_).error(); }

private:
    struct Nothing {};
    Result<Nothing> result_;
};

namespace detail {

/// A text in quotes, fit for one line of a log: control bytes, quotes and bytes that are not ASCII as %XX, and cut off
/// after 80 bytes, so that a stranger's megabyte stays out of it.
class Quoted {
public:
    constexpr explicit Quoted(std::string_view text) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        put("\"");
        for (const char c : text.substr(0, longest)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '%') {
                put({&c, 1});
            } else {
                put("%");
                put(digits.substr(byte >> 4, 1));
                put(digits.substr(byte & 15, 1));
            }
        }
        put(text.size() > longest ? "...\"" : "\"");
    }

    constexpr operator std::string_view() const noexcept { return {text_, size_}; }

private:
    static constexpr std::size_t longest = 80;

    constexpr void put(std::string_view piece) noexcept {
        for (const char c : piece) text_[size_++] = c;
    }

    char text_[3 * longest + 5] = {};
    std::size_t size_ = 0;
};

constexpr Quoted quoted(std::string_view text) { return Quoted(text); }

/// All pieces, one after the other.
constexpr std::string joined(std::initializer_list<std::string_view> pieces) {
    List<char> text;
    for (const std::string_view piece : pieces) text.append(piece.data(), piece.size());
    return std::string(text.data(), text.size());
}

}  // namespace detail
}  // namespace pruneplan

#endif
