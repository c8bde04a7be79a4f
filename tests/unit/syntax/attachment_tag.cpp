// SPDX-License-Identifier: BSL-1.0

// Tests `attachment_subject`, which reads the tags of cosign.

#include "../../support/check.hpp"

#include <pruneplan/syntax/attachment_tag.hpp>

#include <string>
#include <string_view>

namespace {

#define HEX64 "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

constexpr bool names(std::string_view name, std::string_view subject) {
    const auto found = pruneplan::attachment_subject(name);
    return found ? std::string_view(*found) == subject : subject.empty();
}

}  // namespace

TEST_CASE("cosign's tags for signatures, attestations and SBOMs name the digest of their subject") {
    CHECK_TEXT_TWICE(names("r.io/app:sha256-" HEX64 ".sig", "sha256:" HEX64));
    CHECK_TEXT_TWICE(names("r.io:5000/t/app:sha256-" HEX64 ".att", "sha256:" HEX64));
    CHECK_TEXT_TWICE(names("app:sha256-" HEX64 ".sbom", "sha256:" HEX64));
    CHECK_TEXT_TWICE(names("sha256-" HEX64 ".sig", "sha256:" HEX64));
    CHECK_TEXT_TWICE(names("app:sha256-" HEX64 ".sig@sha256:" HEX64, "sha256:" HEX64));
}

TEST_CASE("other tags name no subject") {
    CHECK_TWICE(names("app:1", ""));
    CHECK_TWICE(names("", ""));
    CHECK_TWICE(names("app:sha256-" HEX64, ""));
    CHECK_TWICE(names("app:sha256-" HEX64 ".sign", ""));
    CHECK_TWICE(names("app:sha256-" HEX64 "0.sig", ""));
    CHECK_TWICE(names("app:sha256-" HEX64 ".SIG", ""));
    CHECK_TWICE(names("app:sha256-82d1.sig", ""));
    CHECK_TWICE(names("app:sha256-82D1E9D7ED48A7523BDEBC18CF6290BDB97B82302A8A9C27D4FE885949EA94D1.sig", ""));
    CHECK_TWICE(names("app:sha512-" HEX64 ".sig", ""));
    CHECK_TWICE(names("sha256-" HEX64 ".sig/app:1", ""));
}
