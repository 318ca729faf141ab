// An error that leaves a greenlet comes out of the switch that its parent waits in.

import Greenlets

struct Typo: Error {}

let first: Greenlet<Void> = Greenlet {
    print(12)
    do {
        try second.switch()
    } catch is Typo {
        print(90)
    }
    print(34)
}

let second: Greenlet<Void> = Greenlet(parent: first) {
    print(56)
    throw Typo()
}

try first.switch()
print(78)
