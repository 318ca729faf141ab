// A world of its own: each cell is an actor that decides whether it lives, and the world is an actor that knows all of them.

import Actors
import Tasklets

/// What a cell tells the world.
struct Answer {
    let cell: Int
    let isAlive: Bool
}

/// Is told how many of its neighbours live, and answers whether it does.
final class Cell: Actor<Int> {
    private let number: Int
    private var isAlive: Bool
    private let world: World

    init(_ number: Int, isAlive: Bool, in world: World) throws {
        (self.number, self.isAlive, self.world) = (number, isAlive, world)
        try super.init(name: "cell \(number)")
    }

    override func handle(_ neighbours: Int) throws {
        isAlive = neighbours == 3 || (isAlive && neighbours == 2)
        try world.tell(Answer(cell: number, isAlive: isAlive))
    }
}

/// Takes the cells' answers in one tasklet, and lets the generations pass in another one.
final class World: Actor<Answer> {
    private let width: Int
    private var isAlive: [Bool]

    init(_ rows: [String]) throws {
        width = rows[0].count
        isAlive = rows.joined().map { $0 == "#" }
        try super.init(name: "world")
    }

    override func handle(_ answer: Answer) { isAlive[answer.cell] = answer.isAlive }

    func turn(generations: Int) throws {
        let cells = try isAlive.indices.map { try Cell($0, isAlive: isAlive[$0], in: self) }
        Tasklet(name: "time") {
            for generation in 0...generations {
                self.show(generation)
                // All cells are told of the same moment.
                let counts = self.isAlive.indices.map(self.livingNeighbours)
                for (cell, count) in zip(cells, counts) { try cell.tell(count) }
                try Tasklet.schedule()
            }
            for cell in cells { cell.stop() }
            self.stop()
        }
    }

    private func livingNeighbours(of cell: Int) -> Int {
        let (row, column) = (cell / width, cell % width)
        let rows = max(row - 1, 0)...min(row + 1, isAlive.count / width - 1)
        let columns = max(column - 1, 0)...min(column + 1, width - 1)
        return rows.map { row in columns.count { isAlive[row * width + $0] } }.reduce(0, +) - (isAlive[cell] ? 1 : 0)
    }

    private func show(_ generation: Int) {
        print("generation \(generation)")
        for row in stride(from: 0, to: isAlive.count, by: width) {
            print(isAlive[row..<row + width].map { $0 ? "#" : "." }.joined())
        }
    }
}

let world = try World(["......", "..#...", "...#..", ".###..", "......", "......"])
try world.turn(generations: 4)
try Tasklet.runUntilDone()
