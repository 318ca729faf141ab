#if TLS
import Hub
import TLS
import Tasklets

/// Secures both ends of a stream; each throws its own error.
func outcomes(
    over ends: (any ByteStream, any ByteStream),
    host: String = "localhost",
    _ client: TLSContext,
    _ server: TLSContext
) throws -> (client: Result<TLSStream, any Error>, server: Result<TLSStream, any Error>) {
    let accepted = Tasklet.spawn(name: "server") { () -> Result<TLSStream, any Error> in
        Result {
            do { return try TLSStream.server(over: ends.1, server) } catch {
                ends.1.close()
                throw error
            }
        }
    }
    let connected = Result {
        do { return try TLSStream.client(over: ends.0, host: host, client) } catch {
            ends.0.close()
            throw error
        }
    }
    return (connected, try accepted.value())
}

/// Two ends of a secured stream.
func securedPair(
    over ends: (any ByteStream, any ByteStream)? = nil,
    host: String = "localhost",
    _ client: TLSContext? = nil,
    _ server: TLSContext? = nil
) throws -> (client: TLSStream, server: TLSStream) {
    let certificates = try Certificates.shared.get()
    let (connected, accepted) = try outcomes(
        over: ends ?? UnixConnection.pair(),
        host: host,
        client ?? certificates.client(),
        server ?? certificates.server()
    )
    return (try connected.get(), try accepted.get())
}

/// How many descriptors of the hub are open on this scheduler.
func openDescriptors() throws -> Int { (try HubCore.current().ports as! SystemPorts).openCount }
#endif
