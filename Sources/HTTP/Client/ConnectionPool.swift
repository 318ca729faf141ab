#if HTTP
import Hub
import NIOHTTP1
import Sync
import Tasklets

/// The connections of a client: those that wait for the next request, and how many there are with each server.
final class ConnectionPool {
    let limits: HTTPLimits
    let pipeline = ParserPipeline<HTTPResponseHead>()
    private let limit: Int
    /// How many connections are kept, with all servers together: each is a descriptor.
    private static let mostIdle = 100
    private let connect: (HTTPOrigin) throws -> any ByteStream
    private var places: [HTTPOrigin: Place] = [:]
    /// How often a connection was kept.
    private var uses = 0
    /// Whether there is no client any more, only answers of it.
    private var isOver = false

    /// What is known of one server.
    private final class Place {
        let permits: Semaphore
        /// The one that was used last is taken first: it is the least likely to be closed.
        var idle: [ClientConnection] = []

        init(_ limit: Int, _ origin: HTTPOrigin) {
            permits = Semaphore(limit, limit: limit, name: "connections with \(origin)")
        }
    }

    init(limit: Int, limits: HTTPLimits, connect: @escaping (HTTPOrigin) throws -> any ByteStream) {
        self.limit = limit
        self.limits = limits
        self.connect = connect
    }

    /// How many servers something is known of.
    var placeCount: Int { places.count }

    var idleCount: Int { places.values.reduce(0) { $0 + $1.idle.count } }

    /// A kept connection, or a new one. Waits while there are as many as there may be.
    func take(_ origin: HTTPOrigin) throws -> (ClientConnection, isKept: Bool) {
        try withPermit(origin) { place in
            while let connection = place.idle.popLast() {
                var isUsable = false
                defer { if !isUsable { connection.stream.close() } }
                isUsable = try connection.isUsable()
                if isUsable { return (connection, true) }
            }
            return (try make(origin), false)
        }
    }

    /// A new connection. Waits as ``take(_:)`` does.
    func takeNew(_ origin: HTTPOrigin) throws -> ClientConnection {
        try withPermit(origin) { _ in try make(origin) }
    }

    /// The permit is given back with the connection, or when there is none.
    private func withPermit<Result>(_ origin: HTTPOrigin, _ body: (Place) throws -> Result) throws -> Result {
        let place = place(of: origin)
        do {
            try place.permits.acquire()
        } catch {
            removeIfUnused(place, origin)
            throw error
        }
        do {
            return try body(place)
        } catch {
            release(place, origin)
            throw error
        }
    }

    private func release(_ place: Place, _ origin: HTTPOrigin) {
        place.permits.release()
        removeIfUnused(place, origin)
    }

    /// Who asks thousands of servers keeps nothing of them.
    private func removeIfUnused(_ place: Place, _ origin: HTTPOrigin) {
        if place.idle.isEmpty, place.permits.available == limit { places[origin] = nil }
    }

    /// The one that is idle for the longest time is the most likely to be closed by its server.
    private func closeOldest() {
        let oldest = places.compactMapValues { $0.idle.first?.lastUse }.min { $0.value < $1.value }
        guard let origin = oldest?.key, let place = places[origin] else { return }
        place.idle.removeFirst().stream.close()
        removeIfUnused(place, origin)
    }

    /// Takes back a connection, for the next request or to its end. Called once for each that was taken.
    func giveBack(_ connection: ClientConnection, isUsable: Bool) {
        let place = place(of: connection.origin)
        if isUsable, !isOver {
            if idleCount >= Self.mostIdle { closeOldest() }
            uses += 1
            connection.lastUse = uses
            place.idle.append(connection)
        } else {
            connection.stream.close()
        }
        release(place, connection.origin)
    }

    func end() {
        isOver = true
        close()
    }

    func close() {
        for (origin, place) in places {
            for connection in place.idle { connection.stream.close() }
            place.idle = []
            removeIfUnused(place, origin)
        }
    }

    private func place(of origin: HTTPOrigin) -> Place {
        if let place = places[origin] { return place }
        let place = Place(limit, origin)
        places[origin] = place
        return place
    }

    private func make(_ origin: HTTPOrigin) throws -> ClientConnection {
        ClientConnection(try connect(origin), origin, self)
    }
}
#endif
