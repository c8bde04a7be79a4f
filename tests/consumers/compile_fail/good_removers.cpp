// A remover can be an object, a function, or a callable of any parameters that take three texts.
#include "parts.hpp"

#include <functional>

inline pruneplan::RemoveStatus remove_name(std::string_view, std::string_view, std::string_view) {
    return pruneplan::RemoveStatus::removed;
}

struct ConstRemover {
    static pruneplan::RemoveStatus remove(std::string_view, std::string_view, std::string_view) { return {}; }
};

struct Callable {
    pruneplan::RemoveOutcome operator()(std::string_view, std::string_view, std::string_view) && = delete;
    pruneplan::RemoveOutcome operator()(std::string_view, std::string_view, std::string_view) & { return {}; }
};

void apply() {
    const ConstRemover remover;
    apply_all(remover);
    apply_all(remove_name);
    apply_all(&remove_name);
    apply_all(Callable{});
    apply_all(std::function(remove_name));
    apply_all([](auto...) { return pruneplan::RemoveStatus::not_found; });
    apply_all([](const auto&, const auto&, const auto&) -> pruneplan::RemoveOutcome {
        return {pruneplan::RemoveStatus::failed, "read-only"};
    });
    apply_all([left = 3](std::string_view, std::string_view, std::string_view) mutable {
        return left-- > 0 ? pruneplan::RemoveStatus::removed : pruneplan::RemoveStatus::in_use;
    });
}

// SPDX-License-Identifier: BSL-1.0
