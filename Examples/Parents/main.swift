// A greenlet that ends goes back to its parent, whoever switched to it.

import Greenlets

let first: Greenlet<Void> = Greenlet {
    print(12)
    try second.switch()
    print(34)
}

let second: Greenlet<Void> = Greenlet(parent: first) { print(56) }

try first.switch()
print(78)
