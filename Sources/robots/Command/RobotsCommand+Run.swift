import Glibc
import RobotWorld
import Tasklets

extension RobotsCommand {
    func run() throws {
        Scheduler.dumpOnSignal(SIGUSR1, frames: 8)
        if let sweep {
            try Sweep(
                path: sweep,
                options: Sweep.Options(size: size, steps: steps),
                asJSON: summaryJson,
                outputs: sweepOutputs
            ).run()
        } else if let replay {
            try ReplaySession(self, path: replay).run()
        } else {
            try RunSession(self).run()
        }
    }

    func chosenScenario(seed: UInt64?) throws -> Scenario {
        let size = try size
        if let scenario { return try ScenarioFile(path: scenario).scenario(size: size) }
        guard let robots, let seed else {
            return Scenario(robots: Scenario.classic.robots, size: size ?? .classic)
        }
        return .random(
            robots: robots,
            seed: seed,
            size: size ?? .classic,
            behaviour: behaviour.flatMap(Robot.behaviour) ?? ClassicRobot.self
        )
    }
}

extension Snapshot {
    /// How many messages had been sent.
    var messages: Int {
        if case .world(let world) = content { world.messages } else { 0 }
    }
}
