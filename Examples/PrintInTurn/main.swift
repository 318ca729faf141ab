// Giving way between the two lines lets the tasklets take turns.

import Tasklets

for name in ["one", "two"] {
    Tasklet(name: name) {
        print("1", name)
        try Tasklet.schedule()
        print("2", name)
    }
}

try Tasklet.runUntilDone()
print("run returned")
