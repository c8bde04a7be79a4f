#ifndef PRUNEPLAN_CLI_SOURCES_CONTAINERD_CLIENT_HPP
#define PRUNEPLAN_CLI_SOURCES_CONTAINERD_CLIENT_HPP

// SPDX-License-Identifier: BSL-1.0

// Calls of containerd's services, by gRPC.

#include "../../text.hpp"

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/sync_stream.h>

#include <chrono>
#include <memory>
#include <string>

namespace cli {

/// Every call ends in time. Methods are named like "images.v1.Images/List".
class ContainerdClient {
public:
    /// @param address unix://PATH
    /// @param name_space what all calls are about, unless they say another one.
    ContainerdClient(const std::string& address, const std::string& name_space)
        : address_(address), namespace_(name_space) {
        grpc::ChannelArguments arguments;
        arguments.SetMaxReceiveMessageSize(-1);
        arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
        // gRPC would name the path of the socket, which servers take for a bad host.
        arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
        channel_ = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    }

    /// Calls `use` with each message of the answer. An answer that cannot be read is an error: with gRPC's own reader of
    /// messages, it would be the end of the list.
    template <class Message, class Use>
    grpc::Status try_read(const std::string& method, const google::protobuf::Message& request, Use use,
                          const std::string& name_space = {}) {
        grpc::ClientContext context;
        context.AddMetadata("containerd-namespace", name_space.empty() ? namespace_ : name_space);
        context.set_deadline(std::chrono::system_clock::now() + patience);
        const std::string path = "/containerd.services." + method;
        const grpc::internal::RpcMethod call(path.c_str(), grpc::internal::RpcMethod::SERVER_STREAMING, channel_);
        const std::unique_ptr<grpc::ClientReader<grpc::ByteBuffer>> reader(
            grpc::internal::ClientReaderFactory<grpc::ByteBuffer>::Create(channel_.get(), call, &context, request));
        grpc::ByteBuffer bytes;
        while (reader->Read(&bytes)) {
            Message message;
            if (!grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok()) {
                context.TryCancel();
                reader->Finish();
                return {grpc::StatusCode::INTERNAL, "its answer cannot be read"};
            }
            use(message);
        }
        return reader->Finish();
    }

    /// Throws a Failure if the call fails, but for the `excused` error.
    template <class Message, class Use>
    void read(const std::string& method, const google::protobuf::Message& request, Use use,
              grpc::StatusCode excused = grpc::StatusCode::OK, const std::string& name_space = {}) {
        const auto status = try_read<Message>(method, request, use, name_space);
        if (!status.ok() && status.error_code() != excused) throw failure(method, status);
    }

    /// Asks for one message.
    template <class Message>
    Message ask(const std::string& method, const google::protobuf::Message& request,
                grpc::StatusCode excused = grpc::StatusCode::OK) {
        Message answer;
        read<Message>(method, request, [&](Message& message) { answer.Swap(&message); }, excused);
        return answer;
    }

    Failure failure(const std::string& method, const grpc::Status& status) const {
        const bool late = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
        const bool absent = status.error_code() == grpc::StatusCode::UNAVAILABLE;
        return Failure("containerd at " + in_quotes(address_) + ", " + method + ": " +
                       (late ? "no answer in time" : printable(status.error_message())) +
                       (absent ? "; --address names its socket, which root can use" : ""));
    }

private:
    static constexpr std::chrono::seconds patience{20};

    std::string address_, namespace_;
    std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace cli

#endif
