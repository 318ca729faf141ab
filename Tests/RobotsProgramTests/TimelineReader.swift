import Foundation
import Testing

/// What a trace in Perfetto's JSON format says.
struct TimelineReader {
    /// A moment on a track, in microseconds.
    struct Place {
        let track: Int
        let time: Double
    }

    /// The names of the tracks.
    let names: [Int: String]
    /// When each track's tasklet ran, in the order of the file.
    let slices: [Int: [ClosedRange<Double>]]
    /// The messages that have both ends.
    let arrows: [(begin: Place, end: Place)]

    private struct Trace: Decodable {
        struct Event: Decodable {
            struct Arguments: Decodable {
                let name: String
            }
            let ph: String
            let name: String
            let tid: Int
            let ts: Double?
            let dur: Double?
            let id: Int?
            let args: Arguments?

            var place: Place {
                get throws { Place(track: tid, time: try #require(ts)) }
            }
        }
        let traceEvents: [Event]
    }

    /// The text must be whole, and no name, arrow's begin or arrow's end may come twice.
    init(_ text: String) throws {
        let events = try JSONDecoder().decode(Trace.self, from: Data(text.utf8)).traceEvents
        #expect(Set(events.map(\.ph)) == ["M", "X", "s", "f"])
        var names: [Int: String] = [:]
        var slices: [Int: [ClosedRange<Double>]] = [:]
        var begins: [Int: Place] = [:]
        var ends: [Int: Place] = [:]
        for event in events {
            switch event.ph {
            case "M" where event.name == "thread_name":
                try #require(names.updateValue(try #require(event.args).name, forKey: event.tid) == nil)
            case "X":
                let (start, length) = (try #require(event.ts), try #require(event.dur))
                try #require(length >= 0)
                slices[event.tid, default: []].append(start...start + length)
            case "s":
                let former = begins.updateValue(try event.place, forKey: try #require(event.id))
                try #require(former == nil)
            case "f":
                let former = ends.updateValue(try event.place, forKey: try #require(event.id))
                try #require(former == nil)
            default: break
            }
        }
        try #require(ends.keys.allSatisfy { begins[$0] != nil }, "an arrow ends that has not begun")
        self.names = names
        self.slices = slices
        arrows = begins.compactMap { id, begin in ends[id].map { (begin, $0) } }
    }

    /// True when the track's tasklet ran at that moment, to half of a nanosecond.
    func hasSlice(at place: Place) -> Bool {
        (slices[place.track] ?? []).contains {
            (($0.lowerBound - 0.0005)...($0.upperBound + 0.0005)).contains(place.time)
        }
    }
}
