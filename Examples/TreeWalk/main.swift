// An ordinary recursive walk becomes a sequence: `yield` may be called from any depth, here in a closure that the walk
// passes to itself. The walk runs only as far as elements are asked for.

import Greenlets

indirect enum Tree {
    case leaf
    case node(Tree, String, Tree)

    func visit(_ body: (String) throws -> Void) rethrows {
        guard case .node(let left, let label, let right) = self else { return }
        try left.visit(body)
        try body(label)
        try right.visit(body)
    }

    var labels: Generator<String> {
        Generator { yield in
            defer { print("the walk ends") }
            try visit { try yield($0) }
        }
    }
}

let branch = Tree.node(.node(.leaf, "birch", .leaf), "elm", .node(.leaf, "fir", .leaf))
let tree = Tree.node(branch, "oak", .node(.leaf, "pine", .leaf))

for label in tree.labels { print(label) }

for (number, label) in zip(1...2, tree.labels) { print(number, label) }
