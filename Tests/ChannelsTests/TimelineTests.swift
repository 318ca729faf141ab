import Channels
import Foundation
import Tasklets
import Testing

/// What a timeline's trace says, read back with a parser.
struct TimelineTests {
    private struct Trace: Decodable {
        struct Event: Decodable {
            struct Arguments: Decodable {
                var name: String?
            }
            var ph: String
            var tid: Int
            var name: String
            var ts: Double?
            var dur: Double?
            var id: Int?
            var args: Arguments?
        }
        var traceEvents: [Event]

        var names: [Int: String] {
            Dictionary(uniqueKeysWithValues: traceEvents.filter { $0.ph == "M" }.map { ($0.tid, $0.args!.name!) })
        }
        /// The names of those who ran, in order.
        var slices: [String] {
            traceEvents.filter { $0.ph == "X" }.map(\.name)
        }
        /// "sender > receiver", in the order of the meetings.
        var arrows: [String] {
            let ends = Dictionary(uniqueKeysWithValues: traceEvents.filter { $0.ph == "f" }.map { ($0.id!, $0.tid) })
            return traceEvents.filter { $0.ph == "s" }.map { begin in
                "\(names[begin.tid] ?? "?") > \(ends[begin.id!].flatMap { names[$0] } ?? "?")"
            }
        }
    }

    private func read(_ timeline: Timeline) throws -> Trace {
        var text = ""
        timeline.write { text += $0 }
        return try JSONDecoder().decode(Trace.self, from: Data(text.utf8))
    }

    private func makeStream(of count: Int) {
        let numbers = Channel<Int>()
        Tasklet(name: "giver") { for n in 1...count { try numbers.send(n) } }
        Tasklet(name: "taker") { for _ in 1...count { _ = try numbers.receive() } }
    }

    @Test func slicesAndArrows() throws {
        let timeline = Timeline()
        try Scheduler.scope {
            makeStream(of: 2)
            try timeline.record { try Tasklet.run() }
        }
        let trace = try read(timeline)
        // The giver waits; the taker takes 1 and waits; the giver hands 2 over and goes on last.
        #expect(trace.slices == ["main", "giver", "taker", "giver", "taker", "giver", "main"])
        #expect(trace.arrows == ["giver > taker", "giver > taker"])
        #expect(timeline.lostCount == 0)
    }

    @Test func slicesOfATrackDoNotOverlap() throws {
        let timeline = Timeline()
        try Scheduler.scope {
            makeStream(of: 200)
            makeStream(of: 300)
            try timeline.record { try Tasklet.run() }
        }
        let slices = try read(timeline).traceEvents.filter { $0.ph == "X" }
        #expect(slices.count > 500)
        for (slice, next) in zip(slices, slices.dropFirst()) {
            // A third of a nanosecond may get lost in the text.
            #expect(slice.dur! >= 0 && slice.ts! + slice.dur! <= next.ts! + 0.0005)
        }
    }

    @Test func everyArrowLiesInSlices() throws {
        let timeline = Timeline()
        try Scheduler.scope {
            makeStream(of: 50)
            try timeline.record { try Tasklet.run() }
        }
        let events = try read(timeline).traceEvents
        let slices = events.filter { $0.ph == "X" }
        let ends = events.filter { $0.ph == "s" || $0.ph == "f" }
        #expect(ends.count == 100)
        for end in ends {
            #expect(
                slices.contains {
                    $0.tid == end.tid && $0.ts! <= end.ts! + 0.0005 && end.ts! <= $0.ts! + $0.dur! + 0.0005
                }
            )
        }
    }

    @Test func onlyTheNewestEventsAreKept() throws {
        let timeline = Timeline(capacity: 50)
        try Scheduler.scope {
            makeStream(of: 1000)
            try timeline.record { try Tasklet.run() }
        }
        #expect(timeline.count > 1000)
        #expect(timeline.lostCount == timeline.count - 64)
        let trace = try read(timeline)
        #expect(trace.slices.last == "main")
        #expect(Set(trace.slices) == ["main", "giver", "taker"])
    }

    @Test func namesAreQuoted() throws {
        let timeline = Timeline()
        try Scheduler.scope {
            try timeline.record {
                Tasklet(name: "a \"name\"\n\\ with \u{1} everything é") { try Tasklet.schedule() }
                try Tasklet.run()
            }
        }
        #expect(try read(timeline).slices.contains("a \"name\"\n\\ with \u{1} everything é"))
    }

    @Test func whenNobodyRunsNothingIsDrawn() throws {
        let timeline = Timeline()
        let answer = Channel<Int>()
        answer.share()
        try Scheduler.scope {
            Tasklet(name: "asker") { _ = try answer.receive() }
            let thread = Thread { try! answer.send(42) }
            try timeline.record {
                try Tasklet.schedule()
                thread.start()
                // Waits for the asker, which waits for the other thread.
                try Tasklet.run()
                while answer.balance < 0 { try Tasklet.schedule() }
            }
        }
        let trace = try read(timeline)
        #expect(trace.slices.contains("asker"))
        #expect(trace.traceEvents.allSatisfy { $0.tid != 0 })
        // The sender belongs to another thread.
        #expect(trace.arrows.isEmpty)
    }

    @Test func aTimelineMayBeRecordedInPieces() throws {
        let timeline = Timeline()
        for _ in 1...2 {
            try Scheduler.scope {
                makeStream(of: 1)
                try timeline.record { try Tasklet.run() }
            }
        }
        #expect(try read(timeline).arrows.count == 2)
    }

    @Test func anEmptyTimelineIsAnEmptyTrace() throws {
        #expect(try read(Timeline()).traceEvents.isEmpty)
    }

    @Test func twoTimelinesOfOneSchedulerTrap() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Timeline().record { Timeline().record {} }
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("end it first"))
    }
}
