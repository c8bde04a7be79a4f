// SPDX-License-Identifier: BSL-1.0
#include "files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <istream>
#include <sstream>
#include <system_error>

#include <unistd.h>

namespace cli {
namespace {

Failure file_error(const char* what, const std::string& file) {
    return Failure(std::string("cannot ") + what + ' ' + in_quotes(file) + ": " + std::strerror(errno));
}

}  // namespace

std::string read_file(const std::string& file) {
    std::ifstream opened;
    if (file != "-") opened.open(file, std::ios::binary);
    std::istream& in = file == "-" ? std::cin : opened;
    if (file != "-" && !opened) throw file_error("read", file);
    std::ostringstream content;
    if (in.peek() != std::istream::traits_type::eof()) content << in.rdbuf();
    if (in.bad() || !content) throw file_error("read", file);
    return content.str();
}

void write_file(const std::string& file, const std::string& content) {
    std::error_code none;
    std::filesystem::path real(file);
    for (int links = 0; links < 40 && std::filesystem::is_symlink(real, none); ++links)
        real = real.parent_path() / std::filesystem::read_symlink(real, none);
    if (file == "-") {
        std::cout << content;
        return;
    }
    if (std::filesystem::exists(real, none) && !std::filesystem::is_regular_file(real, none)) {  // a device, a pipe
        std::ofstream out(file, std::ios::binary);
        if (!(out << content << std::flush)) throw file_error("write", file);
        return;
    }
    const std::string beside = real.string() + '.' + std::to_string(getpid()) + ".new";
    std::FILE* const out = std::fopen(beside.c_str(), "wbx");  // never one that exists
    if (out == nullptr) throw file_error("write", file);
    const bool whole = std::fwrite(content.data(), 1, content.size(), out) == content.size();
    if (std::fclose(out) == 0 && whole && std::rename(beside.c_str(), real.c_str()) == 0) return;
    const Failure failure = file_error("write", file);
    std::remove(beside.c_str());
    throw failure;
}

Listing read_listing(const std::string& file) {
    const std::string content = read_file(file);
    try {
        return listing_of(json::parse(content));
    } catch (const json::parse_error& error) {
        throw Failure(in_quotes(file) + " is not JSON: byte " + std::to_string(error.byte));
    } catch (const Failure& failure) {
        throw Failure(in_quotes(file) + ": " + failure.what());
    }
}

void write_listing(const std::string& file, const Listing& listing) {
    write_file(file, to_json(listing).dump(1, ' ', false, json::error_handler_t::replace) + '\n');
}

}  // namespace cli
