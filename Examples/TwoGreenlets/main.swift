// Control moves only where it is told to: the second greenlet never gets to its last line.

import Greenlets

let first: Greenlet<Void> = Greenlet {
    print(12)
    try second.switch()
    print(34)
}

let second: Greenlet<Void> = Greenlet {
    print(56)
    try first.switch()
    print(78)
}

try first.switch()
