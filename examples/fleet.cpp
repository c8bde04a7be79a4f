// SPDX-License-Identifier: BSL-1.0
// Plans for a fleet: the records are split over shards, and the containers run on many nodes.
//
//     fleet [RECORDS [SHARDS [THREADS]]]
//
// Makes RECORDS records (default 100,000), with a tenth as many containers on nodes of 100 each. Every node summarizes
// its containers, and the summaries are merged. The program plans the shards with one thread and with all threads, and
// plans all records at once. It compares the decisions, and prints the cost of each: the fastest of three runs.
//
// Every shard doubts each use whose image is in another shard. Only what all shards doubt is doubtful. If there is no
// such use, apply the plans of the shards with `.accept = {pruneplan::DoubtKind::unmatched_container}`.
//
// Every shard looks up every use, so few large shards take less time, and many small ones take less memory.

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

struct Record {
    std::string name, digest;
};

/// The adapter. It borrows the records of one shard, or all records.
struct Store {
    std::span<const Record> records;

    std::span<const Record> images() const { return records; }
    static std::string_view name(const Record& record) { return record.name; }
    static std::string_view target(const Record& record) { return record.digest; }
};

struct Container {
    std::string digest, typed;

    std::string_view image_id() const { return digest; }
    std::string_view image_ref() const { return typed; }
};

/// Scrambles a number (splitmix64).
std::uint64_t scrambled(std::uint64_t number) {
    number += 0x9e3779b97f4a7c15;
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
    number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
    return number ^ (number >> 31);
}

std::string digest_of_image(std::uint64_t image) {
    std::string digest = "sha256:";
    for (std::uint64_t word = 0; word < 4; ++word) {
        std::uint64_t bits = scrambled(4 * image + word);
        for (int i = 0; i < 16; ++i, bits >>= 4) digest += "0123456789abcdef"[bits & 15];
    }
    return digest;
}

/// Every image has at least one name, and two on average.
std::uint64_t image_of_record(std::uint64_t record, std::uint64_t records) {
    const std::uint64_t images = (records + 1) / 2;
    return record < images ? record : scrambled(record) % images;
}

std::string familiar_name(std::uint64_t record) {
    return "team-" + std::to_string(record % 997) + "/service-" + std::to_string(record % 50'021) + ":1." +
           std::to_string(record / 50'021);
}

/// All records, sorted by shard. Shard s ends before record `ends[s]`.
struct Records {
    std::vector<Record> all;
    std::vector<std::size_t> ends;

    std::span<const Record> shard(std::size_t number) const {
        const std::size_t begin = number == 0 ? 0 : ends[number - 1];
        return std::span(all).subspan(begin, ends[number] - begin);
    }
};

Records make_records(std::uint64_t count, std::size_t shards) {
    std::vector<std::pair<std::size_t, std::uint64_t>> order;
    order.reserve(count);
    for (std::uint64_t record = 0; record < count; ++record)
        order.emplace_back(pruneplan::shard_of(digest_of_image(image_of_record(record, count)), shards), record);
    std::sort(order.begin(), order.end());

    Records records{{}, std::vector<std::size_t>(shards, 0)};
    records.all.reserve(count);
    for (const auto& [shard, record] : order) {
        records.all.push_back({"docker.io/" + familiar_name(record), digest_of_image(image_of_record(record, count))});
        records.ends[shard] = records.all.size();
    }
    for (std::size_t shard = 1; shard < shards; ++shard)
        records.ends[shard] = std::max(records.ends[shard], records.ends[shard - 1]);
    return records;
}

/// Returns the containers of a node. They run few of the images, and some much more often than others.
std::vector<Container> containers_of_node(std::uint64_t node, std::uint64_t records) {
    constexpr std::uint64_t containers_of_a_node = 100;
    std::vector<Container> containers;
    for (std::uint64_t i = 0; i < containers_of_a_node; ++i) {
        const std::uint64_t number = node * containers_of_a_node + i;
        const std::uint64_t below = 1 + scrambled(2 * number) % (1 + records / 20);
        const std::uint64_t record = scrambled(2 * number + 1) % below;
        std::string digest = digest_of_image(image_of_record(record, records));
        std::string typed = number % 3 == 0 ? digest.substr(7, 12) : familiar_name(record);
        containers.push_back({std::move(digest), std::move(typed)});
    }
    return containers;
}

// The peak memory of the process since the last reset, in bytes; 0 if the system does not report it.

void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << 5; }

std::uint64_t peak_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmHWM:") {
            std::uint64_t kibibytes = 0;
            status >> kibibytes;
            return 1024 * kibibytes;
        }
    return 0;
}

struct Cost {
    double seconds = 0, processor_seconds = 0;
    double mebibytes = 0;  ///< peak memory, less the memory before the work
};

template <class Work>
Cost measured_once(const Work& work) {
    reset_peak_memory();
    const std::uint64_t before = peak_memory();
    const std::clock_t processor_start = std::clock();
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    const double processor_time = static_cast<double>(std::clock() - processor_start) / CLOCKS_PER_SEC;
    return {time.count(), processor_time, static_cast<double>(peak_memory() - before) / (1 << 20)};
}

/// Returns the cost of the fastest of three runs, since other programs can disturb one.
template <class Work>
Cost measured(const Work& work) {
    Cost best = measured_once(work);
    for (int run = 1; run < 3; ++run) {
        const Cost cost = measured_once(work);
        if (cost.seconds < best.seconds) best = cost;
    }
    return best;
}

