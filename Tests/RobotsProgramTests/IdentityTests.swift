import Foundation
import Testing

/// A name stands for one robot in all files of a run, whatever the user does in the window.
@Suite(.serialized) struct IdentityTests {
    /// Begins the classic run anew and pauses in its first step, when no robot has joined yet; then adds two robots.
    private func sessionAtStepOne() throws -> WindowSession {
        let session = try WindowSession(["--states", "states", "--save", "saved"], robots: 12)
        _ = try session.pause()
        try session.press("r")
        try session.wait(for: "step 1")
        try session.point(200, 300, "click", "1")
        try session.point(300, 300, "click", "1")
        try session.wait(for: "robots 2")
        return session
    }

    private func go(to last: Int, in session: WindowSession) throws {
        guard last > 1 else { return }
        for _ in 2...last { try session.press("Right") }
        try session.wait(for: "step \(last)")
    }

    /// Saved while robots join, right after the clicks and later: it is resumed with those who were added.
    @Test func robotsAddedWhileOthersJoin() throws {
        let whole = try sessionAtStepOne()
        try go(to: 30, in: whole)
        let summary = try whole.end()
        #expect(summary.robots == 14)
        let states = try whole.program.states("states")
        #expect(states.allSatisfy { Set($0.ids).count == $0.ids.count })
        #expect(Set(try #require(states.last).ids) == Set((1...14).map { "R\($0)" }))

        for savedAt in [1, 2, 3, 6] {
            let first = try sessionAtStepOne()
            try go(to: savedAt, in: first)
            let saved = try first.end()
            #expect(saved.steps == savedAt && saved.robots == 14)
            let rest = ["--headless", "--resume", "saved", "--steps", "\(30 - savedAt)", "--states", "rest"]
            let resumed = try first.program.summary(rest)
            #expect(resumed.robots == 14)
            #expect(resumed.steps == 30 && resumed.digest == summary.digest && resumed.messages == summary.messages)
            #expect(try first.program.lines("rest") == whole.program.lines("states").suffix(30 - savedAt))
        }
    }

    /// Else the path of the one would go on with that of the other.
    @Test func theNameOfARemovedRobotIsNotUsedAgain() throws {
        let scenario = """
            {"robots": [{"id": "R1", "x": 50, "y": 50, "angle": 0, "velocity": 0},
                        {"id": "R2", "x": 300, "y": 300, "angle": 0, "velocity": 0}]}
            """
        let session = try WindowSession(
            ["--states", "states", "--trails", "trails.svg"],
            scenario: scenario,
            robots: 2
        )
        let step = try session.pause().step
        try session.point(316, 316, "click", "3")
        try session.wait(for: "robots 1")
        try session.press("Right")
        try session.wait(for: "step \(step + 1)")
        try session.point(150, 150, "click", "1")
        try session.wait(for: "robots 2")
        try session.press("Right", "Right")
        try session.wait(for: "step \(step + 3)")
        #expect(try session.end().robots == 2)
        #expect(try session.program.states("states").last?.ids == ["R1", "R3"])
        let trails = try TrailsReader(session.program.text("trails.svg")).trails
        #expect(trails.map(\.name) == ["R1", "R2", "R3"])
    }
}
