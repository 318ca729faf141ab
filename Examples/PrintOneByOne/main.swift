// Without giving way, each tasklet runs to its end before the next one starts: in the order in which they were made.

import Tasklets

for name in ["one", "two"] {
    Tasklet(name: name) {
        print("1", name)
        print("2", name)
    }
}

try Tasklet.runUntilDone()
print("run returned")
