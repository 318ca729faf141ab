import CTestFunctions
import Foundation
import Tasklets
import TestSupport
import Testing

/// The signal of a fault belongs to the process: the library looks for overflows in it, and passes it on.
@Suite(.disabled(if: Sanitizer.current != nil, "a sanitizer handles the signal itself"))
struct FaultTests {
    @Test func aSignalThatIsSentEndsTheProcess() async {
        let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
            try synchronously {
                Tasklet {}
                try Tasklet.run()
                // Any thread may get it.
                kill(getpid(), SIGSEGV)
                alarm(10)
                while true { pause() }
            }
        }
        #expect(!result.says("Stack overflow"))
    }

    @Test func aFaultThatIsNoOverflowIsNotCalledOne() async {
        let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
            try synchronously {
                Tasklet { UnsafeMutablePointer<Int>(bitPattern: 64)!.pointee = 1 }
                try Tasklet.run()
            }
        }
        #expect(!result.says("Stack overflow"))
    }

    /// Garbage collectors and probes of memory make faults on purpose. Each of them gets to the handler that was there
    /// before, and an overflow is told as ever.
    @Test func aHandlerOfTheProgramGetsItsFaults() async {
        let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
            try synchronously {
                barrier_install()
                Tasklet {
                    for _ in 0..<3 { barrier_page().pointee = 1 }
                }
                try Tasklet.run()
                raise(SIGSEGV)
                barrier_page().pointee = 1
                guard barrier_count() == 5 else { fatalError("\(barrier_count()) signals instead of 5") }
                Tasklet(name: "deep") { _ = try useStack(ofKibibytes: 1000) }
                try Tasklet.run()
            }
        }
        #expect(result.says("Stack overflow: tasklet 'deep'"))
        #expect(!result.says("instead of 5"))
    }

    @Test func anIgnoredSignalStaysIgnored() async {
        let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
            try synchronously {
                signal(SIGSEGV, SIG_IGN)
                Tasklet {}
                try Tasklet.run()
                raise(SIGSEGV)
                Tasklet(name: "deep") { _ = try useStack(ofKibibytes: 1000) }
                try Tasklet.run()
            }
        }
        #expect(result.says("Stack overflow: tasklet 'deep'"))
    }
}
