#ifndef PRUNEPLAN_CLI_SOURCES_CONTAINERD_CLIENT_HPP
#define PRUNEPLAN_CLI_SOURCES_CONTAINERD_CLIENT_HPP

// SPDX-License-Identifier: BSL-1.0

// Calls of containerd's services, by gRPC.

#include "../../text.hpp"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <type_traits>

namespace cli {

/// Every call ends in time. One that fails throws a Failure, which names the call as `what`.
class ContainerdClient {
public:
    /// @param address unix://PATH
    /// @param name_space what all calls are about, unless they say another one.
    ContainerdClient(std::string address, std::string name_space)
        : address_(std::move(address)), namespace_(std::move(name_space)) {
        grpc::ChannelArguments arguments;
        arguments.SetMaxReceiveMessageSize(-1);
        arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
        // gRPC would name the path of the socket, which servers take for a bad host.
        arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
        channel_ = grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
    }

    /// Returns the status of a call without throwing.
    template <class Stub, class Request, class Response>
    grpc::Status try_to(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                        const std::type_identity_t<Request>& request, std::type_identity_t<Response>& response) {
        grpc::ClientContext context;
        prepare(context, namespace_);
        return (Stub(channel_).*method)(&context, request, &response);
    }

    template <class Stub, class Request, class Response>
    Response ask(const char* what, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                 const std::type_identity_t<Request>& request = {}) {
        Response response;
        const grpc::Status status = try_to(method, request, response);
        if (!status.ok()) throw failure(what, status);
        return response;
    }

    /// Calls `use` with each message of a stream. An `expected` error ends the stream, too.
    template <class Stub, class Request, class Response, class Use>
    void read(const char* what,
              std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(grpc::ClientContext*, const Request&),
              const std::type_identity_t<Request>& request, Use use, const std::string& name_space = {},
              grpc::StatusCode expected = grpc::StatusCode::OK) {
        grpc::ClientContext context;
        prepare(context, name_space.empty() ? namespace_ : name_space);
        Stub stub(channel_);
        const auto reader = (stub.*method)(&context, request);
        Response message;
        while (reader->Read(&message)) use(message);
        const grpc::Status status = reader->Finish();
        if (!status.ok() && status.error_code() != expected) throw failure(what, status);
    }

    Failure failure(const char* what, const grpc::Status& status) const {
        const bool late = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
        return Failure("containerd at " + in_quotes(address_) + " cannot " + what + ": " +
                       (late ? "no answer within " + std::to_string(patience.count()) + " s"
                             : printable(status.error_message())));
    }

private:
    static constexpr std::chrono::seconds patience{20};

    static void prepare(grpc::ClientContext& context, const std::string& name_space) {
        context.AddMetadata("containerd-namespace", name_space);
        context.set_deadline(std::chrono::system_clock::now() + patience);
    }

    std::string address_, namespace_;
    std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace cli

#endif
