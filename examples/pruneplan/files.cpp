// SPDX-License-Identifier: BSL-1.0
#include "files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <istream>
#include <iterator>

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
    std::string content{std::istreambuf_iterator<char>(in), {}};
    if (in.bad()) throw file_error("read", file);
    return content;
}

void write_file(const std::string& file, const std::string& content) {
    if (file == "-") {
        std::cout << content;
        return;
    }
    const std::string beside = file + ".new";
    std::ofstream out(beside, std::ios::binary);
    out << content;
    out.close();
    if (!out) throw file_error("write", beside);
    if (std::rename(beside.c_str(), file.c_str()) != 0) throw file_error("write", file);
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