/// What plans decide. Threads write to it at the same time.
struct Decisions {
    std::vector<unsigned char> deleted;          ///< for each record
    std::vector<std::atomic<unsigned>> doubted;  ///< for each use, how many plans do not find its image
    unsigned plans = 0;

    Decisions(std::size_t records, std::size_t uses) : deleted(records), doubted(uses) {}

    /// Returns how many uses no plan finds the image of.
    std::size_t doubts() const { return static_cast<std::size_t>(std::count(doubted.begin(), doubted.end(), plans)); }
};

/// Plans records, of which the first is record `begin` of all.
void plan(std::span<const Record> records, std::size_t begin, const pruneplan::UsageSummary& usage,
          Decisions& decisions) {
    const auto plan = pruneplan::plan_prune(Store{records}, usage, {.scope = pruneplan::Scope::unused});
    if (!plan) {
        std::fprintf(stderr, "%s\n", plan.error().message.c_str());
        std::exit(1);
    }
    for (const pruneplan::Decision& deletion : plan->deletions()) decisions.deleted[begin + deletion.record] = 1;
    for (const pruneplan::Doubt& doubt : plan->doubts())
        if (doubt.kind == pruneplan::DoubtKind::unmatched_container) ++decisions.doubted[doubt.number];
}

/// Each thread takes the next shard that no thread has taken.
Decisions plan_shards(const Records& records, const pruneplan::UsageSummary& usage, std::size_t thread_count) {
    Decisions decisions(records.all.size(), usage.size());
    decisions.plans = static_cast<unsigned>(records.ends.size());
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t shard = next++; shard < records.ends.size(); shard = next++) {
            const std::span<const Record> own = records.shard(shard);
            plan(own, static_cast<std::size_t>(own.data() - records.all.data()), usage, decisions);
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < thread_count; ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    return decisions;
}

Decisions plan_all(const Records& records, const pruneplan::UsageSummary& usage) {
    Decisions decisions(records.all.size(), usage.size());
    decisions.plans = 1;
    plan(records.all, 0, usage, decisions);
    return decisions;
}

void print(const std::string& what, const Cost& cost, const Cost& one_thread, const Cost& unsharded) {
    std::printf("%-20s %8.2f %14.2f %8.0f %16.2f %17.2f\n", what.c_str(), cost.seconds, cost.processor_seconds,
                cost.mebibytes, one_thread.seconds / cost.seconds, unsharded.seconds / cost.seconds);
}

std::uint64_t argument(int count, char** texts, int number, std::uint64_t otherwise) {
    return count > number ? std::strtoull(texts[number], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t record_count = argument(argc, argv, 1, 100'000);
    const std::size_t shard_count = argument(argc, argv, 2, 16);
    const std::size_t thread_count = argument(argc, argv, 3, std::max(1u, std::thread::hardware_concurrency()));
    if (record_count == 0 || shard_count == 0 || thread_count == 0) {
        std::fputs("usage: fleet [RECORDS [SHARDS [THREADS]]], none of them 0\n", stderr);
        return 2;
    }

    const Records records = make_records(record_count, shard_count);
    const std::uint64_t node_count = 1 + record_count / 1000;
    pruneplan::UsageSummary usage;
    std::uint64_t container_count = 0;
    for (std::uint64_t node = 0; node < node_count; ++node) {
        const std::vector<Container> containers = containers_of_node(node, record_count);
        container_count += containers.size();
        usage.merge(pruneplan::summarize_usage(containers));
    }
    std::uint64_t text_bytes = 0;
    for (const auto& use : usage) text_bytes += use.image_id().size() + use.image_ref().size();
    std::printf("%llu records in %zu shards; %llu containers on %llu nodes: %zu uses, %.1f MiB of text\n",
                static_cast<unsigned long long>(record_count), shard_count,
                static_cast<unsigned long long>(container_count), static_cast<unsigned long long>(node_count),
                usage.size(), static_cast<double>(text_bytes) / (1 << 20));

    std::optional<Decisions> one_by_one, at_once, whole;
    const Cost one_thread = measured([&] { one_by_one = plan_shards(records, usage, 1); });
    const Cost all_threads = measured([&] { at_once = plan_shards(records, usage, thread_count); });
    const Cost unsharded = measured([&] { whole = plan_all(records, usage); });
    std::puts("plan                  seconds    CPU seconds      MiB  speed, 1 thread  speed, unsharded");
    print("shards, 1 thread", one_thread, one_thread, unsharded);
    print("shards, " + std::to_string(thread_count) + " threads", all_threads, one_thread, unsharded);
    print("unsharded, 1 thread", unsharded, one_thread, unsharded);

    const bool equal = one_by_one->deleted == whole->deleted && at_once->deleted == whole->deleted &&
                       one_by_one->doubts() == whole->doubts() && at_once->doubts() == whole->doubts();
    std::printf("%zu of %llu records are deleted, %zu uses are doubtful: %s\n",
                static_cast<std::size_t>(std::count(whole->deleted.begin(), whole->deleted.end(), 1)),
                static_cast<unsigned long long>(record_count), whole->doubts(),
                equal ? "the same by every plan" : "the plans DIFFER");
    return equal ? 0 : 1;
}
