/// Makes slices and arrows of a timeline's events, which come in order of time.
struct TimelineWriter {
    /// A tasklet's name by its number.
    let name: (UInt32) -> String
    /// Nanoseconds for the processor's ticks.
    let time: (UInt64) -> Int

    private var running: UInt32 = 0
    private var begin = 0
    /// When each tasklet last ran.
    private var slices: [UInt32: Range<Int>] = [:]
    /// Arrows on their way to tasklets that have not run since.
    private var arriving: [UInt32: [Int]] = [:]
    private var arrowCount = 0
    private var isFirst = true

    init(name: @escaping (UInt32) -> String, time: @escaping (UInt64) -> Int) {
        self.name = name
        self.time = time
    }

    /// What the event adds to the trace; nothing for some.
    mutating func text(of event: TimelineLog.Event) -> String {
        let now = time(event.ticks)
        return event.sender == 0 ? textOfSwitch(to: event.tasklet, at: now) : textOfMessage(event, at: now)
    }

    private mutating func textOfSwitch(to tasklet: UInt32, at now: Int) -> String {
        var text = ""
        if running != 0 {
            if slices[running] == nil {
                text += line(
                    "\"ph\":\"M\",\"name\":\"thread_name\",\"args\":{\"name\":\(quoted(name(running)))}",
                    running
                )
            }
            let fields = "\"ph\":\"X\",\"name\":\(quoted(name(running))),\"dur\":\(microseconds(now - begin))"
            text += line(fields, running, at: begin)
            slices[running] = begin..<now
        }
        running = tasklet
        begin = now
        for arrow in arriving.removeValue(forKey: tasklet) ?? [] {
            text += line(arrowEnd(arrow), tasklet, at: now)
        }
        return text
    }

    /// An arrow has to begin and to end inside a slice. Who waited is not running at the moment of the meeting: a sender
    /// has sent when it last ran, a receiver gets it when it runs next.
    private mutating func textOfMessage(_ event: TimelineLog.Event, at now: Int) -> String {
        var departure = now
        if event.sender != running {
            guard let slice = slices[event.sender] else { return "" }
            departure = max(slice.lowerBound, slice.upperBound - 1)
        }
        arrowCount += 1
        let text = line(
            "\"ph\":\"s\",\"cat\":\"message\",\"name\":\"message\",\"id\":\(arrowCount)",
            event.sender,
            at: departure
        )
        if event.tasklet == running { return text + line(arrowEnd(arrowCount), running, at: now) }
        arriving[event.tasklet, default: []].append(arrowCount)
        return text
    }

    private func arrowEnd(_ arrow: Int) -> String {
        "\"ph\":\"f\",\"bp\":\"e\",\"cat\":\"message\",\"name\":\"message\",\"id\":\(arrow)"
    }

    private mutating func line(_ fields: String, _ tasklet: UInt32, at time: Int? = nil) -> String {
        let separator = isFirst ? "\n" : ",\n"
        isFirst = false
        let place = "\"pid\":1,\"tid\":\(tasklet)"
        guard let time else { return "\(separator){\(fields),\(place)}" }
        return "\(separator){\(fields),\(place),\"ts\":\(microseconds(time))}"
    }

    /// Nanoseconds as microseconds with three places.
    private func microseconds(_ nanoseconds: Int) -> String {
        let places = String(nanoseconds % 1000)
        return "\(nanoseconds / 1000).\(String(repeating: "0", count: 3 - places.count))\(places)"
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\"", "\\": result += "\\\(character)"
            case "\0"..<" ":
                let digits = String(character.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(character)
            }
        }
        return result + "\""
    }
}
