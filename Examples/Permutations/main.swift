// A generator that loops over itself.

import Greenlets

func permutations(of elements: [Int]) -> Generator<[Int]> {
    Generator { yield in
        if elements.count < 2 { return try yield(elements) }
        for first in elements {
            for rest in permutations(of: elements.filter { $0 != first }) { try yield([first] + rest) }
        }
    }
}

for permutation in permutations(of: [1, 2, 3]) { print(permutation) }

// Two of them in step; the shorter one ends the walk.
for (four, three) in zip(permutations(of: [1, 2, 3, 4]), permutations(of: [1, 2, 3])) { print(four, three) }
