// Echo by SwiftNIO on one thread: by a channel handler, or with the argument "async" by NIOAsyncChannel, a task for each
// connection. Prints the port; ends when its standard input does.
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#endif

private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.write(data, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let bootstrap = ServerBootstrap(group: group)
    .serverChannelOption(.backlog, value: 4096)
    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)

if CommandLine.arguments.contains("async") {
    let server = try await bootstrap.bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
    }
    print(server.channel.localAddress!.port!)
    fflush(nil)
    Task.detached {
        while readLine() != nil {}
        exit(0)
    }
    try await withThrowingDiscardingTaskGroup { tasks in
        try await server.executeThenClose { connections in
            for try await connection in connections {
                tasks.addTask {
                    try? await connection.executeThenClose { inbound, outbound in
                        for try await bytes in inbound { try await outbound.write(bytes) }
                    }
                }
            }
        }
    }
} else {
    let server =
        try await bootstrap
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
        }
        .bind(host: "127.0.0.1", port: 0)
        .get()
    print(server.localAddress!.port!)
    fflush(nil)
    while readLine() != nil {}
    exit(0)
}
