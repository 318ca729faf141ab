#if DEBUG

/// Tasklets that the end of the program finds unfinished: those that never ran, and those that wait. Most often somebody forgot
/// to run them. A debug build says so in one line.
struct UnfinishedTasklets {
    private var neverRan = Counts()
    private var waiting = Counts()
    private var waitsForTheOutside = false

    /// How many there are, by the place where they were made: a text is made for each place, not for each tasklet.
    private struct Counts {
        private struct Place: Hashable {
            let file: UInt
            let line: UInt32
        }

        private(set) var total = 0
        private var places: [(first: Origin, count: Int)] = []
        private var indices: [Place: Int] = [:]

        mutating func add(_ origin: Origin) {
            total += 1
            let place = Place(file: UInt(bitPattern: unsafe origin.fileID.start), line: origin.line)
            if let index = indices[place] {
                places[index].count += 1
            } else {
                indices[place] = places.count
                places.append((origin, 1))
            }
        }

        func text(_ verb: (one: String, several: String)) -> String? {
            guard total > 0 else { return nil }
            let places = places.map { first, count in
                let who = count == 1 ? first.name.map { "'\($0)'" } ?? "1" : "\(count)"
                return "\(who) made at \(first.placeIfMade ?? "the library")"
            }
            let tasklets = total == 1 ? "1 tasklet \(verb.one)" : "\(total) tasklets \(verb.several)"
            return "\(tasklets) (\(places.joined(separator: ", ")))"
        }
    }

    /// Outside the gate, on the scheduler's thread.
    init(_ core: SchedulerCore) {
        core.insideGate { _ in
            let running = core.me
            core.forEachLiving { tasklet in
                guard tasklet != core.main, tasklet != running, !tasklet.fields.carriesUntakenError else { return true }
                if tasklet.state == .queued, !tasklet.isStarted {
                    if !tasklet.isOfLibraries { neverRan.add(tasklet.origin) }
                } else if tasklet.state == .blocked, !tasklet.onlyListens {
                    waiting.add(tasklet.origin)
                    if tasklet.waitsForTheOutside { waitsForTheOutside = true }
                }
                return true
            }
        }
    }

    /// `nil` when there are none.
    var text: String? {
        let parts = [neverRan.text(("never ran", "never ran")), waiting.text(("still waits", "still wait"))]
            .compactMap(\.self)
        if parts.isEmpty { return nil }
        return "The program has ended: " + parts.joined(separator: ", ") + ". " + advice
    }

    private var advice: String {
        if waitsForTheOutside {
            return "Tasklet.runUntilDone() waits for them; stop(), close() or cancel() ends what waits for the outside."
        }
        if waiting.total == 0 { return "Tasklet.runUntilDone() runs them to their end." }
        return "Tasklet.runUntilDone() runs them to their end, or says who can never go on; cancel() ends them."
    }
}

extension TaskletRecord {
    /// Whether it waits for what the program may end without, as for a signal. Of a blocked one.
    fileprivate var onlyListens: Bool { entries.contains { $0.fields.reach == .daemon } }

    /// Whether these modules have made it for their own work, as for the end of a child process.
    fileprivate var isOfLibraries: Bool {
        let file = origin.placeIfMade ?? ""
        return ["Hub/", "HTTP/", "TLS/", "Sync/"].contains { file.hasPrefix($0) }
    }

    /// Of a blocked one. Not one that sleeps.
    fileprivate var waitsForTheOutside: Bool {
        entries.contains { $0.fields.reach == .outside && !($0.place is Timers) }
    }
}

#endif
