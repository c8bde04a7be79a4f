#ifndef ENGINE_PRUNE_COMMAND_HPP
#define ENGINE_PRUNE_COMMAND_HPP

// SPDX-License-Identifier: BSL-1.0

// Runs another program without a shell, and reads what it prints.

#include "listing.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace engine_prune {

using Words = std::vector<std::string>;

/// A pipe that closes its ends on destruction, and that the other program does not inherit.
class Pipe {
public:
    Pipe() {
        int ends[2];
        if (pipe(ends) != 0) return;
        read_ = ends[0];
        write_ = ends[1];
        for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close_read();
        close_write();
    }

    bool is_open() const { return read_ >= 0; }
    int read_end() const { return read_; }
    int write_end() const { return write_; }
    void close_read() { close_end(read_); }
    void close_write() { close_end(write_); }

    /// Appends the bytes that can be read to `text`. Returns false at the end.
    bool drain_into(std::string& text) const {
        char buffer[16384];
        const ssize_t size = read(read_, buffer, sizeof buffer);
        if (size > 0) text.append(buffer, static_cast<std::size_t>(size));
        return size > 0 || (size < 0 && errno == EINTR);
    }

private:
    static void close_end(int& end) {
        if (end >= 0) close(end);
        end = -1;
    }

    int read_ = -1, write_ = -1;
};

/// Starts the program with an empty standard input. Returns 0, or an errno if it could not be started.
inline int start(const Words& command, const Pipe& output, const Pipe& complaints, pid_t& child) {
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);

    posix_spawn_file_actions_t files;
    if (const int error = posix_spawn_file_actions_init(&files)) return error;
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output.write_end(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, complaints.write_end(), STDERR_FILENO);
    const int error = posix_spawnp(&child, words[0], &files, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

inline std::string on_one_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    for (char& c : text)
        if (c == '\n' || c == '\t') c = ' ';
    return escaped(text);
}

/// Returns what the program prints on its standard output. If it fails, the error has its standard error, on one line.
/// @pre `command` begins with the program, which is searched for in PATH.
inline pruneplan::Result<std::string> output_of(const Words& command) {
    Pipe output, complaints;
    if (!output.is_open() || !complaints.is_open())
        return failure(std::string("cannot create a pipe: ") + std::strerror(errno));
    pid_t child = 0;
    if (const int error = start(command, output, complaints, child))
        return failure("cannot run " + command[0] + ": " + std::strerror(error));
    output.close_write();
    complaints.close_write();

    // Reads both pipes at once: the program stops writing to one while the other is full.
    std::string out, err;
    pollfd ends[] = {{output.read_end(), POLLIN, 0}, {complaints.read_end(), POLLIN, 0}};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        if (poll(ends, 2, -1) < 0) {
            if (errno == EINTR) continue;
            break;
        }
        if (ends[0].revents != 0 && !output.drain_into(out)) ends[0].fd = -1;
        if (ends[1].revents != 0 && !complaints.drain_into(err)) ends[1].fd = -1;
    }

    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return failure("cannot wait for " + command[0] + ": " + std::strerror(errno));
    if (WIFSIGNALED(status)) return failure(command[0] + " was ended by signal " + std::to_string(WTERMSIG(status)));
    if (WEXITSTATUS(status) == 0) return out;
    std::string words = on_one_line(std::move(err));
    if (words.empty()) words = "exit code " + std::to_string(WEXITSTATUS(status)) + ", without a message";
    return failure(command[0] + ": " + words);
}

}  // namespace engine_prune

#endif
