#ifndef PRUNEPLAN_TESTS_BENCHMARK_MEASURE_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_MEASURE_HPP

// SPDX-License-Identifier: BSL-1.0

// Measures times on a machine that may be busy: every measurement is repeated, and medians are reported.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace benchmark {

class Stopwatch {
public:
    /// Nanoseconds since the start, or since the last call.
    double lap() {
        const auto now = std::chrono::steady_clock::now();
        const std::chrono::duration<double, std::nano> passed = now - last_;
        last_ = now;
        return passed.count();
    }

private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

inline volatile std::uint64_t kept_result;

/// Uses a result, so that the compiler does not remove the work that computes it.
inline void keep(std::uint64_t result) { kept_result = result; }

/// Limits how often everything is measured.
inline std::size_t most_turns = SIZE_MAX;

/// Returns how often to measure: the fewer records, the more often.
inline std::size_t turns_for(std::size_t records, std::size_t least, std::size_t most) {
    return std::min(std::clamp<std::size_t>(10'000'000 / (records + 1), least, most), most_turns);
}

inline double median(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 != 0) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// Returns the median of the ratios of times that were measured in turns. A slow phase of the machine that lasts longer
/// than a turn does not affect it.
inline double median_ratio(const std::vector<double>& times, const std::vector<double>& to) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < times.size() && i < to.size(); ++i) ratios.push_back(times[i] / to[i]);
    return median(std::move(ratios));
}

/// "1,000,000"
inline std::string grouped(std::size_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
    return digits;
}

}  // namespace benchmark

#endif
