import Foundation
import Testing

/// One golden case: a small program and the log the original made of it.
struct TraceCase: Sendable {
    /// What a case consists of: steps to interpret, or sentences that a test of its own acts out.
    enum Program: Sendable {
        case steps([String: [Step]])
        case prose([String])
    }

    /// A channel the program uses, with its settings at the start.
    struct ChannelSettings: Sendable {
        var name: String
        var preference: Int
        var schedulesAll: Bool
    }

    var name: String
    var group: String
    var about: String
    var channels: [ChannelSettings]
    var program: Program
    /// Bugs of the original on which the log depends.
    var quirks: [String]
    var trace: [String]

    var isProse: Bool {
        if case .prose = program { true } else { false }
    }

    var isRandom: Bool { group == "random" }
}

extension TraceCase: Decodable {
    private enum Key: String, CodingKey {
        case name, group, about, kind, channels, program, quirks, trace
    }

    private enum Kind: String, Decodable {
        case steps, prose
    }

    private struct Settings: Decodable {
        var preference: Int?
        var schedulesAll: Int?

        private enum CodingKeys: String, CodingKey {
            case preference
            case schedulesAll = "schedule_all"
        }
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        name = try values.decode(String.self, forKey: .name)
        group = try values.decode(String.self, forKey: .group)
        about = try values.decode(String.self, forKey: .about)
        quirks = try values.decodeIfPresent([String].self, forKey: .quirks) ?? []
        trace = try values.decode([String].self, forKey: .trace)
        let settings = try values.decodeIfPresent([String: Settings].self, forKey: .channels) ?? [:]
        channels = settings.sorted { $0.key < $1.key }.map { name, settings in
            ChannelSettings(
                name: name,
                preference: settings.preference ?? -1,
                schedulesAll: (settings.schedulesAll ?? 0) != 0
            )
        }
        switch try values.decode(Kind.self, forKey: .kind) {
        case .steps: program = .steps(try values.decode([String: [Step]].self, forKey: .program))
        case .prose: program = .prose(try values.decode([String].self, forKey: .program))
        }
    }
}

extension TraceCase: CustomTestStringConvertible {
    var testDescription: String { name }
}
